//! Control Tower's Account Factory, reached through Service Catalog.
//!
//! # Theory
//!
//! An operation is a provisioned product with a name of its own: a slug of the account's name, the request's id and
//! the operation's number. The name is unique for ever, and the product keeps the token that made it; how long Service
//! Catalog remembers a token is written nowhere. So two attempts of one operation make at most one product, and a
//! product is ours if it bears our name and our token. Operations are followed by their record, never by the product,
//! which mixes operations.

mod product;
mod record;
mod texts;

use accounts_core::{
    Action, Backend, BackendName, BeginError, Begun, Error, Fields, Found, Kind, Operation, OperationOutcome,
    Pool, Progress, Refusal, Request, RequestKind, Result, Step,
};
use aws_sdk_servicecatalog::config::retry::RetryConfig;
use aws_sdk_servicecatalog::types::{
    AccessLevelFilter, AccessLevelFilterKey, ProvisionedProductViewFilterBy, ProvisioningParameter,
    RecordDetail,
};
use aws_sdk_servicecatalog::{Client, Config};

use crate::sdk_error::{CallFailure, classify, into_error};
use crate::{Organization, Sdk};
use product::ProductCache;

/// The parameters of Account Factory, exactly six, all of them strings.
const PARAMETERS: [&str; 6] = [
    "AccountName",
    "AccountEmail",
    "SSOUserFirstName",
    "SSOUserLastName",
    "SSOUserEmail",
    "ManagedOrganizationalUnit",
];

/// The other fields of an operation's input.
const PRODUCT_ID: &str = "ProductId";
const ARTIFACT_ID: &str = "ArtifactId";
const PATH_ID: &str = "PathId";
const PRODUCT_NAME: &str = "ProvisionedProductName";

/// The fields of a handle.
const RECORD_ID: &str = "RecordId";
const PRODUCT: &str = "ProvisionedProductId";

/// No listing has more pages than this.
const MOST_PAGES: usize = 100;

/// Creates accounts through the Account Factory product.
#[derive(Debug)]
pub struct ControlTower {
    client: Client,
    organization: Organization,
    product: ProductCache,
}

impl ControlTower {
    /// The Account Factory that these credentials can use; they have to be a principal of its portfolio.
    pub fn new(sdk: &Sdk) -> Self {
        Self {
            client: sdk.service_catalog(),
            organization: Organization::new(sdk),
            product: ProductCache::default(),
        }
    }

    /// The product of this operation, by its name; ours only if it bears our token.
    async fn find_product(&self, operation: &Operation) -> Result<Option<Fields>> {
        const SENTENCE: &str = "Service Catalog could not be asked about the operation.";
        let name = field(&operation.input, PRODUCT_NAME)?;
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let everybody =
                AccessLevelFilter::builder().key(AccessLevelFilterKey::Account).value("self").build();
            let page = self
                .client
                .search_provisioned_products()
                .access_level_filter(everybody)
                .filters(ProvisionedProductViewFilterBy::SearchQuery, vec![format!("name:{name}")])
                .set_page_token(token)
                .send()
                .await
                .map_err(|error| into_error(SENTENCE, error))?;
            let own = page.provisioned_products.unwrap_or_default().into_iter().find(|product| {
                product.name.as_deref() == Some(name)
                    && product.idempotency_token.as_deref() == Some(operation.token.as_str())
            });
            let handle = own.and_then(|product| {
                let record_id = product.last_provisioning_record_id.or(product.last_record_id)?;
                Some(handle(record_id, product.id))
            });
            if handle.is_some() {
                return Ok(handle);
            }
            token = page.next_page_token;
            if token.is_none() {
                return Ok(None);
            }
        }
        Err(Error::new(Kind::Internal, SENTENCE).caused_by("the list of products does not end"))
    }

    /// A product of this operation's name exists, and only this operation makes that name: an earlier attempt made
    /// it. A search that does not show it yet proves nothing.
    async fn begun_before(&self, operation: &Operation, refusal: Error) -> Result<Begun, BeginError> {
        const SENTENCE: &str = "Control Tower has begun the account, but does not show it yet.";
        match self.find_product(operation).await {
            Ok(Some(handle)) => Ok(Begun::Handle(handle)),
            Ok(None) => Err(BeginError::Unknown(Error::new(Kind::Transient, SENTENCE).caused_by(refusal))),
            Err(error) => Err(BeginError::Unknown(error)),
        }
    }

    async fn rejected(&self, operation: &Operation, failure: CallFailure) -> Result<Begun, BeginError> {
        let text = failure.message.unwrap_or_default();
        if texts::is_busy(&text) {
            let error =
                Error::new(Kind::Busy, "Control Tower works on other accounts.").caused_by(failure.error);
            return Err(BeginError::Rejected(Refusal::Retry, error));
        }
        match failure.code.as_deref() {
            Some("InvalidParametersException") if texts::is_name_taken(&text) => {
                self.begun_before(operation, failure.error).await
            }
            Some("DuplicateResourceException") => self.begun_before(operation, failure.error).await,
            Some("ResourceNotFoundException") => {
                self.product.forget().await;
                Err(BeginError::Rejected(Refusal::StaleInput(text), failure.error))
            }
            Some("InvalidParametersException") if texts::is_stale_artifact(&text) => {
                self.product.forget().await;
                Err(BeginError::Rejected(Refusal::StaleInput(text), failure.error))
            }
            Some("InvalidParametersException") => {
                let reason = format!("Control Tower rejected the request: {text}");
                let error = Error::new(Kind::Invalid, reason.as_str()).caused_by(failure.error);
                Err(BeginError::Rejected(Refusal::Final(reason), error))
            }
            _ if failure.rejected => Err(BeginError::Rejected(Refusal::Retry, failure.error)),
            _ => Err(BeginError::Unknown(failure.error)),
        }
    }
}

impl Backend for ControlTower {
    fn plan(request: &Request) -> Vec<Step> {
        match request.content.kind() {
            RequestKind::Create => vec![Step {
                action: Action::CreateAccount,
                backend: BackendName::ControlTower,
                pool: Pool::ControlTower,
            }],
        }
    }

    async fn prepare(&self, step: &Step, request: &Request, last: Option<&Operation>) -> Result<Fields> {
        let Action::CreateAccount = step.action;
        let unit = request
            .unit
            .as_ref()
            .ok_or_else(|| Error::new(Kind::Internal, "The request has not been validated."))?;
        let product = self.product.get(&self.client).await?;
        let details = request.details();
        let values = [
            details.account_name.to_string(),
            request.account_email.to_string(),
            details.sso_user_first_name.to_string(),
            details.sso_user_last_name.to_string(),
            details.sso_user_email.to_string(),
            format!("{} ({})", unit.name, unit.id),
        ];
        let mut input: Fields =
            PARAMETERS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value)).collect();
        input.insert(PRODUCT_ID.to_owned(), product.id);
        input.insert(ARTIFACT_ID.to_owned(), product.artifact_id);
        input.insert(PATH_ID.to_owned(), product.path_id);
        input.insert(PRODUCT_NAME.to_owned(), product_name(request));
        // Tried once an admission: whatever was missing may be there again, and the lookup shows the same as before.
        let rejected_now = |last: &Operation| last.admission == request.admission && is_input_rejected(last);
        if last.is_some_and(|last| rejected_now(last) && looked_up(&last.input) == looked_up(&input)) {
            self.product.forget().await;
            return Err(Error::new(
                Kind::Misconfigured,
                "Service Catalog rejects the Account Factory product.",
            )
            .caused_by("the product, artifact and path that were rejected are the ones that it shows"));
        }
        Ok(input)
    }

    async fn begin(&self, operation: &Operation) -> Result<Begun, BeginError> {
        let input = &operation.input;
        let required = |name| field(input, name).map_err(|error| BeginError::Rejected(Refusal::Retry, error));
        let mut parameters = Vec::new();
        for name in PARAMETERS {
            parameters.push(ProvisioningParameter::builder().key(name).value(required(name)?).build());
        }
        let answer = self
            .client
            .provision_product()
            .product_id(required(PRODUCT_ID)?)
            .provisioning_artifact_id(required(ARTIFACT_ID)?)
            .path_id(required(PATH_ID)?)
            .provisioned_product_name(required(PRODUCT_NAME)?)
            .provision_token(&operation.token)
            .set_provisioning_parameters(Some(parameters))
            .customize()
            // One call an attempt: a rejection then speaks of this attempt, and of no earlier one whose answer was lost.
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        match answer.map_err(|error| classify("Control Tower did not accept the request.", error)) {
            Ok(answer) => answer.record_detail.and_then(handle_of).map(Begun::Handle).ok_or_else(|| {
                BeginError::Unknown(
                    Error::new(Kind::Internal, "Control Tower named no record.").caused_by("RecordDetail"),
                )
            }),
            Err(failure) => self.rejected(operation, failure).await,
        }
    }

    async fn find(&self, operation: &Operation) -> Result<Found> {
        if let Some(handle) = self.find_product(operation).await? {
            return Ok(Found::Operation(handle));
        }
        let account = self.organization.account_of(&operation.account_email).await?;
        Ok(account.map_or(Found::Nothing, |account| Found::Account(account.id)))
    }

    async fn outcome(&self, operation: &Operation) -> Result<Progress> {
        let handle = operation
            .handle
            .as_ref()
            .ok_or_else(|| Error::new(Kind::Internal, "The operation has no handle."))?;
        record::progress(&self.client, &self.organization, field(handle, RECORD_ID)?, operation).await
    }
}

/// A name for the provisioned product: 1 to 128 of `[a-zA-Z0-9][a-zA-Z0-9._-]*` (Service Catalog API reference,
/// `ProvisionedProductName`).
fn product_name(request: &Request) -> String {
    let folded = request.details().account_name.folded();
    let parts: Vec<_> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let slug = if parts.is_empty() { "account".to_owned() } else { parts.join("-") };
    format!("{slug}-{}-{}", request.request_id.simple(), request.operation + 1)
}

fn is_input_rejected(operation: &Operation) -> bool {
    matches!(operation.outcome, Some(OperationOutcome::InputRejected { .. }))
}

/// The part of an input that a lookup gives.
fn looked_up(input: &Fields) -> [Option<&String>; 3] {
    [PRODUCT_ID, ARTIFACT_ID, PATH_ID].map(|name| input.get(name))
}

fn field<'a>(fields: &'a Fields, name: &str) -> Result<&'a str> {
    fields.get(name).map(String::as_str).ok_or_else(|| {
        Error::new(Kind::Internal, "A stored operation is incomplete.").caused_by(name.to_owned())
    })
}

fn handle_of(record: RecordDetail) -> Option<Fields> {
    Some(handle(record.record_id?, record.provisioned_product_id))
}

fn handle(record_id: String, product_id: Option<String>) -> Fields {
    let mut handle = Fields::from([(RECORD_ID.to_owned(), record_id)]);
    handle.extend(product_id.map(|id| (PRODUCT.to_owned(), id)));
    handle
}

//! Control Tower's Account Factory, reached through Service Catalog.

use accounts_core::{
    AccountFactory, AccountId, Error, Failure, Kind, NotBegun, Operation, Order, Outcome, Result,
};
use aws_sdk_servicecatalog::config::retry::RetryConfig;
use aws_sdk_servicecatalog::types::{
    AccessLevelFilter, AccessLevelFilterKey, ProvisionedProductStatus, ProvisionedProductViewFilterBy,
    ProvisioningArtifactGuidance, ProvisioningParameter, RecordDetail, RecordStatus,
};
use aws_sdk_servicecatalog::{Client, Config};

use crate::failed::{Failed, failed, sort};
use crate::{Organization, Sdk};

/// The product's name, unless it was renamed.
const PRODUCT: &str = "AWS Control Tower Account Factory";

/// "Busy" has no error code of its own; it arrives as text
/// (aws-ia/terraform-aws-control_tower_account_factory #363).
const BUSY_TEXT: &str = "another AWS Control Tower operation is in progress";

/// The account exists, it is only not ready: another one must never be made.
const ACTIVATING_TEXT: &str = "activation of account";

/// No record has more pages of outputs than this.
const MOST_PAGES: usize = 100;

/// Makes accounts through the Account Factory product.
#[derive(Debug)]
pub struct ControlTower {
    client: Client,
    organization: Organization,
}

struct Product {
    id: String,
    artifact_id: String,
    path_id: Option<String>,
}

impl ControlTower {
    /// The Account Factory that these credentials may use; they have to be a principal of its portfolio.
    pub fn new(sdk: &Sdk) -> Self {
        Self { client: sdk.service_catalog(), organization: Organization::new(sdk) }
    }

    /// Found anew for each account: Control Tower replaces the artifact when the landing zone is updated.
    async fn product(&self) -> Result<Product> {
        const SENTENCE: &str = "The Account Factory product could not be read.";
        let missing = |cause: &str| Error::new(Kind::Internal, SENTENCE).caused_by(cause);
        let answer = self
            .client
            .describe_product_as_admin()
            .name(PRODUCT)
            .send()
            .await
            .map_err(|error| failed(SENTENCE, error))?;
        let id = answer
            .product_view_detail
            .and_then(|detail| detail.product_view_summary)
            .and_then(|summary| summary.product_id)
            .ok_or_else(|| missing("the product has no id"))?;
        let artifacts = self
            .client
            .list_provisioning_artifacts()
            .product_id(&id)
            .send()
            .await
            .map_err(|error| failed(SENTENCE, error))?
            .provisioning_artifact_details
            .unwrap_or_default();
        let artifact_id = artifacts
            .into_iter()
            .filter(|artifact| artifact.active() == Some(true))
            .max_by_key(|artifact| {
                let preferred = artifact.guidance() != Some(&ProvisioningArtifactGuidance::Deprecated);
                (preferred, artifact.created_time().map(|time| time.as_nanos()))
            })
            .and_then(|artifact| artifact.id)
            .ok_or_else(|| missing("the product has no active provisioning artifact"))?;
        let path_id = self
            .client
            .list_launch_paths()
            .product_id(&id)
            .send()
            .await
            .map_err(|error| failed(SENTENCE, error))?
            .launch_path_summaries
            .unwrap_or_default()
            .into_iter()
            .find_map(|path| path.id);
        Ok(Product { id, artifact_id, path_id })
    }

    async fn provision(&self, product: Product, order: &Order) -> Result<Operation, NotBegun> {
        let answer = self
            .client
            .provision_product()
            .product_id(product.id)
            .provisioning_artifact_id(product.artifact_id)
            .set_path_id(product.path_id)
            .provisioned_product_name(order.provisioned_product_name())
            .provision_token(order.token())
            .set_provisioning_parameters(Some(parameters(order)))
            .customize()
            // One try a call: a refusal then speaks of that try, and of no earlier one whose answer was lost.
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        match answer.map_err(|error| sort("The landing zone did not take the request.", error)) {
            Ok(answer) => answer.record_detail.and_then(operation).ok_or_else(|| {
                NotBegun::Perhaps(
                    Error::new(Kind::Internal, "The landing zone gave no record.").caused_by("RecordDetail"),
                )
            }),
            Err(failed) if failed.code.as_deref() == Some("DuplicateResourceException") => {
                self.begun_before(order, failed.error).await
            }
            Err(failed) => Err(refusal(failed)),
        }
    }

    /// A product of this order's name exists, and only this order makes that name: an earlier try made it. How
    /// long Service Catalog remembers a token is nowhere written; but a product's name is unique for ever, and
    /// it keeps the token that made it. A search that does not find it yet proves nothing.
    async fn begun_before(&self, order: &Order, refusal: Error) -> Result<Operation, NotBegun> {
        const SENTENCE: &str = "The landing zone has begun the account, but does not show it yet.";
        let name = order.provisioned_product_name();
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
                .map_err(|error| NotBegun::Perhaps(failed(SENTENCE, error)))?;
            let own = page.provisioned_products.unwrap_or_default().into_iter().find(|product| {
                product.name.as_deref() == Some(name.as_str())
                    && product.idempotency_token.as_deref() == Some(order.token().as_str())
            });
            let operation = own.and_then(|product| {
                let record_id = product.last_provisioning_record_id.or(product.last_record_id)?;
                Some(Operation { record_id, provisioned_product_id: product.id })
            });
            if let Some(operation) = operation {
                return Ok(operation);
            }
            token = page.next_page_token;
            if token.is_none() {
                break;
            }
        }
        Err(NotBegun::Perhaps(Error::new(Kind::Transient, SENTENCE).caused_by(refusal)))
    }

    /// What a record that ended without success means for the account.
    async fn verdict(&self, record: &RecordDetail, order: &Order) -> Result<Outcome> {
        let texts: Vec<_> = record.record_errors().iter().filter_map(|error| error.description()).collect();
        let text = texts.join(" ");
        let account = self.organization.account_of(&order.request.account_email).await?;
        if let Some(account) = account {
            let reason = format!("{} The account {} exists.", stated(&text), account.id);
            return Ok(Outcome::Failed(Failure {
                reason,
                account_may_exist: true,
                account_id: Some(account.id),
            }));
        }
        let account_may_exist = text.contains(ACTIVATING_TEXT) || self.is_tainted(record).await?;
        if !account_may_exist && text.contains(BUSY_TEXT) {
            return Ok(Outcome::TurnedAway(text));
        }
        Ok(Outcome::Failed(Failure { reason: stated(&text), account_may_exist, account_id: None }))
    }

    async fn is_tainted(&self, record: &RecordDetail) -> Result<bool> {
        let Some(id) = record.provisioned_product_id() else {
            return Ok(false);
        };
        let answer = self.client.describe_provisioned_product().id(id).send().await;
        match answer.map_err(|error| sort("The provisioned product could not be read.", error)) {
            Ok(answer) => Ok(answer.provisioned_product_detail.and_then(|detail| detail.status)
                == Some(ProvisionedProductStatus::Tainted)),
            Err(failed) if failed.code.as_deref() == Some("ResourceNotFoundException") => Ok(false),
            Err(failed) => Err(failed.error),
        }
    }
}

impl AccountFactory for ControlTower {
    async fn begin(&self, order: &Order) -> Result<Operation, NotBegun> {
        let product = self.product().await.map_err(NotBegun::Surely)?;
        self.provision(product, order).await
    }

    async fn outcome(&self, operation: &Operation, order: &Order) -> Result<Outcome> {
        const SENTENCE: &str = "The landing zone could not be asked about the record.";
        let mut account_id = None;
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .client
                .describe_record()
                .id(&operation.record_id)
                .set_page_token(token)
                .send()
                .await
                .map_err(|error| failed(SENTENCE, error))?;
            let record = page
                .record_detail
                .ok_or_else(|| Error::new(Kind::Internal, SENTENCE).caused_by("RecordDetail is missing"))?;
            match record.status() {
                Some(RecordStatus::Succeeded) => {}
                Some(RecordStatus::Failed) => return self.verdict(&record, order).await,
                // IN_PROGRESS_IN_ERROR has failed and is being put right: not over either.
                _ => return Ok(Outcome::InProgress),
            }
            account_id = page
                .record_outputs
                .unwrap_or_default()
                .into_iter()
                .find(|output| output.output_key() == Some("AccountId"))
                .and_then(|output| AccountId::parse(output.output_value()?).ok())
                .or(account_id);
            token = page.next_page_token;
            if token.is_none() || account_id.is_some() {
                break;
            }
        }
        if let Some(id) = account_id {
            return Ok(Outcome::Provisioned(id));
        }
        let account = self.organization.account_of(&order.request.account_email).await?;
        account.map(|account| Outcome::Provisioned(account.id)).ok_or_else(|| {
            Error::new(Kind::Transient, "The account was made, but its id is not to be found yet.")
        })
    }
}

/// Exactly six, all of them strings.
fn parameters(order: &Order) -> Vec<ProvisioningParameter> {
    let request = &order.request;
    [
        ("AccountName", request.account_name.to_string()),
        ("AccountEmail", request.account_email.to_string()),
        ("SSOUserFirstName", request.sso_user_first_name.to_string()),
        ("SSOUserLastName", request.sso_user_last_name.to_string()),
        ("SSOUserEmail", request.sso_user_email.to_string()),
        ("ManagedOrganizationalUnit", order.organizational_unit.to_string()),
    ]
    .into_iter()
    .map(|(key, value)| ProvisioningParameter::builder().key(key).value(value).build())
    .collect()
}

fn operation(record: RecordDetail) -> Option<Operation> {
    Some(Operation { record_id: record.record_id?, provisioned_product_id: record.provisioned_product_id })
}

fn refusal(failed: Failed) -> NotBegun {
    let text = failed.message.unwrap_or_default();
    if text.contains(BUSY_TEXT) {
        return NotBegun::Surely(Error::new(Kind::Busy, "The landing zone is busy.").caused_by(failed.error));
    }
    match (failed.code.as_deref(), failed.refused) {
        (Some("InvalidParametersException"), _) => NotBegun::Surely(
            Error::new(Kind::Invalid, format!("The landing zone refused the request: {text}"))
                .caused_by(failed.error),
        ),
        (_, true) => NotBegun::Surely(failed.error),
        (_, false) => NotBegun::Perhaps(failed.error),
    }
}

fn stated(text: &str) -> String {
    if text.is_empty() { "The landing zone gave no reason.".to_owned() } else { text.to_owned() }
}

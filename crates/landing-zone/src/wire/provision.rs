//! ProvisionProduct: what Service Catalog and Control Tower check before they accept an account.

use serde_json::{Value, json};

use crate::catalogue::{self, Artifact};
use crate::control::Conditions;
use crate::ids::random_id;
use crate::misbehaviour::Misbehaviour;
use crate::operations::{By, CONCURRENT_OPERATIONS, NewOperation};
use crate::plan::Plan;
use crate::rules::{self, UnitReference};
use crate::session::Session;
use crate::texts;
use crate::wire::action::Answer;
use crate::wire::error::{Exception, Failure, Refusal};
use crate::wire::parameters::Parameters;
use crate::wire::record::record;

/// The input of a call, valid as far as can be seen without the landing zone.
struct Request<'a> {
    product_name: &'a str,
    token: &'a str,
    artifact: &'a Artifact,
    /// In the order of [`catalogue::PARAMETERS`].
    values: [&'a str; catalogue::PARAMETERS.len()],
    tags: Vec<(&'a str, &'a str)>,
}

/// The order of the checks:
///
/// 1. the form of the input, that product, path and artifact exist, and that the caller has access to the
///    product;
/// 2. the token: seen before with the same input, it gives the same record, whatever has changed since;
/// 3. what the landing zone allows now: an active artifact, an existing unit, a free product name;
/// 4. throttling and the limit of concurrent operations.
///
/// Sources show each refusal, and that a token gives its record back; none shows their order. Unverified: that
/// the token comes after 1 (a caller who lost the product gets no record) and before 3 and 4 (a retired
/// artifact, a busy landing zone); how long a token is remembered (here: for ever); what a token with another
/// input is answered; that the product name comes before busy; and that throttling comes so late (in AWS it is
/// likely the first check, but the word that causes it here needs a valid account name).
pub(crate) fn provision_product(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let request = read(parameters, session.conditions)?;
    let input = request.input();
    if let Some(earlier) = session.operation(&By::Token(request.token))? {
        if earlier.input == input {
            return Ok(json!({"RecordDetail": record(&earlier)}));
        }
        return Err(invalid("The ProvisionToken was already used with another input").into());
    }
    if !request.artifact.active {
        return Err(invalid(texts::artifact_not_active(&request.artifact.id)).into());
    }
    let [account_name, email, _, _, sso_user_email, unit] = request.values;
    let parent_id = resolve_unit(unit, session)?;
    if session.operation(&By::ProductName(request.product_name))?.is_some() {
        return Err(invalid(texts::stack_exists(request.product_name)).into());
    }

    let mut misbehaviours = Misbehaviour::of(account_name);
    if spoils(Misbehaviour::Throttled, &misbehaviours, account_name, session)? {
        return Err(Exception::Throttling.because(texts::THROTTLED).into());
    }
    if let Some(text) = busy(&misbehaviours, account_name, session)? {
        session.count_refused()?;
        return Err(invalid(text).into());
    }
    let refused_late = spoils(Misbehaviour::RefusedLate, &misbehaviours, account_name, session)?;
    misbehaviours.retain(|misbehaviour| refused_late || *misbehaviour != Misbehaviour::RefusedLate);

    let email_in_flight = session.email_in_flight(email)?;
    let plan = Plan::new(&misbehaviours, email, email_in_flight, session.now_ms, session.provision_ms);
    let record_id = format!("rec-{}", random_id(13));
    session.add_operation(&NewOperation {
        record_id: &record_id,
        product_id: &format!("pp-{}", random_id(13)),
        product_name: request.product_name,
        token: request.token,
        input: &input,
        artifact_id: &request.artifact.id,
        account_name,
        account_email: email,
        sso_user_email,
        parent_id: &parent_id,
        tags: &request.tags_json().to_string(),
        plan,
    })?;
    let accepted = session.operation(&By::Record(&record_id))?;
    Ok(json!({"RecordDetail": accepted.as_ref().map(record)}))
}

impl Request<'_> {
    /// Equal requests have equal texts, whatever the order of their parameters and tags.
    fn input(&self) -> String {
        let mut tags = self.tags.clone();
        tags.sort_unstable();
        json!([self.product_name, self.artifact.id, self.values, tags]).to_string()
    }

    fn tags_json(&self) -> Value {
        self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
    }
}

fn read<'a>(parameters: &Parameters<'a>, conditions: &'a Conditions) -> Result<Request<'a>, Refusal> {
    let product_name = parameters.required_text("ProvisionedProductName")?;
    rules::product_name(product_name)
        .map_err(|rule| parameters.wrong("ProvisionedProductName", &format!("{rule}: '{product_name}'")))?;
    let token = parameters.required_text("ProvisionToken")?;
    rules::token(token).map_err(|rule| parameters.wrong("ProvisionToken", rule))?;
    check_product(parameters, conditions)?;
    check_path(parameters)?;
    Ok(Request {
        product_name,
        token,
        artifact: read_artifact(parameters, &conditions.artifacts)?,
        values: read_values(parameters)?,
        tags: read_tags(parameters)?,
    })
}

fn check_product(parameters: &Parameters<'_>, conditions: &Conditions) -> Result<(), Refusal> {
    let known = match (parameters.text("ProductId")?, parameters.text("ProductName")?) {
        (Some(id), None) => id == catalogue::PRODUCT_ID,
        (None, Some(name)) => name == catalogue::PRODUCT_NAME,
        _ => return Err(parameters.wrong("ProductId", "or ProductName is required, and not both")),
    };
    match (known, conditions.product_missing) {
        (true, false) => Ok(()),
        (true, true) => {
            Err(Exception::ResourceNotFound.because(texts::no_launch_paths(catalogue::PRODUCT_ID)))
        }
        (false, _) => Err(Exception::ResourceNotFound.because("There is no such product")),
    }
}

fn check_path(parameters: &Parameters<'_>) -> Result<(), Refusal> {
    let known = match (parameters.text("PathId")?, parameters.text("PathName")?) {
        (None, None) => true,
        (Some(id), None) => id == catalogue::PATH_ID,
        (None, Some(name)) => name == catalogue::PATH_NAME,
        (Some(_), Some(_)) => return Err(parameters.wrong("PathId", "excludes PathName")),
    };
    if known { Ok(()) } else { Err(Exception::ResourceNotFound.because("There is no such launch path")) }
}

fn read_artifact<'a>(
    parameters: &Parameters<'_>,
    artifacts: &'a [Artifact],
) -> Result<&'a Artifact, Refusal> {
    let id = parameters.text("ProvisioningArtifactId")?;
    let name = parameters.text("ProvisioningArtifactName")?;
    let found = match (id, name) {
        (Some(id), None) => artifacts.iter().find(|artifact| artifact.id == id),
        (None, Some(name)) => artifacts.iter().find(|artifact| artifact.name == name),
        _ => {
            let what = "or ProvisioningArtifactName is required, and not both";
            return Err(parameters.wrong("ProvisioningArtifactId", what));
        }
    };
    found.ok_or_else(|| Exception::ResourceNotFound.because("There is no such provisioning artifact"))
}

fn read_values<'a>(parameters: &Parameters<'a>) -> Result<[&'a str; catalogue::PARAMETERS.len()], Refusal> {
    let mut values: [Option<&str>; catalogue::PARAMETERS.len()] = [None; _];
    for parameter in parameters.objects("ProvisioningParameters")? {
        let key = parameter.required_text("Key")?;
        let value = parameter.required_text("Value")?;
        let Some(at) = catalogue::PARAMETERS.iter().position(|name| *name == key) else {
            return Err(invalid(format!("The product has no parameter {key}")));
        };
        if values[at].replace(value).is_some() {
            return Err(invalid(format!("The parameter {key} is given twice")));
        }
    }
    let mut checked = [""; catalogue::PARAMETERS.len()];
    for ((name, value), place) in catalogue::PARAMETERS.into_iter().zip(values).zip(&mut checked) {
        *place = value.ok_or_else(|| invalid(format!("The parameter {name} is required")))?;
        check_value(name, place).map_err(|rule| invalid(format!("The parameter {name} {rule}")))?;
    }
    Ok(checked)
}

fn check_value(name: &str, value: &str) -> Result<(), &'static str> {
    match name {
        "AccountName" => rules::account_name(value),
        "AccountEmail" | "SSOUserEmail" => rules::email(value),
        _ if value.trim().is_empty() => Err("must not be empty"),
        _ => Ok(()),
    }
}

fn read_tags<'a>(parameters: &Parameters<'a>) -> Result<Vec<(&'a str, &'a str)>, Refusal> {
    let mut tags: Vec<(&str, &str)> = Vec::new();
    for tag in parameters.objects("Tags")? {
        let (key, value) = (tag.required_text("Key")?, tag.required_text("Value")?);
        rules::tag_key(key).map_err(|rule| tag.wrong("Key", rule))?;
        rules::tag_value(value, 1).map_err(|rule| tag.wrong("Value", rule))?;
        if tags.iter().any(|(other, _)| *other == key) {
            return Err(tag.wrong("Key", &format!("gives the tag {key} twice")));
        }
        tags.push((key, value));
    }
    Ok(tags)
}

/// The id of the unit that a `ManagedOrganizationalUnit` means.
fn resolve_unit(text: &str, session: &Session<'_>) -> Result<String, Failure> {
    match rules::unit_reference(text) {
        UnitReference::NameAndId { name, id } => match session.unit(id)? {
            Some(unit) if unit.name == name => Ok(unit.id),
            Some(_) => Err(invalid(format!("The organizational unit {id} is not named '{name}'")).into()),
            None => Err(invalid(format!("There is no organizational unit '{text}'")).into()),
        },
        UnitReference::Name(name) => match (session.top_level_unit(name)?, name.rsplit_once('/')) {
            (Some(unit), _) => Ok(unit.id),
            (None, Some((parent, _))) => Err(invalid(texts::parent_not_enrolled(parent)).into()),
            (None, None) => {
                Err(invalid(format!("There is no top-level organizational unit '{name}'")).into())
            }
        },
    }
}

/// The text of the refusal where another operation is in progress, or seems to be.
fn busy(
    misbehaviours: &[Misbehaviour],
    account_name: &str,
    session: &Session<'_>,
) -> rusqlite::Result<Option<&'static str>> {
    if spoils(Misbehaviour::Busy, misbehaviours, account_name, session)? {
        return Ok(Some(texts::BUSY));
    }
    if spoils(Misbehaviour::BusyEnrolled, misbehaviours, account_name, session)? {
        return Ok(Some(texts::BUSY_ENROLLED));
    }
    let running = session.open_operation_count()?.saturating_add(session.conditions.other_operations);
    Ok((running >= CONCURRENT_OPERATIONS).then_some(texts::BUSY))
}

/// Whether a word in the account name spoils this call: refuses it or fails its record.
fn spoils(
    misbehaviour: Misbehaviour,
    misbehaviours: &[Misbehaviour],
    account_name: &str,
    session: &Session<'_>,
) -> rusqlite::Result<bool> {
    if !misbehaviours.contains(&misbehaviour) {
        return Ok(false);
    }
    session.spoil(account_name, misbehaviour.word(), misbehaviour.spoiled_calls())
}

fn invalid(message: impl Into<String>) -> Refusal {
    Exception::InvalidParameters.because(message)
}

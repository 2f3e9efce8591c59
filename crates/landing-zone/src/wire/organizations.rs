//! The operations of AWS Organizations.

use serde_json::{Value, json};

use crate::directory::{Account, Organization, Unit};
use crate::paging::EmptyPage;
use crate::rules;
use crate::session::Session;
use crate::wire::action::{Action, Answer};
use crate::wire::error::{Exception, Failure, Refusal};
use crate::wire::json::seconds;
use crate::wire::parameters::Parameters;

const MOST_TAGS: usize = 50;

/// The action of this name.
pub(crate) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "DescribeOrganization" => describe_organization,
        "ListRoots" => list_roots,
        "ListOrganizationalUnitsForParent" => list_units,
        "ListAccounts" => list_accounts,
        "ListAccountsForParent" => list_accounts_for_parent,
        "ListParents" => list_parents,
        "DescribeAccount" => describe_account,
        "DescribeOrganizationalUnit" => describe_unit,
        "TagResource" => tag_resource,
        "UntagResource" => untag_resource,
        "ListTagsForResource" => list_tags,
        _ => return None,
    })
}

fn describe_organization(_parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let organization = session.organization()?;
    let Organization { id, management_id, .. } = &organization;
    Ok(json!({"Organization": {
        "Id": id,
        "Arn": arn(&organization, &format!("organization/{id}")),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn(&organization, &format!("account/{id}/{management_id}")),
        "MasterAccountId": management_id,
        "MasterAccountEmail": crate::directory::MANAGEMENT_EMAIL,
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }}))
}

fn list_roots(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let organization = session.organization()?;
    let root = json!({
        "Id": organization.root_id,
        "Arn": arn(&organization, &format!("root/{}/{}", organization.id, organization.root_id)),
        "Name": "Root",
        "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    });
    let (window, next) = parameters.organizations_page("ListRoots")?.place(1, EmptyPage::Always);
    let roots: Vec<Value> = [root].into_iter().skip(window.offset).take(window.size).collect();
    Ok(json!({"Roots": roots, "NextToken": next}))
}

fn list_units(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let parent_id = parent(parameters, session)?;
    let request = parameters.organizations_page(&format!("ListOrganizationalUnitsForParent {parent_id}"))?;
    let (window, next) = request.place(session.unit_count(parent_id)?, EmptyPage::Always);
    let organization = session.organization()?;
    let units = session
        .units(parent_id, &window)?
        .iter()
        .map(|unit| unit_json(unit, &organization, session))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({"OrganizationalUnits": units, "NextToken": next}))
}

fn list_accounts(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let request = parameters.organizations_page("ListAccounts")?;
    let (window, next) = request.place(session.account_count(None)?, EmptyPage::BeforeSeveral);
    let accounts = accounts_json(&session.accounts(None, &window)?, session)?;
    Ok(json!({"Accounts": accounts, "NextToken": next}))
}

fn list_accounts_for_parent(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let parent_id = parent(parameters, session)?;
    let request = parameters.organizations_page(&format!("ListAccountsForParent {parent_id}"))?;
    let (window, next) = request.place(session.account_count(Some(parent_id))?, EmptyPage::BeforeSeveral);
    let accounts = accounts_json(&session.accounts(Some(parent_id), &window)?, session)?;
    Ok(json!({"Accounts": accounts, "NextToken": next}))
}

fn list_parents(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let child_id = parameters.required_text("ChildId")?;
    let parent_id = if rules::is_account_id(child_id) {
        session.account(child_id)?.map(|account| account.parent_id)
    } else if rules::is_unit_id(child_id) {
        session.unit(child_id)?.map(|unit| unit.parent_id)
    } else {
        return Err(invalid_pattern("ChildId").into());
    };
    let Some(parent_id) = parent_id else {
        return Err(Exception::ChildNotFound.because(format!("There is no child {child_id}")).into());
    };
    let request = parameters.organizations_page(&format!("ListParents {child_id}"))?;
    let (window, next) = request.place(1, EmptyPage::BeforeSeveral);
    let kind = if rules::is_root_id(&parent_id) { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    let parents: Vec<Value> =
        [json!({"Id": parent_id, "Type": kind})].into_iter().skip(window.offset).take(window.size).collect();
    Ok(json!({"Parents": parents, "NextToken": next}))
}

fn describe_account(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let id = parameters.required_text("AccountId")?;
    if !rules::is_account_id(id) {
        return Err(invalid_pattern("AccountId").into());
    }
    match session.account(id)? {
        Some(account) => Ok(json!({"Account": accounts_json(&[account], session)?.first()})),
        None => Err(Exception::AccountNotFound.because(format!("There is no account {id}")).into()),
    }
}

fn describe_unit(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let id = parameters.required_text("OrganizationalUnitId")?;
    if !rules::is_unit_id(id) {
        return Err(invalid_pattern("OrganizationalUnitId").into());
    }
    match session.unit(id)? {
        Some(unit) => Ok(json!({"OrganizationalUnit": unit_json(&unit, &session.organization()?, session)?})),
        None => Err(Exception::OrganizationalUnitNotFound
            .because(format!("There is no organizational unit {id}"))
            .into()),
    }
}

fn tag_resource(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let resource_id = target(parameters, session)?;
    parameters.required("Tags")?;
    let mut tags: Vec<(&str, &str)> = Vec::new();
    for tag in parameters.objects("Tags")? {
        let (key, value) = (tag.required_text("Key")?, tag.required_text("Value")?);
        rules::tag_key(key)
            .map_err(|rule| Exception::InvalidInput("INVALID_PATTERN").because(format!("Tag key {rule}")))?;
        rules::tag_value(value, 0).map_err(|rule| {
            Exception::InvalidInput("INVALID_PATTERN").because(format!("The value of tag {key} {rule}"))
        })?;
        if tags.iter().any(|(other, _)| *other == key) {
            return Err(Exception::InvalidInput("DUPLICATE_TAG_KEY")
                .because(format!("The tag {key} is given twice"))
                .into());
        }
        tags.push((key, value));
    }
    let kept = session.tags(resource_id)?;
    let fresh = tags.iter().filter(|(key, _)| !kept.iter().any(|(other, _)| other == key)).count();
    if kept.len() + fresh > MOST_TAGS {
        return Err(Exception::ConstraintViolation("MAX_TAG_LIMIT_EXCEEDED")
            .because(format!("A resource can have at most {MOST_TAGS} tags"))
            .into());
    }
    for (key, value) in tags {
        session.put_tag(resource_id, key, value)?;
    }
    Ok(json!({}))
}

fn untag_resource(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let resource_id = target(parameters, session)?;
    parameters.required("TagKeys")?;
    for key in parameters.texts("TagKeys")?.unwrap_or_default() {
        session.remove_tag(resource_id, key)?;
    }
    Ok(json!({}))
}

fn list_tags(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let resource_id = target(parameters, session)?;
    let tags = session.tags(resource_id)?;
    let request = parameters.organizations_page(&format!("ListTagsForResource {resource_id}"))?;
    let (window, next) = request.place(tags.len(), EmptyPage::BeforeSeveral);
    let page: Vec<Value> = tags
        .iter()
        .skip(window.offset)
        .take(window.size)
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    Ok(json!({"Tags": page, "NextToken": next}))
}

/// The `ParentId`, which is the root's or a unit's.
fn parent<'a>(parameters: &Parameters<'a>, session: &Session<'_>) -> Result<&'a str, Failure> {
    let id = parameters.required_text("ParentId")?;
    if !rules::is_root_id(id) && !rules::is_unit_id(id) {
        return Err(invalid_pattern("ParentId").into());
    }
    if id == session.organization()?.root_id || session.unit(id)?.is_some() {
        return Ok(id);
    }
    Err(Exception::ParentNotFound.because(format!("There is no root or organizational unit {id}")).into())
}

/// The `ResourceId` of something that can be tagged.
fn target<'a>(parameters: &Parameters<'a>, session: &Session<'_>) -> Result<&'a str, Failure> {
    let id = parameters.required_text("ResourceId")?;
    let exists = if rules::is_account_id(id) {
        session.account(id)?.is_some()
    } else if rules::is_unit_id(id) {
        session.unit(id)?.is_some()
    } else if rules::is_root_id(id) {
        session.organization()?.root_id == id
    } else {
        return Err(invalid_pattern("ResourceId").into());
    };
    if exists {
        return Ok(id);
    }
    Err(Exception::TargetNotFound.because(format!("There is no account, unit or root {id}")).into())
}

fn invalid_pattern(name: &str) -> Refusal {
    Exception::InvalidInput("INVALID_PATTERN").because(format!("Parameter {name} is not an id of its kind"))
}

fn arn(organization: &Organization, resource: &str) -> String {
    format!("arn:aws:organizations::{}:{resource}", organization.management_id)
}

/// `o-…/r-…/ou-…/ou-…/`, as the `Path` members have it.
fn path(organization: &Organization, lineage: &[Unit]) -> String {
    let units: String = lineage.iter().map(|unit| format!("{}/", unit.id)).collect();
    format!("{}/{}/{units}", organization.id, organization.root_id)
}

fn unit_json(unit: &Unit, organization: &Organization, session: &Session<'_>) -> rusqlite::Result<Value> {
    Ok(json!({
        "Id": unit.id,
        "Arn": arn(organization, &format!("ou/{}/{}", organization.id, unit.id)),
        "Name": unit.name,
        "Path": path(organization, &session.lineage(&unit.id)?),
    }))
}

fn accounts_json(accounts: &[Account], session: &Session<'_>) -> rusqlite::Result<Vec<Value>> {
    let organization = session.organization()?;
    accounts
        .iter()
        .map(|account| {
            let parent = path(&organization, &session.lineage(&account.parent_id)?);
            Ok(json!({
                "Id": account.id,
                "Arn": arn(&organization, &format!("account/{}/{}", organization.id, account.id)),
                "Name": account.name,
                "Email": account.email,
                "State": "ACTIVE",
                "Status": "ACTIVE",
                "Paths": [format!("{parent}{}/", account.id)],
                "JoinedMethod": if account.record_id.is_some() { "CREATED" } else { "INVITED" },
                "JoinedTimestamp": seconds(account.joined_ms),
            }))
        })
        .collect()
}

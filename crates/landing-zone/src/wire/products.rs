//! The product of the landing zone, its artifacts and its launch path.

use serde_json::{Value, json};

use crate::catalogue;
use crate::paging::EmptyPage;
use crate::session::Session;
use crate::texts;
use crate::wire::action::Answer;
use crate::wire::error::{Exception, Refusal};
use crate::wire::parameters::Parameters;

pub(crate) fn search_products(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let mut found = true;
    if let Some(filters) = parameters.object("Filters")? {
        for name in filters.names() {
            let wanted = filters.texts(name)?.unwrap_or_default();
            found &= match name {
                "Owner" => wanted.contains(&catalogue::OWNER),
                "ProductType" => wanted.contains(&catalogue::PRODUCT_TYPE),
                "FullTextSearch" => wanted
                    .iter()
                    .any(|text| catalogue::PRODUCT_NAME.to_lowercase().contains(&text.to_lowercase())),
                _ => {
                    let what = "is not a filter of products (Owner, ProductType, FullTextSearch)";
                    return Err(filters.wrong(name, what).into());
                }
            };
        }
    }
    let request = parameters.catalog_page("SearchProductsAsAdmin", 20)?;
    let (window, next) = request.place(usize::from(found), EmptyPage::BeforeSeveral);
    let products = if found && window.offset == 0 { vec![product_view(session)?] } else { vec![] };
    Ok(json!({"ProductViewDetails": products, "NextPageToken": next}))
}

/// It fails for an administrator.
pub(crate) fn describe_product(_parameters: &Parameters<'_>, _session: &Session<'_>) -> Answer {
    Err(not_found("The product is shared with no portfolio of this principal").into())
}

pub(crate) fn describe_product_as_admin(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let known = match (parameters.text("Id")?, parameters.text("Name")?) {
        (Some(id), None) => id == catalogue::PRODUCT_ID,
        (None, Some(name)) => name == catalogue::PRODUCT_NAME,
        _ => return Err(parameters.wrong("Id", "or Name is required, and not both").into()),
    };
    if !known {
        return Err(not_found("There is no such product").into());
    }
    let artifacts: Vec<Value> = session
        .conditions
        .artifacts
        .iter()
        .map(|artifact| {
            json!({"Id": artifact.id, "Name": artifact.name, "CreatedTime": artifact.created_seconds})
        })
        .collect();
    Ok(json!({
        "ProductViewDetail": product_view(session)?,
        "ProvisioningArtifactSummaries": artifacts,
        "Tags": [],
        "TagOptions": [],
        "Budgets": [],
    }))
}

pub(crate) fn list_artifacts(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    known_product(parameters)?;
    let artifacts: Vec<Value> = session
        .conditions
        .artifacts
        .iter()
        .map(|artifact| {
            json!({
                "Id": artifact.id,
                "Name": artifact.name,
                "Type": catalogue::PRODUCT_TYPE,
                "CreatedTime": artifact.created_seconds,
                "Active": artifact.active,
                "Guidance": artifact.guidance,
            })
        })
        .collect();
    Ok(json!({"ProvisioningArtifactDetails": artifacts}))
}

pub(crate) fn list_launch_paths(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    known_product(parameters)?;
    if session.conditions.product_missing {
        return Err(not_found(texts::no_launch_paths(catalogue::PRODUCT_ID)).into());
    }
    let (window, next) = parameters.catalog_page("ListLaunchPaths", 20)?.place(1, EmptyPage::BeforeSeveral);
    let path = json!({
        "Id": catalogue::PATH_ID,
        "Name": catalogue::PATH_NAME,
        "ConstraintSummaries": [],
        "Tags": [],
    });
    let paths: Vec<Value> = [path].into_iter().skip(window.offset).take(window.size).collect();
    Ok(json!({"LaunchPathSummaries": paths, "NextPageToken": next}))
}

fn product_view(session: &Session<'_>) -> rusqlite::Result<Value> {
    Ok(catalogue::product_view(catalogue::REGION, &session.organization()?.management_id))
}

fn known_product(parameters: &Parameters<'_>) -> Result<(), Refusal> {
    match parameters.required_text("ProductId")? {
        catalogue::PRODUCT_ID => Ok(()),
        id => Err(not_found(format!("There is no product {id}"))),
    }
}

fn not_found(message: impl Into<String>) -> Refusal {
    Exception::ResourceNotFound.because(message)
}

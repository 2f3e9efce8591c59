//! The records of ProvisionProduct calls, and their provisioned products.

use serde_json::{Value, json};

use crate::catalogue;
use crate::operations::{By, Stage};
use crate::paging::EmptyPage;
use crate::session::Session;
use crate::wire::action::Answer;
use crate::wire::error::{Exception, Refusal};
use crate::wire::parameters::Parameters;
use crate::wire::record::{outputs, provisioned_product, record, tags};

/// So small that `AccountId`, the third output, is never on the first page with outputs.
const OUTPUTS_PER_PAGE: usize = 2;

pub(crate) fn describe_record(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let id = parameters.required_text("Id")?;
    if session.conditions.forgotten_records.contains(id) {
        return Err(no_record(id).into());
    }
    let operation = session.operation(&By::Record(id))?.ok_or_else(|| no_record(id))?;
    let outputs = outputs(&operation);
    let request = parameters.small_catalog_page(&format!("DescribeRecord {id}"), OUTPUTS_PER_PAGE)?;
    let empty_page = if outputs.is_empty() { EmptyPage::Never } else { EmptyPage::Always };
    let (window, next) = request.place(outputs.len(), empty_page);
    let page: Vec<Value> = outputs.into_iter().skip(window.offset).take(window.size).collect();
    Ok(json!({"RecordDetail": record(&operation), "RecordOutputs": page, "NextPageToken": next}))
}

pub(crate) fn describe_provisioned_product(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let by = match (parameters.text("Id")?, parameters.text("Name")?) {
        (Some(id), None) => By::Product(id),
        (None, Some(name)) => By::ProductName(name),
        _ => return Err(parameters.wrong("Id", "or Name is required, and not both").into()),
    };
    let operation =
        session.operation(&by)?.ok_or_else(|| not_found("There is no such provisioned product"))?;
    Ok(json!({
        "ProvisionedProductDetail": provisioned_product(&operation, session)?,
        "CloudWatchDashboards": [],
    }))
}

pub(crate) fn search_provisioned_products(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let mut by = By::All;
    let mut listing = "SearchProvisionedProducts".to_owned();
    if let Some(filters) = parameters.object("Filters")? {
        if let Some(name) = filters.names().find(|name| *name != "SearchQuery") {
            return Err(filters.wrong(name, "is not a filter of provisioned products (SearchQuery)").into());
        }
        let queries = filters.texts("SearchQuery")?.unwrap_or_default();
        let [query] = queries[..] else {
            return Err(filters.wrong("SearchQuery", "must hold exactly one query").into());
        };
        by = read_query(query).ok_or_else(|| {
            let what = "must be one of name:…, id:…, physicalId:…, idempotencyToken:…, lastRecordId:…";
            filters.wrong("SearchQuery", what)
        })?;
        listing = format!("{listing} {query}");
    }
    let request = parameters.catalog_page(&listing, 100)?;
    if session.conditions.products_hidden {
        return Ok(json!({"ProvisionedProducts": [], "TotalResultsCount": 0}));
    }
    let total = session.operation_count(&by)?;
    let (window, next) = request.place(total, EmptyPage::BeforeSeveral);
    let products = session
        .operations(&by, &window)?
        .iter()
        .map(|operation| {
            let mut product = provisioned_product(operation, session)?;
            product["Tags"] = tags(operation);
            product["ProductName"] = json!(catalogue::PRODUCT_NAME);
            if operation.stage == Stage::Succeeded {
                product["PhysicalId"] = json!(operation.account_id);
            }
            Ok(product)
        })
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(json!({"ProvisionedProducts": products, "TotalResultsCount": total, "NextPageToken": next}))
}

fn read_query(query: &str) -> Option<By<'_>> {
    let (field, value) = query.split_once(':')?;
    let value = value.trim_matches('"');
    match field {
        "name" => Some(By::ProductName(value)),
        "id" => Some(By::Product(value)),
        "physicalId" => Some(By::Account(value)),
        "idempotencyToken" => Some(By::Token(value)),
        "lastRecordId" => Some(By::Record(value)),
        _ => None,
    }
}

pub(crate) fn scan_provisioned_products(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let total = session.operation_count(&By::All)?;
    let request = parameters.catalog_page("ScanProvisionedProducts", 20)?;
    let (window, next) = request.place(total, EmptyPage::BeforeSeveral);
    let products = session
        .operations(&By::All, &window)?
        .iter()
        .map(|operation| provisioned_product(operation, session))
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(json!({"ProvisionedProducts": products, "NextPageToken": next}))
}

fn no_record(id: &str) -> Refusal {
    not_found(format!("There is no record {id}"))
}

fn not_found(message: impl Into<String>) -> Refusal {
    Exception::ResourceNotFound.because(message)
}

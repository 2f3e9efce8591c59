//! The operations of AWS Service Catalog but for ProvisionProduct.

use serde_json::{Value, json};

use crate::catalogue;
use crate::operations::{By, Operation, Stage};
use crate::paging::EmptyPage;
use crate::store::Session;
use crate::wire::error::{Exception, Failure, Refusal};
use crate::wire::parameters::Parameters;
use crate::wire::{portfolio, provision, seconds};

/// So small that `AccountId`, the third output, is never on the first page with outputs.
const OUTPUTS_PER_PAGE: usize = 2;
const REGION: &str = "us-east-1";

type Answer = Result<Value, Failure>;

pub(crate) fn answer(operation: &str, parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    match operation {
        "SearchProductsAsAdmin" => search_products(parameters, session),
        "DescribeProductAsAdmin" => describe_product_as_admin(parameters, session),
        "DescribeProduct" => {
            Err(not_found("The product is shared with no portfolio of this principal").into())
        }
        "ListProvisioningArtifacts" => list_artifacts(parameters),
        "ListLaunchPaths" => list_launch_paths(parameters),
        "AssociatePrincipalWithPortfolio" => portfolio::associate_principal(parameters, session),
        "DisassociatePrincipalFromPortfolio" => portfolio::disassociate_principal(parameters, session),
        "ListPrincipalsForPortfolio" => portfolio::list_principals(parameters, session),
        "ProvisionProduct" => provision::provision_product(parameters, session),
        "DescribeRecord" => describe_record(parameters, session),
        "DescribeProvisionedProduct" => describe_provisioned_product(parameters, session),
        "SearchProvisionedProducts" => search_provisioned_products(parameters, session),
        "ScanProvisionedProducts" => scan_provisioned_products(parameters, session),
        _ => Err(Exception::UnknownOperation
            .because(format!("The simulated landing zone does not know the operation {operation}"))
            .into()),
    }
}

fn search_products(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
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

fn describe_product_as_admin(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let known = match (parameters.text("Id")?, parameters.text("Name")?) {
        (Some(id), None) => id == catalogue::PRODUCT_ID,
        (None, Some(name)) => name == catalogue::PRODUCT_NAME,
        _ => return Err(parameters.wrong("Id", "or Name is required, and not both").into()),
    };
    if !known {
        return Err(not_found("There is no such product").into());
    }
    let artifacts: Vec<Value> = catalogue::ARTIFACTS
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

fn list_artifacts(parameters: &Parameters<'_>) -> Answer {
    known_product(parameters)?;
    let artifacts: Vec<Value> = catalogue::ARTIFACTS
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

fn list_launch_paths(parameters: &Parameters<'_>) -> Answer {
    known_product(parameters)?;
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

fn describe_record(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
    let id = parameters.required_text("Id")?;
    let operation =
        session.operation(&By::Record(id))?.ok_or_else(|| not_found(format!("There is no record {id}")))?;
    let outputs = outputs(&operation);
    let request = parameters.small_catalog_page(&format!("DescribeRecord {id}"), OUTPUTS_PER_PAGE)?;
    let empty_page = if outputs.is_empty() { EmptyPage::Never } else { EmptyPage::Always };
    let (window, next) = request.place(outputs.len(), empty_page);
    let page: Vec<Value> = outputs.into_iter().skip(window.offset).take(window.size).collect();
    Ok(json!({"RecordDetail": record(&operation), "RecordOutputs": page, "NextPageToken": next}))
}

fn describe_provisioned_product(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
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

fn search_provisioned_products(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
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
    let total = session.operation_count(&by)?;
    let request = parameters.catalog_page(&listing, 100)?;
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

fn scan_provisioned_products(parameters: &Parameters<'_>, session: &Session<'_>) -> Answer {
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

/// The `RecordDetail` of an operation.
pub(crate) fn record(operation: &Operation) -> Value {
    let status = match operation.stage {
        Stage::Created => "CREATED",
        Stage::InProgress => "IN_PROGRESS",
        Stage::InProgressInError => "IN_PROGRESS_IN_ERROR",
        Stage::Succeeded => "SUCCEEDED",
        Stage::Tainted | Stage::Failed => "FAILED",
    };
    let errors: Vec<Value> = operation
        .failure
        .iter()
        .map(|reason| json!({"Code": "InternalFailure", "Description": reason}))
        .collect();
    json!({
        "RecordId": operation.record_id,
        "ProvisionedProductName": operation.product_name,
        "Status": status,
        "CreatedTime": seconds(operation.created_ms),
        "UpdatedTime": seconds(operation.updated_ms),
        "ProvisionedProductType": catalogue::PRODUCT_TYPE,
        "RecordType": "PROVISION_PRODUCT",
        "ProvisionedProductId": operation.product_id,
        "ProductId": catalogue::PRODUCT_ID,
        "ProvisioningArtifactId": operation.artifact_id,
        "PathId": catalogue::PATH_ID,
        "RecordErrors": errors,
        "RecordTags": tags(operation),
    })
}

/// Account Factory's outputs; a failed record has none, also where the account exists.
fn outputs(operation: &Operation) -> Vec<Value> {
    match (&operation.account_id, operation.stage) {
        (Some(account_id), Stage::Succeeded) => vec![
            json!({"OutputKey": "AccountEmail", "OutputValue": operation.account_email}),
            json!({"OutputKey": "SSOUserEmail", "OutputValue": operation.sso_user_email}),
            json!({"OutputKey": "AccountId", "OutputValue": account_id}),
            json!({"OutputKey": "SSOUserPortal", "OutputValue": "https://d-0000000001.awsapps.com/start"}),
        ],
        _ => vec![],
    }
}

fn provisioned_product(operation: &Operation, session: &Session<'_>) -> rusqlite::Result<Value> {
    let status = match operation.stage {
        Stage::Created | Stage::InProgress | Stage::InProgressInError => "UNDER_CHANGE",
        Stage::Succeeded => "AVAILABLE",
        Stage::Tainted => "TAINTED",
        Stage::Failed => "ERROR",
    };
    let succeeded = (operation.stage == Stage::Succeeded).then_some(&operation.record_id);
    let management_id = session.organization()?.management_id;
    Ok(json!({
        "Name": operation.product_name,
        "Arn": format!(
            "arn:aws:servicecatalog:{REGION}:{management_id}:stack/{}/{}",
            operation.product_name, operation.product_id,
        ),
        "Type": catalogue::PRODUCT_TYPE,
        "Id": operation.product_id,
        "Status": status,
        "StatusMessage": operation.failure,
        "CreatedTime": seconds(operation.created_ms),
        "IdempotencyToken": operation.token,
        "LastRecordId": operation.record_id,
        "LastProvisioningRecordId": operation.record_id,
        "LastSuccessfulProvisioningRecordId": succeeded,
        "ProductId": catalogue::PRODUCT_ID,
        "ProvisioningArtifactId": operation.artifact_id,
    }))
}

fn tags(operation: &Operation) -> Value {
    serde_json::from_str(&operation.tags).unwrap_or_else(|_| json!([]))
}

fn product_view(session: &Session<'_>) -> rusqlite::Result<Value> {
    Ok(catalogue::product_view(REGION, &session.organization()?.management_id))
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

//! How an operation is written: as a record with its outputs, and as a provisioned product.

use serde_json::{Value, json};

use crate::catalogue::{self, REGION};
use crate::operations::{Operation, Stage};
use crate::session::Session;
use crate::wire::json::seconds;

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
pub(crate) fn outputs(operation: &Operation) -> Vec<Value> {
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

pub(crate) fn provisioned_product(operation: &Operation, session: &Session<'_>) -> rusqlite::Result<Value> {
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

pub(crate) fn tags(operation: &Operation) -> Value {
    serde_json::from_str(&operation.tags).unwrap_or_else(|_| json!([]))
}

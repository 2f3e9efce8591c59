//! What the record of an operation says.

use accounts_core::{AccountId, Error, Kind, Operation, OperationOutcome, Progress, Result};
use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::{ProvisionedProductStatus, RecordDetail, RecordStatus};

use super::{MOST_PAGES, texts};
use crate::Organization;
use crate::sdk_error::classify;

const NOT_ASKED: &str = "Service Catalog could not be asked about the record.";

/// How far the operation of this record is.
///
/// # Errors
/// Nobody could ask; that says nothing about the operation.
pub(super) async fn progress(
    client: &Client,
    organization: &Organization,
    record_id: &str,
    operation: &Operation,
) -> Result<Progress> {
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let page = match client.describe_record().id(record_id).set_page_token(token).send().await {
            Ok(page) => page,
            Err(error) => {
                let failure = classify(NOT_ASKED, error);
                return match failure.code.as_deref() {
                    Some("ResourceNotFoundException") => Ok(Progress::Vanished),
                    _ => Err(failure.error),
                };
            }
        };
        let record = page
            .record_detail
            .ok_or_else(|| Error::new(Kind::Internal, NOT_ASKED).caused_by("RecordDetail is missing"))?;
        match record.status() {
            Some(RecordStatus::Succeeded) => {}
            Some(RecordStatus::Failed) => {
                return failed(client, organization, &record, operation).await.map(Progress::Ended);
            }
            // IN_PROGRESS_IN_ERROR has failed and is being remedied: it has not ended either.
            _ => return Ok(Progress::InProgress),
        }
        let account_id = page
            .record_outputs
            .unwrap_or_default()
            .into_iter()
            .find(|output| output.output_key() == Some("AccountId"))
            .and_then(|output| AccountId::parse(output.output_value()?).ok());
        if let Some(account_id) = account_id {
            return Ok(Progress::Ended(OperationOutcome::Succeeded { account_id }));
        }
        token = page.next_page_token;
        if token.is_none() {
            break;
        }
    }
    let account = organization.account_of(&operation.account_email).await?;
    account.map(|account| Progress::Ended(OperationOutcome::Succeeded { account_id: account.id })).ok_or_else(
        || Error::new(Kind::Transient, "The account was made, but its id is not to be found yet."),
    )
}

/// What a record that ended without success means. Before it is believed, the organization is looked at.
async fn failed(
    client: &Client,
    organization: &Organization,
    record: &RecordDetail,
    operation: &Operation,
) -> Result<OperationOutcome> {
    let texts: Vec<_> = record.record_errors().iter().filter_map(|error| error.description()).collect();
    let text = texts.join(" ");
    let reason = if text.is_empty() { "Control Tower gave no reason.".to_owned() } else { text };
    if let Some(account) = organization.account_of(&operation.account_email).await? {
        return Ok(OperationOutcome::Failed {
            reason: format!("{reason} The account {} exists.", account.id),
            account_may_exist: true,
            account_id: Some(account.id),
        });
    }
    let account_may_exist = texts::is_activating(&reason) || is_tainted(client, record).await?;
    if !account_may_exist && texts::is_busy(&reason) {
        return Ok(OperationOutcome::Busy { reason });
    }
    Ok(OperationOutcome::Failed { reason, account_may_exist, account_id: None })
}

async fn is_tainted(client: &Client, record: &RecordDetail) -> Result<bool> {
    let Some(id) = record.provisioned_product_id() else {
        return Ok(false);
    };
    let answer = client.describe_provisioned_product().id(id).send().await;
    match answer.map_err(|error| classify("The provisioned product could not be read.", error)) {
        Ok(answer) => Ok(answer.provisioned_product_detail.and_then(|detail| detail.status)
            == Some(ProvisionedProductStatus::Tainted)),
        Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(false),
        Err(failure) => Err(failure.error),
    }
}

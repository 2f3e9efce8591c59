//! How a request comes in: two claims and, with a key, its memory, in one transaction.

use std::time::Duration;

use accounts_core::{Acceptance, AccountRequest, Claim, Error, IdempotencyKey, Kind, Result, Timestamp};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use sha2::{Digest, Sha256};

use super::{Item, KEY, NOT_WRITTEN, Requests, name_key, number, read, text, written};
use crate::failed::{failed, sort};

/// The attribute by which the table drops what has served its time (seconds since the Unix epoch).
pub(super) const EXPIRY: &str = "ExpiresAt";

/// How long an `Idempotency-Key` is remembered, in seconds.
const KEY_KEPT_SECONDS: i64 = 24 * 3600;

/// How often a transaction is tried that met another one, or a request that changed under its eyes.
const TRIES: u32 = 8;

/// The parts of the transaction, in the order in which their cancellation reasons come back.
const REQUEST: usize = 0;
const NAME: usize = 1;
const MEMORY: usize = 2;

impl Requests {
    /// Takes a request in, if its e-mail and its name are free, under any concurrency. A failed request of the
    /// same e-mail is followed by this one, unless an account may exist for it.
    ///
    /// # Errors
    /// [`Kind::Busy`] or [`Kind::Transient`] if the table could not be written, or was too contested; nothing
    /// was written then, or all of it.
    pub async fn accept(
        &self,
        request: AccountRequest,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Acceptance> {
        let mut predecessor: Option<AccountRequest> = None;
        for attempt in 0..TRIES {
            let next = match predecessor.take() {
                Some(failed) => (request.clone().after(failed.clone()), Some(failed)),
                None => (request.clone(), None),
            };
            let reasons = match self.write(&next.0, next.1.as_ref(), key, now).await? {
                Written::Done => return Ok(Acceptance::Accepted(Box::new(next.0))),
                Written::Cancelled(reasons) => reasons,
            };
            if let Some(memory) = refused(&reasons, MEMORY) {
                return remembered(memory, &request);
            }
            let name_taken = refused(&reasons, NAME).is_some();
            match refused(&reasons, REQUEST).map(|item| read(item.clone())).transpose()? {
                Some(standing) if standing.may_be_asked_again() && !name_taken => {
                    predecessor = Some(standing)
                }
                Some(standing) => {
                    let mut claims = Vec::new();
                    if !standing.may_be_asked_again() {
                        claims.push(Claim::Email {
                            status: standing.status,
                            account_may_exist: standing.account_may_exist,
                        });
                    }
                    if name_taken && standing.account_name.folded() != request.account_name.folded()
                        || claims.is_empty()
                    {
                        claims.push(Claim::Name);
                    }
                    return Ok(Acceptance::Taken(claims));
                }
                None if name_taken => return Ok(Acceptance::Taken(vec![Claim::Name])),
                None => tokio::time::sleep(pause(attempt)).await,
            }
        }
        Err(Error::new(Kind::Transient, "Too many requests for the same account at once.")
            .caused_by("the transaction was cancelled each time"))
    }

    async fn write(
        &self,
        request: &AccountRequest,
        predecessor: Option<&AccountRequest>,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Written> {
        let put = || {
            Put::builder()
                .table_name(&self.table)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        };
        let item = written(request)?;
        let claim_email = match predecessor {
            None => put().condition_expression("attribute_not_exists(AccountEmail)"),
            Some(failed) => put()
                .condition_expression(
                    "RequestID = :failed_id AND #status = :failed AND attribute_not_exists(AccountMayExist)",
                )
                .expression_attribute_names("#status", "Status")
                .expression_attribute_values(":failed_id", text(failed.request_id.to_string()))
                .expression_attribute_values(":failed", text(failed.status.name())),
        }
        .set_item(Some(item));
        let claim_name = put()
            .item(KEY, name_key(request))
            .item("RequestID", text(request.request_id.to_string()))
            .item("Owner", text(request.account_email.as_str()))
            .condition_expression("attribute_not_exists(AccountEmail)");
        let memory = key
            .map(|key| -> Result<_> {
                Ok(put()
                    .item(KEY, memory_key(key))
                    .item("Fingerprint", text(fingerprint(request)))
                    .item("Answer", text(serde_json::to_string(request).map_err(unwritable)?))
                    .item(EXPIRY, number(now.as_ms() / 1000 + KEY_KEPT_SECONDS))
                    .condition_expression("attribute_not_exists(AccountEmail) OR ExpiresAt < :now")
                    .expression_attribute_values(":now", number(now.as_ms() / 1000)))
            })
            .transpose()?;
        let mut parts = Vec::new();
        for put in [Some(claim_email), Some(claim_name), memory].into_iter().flatten() {
            parts.push(TransactWriteItem::builder().put(put.build().map_err(unwritable)?).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(parts)).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => cancellation(error).map(Written::Cancelled),
        }
    }
}

enum Written {
    Done,
    Cancelled(Vec<CancellationReason>),
}

/// The reasons of a transaction that was cancelled for conditions or for meeting another one; any other
/// failure is an error.
pub(super) fn cancellation(error: SdkError<TransactWriteItemsError>) -> Result<Vec<CancellationReason>> {
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
        let reasons = cancelled.cancellation_reasons().to_vec();
        let expected = |reason: &CancellationReason| {
            matches!(reason.code(), None | Some("None" | "ConditionalCheckFailed" | "TransactionConflict"))
        };
        if !reasons.is_empty() && reasons.iter().all(expected) {
            return Ok(reasons);
        }
        let throttled = |reason: &CancellationReason| {
            matches!(reason.code(), Some("ThrottlingError" | "ProvisionedThroughputExceeded"))
        };
        let busy = reasons.iter().any(throttled);
        let error = failed(NOT_WRITTEN, error);
        return Err(if busy { Error::new(Kind::Busy, NOT_WRITTEN).caused_by(error) } else { error });
    }
    Err(sort(NOT_WRITTEN, error).error)
}

/// The item that stood in the way of a part of the transaction.
fn refused(reasons: &[CancellationReason], part: usize) -> Option<&Item> {
    let reason = reasons.get(part).filter(|reason| reason.code() == Some("ConditionalCheckFailed"))?;
    reason.item()
}

fn remembered(memory: &Item, request: &AccountRequest) -> Result<Acceptance> {
    let stored = |name: &str| memory.get(name).and_then(|value| value.as_s().ok());
    if stored("Fingerprint") != Some(&fingerprint(request)) {
        return Ok(Acceptance::KeyHasOtherBody);
    }
    let answer = stored("Answer").map(String::as_str).unwrap_or_default();
    serde_json::from_str(answer)
        .map(|first| Acceptance::Repeated(Box::new(first)))
        .map_err(|error| Error::new(Kind::Internal, "The remembered answer is malformed.").caused_by(error))
}

fn memory_key(key: &IdempotencyKey) -> aws_sdk_dynamodb::types::AttributeValue {
    text(format!("IDEMPOTENCY#{}", hash(&[&key.caller, &key.key])))
}

/// What makes two bodies the same: what they ask for, not how they are written.
fn fingerprint(request: &AccountRequest) -> String {
    let mut parts = vec![
        request.account_email.to_string(),
        request.account_name.to_string(),
        request.org_unit.to_string(),
        request.sso_user_email.to_string(),
        request.sso_user_first_name.to_string(),
        request.sso_user_last_name.to_string(),
    ];
    parts.extend(request.tags.iter().flat_map(|tag| [tag.key.clone(), tag.value.clone()]));
    hash(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A short pause that grows, with jitter, so that two that met do not meet again.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(fastrand::u64(5..=20 << attempt.min(4)))
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Kind::Internal, "The request cannot be written.").caused_by(error)
}

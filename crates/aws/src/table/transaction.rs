//! Transactions of writes, tried again where they meet another one.

use std::time::Duration;

use accounts_core::{Error, Kind, Result};
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};

use super::keys::Key;
use super::names::names;
use super::{Item, NOT_WRITTEN, Table, number};
use crate::sdk_error::into_error;

/// How often a transaction is tried that meets another one.
const TRIES: u32 = 10;

/// What a part of a transaction is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Account,
    Request,
    RequestKey,
    Operation,
    Name,
    AccountId,
    Slot,
    Pool,
    Answer,
}

/// A transaction that is being put together.
pub(super) struct Transaction<'a> {
    table: &'a Table,
    parts: Vec<(Part, TransactWriteItem)>,
}

/// A condition with its values.
pub(super) struct Condition {
    text: &'static str,
    values: Vec<(&'static str, AttributeValue)>,
}

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All of it is written.
    Written,
    /// Nothing is written: the conditions of these parts failed. The item that was there comes with each.
    Refused(Vec<(Part, Option<Item>)>),
}

impl Outcome {
    /// The item that made this part fail; the inner one is missing where no item was there.
    pub(super) fn refused(&self, part: Part) -> Option<Option<&Item>> {
        match self {
            Self::Written => None,
            Self::Refused(parts) => {
                parts.iter().find(|(other, _)| *other == part).map(|(_, item)| item.as_ref())
            }
        }
    }
}

impl Condition {
    /// Nothing is stored under the key.
    pub(super) const fn absent() -> Self {
        Self { text: "attribute_not_exists(#AccountEmail)", values: Vec::new() }
    }

    /// The item has this version; version 0 is none at all.
    pub(super) fn version(version: u64) -> Self {
        if version == 0 {
            Self::absent()
        } else {
            Self::new("#Version = :version", [(":version", number(version))])
        }
    }

    pub(super) fn new<const N: usize>(
        text: &'static str,
        values: [(&'static str, AttributeValue); N],
    ) -> Self {
        Self { text, values: values.into() }
    }

    fn values(self) -> Option<Item> {
        let values: Item = self.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (!values.is_empty()).then_some(values)
    }
}

impl<'a> Transaction<'a> {
    pub(super) const fn new(table: &'a Table) -> Self {
        Self { table, parts: Vec::new() }
    }

    pub(super) fn put(mut self, part: Part, item: Item, condition: Condition) -> Result<Self> {
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(item))
            .condition_expression(condition.text)
            .set_expression_attribute_names(names(condition.text))
            .set_expression_attribute_values(condition.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unwritable)?;
        self.parts.push((part, TransactWriteItem::builder().put(put).build()));
        Ok(self)
    }

    pub(super) fn delete(mut self, part: Part, key: &Key, condition: Condition) -> Result<Self> {
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(key.item()))
            .condition_expression(condition.text)
            .set_expression_attribute_names(names(condition.text))
            .set_expression_attribute_values(condition.values())
            .build()
            .map_err(unwritable)?;
        self.parts.push((part, TransactWriteItem::builder().delete(delete).build()));
        Ok(self)
    }

    pub(super) fn check(mut self, part: Part, key: &Key, condition: Condition) -> Result<Self> {
        let check = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key.item()))
            .condition_expression(condition.text)
            .set_expression_attribute_names(names(condition.text))
            .set_expression_attribute_values(condition.values())
            .build()
            .map_err(unwritable)?;
        self.parts.push((part, TransactWriteItem::builder().condition_check(check).build()));
        Ok(self)
    }

    /// Runs it. A cancellation can mix reasons: where one of them is a conflict with another transaction, the others
    /// were judged too early, and all of it is tried again after a short pause.
    ///
    /// # Errors
    /// [`Kind::Transient`] if it met others each time, or whether it was written is unknown; [`Kind::Throttled`];
    /// [`Kind::AccessDenied`]; [`Kind::Internal`].
    pub(super) async fn run(self) -> Result<Outcome> {
        let (labels, items): (Vec<_>, Vec<_>) = self.parts.into_iter().unzip();
        for attempt in 0..TRIES {
            let sent =
                self.table.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let reasons = match sent {
                Ok(_) => return Ok(Outcome::Written),
                Err(error) => cancellation(error)?,
            };
            if !reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) {
                let refused = labels.iter().zip(reasons).filter_map(|(part, reason)| {
                    (reason.code() == Some("ConditionalCheckFailed")).then_some((*part, reason.item))
                });
                return Ok(Outcome::Refused(refused.collect()));
            }
            tokio::time::sleep(pause(attempt)).await;
        }
        Err(Error::new(Kind::Transient, "The table is too contested to be written.")
            .caused_by("the transaction met another one each time"))
    }
}

/// The reasons of a transaction that was cancelled for conditions or for meeting another one; any other failure is
/// an error.
fn cancellation(error: SdkError<TransactWriteItemsError>) -> Result<Vec<CancellationReason>> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return Err(into_error(NOT_WRITTEN, error));
    };
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
    let kind = if reasons.iter().any(throttled) { Kind::Throttled } else { Kind::Internal };
    Err(Error::new(kind, NOT_WRITTEN).caused_by(into_error(NOT_WRITTEN, error)))
}

/// A short pause that grows, with jitter, so that two that met do not meet again.
pub(super) fn pause(attempt: u32) -> Duration {
    Duration::from_millis(fastrand::u64(5..=20 << attempt.min(5)))
}

fn unwritable(error: BuildError) -> Error {
    Error::new(Kind::Internal, "The transaction cannot be written.").caused_by(error)
}

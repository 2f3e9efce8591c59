//! `AccountsTable`: accounts, requests, operations, claims, slots and pools, in one table.
//!
//! # Theory
//!
//! The partition key `AccountEmail` is the e-mail of an account in lower case, or a key that starts with upper-case
//! letters and `#`, which no lower-case e-mail equals; the sort key is `Record` ([`keys`]). Accounts, requests and
//! operations are written whole, each conditional on the `Version` that was read: [`commit`] turns a
//! [`Change`](accounts_core::Change) of the domain into one transaction and is the one place that writes conditions
//! on them. A transaction that meets another one is tried again ([`transaction`]); a condition that fails is for the
//! caller, who reads and decides again.
//!
//! Reads that decide anything are consistent. The index `QueueIndex` is sparse and stale; it only names candidates.

mod accept;
mod commit;
mod history;
mod items;
mod keys;
mod names;
mod pools;
mod queue;
mod read;
mod schema;
mod transaction;
mod transition;

use std::collections::HashMap;

use accounts_core::Result;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

pub use commit::Commit;
pub use history::HistoryPage;
pub use pools::SlotHolder;
pub use queue::{Candidate, QueueName};
pub use transition::Transitioned;

use crate::Sdk;
use crate::sdk_error::into_error;
use keys::Key;

type Item = HashMap<String, AttributeValue>;

const QUEUE_INDEX: &str = "QueueIndex";
const NOT_READ: &str = "The table could not be read.";
const NOT_WRITTEN: &str = "The table could not be written.";

/// The table of this name.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table.
    pub fn new(sdk: &Sdk, name: String) -> Self {
        Self { client: sdk.dynamodb(), name }
    }

    /// One cheap call during the cold start, so that the first request does not pay for the handshake. Its failure
    /// is not the function's: the first request will show it.
    pub async fn warm_up(&self) {
        if let Err(error) = self.item(&Key::warm_up()).await {
            tracing::warn!(error = error.chain(), "the table did not answer during the cold start");
        }
    }

    /// The item of a key, read consistently.
    async fn item(&self, key: &Key) -> Result<Option<Item>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.item()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| into_error(NOT_READ, error))?;
        Ok(answer.item)
    }
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

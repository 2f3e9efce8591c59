//! Accounts, requests and operations as items.

use accounts_core::{Account, Error, Kind, Operation, Placement, Request, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::{Key, PARTITION, SORT};
use super::queue::QueueName;
use super::{Item, text};

/// A type that is an item of its own.
pub(super) trait Stored: Serialize + DeserializeOwned {
    /// Its key.
    fn key(&self) -> Key;
    /// Its version, which counts from 1.
    fn version(&self) -> u64;
    /// Attributes beside its own fields.
    fn placed(&self) -> Option<(String, String)> {
        None
    }
}

impl Stored for Account {
    fn key(&self) -> Key {
        Key::account(&self.account_email)
    }

    fn version(&self) -> u64 {
        self.version
    }
}

impl Stored for Request {
    fn key(&self) -> Key {
        Key::request(&self.account_email, self.request_id)
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn placed(&self) -> Option<(String, String)> {
        Some(match self.placement() {
            Placement::Waiting(pool) => (QueueName::Waiting(pool).to_string(), self.request_id.to_string()),
            Placement::Parked(pool, until) => (QueueName::Parked(pool).to_string(), until.to_string()),
            Placement::Unnotified(since) => (QueueName::Unnotified.to_string(), since.to_string()),
            Placement::Watched(at) => (QueueName::Watched.to_string(), at.to_string()),
            Placement::Holding(pool, _) => (QueueName::Held(pool).to_string(), self.request_id.to_string()),
            Placement::Nowhere => return None,
        })
    }
}

impl Stored for Operation {
    fn key(&self) -> Key {
        Key::operation(&self.account_email, self.request_id, self.number)
    }

    fn version(&self) -> u64 {
        self.version
    }
}

/// The item of a value.
///
/// # Errors
/// [`Kind::Internal`] if it cannot be written.
pub(super) fn write<T: Stored>(value: &T) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value)
        .map_err(|error| Error::new(Kind::Internal, "The item cannot be written.").caused_by(error))?;
    item.extend(value.key().item());
    if let Some((queue, order)) = value.placed() {
        item.insert("Queue".to_owned(), text(queue));
        item.insert("QueueOrder".to_owned(), text(order));
    }
    Ok(item)
}

/// The value of an item.
///
/// # Errors
/// [`Kind::Internal`], naming its key to the log, if it is malformed.
pub(super) fn read<T: Stored>(item: Item) -> Result<T> {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    // The partition is an e-mail, which does not go to the log; the record names the request.
    let (partition, record) = (part(PARTITION), part(SORT));
    serde_dynamo::from_item(item).map_err(|error| {
        let cause = format!("record {record} of a partition of {} bytes: {error}", partition.len());
        Error::new(Kind::Internal, "A stored item is malformed.").caused_by(cause)
    })
}

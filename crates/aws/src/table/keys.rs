//! The keys of the table.

use accounts_core::{AccountId, AccountName, Email, Pool, RequestId};
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, text};

/// The partition key.
pub(super) const PARTITION: &str = "AccountEmail";

/// The sort key.
pub(super) const SORT: &str = "Record";

/// The condition of a query for the records of an e-mail that start alike.
pub(super) const PREFIXED: &str = "#AccountEmail = :email AND begins_with(#Record, :prefix)";

/// What the sort keys of requests start with.
pub(super) const REQUEST_PREFIX: &str = "REQUEST#";

/// A key of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    partition: String,
    sort: String,
}

impl Key {
    pub(super) fn account(email: &Email) -> Self {
        Self::new(email.as_str(), "ACCOUNT")
    }

    pub(super) fn request(email: &Email, id: RequestId) -> Self {
        Self::new(email.as_str(), format!("{REQUEST_PREFIX}{id}"))
    }

    pub(super) fn operation(email: &Email, id: RequestId, number: u32) -> Self {
        Self::new(email.as_str(), format!("{}{number:03}", operation_prefix(id)))
    }

    /// Finds the e-mail of a request.
    pub(super) fn request_id(id: RequestId) -> Self {
        Self::new(format!("REQUESTID#{id}"), "KEY")
    }

    pub(super) fn name(name: &AccountName) -> Self {
        Self::new(format!("NAME#{}", name.folded()), "CLAIM")
    }

    pub(super) fn account_id(id: &AccountId) -> Self {
        Self::new(format!("ID#{id}"), "CLAIM")
    }

    pub(super) fn slot(pool: Pool, slot: u32) -> Self {
        Self::new(slot_partition(pool), slot.to_string())
    }

    pub(super) fn pool(pool: Pool) -> Self {
        Self::new(format!("POOL#{pool}"), "STATE")
    }

    pub(super) fn idempotency(hash: &str) -> Self {
        Self::new(format!("IDEMPOTENCY#{hash}"), "ANSWER")
    }

    pub(super) fn warm_up() -> Self {
        Self::new("WARM#", "UP")
    }

    fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }

    /// The key's two attributes.
    pub(super) fn item(&self) -> Item {
        self.attributes().map(|(name, value)| (name.to_owned(), value)).into()
    }

    pub(super) fn attributes(&self) -> [(&'static str, AttributeValue); 2] {
        [(PARTITION, text(self.partition.as_str())), (SORT, text(self.sort.as_str()))]
    }
}

/// What the sort keys of a request's operations start with.
pub(super) fn operation_prefix(id: RequestId) -> String {
    format!("OPERATION#{id}#")
}

/// The partition of a pool's slots.
pub(super) fn slot_partition(pool: Pool) -> String {
    format!("SLOT#{pool}")
}

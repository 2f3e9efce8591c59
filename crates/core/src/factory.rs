//! The seam to whatever makes accounts. Control Tower's Account Factory is one; others can stand beside it.

use crate::{AccountId, AccountRequest, Error, Failure, Result};

/// Makes accounts: begins an operation, and says later what became of it.
///
/// Native `async fn`s and static dispatch: a function is built with one factory and never boxes it.
#[allow(async_fn_in_trait)]
pub trait AccountFactory {
    /// Begins to make the account. The same order again finds the operation that it began before.
    ///
    /// # Errors
    /// Each error says whether an operation may have been begun all the same.
    async fn begin(&self, order: &Order) -> Result<Operation, NotBegun>;

    /// What has become of the operation.
    ///
    /// # Errors
    /// An error says that nobody could ask, and nothing about the account.
    async fn outcome(&self, operation: &Operation, order: &Order) -> Result<Outcome>;
}

/// Why an operation was not begun, as far as anybody knows.
#[derive(Debug)]
pub enum NotBegun {
    /// It was refused, or never asked for: there is no operation.
    Surely(Error),
    /// The answer is missing: there may be one.
    Perhaps(Error),
}

/// What a factory needs to make one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The request.
    pub request: AccountRequest,
    /// Where the account is to be, as the landing zone wants it named.
    pub organizational_unit: ManagedOrganizationalUnit,
}

impl Order {
    /// A token that is the same for the same operation of the same request, and for no other:
    /// 1 to 128 of `[a-zA-Z0-9][a-zA-Z0-9_-]*` (Service Catalog API reference, `IdempotencyToken`).
    pub fn token(&self) -> String {
        format!("{}-{}", self.request.request_id, self.request.operation)
    }

    /// A name for the provisioned product: a slug of the account's name, the start of the request's id, and
    /// the number of the operation. 1 to 128 of `[a-zA-Z0-9][a-zA-Z0-9._-]*` (`ProvisionedProductName`).
    pub fn provisioned_product_name(&self) -> String {
        let slug = self
            .request
            .account_name
            .folded()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        let slug = if slug.is_empty() { "account" } else { &slug };
        format!("{slug}-{}-{}", self.request.request_id.short(), self.request.operation)
    }
}

/// An organizational unit that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedOrganizationalUnit {
    /// `ou-xxxx-xxxxxxxx`.
    pub id: String,
    /// The last name of its path.
    pub name: String,
}

/// An operation that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The record to follow.
    pub record_id: String,
    /// The provisioned product, where the factory has one.
    pub provisioned_product_id: Option<String>,
}

/// What has become of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is not finished.
    InProgress,
    /// The account exists and may be used.
    Provisioned(AccountId),
    /// It was turned away for want of room after it was taken in; nothing was made, and it may be begun anew.
    TurnedAway(String),
    /// It is over, and there is no usable account.
    Failed(Failure),
}

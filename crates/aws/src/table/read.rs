//! Reads accounts, requests and operations, consistently.

use accounts_core::{
    Account, AccountId, Email, Error, Kind, MAX_OPERATIONS, Operation, Request, RequestId, Result, Snapshot,
};

use super::items;
use super::keys::{Key, PREFIXED, operation_prefix};
use super::names::names;
use super::{NOT_READ, Table, text};
use crate::sdk_error::into_error;

impl Table {
    /// The account of an e-mail.
    ///
    /// # Errors
    /// If the table cannot be read, or holds something malformed ([`Kind::Internal`]).
    pub async fn account(&self, email: &Email) -> Result<Option<Account>> {
        self.item(&Key::account(email)).await?.map(items::read).transpose()
    }

    /// The account that has this id: by the claim, then by the e-mail.
    ///
    /// # Errors
    /// As [`Self::account`].
    pub async fn account_of_id(&self, id: &AccountId) -> Result<Option<Account>> {
        match self.owner(&Key::account_id(id)).await? {
            Some(email) => self.account(&email).await,
            None => Ok(None),
        }
    }

    /// The request of this id: by its key, then by the e-mail.
    ///
    /// # Errors
    /// As [`Self::account`].
    pub async fn request(&self, id: RequestId) -> Result<Option<Request>> {
        match self.owner(&Key::request_id(id)).await? {
            Some(email) => self.request_of(&email, id).await,
            None => Ok(None),
        }
    }

    /// The request of this id for an e-mail.
    ///
    /// # Errors
    /// As [`Self::account`].
    pub async fn request_of(&self, email: &Email, id: RequestId) -> Result<Option<Request>> {
        self.item(&Key::request(email, id)).await?.map(items::read).transpose()
    }

    /// Everything that a transition of this request decides on.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such request; otherwise as [`Self::account`].
    pub async fn snapshot(&self, email: &Email, id: RequestId) -> Result<Snapshot> {
        let missing =
            |what: &str| Error::new(Kind::NotFound, format!("There is no {what} of the request {id}."));
        let (account, request) = tokio::try_join!(self.account(email), self.request_of(email, id))?;
        let request = request.ok_or_else(|| missing("record"))?;
        let account = account.ok_or_else(|| missing("account"))?;
        let operation = match request.operation {
            0 => None,
            number => Some(self.operation(&request, number).await?.ok_or_else(|| missing("operation"))?),
        };
        Ok(Snapshot { account, request, operation })
    }

    /// An operation of a request.
    ///
    /// # Errors
    /// As [`Self::account`].
    pub async fn operation(&self, request: &Request, number: u32) -> Result<Option<Operation>> {
        let key = Key::operation(&request.account_email, request.request_id, number);
        self.item(&key).await?.map(items::read).transpose()
    }

    /// The operations of a request, the first one first.
    ///
    /// # Errors
    /// As [`Self::account`].
    pub async fn operations(&self, request: &Request) -> Result<Vec<Operation>> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(PREFIXED)
            .set_expression_attribute_names(names(PREFIXED))
            .expression_attribute_values(":email", text(request.account_email.as_str()))
            .expression_attribute_values(":prefix", text(operation_prefix(request.request_id)))
            .consistent_read(true)
            .limit(i32::try_from(MAX_OPERATIONS).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| into_error(NOT_READ, error))?;
        answer.items.unwrap_or_default().into_iter().map(items::read).collect()
    }

    async fn owner(&self, key: &Key) -> Result<Option<Email>> {
        let Some(item) = self.item(key).await? else {
            return Ok(None);
        };
        let owner = item.get("Owner").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Email::parse(&owner).map(Some).map_err(|(_, message)| {
            Error::new(Kind::Internal, "A stored claim is malformed.").caused_by(message)
        })
    }
}

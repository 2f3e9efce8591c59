//! The requests, in the table.
//!
//! The table holds, under its one key `AccountEmail`: the requests, under their e-mail in lower case; and what
//! no e-mail can equal and what never leaves here, the reservations of names (`NAME#…`), the remembered
//! idempotency keys (`IDEMPOTENCY#…`) and the slots of the landing zone (`SLOTS#`).

mod acceptance;
mod admission;
mod moves;
mod notices;
mod schema;

use std::collections::HashMap;

use accounts_core::{AccountId, AccountRequest, Email, Error, Kind, OpenRequests, Result, Start, Status};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::Sdk;
use crate::failed::failed;

type Item = HashMap<String, AttributeValue>;

const KEY: &str = "AccountEmail";
const ACCOUNT_ID_INDEX: &str = "AccountIdIndex";
const STATUS_INDEX: &str = "StatusIndex";
const NOT_READ: &str = "The table could not be read.";
const NOT_WRITTEN: &str = "The table could not be written.";

/// The requests, in the table of this name.
#[derive(Clone, Debug)]
pub struct Requests {
    client: Client,
    table: String,
}

impl Requests {
    /// The requests in this table.
    pub fn new(sdk: &Sdk, table: String) -> Self {
        Self { client: sdk.dynamodb(), table }
    }

    /// One cheap call during the cold start, so that the first request does not pay for the handshake. Its
    /// failure is not the function's: the first request will tell.
    pub async fn warm_up(&self) {
        if let Err(error) = self.item("WARM#").await {
            tracing::warn!(error = error.chain(), "the table did not answer during the cold start");
        }
    }

    /// The request for an e-mail, read consistently.
    ///
    /// # Errors
    /// If the table cannot be read, or holds something malformed ([`Kind::Internal`]).
    pub async fn of_email(&self, email: &Email) -> Result<Option<AccountRequest>> {
        self.item(email.as_str()).await?.map(read).transpose()
    }

    /// The request whose account has this id, by the index (which follows the table a moment later).
    ///
    /// # Errors
    /// If the table cannot be read, or holds something malformed ([`Kind::Internal`]).
    pub async fn of_account(&self, id: &AccountId) -> Result<Option<AccountRequest>> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(ACCOUNT_ID_INDEX)
            .key_condition_expression("AccountId = :id")
            .expression_attribute_values(":id", text(id.as_str()))
            .send()
            .await
            .map_err(|error| failed(NOT_READ, error))?;
        answer.items.unwrap_or_default().into_iter().next().map(read).transpose()
    }

    /// The requests that have not ended, by the index of their status: status by status, the oldest first.
    /// One that cannot be read is named in the log, and stops nobody.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn open(&self) -> Result<OpenRequests> {
        let mut found = OpenRequests::default();
        for status in Status::ALL.into_iter().filter(|status| !status.is_final()) {
            let mut from = None;
            loop {
                let page = self
                    .client
                    .query()
                    .table_name(&self.table)
                    .index_name(STATUS_INDEX)
                    .key_condition_expression("#status = :status")
                    .expression_attribute_names("#status", "Status")
                    .expression_attribute_values(":status", text(status.name()))
                    .set_exclusive_start_key(from)
                    .send()
                    .await
                    .map_err(|error| failed(NOT_READ, error))?;
                for item in page.items.unwrap_or_default() {
                    let key = item.get(KEY).cloned();
                    match serde_dynamo::from_item(item) {
                        Ok(request) => found.requests.push(request),
                        Err(error) => {
                            found.unreadable += 1;
                            tracing::error!(%error, %status, ?key, "an unfinished request is malformed");
                        }
                    }
                }
                from = page.last_evaluated_key;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The request that a message of the workflow names, as it is now.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none, [`Kind::Conflict`] if the e-mail has another request by now.
    pub async fn current(&self, start: &Start) -> Result<AccountRequest> {
        let request = self.of_email(&start.account_email).await?.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("There is no request for {}.", start.account_email))
        })?;
        if request.request_id == start.request_id {
            Ok(request)
        } else {
            let sentence =
                format!("The request {} was followed by {}.", start.request_id, request.request_id);
            Err(Error::new(Kind::Conflict, sentence))
        }
    }

    async fn item(&self, key: &str) -> Result<Option<Item>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(KEY, text(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed(NOT_READ, error))?;
        Ok(answer.item)
    }
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn read(item: Item) -> Result<AccountRequest> {
    let key = item.get(KEY).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    serde_dynamo::from_item(item).map_err(|error| {
        Error::new(Kind::Internal, format!("The stored request for {key} is malformed.")).caused_by(error)
    })
}

fn written(request: &AccountRequest) -> Result<Item> {
    serde_dynamo::to_item(request)
        .map_err(|error| Error::new(Kind::Internal, "The request cannot be written.").caused_by(error))
}

fn name_key(request: &AccountRequest) -> AttributeValue {
    text(format!("NAME#{}", request.account_name.folded()))
}

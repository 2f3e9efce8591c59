//! The requests of an account, page by page.

use accounts_core::{Email, Request, RequestId, Result};

use super::items;
use super::keys::{Key, PREFIXED, REQUEST_PREFIX};
use super::names::names;
use super::{NOT_READ, Table, text};
use crate::sdk_error::into_error;

/// A page of an account's requests, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The requests.
    pub requests: Vec<Request>,
    /// The last request of this page, if there are more.
    pub next: Option<RequestId>,
}

impl Table {
    /// The requests of an account that are older than `after`, or all of them; at most `limit`.
    ///
    /// # Errors
    /// If the table cannot be read, or holds something malformed.
    pub async fn history(&self, email: &Email, limit: u32, after: Option<RequestId>) -> Result<HistoryPage> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(PREFIXED)
            .set_expression_attribute_names(names(PREFIXED))
            .expression_attribute_values(":email", text(email.as_str()))
            .expression_attribute_values(":prefix", text(REQUEST_PREFIX))
            .set_exclusive_start_key(after.map(|id| Key::request(email, id).item()))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| into_error(NOT_READ, error))?;
        let more = answer.last_evaluated_key.is_some();
        let requests: Vec<Request> =
            answer.items.unwrap_or_default().into_iter().map(items::read).collect::<Result<_>>()?;
        let next = requests.last().map(|request| request.request_id).filter(|_| more);
        Ok(HistoryPage { requests, next })
    }
}

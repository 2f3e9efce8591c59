//! An account, as the table keeps it and the API shows it.

use serde::{Deserialize, Serialize};

use crate::{AccountDetails, AccountId, AccountStatus, Caller, Email, Request, RequestId, Timestamp};

/// An account that the factory manages, from the first request for it. Its item claims the e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    /// The e-mail first requested; the key.
    pub account_email: Email,
    /// What was asked for.
    #[serde(flatten)]
    pub details: AccountDetails,
    /// Its status.
    pub status: AccountStatus,
    /// Its id in AWS, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Why it failed; or, of a Provisioned account, what could not be done for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// It failed, and an account may exist all the same: nobody can request it again before an operator looked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub account_may_exist: bool,
    /// The latest request for it.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// Who made that request.
    #[serde(default)]
    pub requested_by: Caller,
    /// When that request was accepted.
    pub created_at: Timestamp,
    /// When the item was last written.
    pub updated_at: Timestamp,
    /// When its status last changed.
    pub last_update_date: Timestamp,
    /// Counts the writes of this item; every write is conditional on it.
    pub version: u64,
}

impl Account {
    /// The account of a `Create` request that is accepted now. `previous` is the version of the Failed account
    /// whose e-mail is requested again; 0 if there is none.
    pub fn requested(request: &Request, details: &AccountDetails, previous: u64) -> Self {
        Self {
            account_email: request.account_email.clone(),
            details: details.clone(),
            status: AccountStatus::Requested,
            account_id: None,
            error_message: None,
            account_may_exist: false,
            request_id: request.request_id,
            requested_by: request.requested_by.clone(),
            created_at: request.created_at,
            updated_at: request.created_at,
            last_update_date: request.created_at,
            version: previous + 1,
        }
    }

    /// Whether its e-mail can be requested again.
    pub fn can_be_requested_again(&self) -> bool {
        self.status == AccountStatus::Failed && !self.account_may_exist
    }
}

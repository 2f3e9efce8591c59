//! A request as it is kept.

use serde::{Deserialize, Serialize};

use crate::tag;
use crate::{
    AccountId, AccountName, Email, Error, Kind, ManagedOrganizationalUnit, NewAccount, Operation, Order,
    OrgUnit, PersonName, RequestId, Start, Status, Tag, Timestamp,
};

/// A request as the table keeps it and the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountRequest {
    /// The key.
    pub account_email: Email,
    /// The account's name.
    pub account_name: AccountName,
    /// Where it is to be, as the client named it.
    pub org_unit: OrgUnit,
    /// The address of the person who gets access.
    #[serde(rename = "SSOUserEmail")]
    pub sso_user_email: Email,
    /// That person's first name.
    #[serde(rename = "SSOUserFirstName")]
    pub sso_user_first_name: PersonName,
    /// That person's last name.
    #[serde(rename = "SSOUserLastName")]
    pub sso_user_last_name: PersonName,
    /// Tags for the account.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Where the request stands.
    pub status: Status,
    /// The account, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Why it failed; or, of a Provisioned one, what could not be done for the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The request's id.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// Which request for this e-mail it is, from 1.
    pub attempt: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When anything of it was last written.
    pub updated_at: Timestamp,
    /// When its status last moved.
    pub last_update_date: Timestamp,
    /// The organizational unit as `validate` found it: `Name (ou-xxxx-xxxxxxxx)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_organizational_unit: Option<String>,
    /// Which operation of the landing zone it is at, from 1; it grows when one is turned away.
    #[serde(default = "first")]
    pub operation: u32,
    /// The record of that operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// The provisioned product of that operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_product_id: Option<String>,
    /// When the landing zone began to work on it, with its first operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// When the operation that it is at was begun, or turned away; the bound counts from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_progress_since: Option<Timestamp>,
    /// When its workflow last gave a sign while it waited for its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// It failed, and an account may exist all the same: it cannot be asked for again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub account_may_exist: bool,
    /// When those who want to know were told how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<Timestamp>,
    /// The earlier requests for this e-mail, oldest first; all of them failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_failures: Vec<PastFailure>,
}

const fn first() -> u32 {
    1
}

/// An earlier request for the same e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PastFailure {
    /// Its id.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// Which request it was.
    pub attempt: u32,
    /// The account name it asked for.
    pub account_name: AccountName,
    /// Why it failed.
    pub error_message: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it failed.
    pub failed_at: Timestamp,
    /// Where its account was to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_unit: Option<OrgUnit>,
    /// The record of its operation, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// When those who want to know were told that it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<Timestamp>,
}

/// A request after a move that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The request as it is now.
    pub request: AccountRequest,
    /// Where this very call moved it; nowhere if the move had been made before.
    pub to: Option<Status>,
}

/// How many earlier failures are kept beside a request, the newest. An item of the table holds 400 KB.
const PAST_FAILURES_KEPT: usize = 100;

impl AccountRequest {
    /// A first request for an e-mail.
    pub fn new(account: NewAccount, request_id: RequestId, now: Timestamp) -> Self {
        let NewAccount {
            account_email,
            account_name,
            org_unit,
            sso_user_email,
            sso_user_first_name,
            sso_user_last_name,
            tags,
        } = account;
        Self {
            account_email,
            account_name,
            org_unit,
            sso_user_email,
            sso_user_first_name,
            sso_user_last_name,
            tags,
            status: Status::Requested,
            account_id: None,
            error_message: None,
            request_id,
            attempt: 1,
            created_at: now,
            updated_at: now,
            last_update_date: now,
            managed_organizational_unit: None,
            operation: 1,
            record_id: None,
            provisioned_product_id: None,
            begun_at: None,
            in_progress_since: None,
            seen_at: None,
            account_may_exist: false,
            notified_at: None,
            previous_failures: Vec::new(),
        }
    }

    /// Whether the same e-mail may be asked for again.
    pub fn may_be_asked_again(&self) -> bool {
        self.status == Status::Failed && !self.account_may_exist
    }

    /// This request as the next one after a failed one, which it keeps readable.
    #[must_use]
    pub fn after(mut self, failed: Self) -> Self {
        self.attempt = failed.attempt + 1;
        self.previous_failures = failed.previous_failures;
        self.previous_failures.push(PastFailure {
            request_id: failed.request_id,
            attempt: failed.attempt,
            account_name: failed.account_name,
            error_message: failed.error_message.unwrap_or_default(),
            created_at: failed.created_at,
            failed_at: failed.last_update_date,
            org_unit: Some(failed.org_unit),
            record_id: failed.record_id,
            notified_at: failed.notified_at,
        });
        let too_many = self.previous_failures.len().saturating_sub(PAST_FAILURES_KEPT);
        self.previous_failures.drain(..too_many);
        self
    }

    /// Whether its tags keep their rules; every other field does by its type.
    ///
    /// # Errors
    /// [`Kind::Invalid`] with the first rule that a tag breaks.
    pub fn check_tags(&self) -> Result<(), Error> {
        for tag in &self.tags {
            tag::check_key(&tag.key).and_then(|()| tag::check_value(&tag.value)).map_err(
                |(_, message)| Error::new(Kind::Invalid, format!("The tag {:?}: {message}", tag.key)),
            )?;
        }
        Ok(())
    }

    /// The message that names this request.
    pub fn start(&self) -> Start {
        Start { request_id: self.request_id, account_email: self.account_email.clone() }
    }

    /// What a factory needs to make the account.
    ///
    /// # Errors
    /// [`Kind::Internal`] if the organizational unit is not known yet.
    pub fn order(&self) -> Result<Order, Error> {
        let organizational_unit = self
            .managed_organizational_unit
            .as_deref()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Error::new(Kind::Internal, "The request has not been validated."))?;
        Ok(Order { request: self.clone(), organizational_unit })
    }

    /// The operation of the landing zone that works on it, if there is one.
    pub fn running_operation(&self) -> Option<Operation> {
        let record_id = self.record_id.clone()?;
        Some(Operation { record_id, provisioned_product_id: self.provisioned_product_id.clone() })
    }
}

impl std::fmt::Display for ManagedOrganizationalUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.id)
    }
}

impl std::str::FromStr for ManagedOrganizationalUnit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, id) = text.rsplit_once(" (").ok_or(())?;
        let id = id.strip_suffix(')').ok_or(())?;
        Ok(Self { id: id.to_owned(), name: name.to_owned() })
    }
}

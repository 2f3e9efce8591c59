//! A request, as the table keeps it and the API shows it.

use serde::{Deserialize, Serialize};

use crate::{
    AccountDetails, AccountId, Caller, Email, NewAccount, Pool, RequestId, RequestKind, RequestStatus, Step,
    Timestamp,
};

/// One thing that a caller asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// The key of its account.
    pub account_email: Email,
    /// Its id.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// Its kind, and what that kind asks for.
    #[serde(flatten)]
    pub content: Content,
    /// Who asked.
    #[serde(default)]
    pub requested_by: Caller,
    /// Its status.
    pub status: RequestStatus,
    /// The steps it takes.
    pub steps: Vec<Step>,
    /// The step it is at, from 1.
    pub step: u32,
    /// How often it was given a slot. The current number is the fencing token of its slot.
    pub admission: u32,
    /// The number of the execution that works on it, within the admission.
    pub execution: u32,
    /// The number of its latest operation; 0 if there is none.
    pub operation: u32,
    /// The slot it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u32>,
    /// The organizational unit that `validate` found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Why `validate` rejected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<String>,
    /// How often a fault of ours has stopped it.
    #[serde(default)]
    pub setbacks: u32,
    /// Until when it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_until: Option<Timestamp>,
    /// Why it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub park_reason: Option<String>,
    /// Before this time no new execution is started for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_at: Option<Timestamp>,
    /// Since when its operation is past its timeout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_since: Option<Timestamp>,
    /// The account, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Why it failed; or what could not be done for an account that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// It failed, and an account may exist all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub account_may_exist: bool,
    /// Since when its end waits to be published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_since: Option<Timestamp>,
    /// When its end was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<Timestamp>,
    /// When to look again for an account that an operator said does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_at: Option<Timestamp>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the item was last written.
    pub updated_at: Timestamp,
    /// When its status last changed.
    pub last_update_date: Timestamp,
    /// Counts the writes of this item; every write is conditional on it.
    pub version: u64,
}

/// What a request asks for, by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Kind")]
pub enum Content {
    /// A new account.
    Create(AccountDetails),
}

impl Content {
    /// The kind.
    pub const fn kind(&self) -> RequestKind {
        match self {
            Self::Create(_) => RequestKind::Create,
        }
    }
}

/// An organizational unit that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unit {
    /// `ou-xxxx-xxxxxxxx`.
    pub id: String,
    /// Its name, the last one of its path.
    pub name: String,
}

/// Where a request stands in the index of the queues. An open request is exactly one of the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It waits for a slot of this pool, in the order of acceptance.
    Waiting(Pool),
    /// It is out of the queue of this pool until a time.
    Parked(Pool, Timestamp),
    /// It holds this slot of this pool.
    Holding(Pool, u32),
    /// It has ended, and its end was not published.
    Unnotified(Timestamp),
    /// It has ended, and is looked at again at a time.
    Watched(Timestamp),
    /// It has ended, and nothing is left to do.
    Nowhere,
}

impl Request {
    /// A request for a new account, accepted now. Its steps are the backend's to plan.
    pub fn create(account: NewAccount, request_id: RequestId, requested_by: Caller) -> Self {
        let now = request_id.created_at();
        Self {
            account_email: account.account_email,
            request_id,
            content: Content::Create(account.details),
            requested_by,
            status: RequestStatus::Requested,
            steps: Vec::new(),
            step: 1,
            admission: 0,
            execution: 0,
            operation: 0,
            slot: None,
            unit: None,
            rejection: None,
            setbacks: 0,
            parked_until: None,
            park_reason: None,
            resume_at: None,
            overdue_since: None,
            account_id: None,
            error_message: None,
            account_may_exist: false,
            notify_since: None,
            notified_at: None,
            watch_at: None,
            created_at: now,
            updated_at: now,
            last_update_date: now,
            version: 0,
        }
    }

    /// What the account is to be.
    pub const fn details(&self) -> &AccountDetails {
        match &self.content {
            Content::Create(details) => details,
        }
    }

    /// The step it is at. None only where the stored number is out of range.
    pub fn current_step(&self) -> Option<&Step> {
        self.steps.get(usize::try_from(self.step).ok()?.checked_sub(1)?)
    }

    /// Where it stands in the index of the queues.
    pub fn placement(&self) -> Placement {
        if self.status.is_final() {
            return match (self.notify_since, self.watch_at) {
                (Some(since), _) => Placement::Unnotified(since),
                (None, Some(at)) => Placement::Watched(at),
                (None, None) => Placement::Nowhere,
            };
        }
        let Some(pool) = self.current_step().map(|step| step.pool) else {
            return Placement::Nowhere;
        };
        match (self.slot, self.parked_until) {
            (Some(slot), _) => Placement::Holding(pool, slot),
            (None, Some(until)) => Placement::Parked(pool, until),
            (None, None) => Placement::Waiting(pool),
        }
    }
}

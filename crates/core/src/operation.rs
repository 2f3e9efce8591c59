//! Operations: one unit of work in a backend, and what is known about it.
//!
//! # Theory
//!
//! A backend checks no fencing token, and answers can be lost. So the intent is written first: an operation is
//! stored as [`Beginning`](OperationState::Beginning) with its exact input before the backend is called, and each
//! call is an *attempt* that is counted and listed as unanswered until its answer was stored. Token, name and
//! input stay the same for all attempts of one operation; the backend makes at most one thing of them.
//!
//! | what is stored | what it proves |
//! | --- | --- |
//! | `Beginning`, every attempt answered | nothing was started |
//! | `Beginning`, an attempt unanswered | something may have been started |
//! | `Begun` with a handle | the backend works on it, or has ended it |
//! | `Ended` | the outcome |
//!
//! A rejection counts for the whole operation only when every other attempt was answered or can no longer arrive,
//! and a lookup after that found nothing ([`Operation::conclusion`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::{named_enum, shortened};
use crate::{AccountId, BackendName, Email, Request, RequestId, Timestamp};

/// How many attempts may be unanswered at once. It bounds the item.
pub const MAX_UNANSWERED: usize = 10;

/// How many operations one step may have. After the last one the request fails with that operation's reason.
pub const MAX_OPERATIONS: u32 = 30;

named_enum! {
    /// How far an operation is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum OperationState {
        /// The intent is stored; no attempt is known to be accepted.
        Beginning,
        /// The backend accepted it.
        Begun,
        /// Its outcome is known.
        Ended,
    }
}

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationEvent {
    /// Another attempt is made.
    Attempted,
    /// An attempt was accepted, or a lookup found the operation.
    Accepted,
    /// Its outcome became known.
    Ended,
}

impl OperationState {
    /// Whether the event may happen, and the state after it. An operation moves forward only.
    pub const fn on(self, event: OperationEvent) -> Option<Self> {
        match (self, event) {
            (Self::Beginning, OperationEvent::Attempted) => Some(Self::Beginning),
            (Self::Beginning, OperationEvent::Accepted) => Some(Self::Begun),
            (Self::Beginning | Self::Begun, OperationEvent::Ended) => Some(Self::Ended),
            (Self::Begun | Self::Ended, OperationEvent::Attempted | OperationEvent::Accepted) => None,
            (Self::Ended, OperationEvent::Ended) => None,
        }
    }
}

/// Names and values that only the backend understands: the exact input of an operation, or its handle.
pub type Fields = BTreeMap<String, String>;

/// A call of the backend that was announced, and whose answer is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it was announced.
    pub at: Timestamp,
}

/// A rejection of one attempt that would be final if no other attempt was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rejection {
    /// What the backend said.
    pub reason: String,
    /// The stored input is at fault (a retired artifact): another operation with a new input may be accepted.
    pub stale_input: bool,
}

impl Rejection {
    fn shortened(self) -> Self {
        Self { reason: shortened(&self.reason), ..self }
    }
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Result", rename_all_fields = "PascalCase")]
pub enum OperationOutcome {
    /// The account exists and can be used.
    Succeeded {
        /// The account.
        account_id: AccountId,
    },
    /// It was carried out, and failed.
    Failed {
        /// Why, for the person who asked.
        reason: String,
        /// An account may exist all the same.
        #[serde(default)]
        account_may_exist: bool,
        /// That account, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account_id: Option<AccountId>,
    },
    /// The backend rejected it; nothing was started.
    Rejected {
        /// Why, for the person who asked.
        reason: String,
    },
    /// The backend rejected the stored input; nothing was started, and a new input may be accepted.
    InputRejected {
        /// What the backend said.
        reason: String,
    },
    /// It was accepted and then given up because the backend was busy; nothing was made.
    Busy {
        /// What the backend said.
        reason: String,
    },
}

impl OperationOutcome {
    /// The same with a reason of bounded length.
    fn shortened(mut self) -> Self {
        match &mut self {
            Self::Succeeded { .. } => {}
            Self::Failed { reason, .. }
            | Self::Rejected { reason }
            | Self::InputRejected { reason }
            | Self::Busy { reason } => *reason = shortened(reason),
        }
        self
    }
}

/// An operator's statement of an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resolution {
    /// Who stated it.
    pub by: crate::Caller,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// An operation, as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Operation {
    /// The e-mail of its request.
    pub account_email: Email,
    /// Its request.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// Its number within the request, from 1.
    pub number: u32,
    /// Its step, from 1.
    pub step: u32,
    /// The backend it runs in.
    pub backend: BackendName,
    /// The admission of the request that made the last attempt.
    pub admission: u32,
    /// How far it is.
    pub state: OperationState,
    /// The token that tells the backend that two calls are the same: 1 to 128 of `[a-zA-Z0-9][a-zA-Z0-9_-]*`
    /// (Service Catalog API reference, `IdempotencyToken`).
    pub token: String,
    /// What the backend is called with, the same for every attempt.
    pub input: Fields,
    /// How many attempts were made.
    pub attempts: u32,
    /// Those whose answer is not stored, at most [`MAX_UNANSWERED`].
    #[serde(default)]
    pub unanswered: Vec<Attempt>,
    /// Since when an attempt of it is unanswered, without a break. Its timeout counts from here, so that repeated
    /// attempts do not put it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered_since: Option<Timestamp>,
    /// The rejection that ends it once no other attempt can arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// How the backend names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Fields>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OperationOutcome>,
    /// The operator who stated that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// When the intent was stored.
    pub beginning_at: Timestamp,
    /// When the last attempt was announced.
    pub last_attempt_at: Timestamp,
    /// When it was known to be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// When its outcome was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Counts the writes of this item; every write is conditional on it.
    pub version: u64,
}

impl Operation {
    /// The next operation of a request, with its first attempt announced.
    pub fn first_attempt(request: &Request, backend: BackendName, input: Fields, now: Timestamp) -> Self {
        let number = request.operation + 1;
        Self {
            account_email: request.account_email.clone(),
            request_id: request.request_id,
            number,
            step: request.step,
            backend,
            admission: request.admission,
            state: OperationState::Beginning,
            token: format!("{}-{number}", request.request_id),
            input,
            attempts: 1,
            unanswered: vec![Attempt { number: 1, at: now }],
            unanswered_since: Some(now),
            rejection: None,
            handle: None,
            outcome: None,
            resolution: None,
            beginning_at: now,
            last_attempt_at: now,
            begun_at: None,
            ended_at: None,
            version: 0,
        }
    }

    /// Whether it is at its beginning and nothing was started in the backend, for certain: every attempt was answered.
    pub fn nothing_started(&self) -> bool {
        self.state == OperationState::Beginning && self.unanswered.is_empty()
    }

    /// Whether an unanswered attempt can still arrive at the backend. An attempt can no longer arrive once the
    /// function that announced it was ended by its timeout and the signature of its request has expired: both
    /// together take `expiry_seconds`.
    pub fn attempt_can_arrive(&self, now: Timestamp, expiry_seconds: f64) -> bool {
        self.unanswered.iter().any(|attempt| now.seconds_since(attempt.at) <= expiry_seconds)
    }

    /// The operation with its next attempt announced. None while too many are unanswered, after a rejection, and
    /// past its beginning.
    pub fn next_attempt(&self, admission: u32, now: Timestamp, expiry_seconds: f64) -> Option<Self> {
        self.state.on(OperationEvent::Attempted)?;
        if self.rejection.is_some() {
            return None;
        }
        let mut next = self.clone();
        if next.unanswered.len() >= MAX_UNANSWERED {
            // The second one says all that the first one does, once neither can arrive any more.
            let second = next.unanswered.get(1)?;
            if now.seconds_since(second.at) <= expiry_seconds {
                return None;
            }
            next.unanswered.remove(0);
        }
        next.attempts += 1;
        next.admission = admission;
        next.unanswered.push(Attempt { number: next.attempts, at: now });
        next.unanswered_since = next.unanswered_since.or(Some(now));
        next.last_attempt_at = now;
        Some(next)
    }

    /// The operation once an attempt was accepted, or a lookup found it. None if that was stored before.
    pub fn accepted(&self, handle: Fields, now: Timestamp) -> Option<Self> {
        let state = self.state.on(OperationEvent::Accepted)?;
        Some(Self {
            state,
            handle: Some(handle),
            begun_at: Some(now),
            unanswered: Vec::new(),
            unanswered_since: None,
            rejection: None,
            ..self.clone()
        })
    }

    /// The operation once this attempt was answered with a rejection; a `rejection` is given where it would be
    /// final. None if the attempt's answer was stored before.
    pub fn rejected(&self, attempt: u32, rejection: Option<Rejection>) -> Option<Self> {
        let unanswered: Vec<_> =
            self.unanswered.iter().copied().filter(|other| other.number != attempt).collect();
        if self.state != OperationState::Beginning || unanswered.len() == self.unanswered.len() {
            return None;
        }
        let rejection = rejection.map(Rejection::shortened).or_else(|| self.rejection.clone());
        let unanswered_since = self.unanswered_since.filter(|_| !unanswered.is_empty());
        Some(Self { unanswered, unanswered_since, rejection, ..self.clone() })
    }

    /// The outcome of an operation at its beginning, given what a lookup found that started at `looked_at`. None while
    /// another attempt can still arrive, and where another attempt is to be made: nothing was rejected, and the lookup
    /// found no account that may be ours.
    pub fn conclusion(
        &self,
        account: Option<&AccountId>,
        looked_at: Timestamp,
        expiry_seconds: f64,
    ) -> Option<OperationOutcome> {
        if self.state != OperationState::Beginning || self.attempt_can_arrive(looked_at, expiry_seconds) {
            return None;
        }
        if let Some(id) = account
            && !self.unanswered.is_empty()
        {
            let rejected = self.rejection.as_ref().map(|it| format!("{} ", it.reason)).unwrap_or_default();
            return Some(OperationOutcome::Failed {
                reason: format!("{rejected}The account {id} has this e-mail, and may come of this request."),
                account_may_exist: true,
                account_id: Some(id.clone()),
            });
        }
        let Rejection { reason, stale_input } = self.rejection.clone()?;
        Some(if stale_input {
            OperationOutcome::InputRejected { reason }
        } else {
            OperationOutcome::Rejected { reason }
        })
    }

    /// The operation with its outcome. None if it has one.
    pub fn ended(&self, outcome: OperationOutcome, now: Timestamp) -> Option<Self> {
        let state = self.state.on(OperationEvent::Ended)?;
        Some(Self { state, outcome: Some(outcome.shortened()), ended_at: Some(now), ..self.clone() })
    }

    /// Since when its timeout counts: since it was accepted, or since an attempt of it is unanswered.
    pub fn timeout_counts_from(&self) -> Timestamp {
        self.begun_at.or(self.unanswered_since).unwrap_or(self.last_attempt_at)
    }

    /// Whether it is still what it was when `seen` was read: what was found out about that one is true of this one.
    pub fn is_same_as(&self, seen: &Self) -> bool {
        self.number == seen.number
            && self.state == seen.state
            && self.attempts == seen.attempts
            && self.handle == seen.handle
    }
}

//! The intent before the effect: operations and their attempts.

use super::{Change, Snapshot, touched};
use crate::text::shortened;
use crate::{
    AccountId, BackendName, Error, Fields, Kind, Operation, OperationOutcome, OperationState, Rejection,
    Request, RequestEvent, Resolution, Result, Timestamp,
};

impl Snapshot {
    /// Stores the next operation with its first attempt. `Valid → InProgress`.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the request has ended, was not validated, or holds no slot.
    pub fn begin(&self, backend: BackendName, input: Fields, now: Timestamp) -> Result<Change> {
        let (mut request, account) = self.after(RequestEvent::Began, now)?;
        let operation = bumped(Operation::first_attempt(&self.request, backend, input, now));
        request.operation = operation.number;
        request.overdue_since = None;
        Ok(Change {
            request: Some(request),
            account,
            operation: Some(operation),
            slot: self.slot_check()?,
            ..Change::default()
        })
    }

    /// Announces another attempt of the operation that is at its beginning. None where none may be made now.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn attempt(&self, now: Timestamp, expiry_seconds: f64) -> Result<Option<Change>> {
        let (request, account) = self.after(RequestEvent::Began, now)?;
        let next = self
            .operation
            .as_ref()
            .and_then(|operation| operation.next_attempt(self.request.admission, now, expiry_seconds));
        let Some(operation) = next else {
            return Ok(None);
        };
        Ok(Some(Change {
            request: Some(request),
            account,
            operation: Some(bumped(operation)),
            slot: self.slot_check()?,
            ..Change::default()
        }))
    }

    /// Stores a fact about the operation: an answer, or its outcome.
    pub fn operation_changed(operation: Operation) -> Change {
        Change { operation: Some(bumped(operation)), ..Change::default() }
    }

    /// Notes whether the operation is overdue, and that one that was accepted is no setback any more. None if that is
    /// what is stored.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the request holds no slot.
    pub fn followed(&self, is_overdue: bool, now: Timestamp) -> Result<Option<Change>> {
        let begun = self.operation.as_ref().is_some_and(|it| it.state == OperationState::Begun);
        let setbacks = if begun { 0 } else { self.request.setbacks };
        let overdue_since = is_overdue.then(|| self.request.overdue_since.unwrap_or(now));
        if overdue_since == self.request.overdue_since && setbacks == self.request.setbacks {
            return Ok(None);
        }
        let request = Request { overdue_since, setbacks, ..touched(&self.request, now) };
        Ok(Some(Change { request: Some(request), slot: self.slot_check()?, ..Change::default() }))
    }

    /// Stores what an operator stated about an overdue operation that was looked at as `seen`. The execution that follows
    /// the operation is superseded, so that the reconciler starts one that ends the request.
    ///
    /// An operation whose acceptance is unknown is not ended by the statement that there is no account: it is rejected.
    /// So no other attempt is made, and `check-status` ends it once none can arrive any more and a lookup found nothing.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the request is not overdue, or its operation has changed since it was looked at.
    pub fn resolve(&self, seen: &Operation, statement: &Statement, resolution: Resolution) -> Result<Change> {
        let now = resolution.at;
        let conflict = |sentence: &str| Error::new(Kind::Conflict, sentence);
        if self.request.status.is_final() || self.request.overdue_since.is_none() {
            return Err(conflict("The request has no overdue operation."));
        }
        let operation = self
            .operation
            .as_ref()
            .filter(|operation| operation.is_same_as(seen))
            .and_then(|operation| statement.applied_to(operation, now))
            .ok_or_else(|| conflict("The operation has changed meanwhile; look at it again."))?;
        let mut request = touched(&self.request, now);
        request.execution += 1;
        request.resume_at = None;
        Ok(Change {
            request: Some(request),
            operation: Some(bumped(Operation { resolution: Some(resolution), ..operation })),
            slot: self.slot_check()?,
            ..Change::default()
        })
    }
}

/// What an operator states about an overdue operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// This account came of it.
    AccountExists(AccountId),
    /// No account came of it, for this reason.
    NoAccount(String),
}

impl Statement {
    fn applied_to(&self, operation: &Operation, now: Timestamp) -> Option<Operation> {
        match self {
            Self::AccountExists(account_id) => {
                operation.ended(OperationOutcome::Succeeded { account_id: account_id.clone() }, now)
            }
            Self::NoAccount(reason) if operation.state == OperationState::Beginning => Some(Operation {
                rejection: Some(Rejection { reason: shortened(reason), stale_input: false }),
                ..operation.clone()
            }),
            Self::NoAccount(reason) => operation.ended(
                OperationOutcome::Failed {
                    reason: reason.clone(),
                    account_may_exist: false,
                    account_id: None,
                },
                now,
            ),
        }
    }
}

fn bumped(operation: Operation) -> Operation {
    Operation { version: operation.version + 1, ..operation }
}

//! The intent before the effect: operations and their attempts.

use super::{Change, Snapshot, touched};
use crate::{
    BackendName, Error, Fields, Kind, Operation, OperationOutcome, Request, RequestEvent, Resolution, Result,
    Timestamp,
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

    /// Marks the request overdue. None if it is.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the request holds no slot.
    pub fn overdue(&self, now: Timestamp) -> Result<Option<Change>> {
        if self.request.overdue_since.is_some() {
            return Ok(None);
        }
        let request = Request { overdue_since: Some(now), ..touched(&self.request, now) };
        Ok(Some(Change { request: Some(request), slot: self.slot_check()?, ..Change::default() }))
    }

    /// Stores the outcome that an operator stated for an overdue operation. The execution that follows the
    /// operation is superseded, so that the reconciler starts one that ends the request.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the request is not overdue, or its operation has ended meanwhile.
    pub fn resolve(&self, outcome: OperationOutcome, resolution: Resolution) -> Result<Change> {
        let now = resolution.at;
        let conflict = |sentence: &str| Error::new(Kind::Conflict, sentence);
        if self.request.status.is_final() || self.request.overdue_since.is_none() {
            return Err(conflict("The request has no overdue operation."));
        }
        let operation = self
            .operation
            .as_ref()
            .and_then(|operation| operation.ended(outcome, now))
            .ok_or_else(|| conflict("The operation has ended meanwhile."))?;
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

fn bumped(operation: Operation) -> Operation {
    Operation { version: operation.version + 1, ..operation }
}

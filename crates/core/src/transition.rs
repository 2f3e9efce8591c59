//! The transitions of a request: pure functions from what the table holds to what it shall hold.
//!
//! # Theory
//!
//! A transition reads the items of one request (a [`Snapshot`]), decides, and gives a [`Change`]: the items as they
//! shall be. The table writes a change in one transaction in which every item is conditional on the `Version` that
//! was read. So a decision is never written over something that it did not see; where a condition fails, the caller
//! reads again and decides again.
//!
//! | transition | who | writes |
//! | --- | --- | --- |
//! | accept | api | account, request, key, name, idempotency answer |
//! | [`admit`] | dispatcher | request, slot taken, pool checked |
//! | [`restart`], [`readmit`], [`unpark`] | reconciler | request, slot checked or taken |
//! | [`Snapshot::validated`], [`Snapshot::rejected_by_validation`] | validate | request, account, slot checked |
//! | [`Snapshot::begin`], [`Snapshot::attempt`] | provision | operation, request, account, slot checked |
//! | [`Snapshot::operation_changed`] | provision, check-status | operation |
//! | [`Snapshot::followed`] | check-status | request, slot checked |
//! | [`Snapshot::complete`] | update-status, update-failed | request, account, slot released, account id claimed |
//! | [`Snapshot::fail`] | update-failed | request, account, slot and name released, account id claimed if it is known |
//! | [`Snapshot::park`], [`Snapshot::hold`] | update-failed | request, account, slot released (or checked) |
//! | [`Snapshot::resolve`] | api | operation, request, slot checked |
//! | [`notified`] | update-status, update-failed, reconciler | request |
//! | [`watched`] | reconciler | request |

mod begin;
mod end;
mod queue;
mod setback;
mod validation;

pub use begin::Statement;
pub use end::{Disposition, Ending, WATCH_SECONDS};
pub use queue::{admit, notified, readmit, restart, unpark, watched};

use crate::{
    Account, AccountId, Error, ExecutionRef, Kind, Next, Operation, OperationOutcome, Pool, Request,
    RequestEvent, Result, Timestamp, Transition,
};

/// The items of one request, as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The account.
    pub account: Account,
    /// The request.
    pub request: Request,
    /// Its latest operation.
    pub operation: Option<Operation>,
}

/// What a transition writes, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The request as it shall be. Without it the change stores a fact about the operation, which is true whatever
    /// happened to the request meanwhile.
    pub request: Option<Request>,
    /// The account as it shall be.
    pub account: Option<Account>,
    /// The operation as it shall be.
    pub operation: Option<Operation>,
    /// What happens to the request's slot.
    pub slot: SlotChange,
    /// The reservation of the account's name ends.
    pub releases_name: bool,
    /// This account id becomes the account's.
    pub claims: Option<AccountId>,
}

/// What a transition does with a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotChange {
    /// Nothing.
    #[default]
    None,
    /// This free slot of the pool becomes the request's, if the pool is not paused.
    Take(Pool, u32),
    /// The request still holds it, for this admission.
    Check(Pool, u32),
    /// The request gives it back.
    Release(Pool, u32),
}

impl Snapshot {
    /// Whether this execution is the one that works on the request. A function of any other does nothing: it is
    /// late, and another execution goes on.
    pub fn is_current(&self, execution: &ExecutionRef) -> bool {
        self.request.slot.is_some() && self.is_latest(execution) && !self.request.status.is_final()
    }

    /// Whether this execution was the last one of the request, which may have ended since.
    pub fn is_latest(&self, execution: &ExecutionRef) -> bool {
        ExecutionRef::of(&self.request) == *execution
    }

    /// Where the workflow goes, by what is stored.
    pub fn next(&self) -> Next {
        match (self.disposition(), &self.operation) {
            (Disposition::Ended, _) => Next::End,
            (Disposition::Complete(_), _) => Next::UpdateStatus,
            (Disposition::Fail(_), _) => Next::UpdateFailed,
            (Disposition::Hold, _) => Next::Wait,
            // An operation that ended as busy in this admission is not followed by the next one at once: the request
            // gives its slot back first.
            (Disposition::Park, Some(operation))
                if operation.admission == self.request.admission
                    && matches!(operation.outcome, Some(OperationOutcome::Busy { .. })) =>
            {
                Next::UpdateFailed
            }
            (Disposition::Park, _) => Next::Provision,
        }
    }

    /// The request and account after an event; the account stays where it is not the request's.
    fn after(&self, event: RequestEvent, now: Timestamp) -> Result<(Request, Option<Account>)> {
        let mut request = touched(&self.request, now);
        match request.status.on(event, request.content.kind()) {
            Transition::To(status) => (request.status, request.last_update_date) = (status, now),
            Transition::Unchanged => {}
            Transition::Refused => {
                let sentence = format!("A request that is {} cannot be moved by {event:?}.", request.status);
                return Err(Error::new(Kind::Conflict, sentence));
            }
        }
        if self.account.request_id != request.request_id {
            return Ok((request, None));
        }
        let mut account = self.account.clone();
        match account.status.on(event) {
            Transition::To(status) => (account.status, account.last_update_date) = (status, now),
            Transition::Unchanged | Transition::Refused => {}
        }
        account.updated_at = now;
        account.version += 1;
        Ok((request, Some(account)))
    }

    /// The check that the request holds its slot.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if it holds none.
    fn slot_check(&self) -> Result<SlotChange> {
        let (pool, slot) = self.held()?;
        Ok(SlotChange::Check(pool, slot))
    }

    fn held(&self) -> Result<(Pool, u32)> {
        let pool = self.request.current_step().map(|step| step.pool);
        pool.zip(self.request.slot).ok_or_else(|| Error::new(Kind::Conflict, "The request holds no slot."))
    }
}

/// The request with its next version.
fn touched(request: &Request, now: Timestamp) -> Request {
    Request { updated_at: now, version: request.version + 1, ..request.clone() }
}

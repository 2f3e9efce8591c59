//! Admission to a slot, the next execution, and what the index of the queues leads the reconciler to.

use super::{Change, SlotChange, touched};
use crate::{Placement, Pool, Request, Timestamp};

/// Gives a free slot to a waiting request. None if it does not wait.
pub fn admit(request: &Request, slot: u32, now: Timestamp) -> Option<Change> {
    let Placement::Waiting(pool) = request.placement() else {
        return None;
    };
    Some(given_slot(request, pool, slot, now))
}

/// Gives a free slot to a request that holds one by its own record, while the slot itself is free or somebody else's: only
/// a restored backup leaves that. None if it holds none.
pub fn readmit(request: &Request, slot: u32, now: Timestamp) -> Option<Change> {
    let Placement::Holding(pool, _) = request.placement() else {
        return None;
    };
    Some(given_slot(request, pool, slot, now))
}

/// The next admission of a request, with its first execution.
fn given_slot(request: &Request, pool: Pool, slot: u32, now: Timestamp) -> Change {
    let mut admitted = touched(request, now);
    admitted.admission += 1;
    admitted.execution = 1;
    admitted.slot = Some(slot);
    admitted.resume_at = None;
    Change { request: Some(admitted), slot: SlotChange::Take(pool, slot), ..Change::default() }
}

/// Counts the execution of a slot holder up, so that the next one can be started. None if the request holds no
/// slot, or is not due.
pub fn restart(request: &Request, now: Timestamp) -> Option<Change> {
    let Placement::Holding(pool, slot) = request.placement() else {
        return None;
    };
    if request.resume_at.is_some_and(|at| at > now) {
        return None;
    }
    let mut restarted = touched(request, now);
    restarted.execution += 1;
    restarted.resume_at = None;
    Some(Change { request: Some(restarted), slot: SlotChange::Check(pool, slot), ..Change::default() })
}

/// Puts a parked request that is due back into its queue, at its original age. None if it is not.
pub fn unpark(request: &Request, now: Timestamp) -> Option<Change> {
    let Placement::Parked(_, until) = request.placement() else {
        return None;
    };
    if until > now {
        return None;
    }
    let unparked = Request { parked_until: None, park_reason: None, ..touched(request, now) };
    Some(Change { request: Some(unparked), ..Change::default() })
}

/// Notes that the end of a request was published. None if that was noted before.
pub fn notified(request: &Request, now: Timestamp) -> Option<Change> {
    request.notify_since?;
    let noted = Request { notify_since: None, notified_at: Some(now), ..touched(request, now) };
    Some(Change { request: Some(noted), ..Change::default() })
}

/// Sets when a resolved request is looked at again; never again where there is no time. None if it is not watched.
pub fn watched(request: &Request, again: Option<Timestamp>, now: Timestamp) -> Option<Change> {
    request.watch_at?;
    let watched = Request { watch_at: again, ..touched(request, now) };
    Some(Change { request: Some(watched), ..Change::default() })
}

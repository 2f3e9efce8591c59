//! A fault of ours: the request waits and comes again, and never fails by it.

use super::{Change, SlotChange, Snapshot, touched};
use crate::text::shortened;
use crate::{RequestEvent, Result, Timestamp, backoff};

impl Snapshot {
    /// Nothing was started: the request gives its slot back, is `Requested` again, and is parked until a time that
    /// grows with each setback, or until `not_before` where that is later (a paused pool).
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if it has ended or holds no slot.
    pub fn park(
        &self,
        reason: &str,
        backoff_seconds: f64,
        not_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Change> {
        let (pool, slot) = self.held()?;
        let (mut request, account) = self.after(RequestEvent::Parked, now)?;
        let until = now.plus_seconds(backoff::of_request(backoff_seconds, request.setbacks));
        request.parked_until = Some(not_before.map_or(until, |other| until.max(other)));
        request.park_reason = Some(shortened(reason));
        request.setbacks = request.setbacks.saturating_add(1);
        request.slot = None;
        request.resume_at = None;
        request.overdue_since = None;
        let slot = SlotChange::Release(pool, slot);
        Ok(Change { request: Some(request), account, slot, ..Change::default() })
    }

    /// Something may be running: the request keeps its slot, and the reconciler starts its next execution after a
    /// time that grows with each setback.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if it holds no slot.
    pub fn hold(&self, backoff_seconds: f64, now: Timestamp) -> Result<Change> {
        let mut request = touched(&self.request, now);
        let wait = backoff::of_execution(backoff_seconds, request.setbacks);
        request.resume_at = Some(now.plus_seconds(wait));
        request.setbacks = request.setbacks.saturating_add(1);
        Ok(Change { request: Some(request), slot: self.slot_check()?, ..Change::default() })
    }
}

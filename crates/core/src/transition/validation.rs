//! What `validate` stores.

use super::{Change, Snapshot, touched};
use crate::text::shortened;
use crate::{Request, RequestEvent, Result, Timestamp, Unit};

impl Snapshot {
    /// `Requested → Valid`, with the unit that was found; without one where an operation exists already, whose
    /// request is not looked at again.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if the request has ended or holds no slot.
    pub fn validated(&self, unit: Option<Unit>, now: Timestamp) -> Result<Change> {
        let (mut request, account) = self.after(RequestEvent::Validated, now)?;
        request.unit = unit.or(request.unit);
        Ok(Change { request: Some(request), account, slot: self.slot_check()?, ..Change::default() })
    }

    /// Keeps why the request cannot be carried out. `update-failed` ends it.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if the request holds no slot.
    pub fn rejected_by_validation(&self, reason: String, now: Timestamp) -> Result<Change> {
        let request = Request { rejection: Some(shortened(&reason)), ..touched(&self.request, now) };
        Ok(Change { request: Some(request), slot: self.slot_check()?, ..Change::default() })
    }
}

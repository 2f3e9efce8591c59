//! The table: items with versions, fenced slots, and an index that is late. Conditions as the real table writes them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use accounts_aws::{Candidate, Commit};
use accounts_core::{Change, Placement, Request, RequestId, SlotChange, Snapshot};

/// What a write leads to outside the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The stream has a record of a released slot.
    SlotReleased(u32),
    /// A slot was taken.
    SlotTaken(u32),
    /// The index shows this request later, or no longer.
    Indexed { candidate: Candidate, waits: bool },
}

/// The items.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) open: HashMap<RequestId, Snapshot>,
    pub(crate) slots: BTreeMap<u32, (RequestId, u32)>,
    /// Who waits, in truth.
    pub(crate) waiting: BTreeSet<RequestId>,
    pub(crate) parked: BTreeSet<RequestId>,
    /// Who waits, as the index shows it.
    pub(crate) index: BTreeSet<Candidate>,
}

impl Table {
    /// Stores a request that is accepted.
    pub(crate) fn accept(&mut self, snapshot: Snapshot) -> Effect {
        let candidate = candidate(&snapshot.request);
        self.waiting.insert(candidate.request_id);
        self.open.insert(candidate.request_id, snapshot);
        Effect::Indexed { candidate, waits: true }
    }

    pub(crate) fn request(&self, id: RequestId) -> Option<&Request> {
        self.open.get(&id).map(|snapshot| &snapshot.request)
    }

    /// The first entries of the index after this one.
    pub(crate) fn page(&self, after: Option<&Candidate>, limit: usize) -> Vec<Candidate> {
        let entries = self.index.iter();
        match after {
            None => entries.take(limit).cloned().collect(),
            Some(after) => {
                let after = (std::ops::Bound::Excluded(after.clone()), std::ops::Bound::Unbounded);
                self.index.range(after).take(limit).cloned().collect()
            }
        }
    }

    /// Writes a change, all of it or nothing.
    pub(crate) fn commit(&mut self, id: RequestId, change: Change, effects: &mut Vec<Effect>) -> Commit {
        let before = self.open.get(&id).expect("an open request");
        if change.request.as_ref().is_some_and(|request| before.request.version + 1 != request.version)
            || change.account.as_ref().is_some_and(|account| before.account.version + 1 != account.version)
            || change.operation.as_ref().is_some_and(|operation| {
                let stored = before.operation.as_ref().filter(|stored| stored.number == operation.number);
                stored.map_or(0, |stored| stored.version) + 1 != operation.version
            })
        {
            return Commit::Stale;
        }
        let admission = change.request.as_ref().map_or(0, |request| request.admission);
        let holder = |slot| self.slots.get(&slot).copied();
        match change.slot {
            SlotChange::None => {}
            SlotChange::Take(_, slot) if holder(slot).is_some() => return Commit::SlotTaken,
            SlotChange::Take(_, slot) => {
                self.slots.insert(slot, (id, admission));
                effects.push(Effect::SlotTaken(slot));
            }
            SlotChange::Check(_, slot) | SlotChange::Release(_, slot)
                if holder(slot) != Some((id, admission)) =>
            {
                return Commit::Stale;
            }
            SlotChange::Check(..) => {}
            SlotChange::Release(_, slot) => {
                self.slots.remove(&slot);
                effects.push(Effect::SlotReleased(slot));
            }
        }
        let snapshot = self.open.get_mut(&id).expect("an open request");
        let waited = is_waiting(&snapshot.request);
        snapshot.request = change.request.unwrap_or_else(|| snapshot.request.clone());
        snapshot.account = change.account.unwrap_or_else(|| snapshot.account.clone());
        snapshot.operation = change.operation.or_else(|| snapshot.operation.take());
        let request = &snapshot.request;
        let waits = is_waiting(request);
        if waits != waited {
            effects.push(Effect::Indexed { candidate: candidate(request), waits });
            if waits {
                self.waiting.insert(id)
            } else {
                self.waiting.remove(&id)
            };
        }
        match request.placement() {
            Placement::Parked(..) => self.parked.insert(id),
            _ => self.parked.remove(&id),
        };
        if request.status.is_final() {
            self.open.remove(&id);
        }
        Commit::Written
    }
}

pub(crate) fn is_waiting(request: &Request) -> bool {
    matches!(request.placement(), Placement::Waiting(_))
}

fn candidate(request: &Request) -> Candidate {
    Candidate { request_id: request.request_id, account_email: request.account_email.as_str().to_owned() }
}

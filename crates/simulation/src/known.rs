//! What is known of a run so far.

use std::collections::{BTreeMap, BTreeSet};

use accounts_core::RequestId;

use crate::invocation::Counter;

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) violations: Vec<String>,
    invocations: Counter,
    pub(crate) most_slots: u32,
    /// Requests of which a client was told 201.
    pub(crate) accepted: BTreeMap<String, String>,
    /// Requests that hold a slot by their own record.
    pub(crate) holding: BTreeSet<RequestId>,
    pub(crate) waiting_since: BTreeMap<RequestId, f64>,
    /// When a pause of the pool was last ended by an operation.
    pub(crate) pause_ended_at: Option<f64>,
    pub(crate) slot_free_since: BTreeMap<String, f64>,
    pub(crate) tokens: BTreeSet<String>,
    /// Records of operations that the landing zone has forgotten.
    pub(crate) forgotten: BTreeSet<String>,
    /// Whether searches found no products for a while: an account is then found, and nobody can say whose it is.
    pub(crate) products_hidden: bool,
    /// How many requests were stored.
    pub(crate) requests: usize,
}

impl Known {
    pub(crate) fn next_invocation(&self) -> u64 {
        self.invocations.next()
    }

    pub(crate) fn deployed(&mut self, slots: u32) {
        self.most_slots = self.most_slots.max(slots);
    }
}

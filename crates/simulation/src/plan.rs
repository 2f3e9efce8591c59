//! What a run is made of: everything follows from its seed.

use std::collections::BTreeSet;

use crate::{Fault, Protection};

/// A run to make. Two equal plans have equal histories.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The seed of all chance.
    pub seed: u64,
    /// How many clients ask for an account.
    pub clients: u32,
    /// How long the faults last, in seconds.
    pub faults_seconds: f64,
    /// The probability of a fault of a call, for each kind that is enabled.
    pub rate: f64,
    /// The kinds of faults that happen.
    pub enabled: BTreeSet<Fault>,
    /// Faults that do not happen after all, by their position among those of the run: what the shrinker removes.
    pub suppressed: BTreeSet<u64>,
    /// A protection of the product that is removed.
    pub removed: Option<Protection>,
    /// Whether the trace is kept.
    pub traced: bool,
}

impl Plan {
    /// The plan of a seed: it draws which faults happen and how often, so that some runs meet few kinds many times and
    /// others all of them rarely.
    pub fn of_seed(seed: u64) -> Self {
        let mut draw = fastrand::Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15);
        let share = [0.15, 0.4, 1.0][draw.usize(0..3)];
        let enabled = Fault::ALL.into_iter().filter(|_| draw.f64() < share).collect();
        let rate = [0.001, 0.004, 0.012][draw.usize(0..3)] / share;
        Self {
            seed,
            clients: draw.u32(4..=150),
            faults_seconds: draw.f64() * 5.0 * 3600.0 + 900.0,
            rate,
            enabled,
            suppressed: BTreeSet::new(),
            removed: None,
            traced: false,
        }
    }

    /// The same with so many clients: few make a history short.
    #[must_use]
    pub fn with_clients(self, clients: u32) -> Self {
        Self { clients, ..self }
    }

    /// The same without a protection.
    #[must_use]
    pub fn without(self, removed: Protection) -> Self {
        Self { removed: Some(removed), ..self }
    }
}

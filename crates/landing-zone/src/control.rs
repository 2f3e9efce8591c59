//! What a test or a simulation changes about a landing zone while it runs. It is kept in memory: a landing zone
//! that is opened again starts without any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::catalogue::{self, Artifact};
use crate::ids::random_id;

/// The conditions of one landing zone, and how often its actions were called.
pub(crate) struct Control {
    conditions: Mutex<Conditions>,
    calls: Mutex<BTreeMap<String, u64>>,
}

/// Conditions under which calls are answered.
pub(crate) struct Conditions {
    /// Actions that the caller may not perform.
    pub(crate) denied_actions: BTreeSet<String>,
    /// All artifacts of the product, retired ones included.
    pub(crate) artifacts: Vec<Artifact>,
    /// Whether the caller has no access to the product.
    pub(crate) product_missing: bool,
    /// How many operations of others are running.
    pub(crate) other_operations: usize,
    /// Records that DescribeRecord no longer finds.
    pub(crate) forgotten_records: BTreeSet<String>,
    /// Whether SearchProvisionedProducts finds nothing.
    pub(crate) products_hidden: bool,
}

impl Control {
    /// Everything as it usually is.
    pub(crate) fn new() -> Self {
        let conditions = Conditions {
            denied_actions: BTreeSet::new(),
            artifacts: catalogue::artifacts(),
            product_missing: false,
            other_operations: 0,
            forgotten_records: BTreeSet::new(),
            products_hidden: false,
        };
        Self { conditions: Mutex::new(conditions), calls: Mutex::default() }
    }

    pub(crate) fn conditions(&self) -> MutexGuard<'_, Conditions> {
        self.conditions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count_call(&self, action: &str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(action.to_owned()).or_default() += 1;
    }

    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Conditions {
    /// The artifact that a launch should take: active and DEFAULT.
    pub(crate) fn default_artifact(&self) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.active && artifact.guidance == catalogue::DEFAULT)
    }

    /// Retires an artifact. If none is left to launch, a new one is added, as an update of the landing zone
    /// does; it is not the last of the list.
    pub(crate) fn retire_artifact(&mut self, id: &str, now_ms: i64) {
        self.artifacts.iter_mut().filter(|artifact| artifact.id == id).for_each(|retired| {
            retired.active = false;
        });
        if self.default_artifact().is_none() {
            let version = self.artifacts.len() + 1;
            let artifact = Artifact {
                id: format!("pa-{}", random_id(13)),
                name: format!("{}, version {version}", catalogue::PRODUCT_NAME),
                created_seconds: now_ms / 1000,
                active: true,
                guidance: catalogue::DEFAULT,
            };
            self.artifacts.insert(self.artifacts.len().saturating_sub(1), artifact);
        }
    }
}

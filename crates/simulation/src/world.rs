//! Everything of one run.

use std::sync::{Arc, Mutex};

use accounts_landing_zone::{LandingZone, Settings as ZoneSettings};
use accounts_state_machine::Definition;

use crate::adversary::Adversary;
use crate::clock::VirtualClock;
use crate::executions::Executions;
use crate::fleet::Fleet;
use crate::known::Known;
use crate::locks::lock;
use crate::records::Records;
use crate::services::dynamodb::Table;
use crate::services::sns::Topic;
use crate::trace::Trace;
use crate::{Plan, Protection, RunError};

/// How long an account takes, in seconds. Shorter than in AWS, so that more lives fit into a run.
pub(crate) const PROVISION_SECONDS: f64 = 300.0;

/// The parts of a run. Everything runs on one thread; no lock is held over an await.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) clock: VirtualClock,
    pub(crate) definition: Definition,
    pub(crate) zone: LandingZone,
    pub(crate) adversary: Mutex<Adversary>,
    pub(crate) trace: Mutex<Trace>,
    pub(crate) table: Mutex<Table>,
    pub(crate) topic: Mutex<Topic>,
    pub(crate) executions: Mutex<Executions>,
    pub(crate) records: Mutex<Records>,
    pub(crate) known: Mutex<Known>,
    pub(crate) fleet: Mutex<Option<Arc<Fleet>>>,
    /// Calls that were not answered and have still to arrive.
    pub(crate) on_their_way: Mutex<usize>,
}

impl World {
    /// A world without functions; [`crate::lambda::deploy`] brings them.
    pub(crate) fn new(plan: &Plan) -> Result<Arc<Self>, RunError> {
        let clock = VirtualClock::start();
        let settings = ZoneSettings { provision_seconds: PROVISION_SECONDS, ..ZoneSettings::default() };
        Ok(Arc::new(Self {
            plan: plan.clone(),
            clock,
            definition: Protection::definition_without(plan.removed.as_ref())?,
            zone: LandingZone::in_memory(settings, Arc::new(clock))?,
            adversary: Mutex::new(Adversary::new(plan)),
            trace: Mutex::new(Trace::new(plan.traced)),
            table: Mutex::new(Table::new()?),
            topic: Mutex::default(),
            executions: Mutex::default(),
            records: Mutex::new(Records::new()?),
            known: Mutex::default(),
            fleet: Mutex::default(),
            on_their_way: Mutex::default(),
        }))
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.clock.seconds()
    }

    pub(crate) fn say(&self, who: &str, what: &str) {
        lock(&self.trace).add(self.seconds(), who, what);
    }

    pub(crate) fn is_calm(&self) -> bool {
        lock(&self.adversary).is_calm(self.seconds())
    }

    /// Says what must never have happened.
    pub(crate) fn violated(&self, what: String) {
        self.say("VIOLATION", &what);
        lock(&self.known).violations.push(what);
    }

    pub(crate) fn is_violated(&self) -> bool {
        !lock(&self.known).violations.is_empty()
    }
}

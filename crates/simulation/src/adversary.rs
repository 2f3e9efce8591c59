//! Decides what fails, and when. All of its chance comes from the seed.

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::action::Action;
use crate::services::index::OLDEST_INDEX_SECONDS;
use crate::{Fault, Plan};

/// How long an action stays denied, an outage lasts, and so on: up to this, in seconds.
const LONGEST_WINDOW_SECONDS: f64 = 4.0 * 3600.0;

/// How long a call that was not answered may take to arrive, in seconds: the validity of a signed request
/// (`ATTEMPT_EXPIRY_SECONDS` is this and the function's timeout).
const LATEST_ARRIVAL_SECONDS: f64 = 890.0;

/// The adversary of one run.
#[derive(Debug)]
pub(crate) struct Adversary {
    draw: Rng,
    plan: Plan,
    faults_of_calls: Vec<Fault>,
    ordinal: u64,
    struck: BTreeMap<Fault, u64>,
    denied: BTreeMap<String, f64>,
    outage_until: f64,
}

impl Adversary {
    pub(crate) fn new(plan: &Plan) -> Self {
        let enabled = |fault: &Fault| plan.enabled.contains(fault);
        Self {
            draw: Rng::with_seed(plan.seed),
            plan: plan.clone(),
            faults_of_calls: Fault::OF_CALLS.into_iter().filter(enabled).collect(),
            ordinal: 0,
            struck: BTreeMap::new(),
            denied: BTreeMap::new(),
            outage_until: 0.0,
        }
    }

    /// Chance for what is no fault.
    pub(crate) const fn draw(&mut self) -> &mut Rng {
        &mut self.draw
    }

    /// How many faults struck, by kind.
    pub(crate) const fn struck(&self) -> &BTreeMap<Fault, u64> {
        &self.struck
    }

    /// How many faults could have struck, suppressed ones included.
    pub(crate) const fn ordinals(&self) -> u64 {
        self.ordinal
    }

    /// Whether the faults are over.
    pub(crate) fn is_calm(&self, seconds: f64) -> bool {
        seconds >= self.plan.faults_seconds
    }

    /// Whether a fault of this kind strikes now, with this probability.
    pub(crate) fn strikes(&mut self, seconds: f64, fault: Fault, probability: f64) -> bool {
        !self.is_calm(seconds)
            && self.plan.enabled.contains(&fault)
            && self.draw.f64() < probability
            && self.happens(fault)
    }

    /// The fault of one try of one call, if it has one.
    pub(crate) fn of_call(&mut self, seconds: f64, action: &Action, in_function: bool) -> Option<Fault> {
        if seconds < self.outage_until {
            return Some(if self.draw.bool() { Fault::ServerErrorBefore } else { Fault::NoAnswerBefore });
        }
        if self.denied.get(&action.name).is_some_and(|until| seconds < *until) {
            return Some(Fault::Denied);
        }
        if self.is_calm(seconds) {
            return None;
        }
        #[allow(clippy::cast_precision_loss)]
        let probability = self.plan.rate * self.faults_of_calls.len() as f64;
        if self.draw.f64() >= probability {
            return None;
        }
        let fault = self.faults_of_calls[self.draw.usize(..self.faults_of_calls.len())];
        let applies = match fault {
            Fault::Conflict => action.name == "TransactWriteItems",
            Fault::ArrivesLate => action.writes(),
            Fault::CrashBefore | Fault::CrashAfter => in_function,
            _ => true,
        };
        (applies && self.happens(fault)).then_some(fault)
    }

    fn happens(&mut self, fault: Fault) -> bool {
        let at = self.ordinal;
        self.ordinal += 1;
        if self.plan.suppressed.contains(&at) {
            return false;
        }
        *self.struck.entry(fault).or_default() += 1;
        true
    }

    /// Denies an action for a while, which ends with the faults.
    pub(crate) fn deny(&mut self, seconds: f64, action: &str) {
        let until = self.until(seconds);
        self.denied.insert(action.to_owned(), until);
    }

    /// Nothing works for a while, which ends with the faults.
    pub(crate) fn begin_outage(&mut self, seconds: f64) -> f64 {
        self.outage_until = self.until(seconds);
        self.outage_until
    }

    /// The end of something that begins now: short more often than long, and not after the faults.
    pub(crate) fn until(&mut self, seconds: f64) -> f64 {
        let lasts = self.up_to(LONGEST_WINDOW_SECONDS);
        (seconds + lasts).min(self.plan.faults_seconds)
    }

    /// When a call that was not answered arrives, in seconds from now.
    pub(crate) fn arrival_seconds(&mut self) -> f64 {
        self.up_to(LATEST_ARRIVAL_SECONDS)
    }

    /// A time up to this, in seconds; each order of magnitude is as likely as the others.
    pub(crate) fn up_to(&mut self, longest_seconds: f64) -> f64 {
        longest_seconds * 10f64.powf(-4.0 * self.draw.f64())
    }

    /// How old the index is that is read now, in seconds.
    pub(crate) fn index_age_seconds(&mut self, seconds: f64) -> f64 {
        if self.strikes(seconds, Fault::StaleIndex, 0.2) { self.up_to(OLDEST_INDEX_SECONDS) } else { 0.0 }
    }
}

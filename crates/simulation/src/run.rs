//! One run of one plan.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::locks::lock;
use crate::world::World;
use crate::{Fault, Plan, RunError, clients, deployment, ends, operators};

/// How long after the faults everything has to have ended, in seconds: operators wait for hours, and backoffs are up to
/// half a day.
const CALM_SECONDS: f64 = 14.0 * 24.0 * 3600.0;

/// How often the end of a run is looked for, in seconds.
const LOOK_SECONDS: u64 = 900;

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What must never happen, and did; empty where all is well.
    pub violations: Vec<String>,
    /// How many requests were accepted.
    pub requests: usize,
    /// How long it was, in seconds of its own time.
    pub seconds: f64,
    /// How many faults struck, by kind.
    pub faults: BTreeMap<Fault, u64>,
    /// How many faults could have struck: what the shrinker chooses from.
    pub ordinals: u64,
    /// Equal for equal histories.
    pub trace_hash: u64,
    /// The history, where the plan keeps it.
    pub trace: Vec<String>,
}

/// Makes a run.
///
/// # Errors
/// If it cannot begin. What the product does wrong is in the report.
pub fn run(plan: &Plan) -> Result<Report, RunError> {
    // What the SDK and the functions draw: jitter, tokens, ids.
    fastrand::seed(plan.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(history(plan))
}

async fn history(plan: &Plan) -> Result<Report, RunError> {
    let world = World::new(plan)?;
    deployment::deploy(&world).await?;
    let mut people = JoinSet::new();
    for number in 0..plan.clients {
        people.spawn(clients::client(world.clone(), number));
    }
    let mut around = JoinSet::new();
    around.spawn(operators::reconcile(world.clone()));
    around.spawn(operators::operators(world.clone()));
    around.spawn(operators::conditions(world.clone()));
    let latest = plan.faults_seconds + CALM_SECONDS;
    while world.seconds() < latest && !world.is_violated() {
        tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)).await;
        while people.try_join_next().is_some() {}
        if world.is_calm() && people.is_empty() && ends::is_quiet(&world) {
            break;
        }
    }
    if !world.is_violated() {
        ends::check_end(&world);
    }
    around.abort_all();
    let (violations, requests) = {
        let known = lock(&world.known);
        (known.violations.clone(), known.requests)
    };
    let adversary = lock(&world.adversary);
    let mut trace = lock(&world.trace);
    Ok(Report {
        violations,
        requests,
        seconds: world.seconds(),
        faults: adversary.struck().clone(),
        ordinals: adversary.ordinals(),
        trace_hash: trace.hash(),
        trace: trace.take_lines(),
    })
}

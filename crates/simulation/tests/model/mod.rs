//! The table code against a model, under random interleavings.
//!
//! # Theory
//!
//! Several tasks ask the table at once, through the real table code, the real SDK and the embedded DynamoDB. Each of their
//! calls is parked; a drawn schedule says which of the parked calls goes on, and what becomes of it. DynamoDB carries out one
//! call at a time, so each task has one instant at which it takes effect: that of its transaction.
//!
//! | checked | against |
//! | --- | --- |
//! | the whole table after each write | the model after it did the task at that instant, all of it at once |
//! | the result of a task that wrote | what the model said at that instant |
//! | the result of a task that wrote nothing | what the model would have said, and written nothing, at some instant between its begin and its end |
//! | each write | [`invariants`], which know no model |
//!
//! So a decision that was made on something that had changed by the time of the write shows as another table than the
//! model's. Only a snapshot is compared item by item: it is read by several calls, and its items may be of several instants.

mod case;
mod database;
mod invariants;
mod network;
mod state;
mod task;
mod world;

use proptest::prelude::*;

use case::{Case, case};
use world::World;

/// How many cases are played, unless `PROPTEST_CASES` says so.
const CASES: u32 = 400;

fn played(case: &Case) -> Result<(), String> {
    // What the SDK and the table code draw: jitter and tokens.
    fastrand::seed(0);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut world = World::new();
        world.begin_at(&case.stages);
        if let Some(restored) = case.restored {
            world.restore(restored);
        }
        let mut schedule = case.schedule.iter().copied();
        for round in &case.rounds {
            world.round(round, &mut schedule).await?;
        }
        Ok(())
    })
}

fn cases() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        ProptestConfig { cases: CASES, ..config }
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn tasks_at_once_leave_the_table_and_hear_what_they_would_one_after_the_other(case in case()) {
        if let Err(fault) = played(&case) {
            prop_assert!(false, "{}", fault);
        }
    }
}

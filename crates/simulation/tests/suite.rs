//! The quick form of the simulation. The long form: `cargo run --profile bench -p accounts-simulation -- search`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod model;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use accounts_simulation::{Fault, Plan, Protection, run};

/// How many runs the quick form makes, unoptimised.
const RUNS: u64 = 12;

/// How many clients each of them has.
const CLIENTS: u32 = 8;

fn small(seed: u64) -> Plan {
    Plan::of_seed(seed).with_clients(CLIENTS)
}

#[test]
fn no_run_violates_an_invariant() {
    let requests: usize = (0..RUNS)
        .map(|seed| {
            let report = run(&small(seed)).unwrap();
            assert_eq!(report.violations, Vec::<String>::new(), "seed {seed}");
            report.requests
        })
        .sum();
    assert!(requests > 50, "{requests} requests");
}

#[test]
fn one_seed_is_one_history_whatever_runs_beside_it() {
    for seed in [3, 7] {
        let plan = Plan { traced: true, ..small(seed) };
        let alone = run(&plan).unwrap();
        let (beside, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        let again = std::thread::scope(|scope| {
            let storms = scope.spawn(|| {
                // So many errors use up what the SDK has for retries.
                let enabled = BTreeSet::from([Fault::ServerErrorBefore]);
                let storm = Plan { rate: 0.5, enabled, faults_seconds: 300.0, ..small(seed) };
                while !ended.load(Ordering::Relaxed) {
                    run(&storm).unwrap();
                    beside.store(true, Ordering::Relaxed);
                }
            });
            while !beside.load(Ordering::Relaxed) && !storms.is_finished() {
                std::thread::yield_now();
            }
            let again = run(&plan);
            ended.store(true, Ordering::Relaxed);
            again.unwrap()
        });
        let differ = alone.trace.iter().zip(&again.trace).find(|(one, other)| one != other);
        assert_eq!(differ, None, "seed {seed}");
        assert_eq!(alone, again, "seed {seed}");
    }
}

#[test]
fn a_removed_protection_is_noticed() {
    let noticed = |line: &str| {
        let removed = Protection::parse(line).unwrap();
        (0..20).any(|seed| !run(&small(seed).without(removed.clone())).unwrap().violations.is_empty())
    };
    for line in [
        "token",
        "beginning",
        "reconciler",
        "clause | ACCOUNT | Put | attribute_not_exists(#AccountEmail) | attribute_not_exists(#AccountEmail)",
        "clause | ID | Put | attribute_not_exists(#AccountEmail) OR #Owner = :owner | attribute_not_exists(#AccountEmail)",
    ] {
        assert!(noticed(line), "{line}");
    }
}

#[test]
fn the_list_of_protections_is_what_the_runs_meet() {
    let listed = Protection::listed().unwrap();
    let lines: BTreeSet<_> = listed.iter().map(|listed| listed.protection.clone()).collect();
    assert_eq!(lines.len(), listed.len(), "one of them is in the list twice");
    let met = || Protection::enumerate().iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    for seed in 0..RUNS {
        run(&small(seed)).unwrap();
        if met().len() >= lines.len() {
            break;
        }
    }
    assert_eq!(met(), lines);
    for listed in listed {
        assert_eq!(listed.redundant.is_some(), listed.test.is_some(), "{}", listed.protection);
    }
}

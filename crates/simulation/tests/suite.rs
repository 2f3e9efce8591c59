//! The quick form of the simulation. The long form: `cargo run --profile bench -p accounts-simulation -- search`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod model;

use accounts_simulation::{Plan, Protection, run};

/// How many runs the quick form makes, unoptimised.
const RUNS: u64 = 12;

/// How many clients each of them has.
const CLIENTS: u32 = 8;

fn small(seed: u64) -> Plan {
    Plan { clients: CLIENTS, ..Plan::of_seed(seed) }
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
fn one_seed_is_one_history() {
    for seed in [3, 7] {
        let plan = Plan { traced: true, ..small(seed) };
        let (first, second) = (run(&plan).unwrap(), run(&plan).unwrap());
        let differ = first.trace.iter().zip(&second.trace).find(|(one, other)| one != other);
        assert_eq!(differ, None, "seed {seed}");
        assert_eq!(first, second, "seed {seed}");
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
fn each_protection_is_in_the_list() {
    for seed in 0..4 {
        run(&small(seed)).unwrap();
    }
    let listed = Protection::listed().unwrap();
    for protection in Protection::enumerate() {
        let line = protection.to_string();
        assert_eq!(listed.iter().filter(|listed| listed.protection == line).count(), 1, "{line}");
    }
    for listed in listed {
        assert_eq!(Protection::parse(&listed.protection).unwrap().to_string(), listed.protection);
        assert_eq!(listed.redundant.is_some(), listed.test.is_some(), "{}", listed.protection);
    }
}

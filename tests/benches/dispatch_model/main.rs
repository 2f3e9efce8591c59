//! A model of the dispatcher over virtual time: how well it uses five slots while 1,000 to 100,000 requests wait.
//! Figures, and the bounds that they have to keep: `cargo bench -p accounts-tests --bench dispatch_model`.
//!
//! # Theory
//!
//! Every decision is the product's own: which request comes next ([`stream_trigger::Candidates`]), and each transition
//! from acceptance to the end ([`accounts_core::transition`]). What is modelled is what surrounds them: a table whose
//! transactions check versions and slots ([`table`]), an index that shows a write up to two seconds late, a stream of
//! four shards whose records arrive up to a second late or never, one invocation a shard at a time, and a reconciler
//! every five minutes beside them ([`world`]). Each call of the table takes a while, so dispatchers meet.
//! An operation takes 25 minutes, and is polled as it is deployed.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod dispatch;
mod table;
mod world;

use std::time::Instant;

use world::{Report, Scenario, World};

/// How long a slot may be free at most while a request waits, in seconds: a record that is a second late, behind an
/// invocation that runs.
const DISPATCH_LATENCY: f64 = 3.0;

/// The time between two runs of the reconciler, as it is deployed, in seconds.
const RECONCILE_EVERY: f64 = 300.0;

/// How much the whole may take beyond the ideal where nothing is lost: validation, calls and the last poll.
const OVERHEAD: f64 = 1.01;

const NOTHING_LOST: Scenario = Scenario {
    name: "nothing lost",
    every_ms: 1,
    lost_records: 0.0,
    deaths: 0.0,
    parked: 0.0,
    longest_free: DISPATCH_LATENCY,
};

const SCENARIOS: [Scenario; 6] = [
    NOTHING_LOST,
    Scenario { name: "2 % are parked once", parked: 0.02, ..NOTHING_LOST },
    Scenario { name: "1 % of the dispatchers die", deaths: 0.01, ..NOTHING_LOST },
    Scenario {
        name: "10 % of the records lost",
        lost_records: 0.1,
        longest_free: RECONCILE_EVERY + DISPATCH_LATENCY,
        ..NOTHING_LOST
    },
    Scenario {
        name: "every record lost",
        lost_records: 1.0,
        longest_free: RECONCILE_EVERY + DISPATCH_LATENCY,
        ..NOTHING_LOST
    },
    // A wake-up can come before the index shows the request that waits; the reconciler is the next one.
    Scenario {
        name: "one each 316 s (95 % load)",
        every_ms: 316_000,
        longest_free: RECONCILE_EVERY + DISPATCH_LATENCY,
        ..NOTHING_LOST
    },
];

fn main() {
    println!(
        "five slots, operations of 25 minutes; ideal: requests x 25 minutes / 5, or the last arrival's end"
    );
    println!(
        "{:<28} {:>8}  {:>9} {:>7} {:>7}   {:>9} {:>9}   {:>9} {:>9}   {:>6}",
        "", "requests", "days", "ideal", "/ideal", "free s", "mean", "stands s", "overtook", "took s"
    );
    for requests in [1_000, 10_000, 100_000] {
        for scenario in &SCENARIOS {
            let began = Instant::now();
            let report = World::new(scenario, requests, 7).run();
            print(scenario, requests, &report, began.elapsed().as_secs_f64());
            check(scenario, requests, &report);
        }
    }
}

fn print(scenario: &Scenario, requests: usize, report: &Report, took: f64) {
    const DAY: f64 = 86_400.0;
    println!(
        "{:<28} {requests:>8}  {:>9.2} {:>7.2} {:>7.4}   {:>9.2} {:>9.2}   {:>9.1} {:>9}   {took:>6.1}",
        scenario.name,
        report.seconds / DAY,
        report.ideal_seconds / DAY,
        report.seconds / report.ideal_seconds,
        report.longest_free,
        report.mean_free,
        report.longest_stand,
        report.overtakings,
    );
}

fn check(scenario: &Scenario, requests: usize, report: &Report) {
    let name = scenario.name;
    assert_eq!(report.provisioned, requests, "{name}: each request has ended, with one operation each");
    assert_eq!(report.operations, requests, "{name}: no operation was started twice");
    assert!(report.peak_running <= world::SLOTS as usize, "{name}: never more at once than there are slots");
    assert_eq!(report.leaked_slots, 0, "{name}: no slot is left");
    assert!(
        report.longest_free <= scenario.longest_free,
        "{name}: a slot was free for {} s while a request waited",
        report.longest_free
    );
    assert!(
        report.longest_stand <= RECONCILE_EVERY + DISPATCH_LATENCY,
        "{name}: a slot was held for {} s before its execution started",
        report.longest_stand
    );
    assert_eq!(
        report.overtakings, 0,
        "{name}: a request was admitted before an older one that could be seen"
    );
    if scenario.longest_free <= DISPATCH_LATENCY && scenario.deaths == 0.0 {
        let ratio = report.seconds / report.ideal_seconds;
        // At the end of the queue slots are free because nobody waits; that weighs in the smallest run alone.
        let tail = 1.0 + 5.0 / report.rounds;
        assert!(ratio <= OVERHEAD * tail, "{name}: {ratio} of the ideal time");
    }
}

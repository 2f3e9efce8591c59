//! How well a fleet uses its slots: 300 requests, five slots, two seconds an account, a poll each second. Figures, and
//! the bound that they have to keep: `cargo bench -p accounts-tests --bench slot_utilisation`.
#![allow(clippy::cast_precision_loss, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use accounts_core::Timestamp;
use accounts_tests::{LocalFleet, Pace, body};
use serde_json::Value;
use tokio::task::JoinSet;

const REQUESTS: usize = 300;
const SLOTS: usize = 5;
const CLIENTS: usize = 8;
const PACE: Pace = Pace { provision_seconds: 2.0, poll_seconds: 1.0 };

/// How much the whole may take beyond what the polls of the running operations cost.
const OVERHEAD: f64 = 1.05;

#[tokio::main]
async fn main() {
    let fleet = LocalFleet::start(PACE).await;
    let mut posts = JoinSet::new();
    for client in 0..CLIENTS {
        let fleet = (*fleet).clone();
        posts.spawn(async move {
            for number in (client..REQUESTS).step_by(CLIENTS) {
                let answer = fleet.create(&body(&email(number), &format!("account {number}"))).await;
                assert_eq!(answer.status, 201, "{}", answer.body);
            }
        });
    }
    posts.join_all().await;
    let mut requests = Vec::new();
    for number in 0..REQUESTS {
        let account = fleet.ended(&email(number)).await;
        assert_eq!(account["Status"], "Provisioned", "{account}");
        requests.push(fleet.show(account["RequestID"].as_str().expect("an id")).await.body);
    }

    let first = requests.iter().map(|request| time(&request["CreatedAt"])).min().expect("requests");
    let last = requests.iter().map(|request| time(&request["LastUpdateDate"])).max().expect("requests");
    let ideal = REQUESTS as f64 * PACE.provision_seconds / SLOTS as f64;
    let ratio = last.seconds_since(first) / ideal;
    let polls = with_polls() / PACE.provision_seconds;
    println!("{REQUESTS} requests, {SLOTS} slots, {} s an account, a poll each {} s", 2, 1);
    println!(
        "total time / ideal                   {:.1} s / {ideal:.1} s = {ratio:.3}",
        last.seconds_since(first)
    );
    println!(
        "what the polls alone cost            {:.1} s / {:.1} s = {polls:.3}",
        with_polls(),
        PACE.provision_seconds
    );
    println!("both                                 {:.3}, at most {OVERHEAD}", ratio / polls);
    where_a_slots_time_goes(&requests);
    assert!(ratio / polls <= OVERHEAD, "the slots are idle");
}

/// The time for an account rounded up to polls: the first one comes after a fifth of it, and at least one poll.
fn with_polls() -> f64 {
    let first = (PACE.provision_seconds / 5.0).max(PACE.poll_seconds);
    let more = ((PACE.provision_seconds - first).max(0.0) / PACE.poll_seconds).ceil();
    PACE.poll_seconds.mul_add(more, first)
}

/// The mean of each part of a slot's time. Which slot a request had is not kept: the n-th to begin follows the n-th
/// to end, five later.
fn where_a_slots_time_goes(requests: &[Value]) {
    let operation = |request: &Value, name: &str| time(&request["Operations"][0][name]);
    let sorted = |mut times: Vec<Timestamp>| {
        times.sort();
        times
    };
    let began = sorted(requests.iter().map(|request| operation(request, "BeginningAt")).collect());
    let ended = sorted(requests.iter().map(|request| time(&request["LastUpdateDate"])).collect());
    let idle = began.iter().skip(SLOTS).zip(&ended).map(|(began, ended)| began.seconds_since(*ended));
    print("released -> next operation announced", idle);
    let parts = [
        ("announced -> accepted (provision)", "BeginningAt", "BegunAt"),
        ("accepted -> seen to have ended (polls)", "BegunAt", "EndedAt"),
    ];
    for (what, from, to) in parts {
        print(what, requests.iter().map(|it| operation(it, to).seconds_since(operation(it, from))));
    }
    print(
        "seen -> released (update-status)",
        requests.iter().map(|it| time(&it["LastUpdateDate"]).seconds_since(operation(it, "EndedAt"))),
    );
}

fn print(what: &str, seconds: impl Iterator<Item = f64>) {
    let mut seconds: Vec<_> = seconds.collect();
    seconds.sort_by(f64::total_cmp);
    let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
    let at = |share: usize| seconds.get((seconds.len() - 1) * share / 100).copied().unwrap_or_default();
    println!(
        "  {what:<38} mean {:>6.0} ms  p50 {:>6.0}  p95 {:>6.0}",
        mean * 1e3,
        at(50) * 1e3,
        at(95) * 1e3
    );
}

fn email(number: usize) -> String {
    format!("user{number}@example.com")
}

fn time(value: &Value) -> Timestamp {
    Timestamp::try_from(value.as_str().unwrap_or_default().to_owned()).expect("a time")
}

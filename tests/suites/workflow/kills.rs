//! A fleet that is killed again and again while it works.

mod clients;
mod process;
mod rounds;

use std::time::{Duration, Instant};

use process::Process;
use rounds::{KILLS, Rounds, nothing_is_leaked};

/// How many kills the long form makes, unless the variable `ACCOUNTS_KILLS` says so.
const MANY_KILLS: usize = 1_000;

/// How long the long form may take.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_no_accepted_request_and_make_no_account_twice() {
    let mut rounds = Rounds::begin().await;
    rounds.round().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a thousand kills take most of an hour; docs/reliability.md has the command"]
async fn a_thousand_kills_lose_no_accepted_request_and_make_no_account_twice() {
    let kills = std::env::var("ACCOUNTS_KILLS");
    let kills = kills.map_or(MANY_KILLS, |kills| kills.parse().expect("ACCOUNTS_KILLS is a number"));
    let started = Instant::now();
    let mut rounds = Rounds::begin().await;
    while rounds.kills() < kills {
        assert!(started.elapsed() < LONGEST, "{} kills took {:?}", rounds.kills(), started.elapsed());
        rounds.round().await;
    }
    println!("{} kills in {} rounds took {:?}", rounds.kills(), kills.div_ceil(KILLS), started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_is_told_to_stop_stops_at_once_and_goes_on_when_it_starts_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path()).await;
    let client = process.client().await;
    let emails: Vec<_> = (0..10).map(|number| format!("user{number}@example.com")).collect();
    let mut requests = Vec::new();
    for email in &emails {
        let answer = client.create(&accounts_tests::body(email, email)).await;
        assert_eq!(answer.status, 201);
        requests.push(answer.text("RequestID").to_owned());
    }
    process.stop().await;

    let process = Process::start(folder.path()).await;
    let client = process.client().await;
    for email in &emails {
        assert_eq!(client.ended(email).await["Status"], "Provisioned");
    }
    assert_eq!(client.landing_zone().await["operations"], emails.len());
    process.stop().await;
    nothing_is_leaked(folder.path(), &requests).await;
}

//! A fleet that is killed again and again while it works.

mod clients;
mod process;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use accounts_lambda::now;
use accounts_local::Fleet;
use accounts_tests::{Pace, Table, settings};
use fastrand::Rng;
use serde_json::Value;
use tokio::sync::watch;

use crate::integrity;
use clients::{Crowd, Expected};
use process::Process;

const KILLS: usize = 20;

/// How many requests are accepted at least.
const REQUESTS: usize = 2 * KILLS;

/// How long a process lives at most before it is killed; its start is part of it. Where starts take long, three
/// of them.
const LONGEST_LIFE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_no_accepted_request_and_make_no_account_twice() {
    let seed = fastrand::u64(..);
    println!("seed: {seed}");
    let mut random = Rng::with_seed(seed);
    let folder = tempfile::tempdir().expect("a folder");
    // The first start makes the key that every token is signed with; the second shows how long one takes.
    Process::start(folder.path()).await.kill().await;
    let starting = Instant::now();
    let first = Process::start(folder.path()).await;
    let longest_life = LONGEST_LIFE.max(3 * starting.elapsed());
    let (address, watched) = watch::channel(first.address().to_owned());
    let crowd = Crowd::start(&watched, first.token().await).await;

    let mut process = Some(first);
    let mut kills = Vec::new();
    // On a busy machine the crowd needs more of them to do as much.
    while kills.len() < KILLS || crowd.accepted() < REQUESTS {
        assert!(kills.len() < 10 * KILLS, "the crowd did next to nothing");
        let life = longest_life.mul_f64(random.f64());
        let victim = match process.take() {
            Some(running) => {
                tokio::time::sleep(life).await;
                running
            }
            None => Process::start_for(folder.path(), life, &address).await,
        };
        victim.kill().await;
        kills.push(now().to_string());
    }

    let process = Process::start(folder.path()).await;
    address.send_replace(process.address().to_owned());
    let accepted = crowd.finish().await;

    let client = process.client().await;
    let mut ended = HashMap::new();
    for email in accepted.keys() {
        ended.insert(email.clone(), client.ended(email).await);
    }
    let report = client.landing_zone().await;
    process.stop().await;

    let mut at_work = 0;
    for (email, (request_id, expected)) in &accepted {
        let account = &ended[email];
        assert_eq!(account["RequestID"], request_id.as_str(), "the answer was for this very request");
        let time = |name: &str| account[name].as_str().unwrap_or_default().to_owned();
        let (accepted, ended_at) = (time("CreatedAt"), time("LastUpdateDate"));
        at_work += usize::from(kills.iter().any(|kill| accepted < *kill && *kill < ended_at));
        ended_as_expected(account, *expected, &report);
    }
    println!(
        "{} kills; {} requests were accepted; {at_work} of them were at work when the fleet was killed",
        kills.len(),
        accepted.len()
    );
    assert!(at_work > 0, "no kill met any work");
    let made: Vec<_> = emails(&report).collect();
    assert!(
        made.iter().all(|email| accepted.contains_key(*email)),
        "an account that nobody asked for: {report}"
    );
    assert_eq!(made.iter().collect::<HashSet<_>>().len(), made.len(), "an e-mail has two accounts: {report}");
    assert!(
        report["peak_concurrent_operations"].as_u64() <= Some(5),
        "{}",
        report["peak_concurrent_operations"]
    );
    nothing_is_leaked(folder.path()).await;
}

/// Exactly one account, or one failure that is kept.
fn ended_as_expected(account: &Value, expected: Expected, report: &Value) {
    let email = account["AccountEmail"].as_str().expect("an e-mail");
    let made = emails(report).filter(|made| *made == email).count();
    match expected {
        Expected::Account => {
            assert_eq!((account["Status"].as_str(), made), (Some("Provisioned"), 1), "{account}");
            let accounts = report["accounts"].as_array().into_iter().flatten();
            let ids: Vec<_> =
                accounts.filter(|made| made["Email"] == email).map(|made| &made["Id"]).collect();
            assert_eq!(ids, [&account["AccountId"]], "{account}");
        }
        Expected::Failure => {
            assert_eq!((account["Status"].as_str(), made), (Some("Failed"), 0), "{account}");
            assert!(account["ErrorMessage"].is_string(), "{account}");
        }
        Expected::Unclear => {
            assert_eq!((account["Status"].as_str(), made), (Some("Failed"), 1), "{account}");
            assert_eq!(account["AccountMayExist"], true, "{account}");
        }
    }
}

fn emails(report: &Value) -> impl Iterator<Item = &str> {
    report["accounts"].as_array().into_iter().flatten().filter_map(|account| account["Email"].as_str())
}

/// No slot, claim or key, in the folder of a fleet that has stopped.
async fn nothing_is_leaked(folder: &Path) {
    let fleet = Fleet::start(settings(folder, Pace::FAST)).await.expect("the same fleet");
    let table = Table::at(&fleet.endpoints().dynamodb);
    assert_eq!(table.slots().await.len(), 0, "every request has ended");
    assert_eq!(integrity::faults(&table).await, [""; 0]);
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_is_told_to_stop_stops_at_once_and_goes_on_when_it_starts_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(folder.path()).await;
    let client = process.client().await;
    let emails: Vec<_> = (0..10).map(|number| format!("user{number}@example.com")).collect();
    for email in &emails {
        assert_eq!(client.create(&accounts_tests::body(email, email)).await.status, 201);
    }
    process.stop().await;

    let process = Process::start(folder.path()).await;
    let client = process.client().await;
    for email in &emails {
        assert_eq!(client.ended(email).await["Status"], "Provisioned");
    }
    assert_eq!(client.landing_zone().await["operations"], emails.len());
    process.stop().await;
    nothing_is_leaked(folder.path()).await;
}

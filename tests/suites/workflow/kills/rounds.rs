//! Rounds of kills in one folder. After each round all that was accepted in it is looked at.
#![allow(clippy::print_stdout)] // The figures of the long form.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

use accounts_aws::{ExecutionState, Executions, Sdk};
use accounts_core::RequestId;
use accounts_lambda::now;
use accounts_local::Fleet;
use accounts_tests::{Pace, Table, settings};
use fastrand::Rng;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

use super::clients::{Accepted, Crowd, Expected};
use super::process::Process;
use crate::integrity;

/// How many kills a round has at least.
pub(super) const KILLS: usize = 20;

/// How many requests are accepted in a round at least.
const REQUESTS: usize = 2 * KILLS;

/// How long a process lives at most before it is killed; its start is part of it. Where starts take long, three
/// of them.
const LONGEST_LIFE: Duration = Duration::from_secs(2);

/// How long the executions of requests that have ended may still run.
const PATIENCE: Duration = Duration::from_secs(60);

/// The rounds of one test.
pub(super) struct Rounds {
    folder: TempDir,
    random: Rng,
    rounds: usize,
    kills: usize,
    /// Of all rounds.
    accepted: Accepted,
}

impl Rounds {
    /// An empty folder.
    pub(super) async fn begin() -> Self {
        let seed = fastrand::u64(..);
        println!("seed: {seed}");
        let folder = tempfile::tempdir().expect("a folder");
        // The first start makes the key that every token is signed with.
        Process::start(folder.path()).await.kill().await;
        let random = Rng::with_seed(seed);
        Self { folder, random, rounds: 0, kills: 0, accepted: Accepted::new() }
    }

    /// How many kills there were.
    pub(super) const fn kills(&self) -> usize {
        self.kills
    }

    /// Kills the fleet again and again, lets it work to the end, and looks at all that it did.
    pub(super) async fn round(&mut self) {
        let starting = Instant::now();
        let first = Process::start(self.folder.path()).await;
        let start = starting.elapsed();
        let mut longest_life = LONGEST_LIFE.max(3 * start);
        let (address, watched) = watch::channel(first.address().to_owned());
        let crowd = Crowd::start(self.rounds, &watched, first.token().await).await;

        let mut process = Some(first);
        let mut kills = Vec::new();
        let mut before_ready = 0;
        // On a busy machine the crowd needs more of them to do as much.
        while kills.len() < KILLS || crowd.accepted() < REQUESTS {
            assert!(kills.len() < 10 * KILLS, "the crowd did next to nothing");
            let life = longest_life.mul_f64(self.random.f64());
            let victim = match process.take() {
                Some(running) => {
                    tokio::time::sleep(life).await;
                    running
                }
                None => Process::start_for(self.folder.path(), life, &address).await,
            };
            before_ready += usize::from(!victim.is_ready());
            victim.kill().await;
            kills.push(now().to_string());
            if 3 * before_ready > 2 * kills.len() {
                // Starts take longer by now.
                longest_life = longest_life.mul_f64(1.25);
            }
        }

        let process = Process::start(self.folder.path()).await;
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
            "{} kills, {before_ready} of them before the fleet was ready, which took {start:?}; {} requests were \
             accepted; {at_work} of them were at work when the fleet was killed",
            kills.len(),
            accepted.len()
        );
        assert!(at_work > 0, "no kill met any work");
        let requests: Vec<_> = accepted.values().map(|(request_id, _)| request_id.clone()).collect();
        self.rounds += 1;
        self.kills += kills.len();
        self.accepted.extend(accepted);
        self.nothing_is_doubled(&report);
        nothing_is_leaked(self.folder.path(), &requests).await;
    }

    /// Each account is one that was asked for, and has its e-mail alone.
    fn nothing_is_doubled(&self, report: &Value) {
        let made: Vec<_> = emails(report).collect();
        assert!(
            made.iter().all(|email| self.accepted.contains_key(*email)),
            "an account that nobody asked for: {report}"
        );
        assert_eq!(
            made.iter().collect::<HashSet<_>>().len(),
            made.len(),
            "an e-mail has two accounts: {report}"
        );
        assert!(
            report["peak_concurrent_operations"].as_u64() <= Some(5),
            "{}",
            report["peak_concurrent_operations"]
        );
    }
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

/// No slot, claim, key or execution, in the folder of a fleet that has stopped and whose requests have ended.
pub(super) async fn nothing_is_leaked(folder: &Path, requests: &[String]) {
    let fleet = Fleet::start(settings(folder, Pace::FAST)).await.expect("the same fleet");
    let table = Table::at(&fleet.endpoints().dynamodb);
    assert_eq!(table.slots().await.len(), 0, "every request has ended");
    assert_eq!(integrity::faults(&table).await, [""; 0]);
    every_execution_ends(&fleet, requests).await;
    fleet.stop().await;
}

/// The last execution of each request was started, and ends.
async fn every_execution_ends(fleet: &Fleet, requests: &[String]) {
    let sdk = Sdk::at(fleet.endpoints().clone()).await;
    let table = accounts_aws::Table::new(&sdk, "AccountsTable".to_owned());
    let executions = Executions::new(&sdk, fleet.state_machine_arn());
    let deadline = Instant::now() + PATIENCE;
    for id in requests {
        let id = RequestId::parse(id).expect("an id");
        let request = table.request(id).await.expect("a read").expect("a request");
        loop {
            match executions.state(&request).await.expect("a state") {
                ExecutionState::Closed => break,
                ExecutionState::Missing => panic!("an execution was lost: {request:?}"),
                ExecutionState::Running => {
                    assert!(Instant::now() < deadline, "an execution does not end: {request:?}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }
}

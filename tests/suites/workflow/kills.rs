//! A fleet that is killed again and again while it works.

mod clients;
mod process;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use accounts_lambda::now;
use fastrand::Rng;
use tokio::sync::watch;

use clients::Crowd;
use process::Process;

const KILLS: usize = 20;

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
    while kills.len() < KILLS || crowd.accepted() < KILLS {
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
    let mut accounts = HashSet::new();
    let mut at_work = 0;
    for (email, request_id) in &accepted {
        let ended = client.ended(email).await;
        assert_eq!(ended["Status"], "Provisioned", "{ended}");
        assert_eq!(ended["RequestID"], request_id.as_str(), "the answer was for this very request");
        let time = |name: &str| ended[name].as_str().unwrap_or_default().to_owned();
        let (accepted, ended_at) = (time("CreatedAt"), time("LastUpdateDate"));
        at_work += usize::from(kills.iter().any(|kill| accepted < *kill && *kill < ended_at));
        let account = ended["AccountId"].as_str().expect("an account").to_owned();
        assert!(accounts.insert(account), "an account of two requests: {ended}");
    }
    println!(
        "{} requests were accepted; {at_work} of them were at work when the fleet was killed",
        accepted.len()
    );
    assert!(at_work > 0, "no kill met any work");

    let report = client.landing_zone().await;
    let made = report["accounts"].as_array().expect("accounts");
    assert_eq!(made.len(), accepted.len(), "as many accounts as requests");
    assert!(made.iter().all(|account| accounts.contains(account["Id"].as_str().unwrap_or_default())));
    assert!(
        report["peak_concurrent_operations"].as_u64() <= Some(5),
        "{}",
        report["peak_concurrent_operations"]
    );
    process.stop().await;
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
}

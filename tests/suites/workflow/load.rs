//! Many requests at once.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use accounts_lambda::now;
use accounts_tests::{Client, LocalFleet, Pace, body};
use reqwest::Method;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::integrity;

const REQUESTS: usize = 200;

/// By how many later requests one may be overtaken: those that hold a slot while it is accepted, those that were admitted
/// by an index that did not show it yet, and those that are admitted just after it and whose functions are faster.
const MOST_OVERTAKING: usize = 15;

/// How long a client tries to have its request accepted.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long it rests before it tries again.
const REST: Duration = Duration::from_secs(1);

/// A request that was accepted.
struct Accepted {
    id: String,
    email: String,
    /// When its client heard of it.
    answered_at: String,
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_requests_at_once_become_two_hundred_accounts_five_at_a_time() {
    let fleet = LocalFleet::start(Pace { provision_seconds: 0.05, poll_seconds: 0.25 }).await;
    let mut posts = JoinSet::new();
    for number in 0..REQUESTS {
        let client = (*fleet).clone();
        posts.spawn(async move {
            let email = format!("user{number}@example.com");
            let id = accepted(&client, &email, &body(&email, &format!("account {number}"))).await;
            Accepted { id, email, answered_at: now().to_string() }
        });
    }
    let mut accepted = posts.join_all().await;
    // In the order in which they are served: each is waited for as long as one request may take, and not as long as all
    // those before it take on a busy machine.
    accepted.sort_by(|one, other| one.id.cmp(&other.id));
    let mut ended = Vec::new();
    for Accepted { email, .. } in &accepted {
        ended.push(fleet.ended(email).await);
    }

    assert!(ended.iter().all(|item| text(item, "Status") == "Provisioned"), "{ended:?}");
    let ids: HashSet<_> = ended.iter().map(|item| text(item, "AccountId")).collect();
    assert_eq!(ids.len(), REQUESTS);
    let report = fleet.landing_zone().await;
    assert_eq!(report["accounts"].as_array().map(Vec::len), Some(REQUESTS));
    assert_eq!(report["operations"], REQUESTS);
    assert!(
        report["peak_concurrent_operations"].as_u64() <= Some(5),
        "{}",
        report["peak_concurrent_operations"]
    );
    assert_eq!(fleet.table().slots().await.len(), 0, "every slot is free");
    assert_eq!(integrity::faults(&fleet.table()).await, [""; 0]);

    let mut began = Vec::new();
    for Accepted { id, .. } in &accepted {
        let request = fleet.show(id).await.body;
        let at = text(&request["Operations"][0], "BeginningAt").to_owned();
        assert!(!at.is_empty(), "{request}");
        began.push(at);
    }
    let overtaking = most_overtaking(&accepted, &began);
    println!(
        "refused_operations: {}; a request was overtaken by at most {overtaking} later ones",
        report["refused_operations"]
    );
    assert!(overtaking <= MOST_OVERTAKING, "a request was overtaken by {overtaking} later ones");
}

/// Posts until the request is accepted, as clients do: where the machine is so busy that the table does not answer in time,
/// the API answers 503 or too late, and whether the request was stored is unknown. The key makes it one request all the same.
async fn accepted(client: &Client, email: &str, body: &Value) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let request = client.request(Method::POST, "/createAccount").header("Idempotency-Key", email);
        match Client::try_send(request.json(body)).await {
            Ok(answer) if answer.status == 201 => return answer.text("RequestID").to_owned(),
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.body),
            Err(error) => assert!(error.is_timeout(), "{error}"),
        }
        assert!(Instant::now() < deadline, "{email} is still not accepted");
        tokio::time::sleep(REST).await;
    }
}

/// The most later requests that one request saw begun before itself, although it was accepted already when they began.
fn most_overtaking(accepted: &[Accepted], began: &[String]) -> usize {
    let all = || accepted.iter().zip(began);
    let overtaking = |(one, one_began): (&Accepted, &String)| {
        let overtakes = |(other, other_began): &(&Accepted, &String)| {
            other.id > one.id && *other_began < one_began && one.answered_at < **other_began
        };
        all().filter(overtakes).count()
    };
    all().map(overtaking).max().unwrap_or_default()
}

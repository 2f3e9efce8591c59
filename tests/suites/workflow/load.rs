//! Many requests at once.

use std::collections::HashSet;

use accounts_tests::{LocalFleet, Pace, body};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::integrity;

const REQUESTS: usize = 200;

/// By how many later requests one may be overtaken: those that are stored a moment before it although they came a
/// moment after it, and those that are admitted just after it and whose functions are faster.
const MOST_OVERTAKING: usize = 15;

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
            let answer = client.create(&body(&email, &format!("account {number}"))).await;
            assert_eq!(answer.status, 201, "{}", answer.body);
            (answer.text("RequestID").to_owned(), email)
        });
    }
    let mut accepted = posts.join_all().await;
    // In the order in which they are served: each is waited for as long as one request may take, and not as long as all
    // those before it take on a busy machine.
    accepted.sort();
    let mut ended = Vec::new();
    for (_, email) in accepted {
        ended.push(fleet.ended(&email).await);
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

    let mut requests = Vec::new();
    for item in &ended {
        requests.push(fleet.show(text(item, "RequestID")).await.body);
    }
    let overtaking = most_overtaking(&requests);
    println!(
        "refused_operations: {}; a request was overtaken by at most {overtaking} later ones",
        report["refused_operations"]
    );
    assert!(overtaking <= MOST_OVERTAKING, "a request was overtaken by {overtaking} later ones");
}

/// The most later requests that one request saw begun before itself.
fn most_overtaking(requests: &[Value]) -> usize {
    let began = |request: &Value| text(&request["Operations"][0], "BeginningAt").to_owned();
    assert!(requests.iter().all(|request| !began(request).is_empty()), "{requests:?}");
    let overtaking = |one: &Value| {
        let overtakes =
            |other: &&Value| text(other, "RequestID") > text(one, "RequestID") && began(other) < began(one);
        requests.iter().filter(overtakes).count()
    };
    requests.iter().map(overtaking).max().unwrap_or_default()
}

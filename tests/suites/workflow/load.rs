//! Many requests at once.

use std::collections::HashSet;

use accounts_tests::{LocalFleet, Pace, Table, body};
use serde_json::Value;
use tokio::task::JoinSet;

const REQUESTS: usize = 200;

/// By how many later requests one may be overtaken. A request looks at the queue only so often, so those just
/// behind it may look first; they are few, however many wait.
const MOST_OVERTAKING: usize = 25;

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
            let answer = client
                .create(&body(&format!("user{number}@example.com"), &format!("account {number}")))
                .await;
            assert_eq!(answer.status, 201, "{}", answer.body);
        });
    }
    posts.join_all().await;
    let mut ended = Vec::new();
    for number in 0..REQUESTS {
        ended.push(fleet.ended(&format!("user{number}@example.com")).await);
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
    let table = Table::at(&fleet.fleet().endpoints().dynamodb);
    assert_eq!(table.holders().await, [""; 0], "a slot was leaked");

    let overtaking = most_overtaking(&ended);
    println!(
        "refused_operations: {}; a request was overtaken by at most {overtaking} later ones",
        report["refused_operations"]
    );
    assert!(overtaking <= MOST_OVERTAKING, "a request was overtaken by {overtaking} later ones");
}

/// The most later requests that one request saw begun before itself.
fn most_overtaking(requests: &[Value]) -> usize {
    let overtaking = |one: &Value| {
        let overtakes = |other: &&Value| {
            text(other, "CreatedAt") > text(one, "CreatedAt")
                && text(other, "InProgressSince") < text(one, "InProgressSince")
        };
        requests.iter().filter(overtakes).count()
    };
    requests.iter().map(overtaking).max().unwrap_or_default()
}

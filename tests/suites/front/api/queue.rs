//! What an open request waits for is shown: its place in the queue, or until when it is parked.

use accounts_tests::{LocalFleet, Pace, body};
use serde_json::{Value, json};

use super::fleet;

/// Requests a number of accounts and gives the ids of the requests.
async fn request(fleet: &LocalFleet, names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    let mut requests = Vec::new();
    for name in names {
        let email = format!("{}@example.com", name.replace(' ', "."));
        let created = fleet.create(&body(&email, &name)).await;
        assert_eq!((created.status, created.body.get("QueuePosition")), (201, None), "{}", created.body);
        requests.push((email, created.text("RequestID").to_owned()));
    }
    requests
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_request_shows_its_position_counted_to_a_hundred() {
    let fleet = LocalFleet::start_with(Pace::FAST, |serve| serve.slots = 1).await;
    let holder = request(&fleet, ["sim-never holder".to_owned()]).await.remove(0);
    fleet.once(&holder.0, |account| account["Status"] == "InProgress").await;
    let waiting = request(&fleet, (1..=102).map(|n| format!("waits {n}"))).await;

    for (place, expected) in [
        (1, json!("1")),
        (2, json!("2")),
        (99, json!("99")),
        (100, json!("100")),
        (101, json!("100+")),
        (102, json!("100+")),
    ] {
        let (email, id) = &waiting[place - 1];
        let (account, request) = (fleet.get(email).await.body, fleet.show(id).await.body);
        assert_eq!(
            (&account["QueuePosition"], &request["QueuePosition"]),
            (&expected, &expected),
            "at {place}"
        );
        assert_eq!(
            (&account["Status"], &request["Admission"]),
            (&json!("Requested"), &json!(0)),
            "{request}"
        );
    }
    let account = fleet.get(&holder.0).await.body;
    assert_eq!(account.get("QueuePosition"), None, "a slot holder does not wait: {account}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_request_shows_until_when_and_goes_on_by_itself_once_the_cause_is_gone() {
    let fleet = fleet().await;
    // First nobody has looked the product up before it is missing, then it is known, and the launch is rejected.
    for name in ["unknown product", "known product"] {
        fleet.fleet().landing_zone().set_product_missing(true);
        let (email, id) = request(&fleet, [name.to_owned()]).await.remove(0);
        let account = fleet.once(&email, |account| account.get("ParkedUntil").is_some()).await;
        assert_eq!(
            (&account["Status"], account.get("QueuePosition")),
            (&json!("Requested"), None),
            "{account}"
        );
        let parked = fleet.show(&id).await.body;
        assert!(parked["Setbacks"].as_u64().is_some_and(|setbacks| setbacks >= 1), "{parked}");

        fleet.fleet().landing_zone().set_product_missing(false);
        let ended = fleet.ended(&email).await;
        assert_eq!(ended["Status"], "Provisioned", "a fault of ours failed the request: {ended}");
        for gone in ["ParkedUntil", "ParkReason"] {
            let shown: [Value; 2] = [ended.clone(), fleet.show(&id).await.body];
            assert!(shown.iter().all(|shown| shown.get(gone).is_none()), "{gone}: {shown:?}");
        }
    }
}

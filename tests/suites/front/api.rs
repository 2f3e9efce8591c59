//! The HTTP contract, through the front door.

use accounts_tests::{LocalFleet, Pace, body};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_becomes_an_account() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let created = fleet.create(&body("user@example.com", "my-new-account")).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let ended = fleet.ended("user@example.com").await;
    assert_eq!(ended["Status"], "Provisioned", "{ended}");
}

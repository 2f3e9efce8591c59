//! What becomes of requests.

use std::sync::Arc;

use accounts_tests::body;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::world::World;

/// How many account operations run at once, by the quota of Control Tower and the default of `max_operations`.
const AT_ONCE: u64 = 5;

pub(crate) async fn a_create_by_an_administrator_ends_provisioned_with_the_tags_on_the_account(
    world: Arc<World>,
) {
    let email = "first@example.com";
    let accepted = world.administrator.create(&body(email, "the-first")).await;
    assert_eq!((accepted.status, accepted.text("Status")), (201, "Requested"), "{}", accepted.body);

    let ended = world.ended(email).await;
    assert_eq!(ended["Status"], "Provisioned", "{ended}");
    let report = world.cloud.simulator().report().unwrap();
    let account = report.accounts.iter().find(|account| account.email == email).expect("the account");
    assert_eq!(ended["AccountId"], account.id);
    assert_eq!(account.organizational_unit, "Engineering/Platform/Dev");
    let tags: Vec<_> = account.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert!(tags.contains(&("env", "dev")), "{tags:?}");

    let told = world.told_of(email).await;
    assert_eq!(told.subject, "Account provisioned: the-first");
    assert_eq!(told.message["Event"], "Provisioned", "{told:?}");
    assert_eq!(told.message["AccountId"], account.id, "{told:?}");
    assert_eq!(told.message["RequestID"], ended["RequestID"], "{told:?}");
}

pub(crate) async fn a_doubled_email_is_409(world: Arc<World>) {
    let email = "doubled@example.com";
    let first = world.administrator.create(&body(email, "doubled")).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let second = world.administrator.create(&body(email, "doubled again")).await;
    assert_eq!(second.status, 409, "{}", second.body);
    let fields: Vec<_> =
        second.body["errors"].as_array().into_iter().flatten().map(|error| &error["field"]).collect();
    assert_eq!(fields, [&json!("AccountEmail")], "{}", second.body);
    assert_eq!(world.ended(email).await["Status"], "Provisioned");
}

pub(crate) async fn an_email_in_use_ends_failed_with_its_reason_and_a_message_on_the_topic(
    world: Arc<World>,
) {
    let email = "in-use@example.com";
    let accepted = world.administrator.create(&body(email, "sim-email-in-use")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let ended = world.ended(email).await;
    assert_eq!(ended["Status"], "Failed", "{ended}");
    let reason = ended["ErrorMessage"].as_str().unwrap_or_default();
    assert!(reason.contains("is already in use by another AWS account"), "{ended}");

    let told = world.told_of(email).await;
    assert_eq!(told.subject, "Account request failed: sim-email-in-use");
    assert_eq!(told.message["Event"], "Failed", "{told:?}");
    assert_eq!(told.message["ErrorMessage"], reason, "{told:?}");
}

pub(crate) async fn thirty_requests_at_once_all_end_provisioned_with_at_most_five_in_flight(
    world: Arc<World>,
) {
    let emails: Vec<_> = (0..30).map(|number| format!("crowd-{number}@example.com")).collect();
    let mut posts = JoinSet::new();
    for email in &emails {
        let (client, body) = (world.administrator.clone(), body(email, &email.replace("@example.com", "")));
        posts.spawn(async move { client.create(&body).await });
    }
    for accepted in posts.join_all().await {
        assert_eq!(accepted.status, 201, "{}", accepted.body);
    }
    for email in &emails {
        let ended = world.ended(email).await;
        assert_eq!(ended["Status"], Value::from("Provisioned"), "{ended}");
    }
    let report = world.cloud.simulator().report().unwrap();
    for email in &emails {
        assert_eq!(report.accounts.iter().filter(|account| account.email == *email).count(), 1, "{email}");
    }
    assert_eq!(report.peak_concurrent_operations, AT_ONCE, "so many at once, and never more");
    assert_eq!(report.refused_operations, 0, "the landing zone never had to refuse one");
}

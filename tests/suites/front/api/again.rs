//! A failed request is kept, and may be followed by another.

use accounts_tests::body;
use serde_json::{Value, json};

use super::{assert_problem, at_once, count, fleet};

fn nowhere(email: &str, name: &str) -> Value {
    let mut body = body(email, name);
    body["OrgUnit"] = json!("Engineering/Nowhere");
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_does_not_exist_fails_the_request_with_a_reason_that_names_it() {
    let fleet = fleet().await;
    assert_eq!(fleet.create(&nowhere("user@example.com", "my-account")).await.status, 201);
    let ended = fleet.ended("user@example.com").await;
    assert_eq!(ended["Status"], "Failed", "{ended}");
    let reason = ended["ErrorMessage"].as_str().expect("a reason");
    assert!(reason.contains("Engineering/Nowhere"), "{reason}");
    assert_eq!(ended.get("AccountMayExist"), None, "{ended}");
    assert_eq!(ended.get("AccountId"), None, "{ended}");
    assert_eq!(fleet.landing_zone().await["operations"], 0, "the landing zone was asked all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_request_is_followed_by_the_next_attempt_which_keeps_the_failure_readable() {
    let fleet = fleet().await;
    let first = fleet.create(&nowhere("user@example.com", "my-account")).await;
    let failed = fleet.ended("user@example.com").await;

    let second = fleet.create(&body("user@example.com", "my-account")).await;
    assert_eq!((second.status, &second.body["Attempt"]), (201, &json!(2)), "{}", second.body);
    assert_eq!((second.text("Status"), second.body.get("ErrorMessage")), ("Requested", None));
    assert_ne!(second.text("RequestID"), first.text("RequestID"));
    let past = second.body["PreviousFailures"].as_array().expect("the failure");
    assert_eq!(past.len(), 1, "{past:?}");
    for name in ["RequestID", "AccountName", "ErrorMessage", "CreatedAt"] {
        assert_eq!(past[0][name], failed[name], "{name}");
    }
    assert_eq!((&past[0]["Attempt"], &past[0]["FailedAt"]), (&json!(1), &failed["LastUpdateDate"]));

    let ended = fleet.ended("user@example.com").await;
    assert_eq!((&ended["Status"], &ended["RequestID"]), (&json!("Provisioned"), &second.body["RequestID"]));
    assert_eq!(ended["PreviousFailures"], second.body["PreviousFailures"]);
    assert_problem(&fleet.create(&body("user@example.com", "third")).await, 409, "email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_failed_request_is_free_for_others() {
    let fleet = fleet().await;
    fleet.create(&nowhere("user@example.com", "my-account")).await;
    fleet.ended("user@example.com").await;
    let other = fleet.create(&body("other@example.com", "MY-account")).await;
    assert_eq!(other.status, 201, "{}", other.body);

    // Whoever failed with it may come again, under another name only.
    let same_name = fleet.create(&body("user@example.com", "my-account")).await;
    assert_problem(&same_name, 409, "name_taken");
    let renamed = fleet.create(&body("user@example.com", "renamed")).await;
    assert_eq!((renamed.status, &renamed.body["Attempt"]), (201, &json!(2)), "{}", renamed.body);
    for email in ["other@example.com", "user@example.com"] {
        let ended = fleet.ended(email).await;
        assert_eq!(ended["Status"], "Provisioned", "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_attempts_at_once_after_a_failure_one_is_accepted() {
    let fleet = fleet().await;
    fleet.create(&nowhere("user@example.com", "my-account")).await;
    fleet.ended("user@example.com").await;
    let answers = at_once((0..16).map(|n| {
        let client = (*fleet).clone();
        async move { client.create(&body("user@example.com", &format!("account-{n}"))).await }
    }))
    .await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 15), "{answers:?}");
    let ended = fleet.ended("user@example.com").await;
    assert_eq!((&ended["Status"], &ended["Attempt"]), (&json!("Provisioned"), &json!(2)), "{ended}");
    let names: Vec<_> = fleet.keys().await.into_iter().filter(|key| key.starts_with("NAME#")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

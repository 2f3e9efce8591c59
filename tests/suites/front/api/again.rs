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
    let request = fleet.show(ended["RequestID"].as_str().expect("an id")).await;
    assert_eq!((&request.body["Status"], &request.body["Operations"]), (&json!("Failed"), &json!([])));
    assert_eq!(fleet.landing_zone().await["operations"], 0, "the landing zone was asked all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_account_is_requested_again_and_the_failed_request_remains_readable() {
    let fleet = fleet().await;
    let first = fleet.create(&nowhere("user@example.com", "my-account")).await;
    let failed = fleet.ended("user@example.com").await;
    let before = fleet.show(first.text("RequestID")).await.body;

    let second = fleet.create(&body("user@example.com", "my-account")).await;
    assert_eq!((second.status, second.text("Status")), (201, "Requested"), "{}", second.body);
    assert_eq!(second.body.get("ErrorMessage"), None, "{}", second.body);
    assert_ne!(second.text("RequestID"), first.text("RequestID"));
    for name in ["RequestID", "AccountName", "ErrorMessage", "CreatedAt", "LastUpdateDate", "Status"] {
        assert_eq!(before[name], failed[name], "{name}");
    }

    let ended = fleet.ended("user@example.com").await;
    assert_eq!((&ended["Status"], &ended["RequestID"]), (&json!("Provisioned"), &second.body["RequestID"]));
    assert_eq!(ended.get("ErrorMessage"), None, "{ended}");
    assert_eq!(fleet.show(first.text("RequestID")).await.body, before, "the failed request has changed");
    let requests = fleet.history("user@example.com", "").await.body["Requests"].clone();
    let ids: Vec<_> = requests.as_array().expect("requests").iter().map(|it| &it["RequestID"]).collect();
    assert_eq!(ids, [&second.body["RequestID"], &first.body["RequestID"]]);
    assert_problem(&fleet.create(&body("user@example.com", "third")).await, 409, "email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_failed_a_hundred_times_with_long_reasons_still_answers() {
    const TIMES: usize = 100;
    let fleet = fleet().await;
    let mut asked = body("user@example.com", "my-account");
    asked["OrgUnit"] = json!([&"x".repeat(128)[..]; 5].join("/"));
    for _ in 0..TIMES {
        assert_eq!(fleet.create(&asked).await.status, 201);
        let failed = fleet.ended("user@example.com").await;
        assert!(failed["ErrorMessage"].as_str().is_some_and(|reason| reason.len() > 600), "{failed}");
    }
    let last = fleet.create(&body("user@example.com", "my-account")).await;
    assert_eq!(last.status, 201, "{}", last.body);
    assert_eq!(fleet.ended("user@example.com").await["Status"], "Provisioned");

    // Twenty a page unless the caller says otherwise.
    let page = fleet.history("user@example.com", "").await;
    assert_eq!(page.body["Requests"].as_array().map(Vec::len), Some(20), "{}", page.body);
    let page = fleet.history("user@example.com", "?limit=100").await;
    assert_eq!(page.body["Requests"].as_array().map(Vec::len), Some(TIMES), "{}", page.body);
    let rest = format!("?limit=100&cursor={}", page.text("NextCursor"));
    let page = fleet.history("user@example.com", &rest).await;
    assert_eq!(page.body["Requests"].as_array().map(Vec::len), Some(1), "{}", page.body);
    assert_eq!(page.body.get("NextCursor"), None, "{}", page.body);
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
    assert_eq!(renamed.status, 201, "{}", renamed.body);
    for email in ["other@example.com", "user@example.com"] {
        let ended = fleet.ended(email).await;
        assert_eq!(ended["Status"], "Provisioned", "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_requests_at_once_after_a_failure_one_is_accepted() {
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
    assert_eq!(ended["Status"], "Provisioned", "{ended}");
    let requests = fleet.history("user@example.com", "").await.body["Requests"].clone();
    assert_eq!(requests.as_array().map(Vec::len), Some(2), "{requests}");
    let names: Vec<_> = fleet.keys().await.into_iter().filter(|key| key.starts_with("NAME#")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

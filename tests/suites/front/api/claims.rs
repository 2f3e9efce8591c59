//! An e-mail and an account name are each one account's, under any concurrency.

use accounts_tests::body;
use serde_json::json;

use super::{assert_problem, at_once, count, faults, fleet};

fn fault(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_says_whether_the_email_the_name_or_both_are_taken() {
    let fleet = fleet().await;
    assert_eq!(fleet.create(&body("first@example.com", "first-account")).await.status, 201);
    assert_eq!(fleet.create(&body("second@example.com", "second-account")).await.status, 201);
    let (email, name) = (fault("AccountEmail", "taken"), fault("AccountName", "taken"));
    for (asked, code, told) in [
        (body("first@example.com", "other"), "email_taken", vec![email.clone()]),
        (body("FIRST@Example.com", "other"), "email_taken", vec![email.clone()]),
        (body("other@example.com", "first-account"), "name_taken", vec![name.clone()]),
        (body("other@example.com", "First-ACCOUNT"), "name_taken", vec![name.clone()]),
        (body("first@example.com", "SECOND-account"), "email_and_name_taken", vec![email.clone(), name]),
        (body("first@example.com", "first-account"), "email_taken", vec![email]),
    ] {
        let answer = fleet.create(&asked).await;
        assert_problem(&answer, 409, code);
        assert_eq!(faults(&answer), told, "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_nothing_behind() {
    let fleet = fleet().await;
    assert_eq!(fleet.create(&body("first@example.com", "first-account")).await.status, 201);
    fleet.ended("first@example.com").await;
    let before = fleet.keys().await;
    assert!(before.contains(&"NAME#first-account|CLAIM".to_owned()), "{before:?}");
    for asked in [body("first@example.com", "other"), body("other@example.com", "first-account")] {
        assert_eq!(fleet.create(&asked).await.status, 409);
    }
    assert_eq!(fleet.keys().await, before);
    // Neither did it take what was free of it.
    assert_eq!(fleet.create(&body("other@example.com", "other")).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_posts_at_once_for_one_email_one_is_accepted() {
    let fleet = fleet().await;
    let answers = at_once((0..64).map(|n| {
        let client = (*fleet).clone();
        async move { client.create(&body("user@example.com", &format!("account-{n}"))).await }
    }))
    .await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 63), "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status == 409) {
        assert_problem(refused, 409, "email_taken");
    }
    let keys = fleet.keys().await;
    assert_eq!(keys.iter().filter(|key| key.starts_with("NAME#")).count(), 1, "{keys:?}");
    assert_eq!(fleet.ended("user@example.com").await["Status"], "Provisioned");
    assert_eq!(accounts_for(&fleet.landing_zone().await, "Email", "user@example.com"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_posts_at_once_for_one_name_one_is_accepted() {
    let fleet = fleet().await;
    let answers = at_once((0..64).map(|n| {
        let client = (*fleet).clone();
        let name = if n % 2 == 0 { "my-account" } else { "My-Account" };
        async move { client.create(&body(&format!("user{n}@example.com"), name)).await }
    }))
    .await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 63), "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status == 409) {
        assert_problem(refused, 409, "name_taken");
    }
    let accepted = answers.iter().find(|answer| answer.status == 201).expect("the accepted one");
    let email = accepted.text("AccountEmail");
    assert_eq!(fleet.ended(email).await["Status"], "Provisioned");
    let keys = fleet.keys().await;
    let accounts: Vec<_> = keys.iter().filter_map(|key| key.strip_suffix("|ACCOUNT")).collect();
    assert_eq!(accounts, [email], "a refused request was written");
    let of_others = keys.iter().filter(|key| key.contains('@') && !key.starts_with(email));
    assert_eq!(of_others.count(), 0, "a refused request was written: {keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_with_an_account_made_keeps_its_email_and_its_name() {
    let fleet = fleet().await;
    assert_eq!(fleet.create(&body("user@example.com", "sim-tainted one")).await.status, 201);
    let ended = fleet.ended("user@example.com").await;
    assert_eq!((&ended["Status"], &ended["AccountMayExist"]), (&json!("Failed"), &json!(true)), "{ended}");

    let again = fleet.create(&body("user@example.com", "another-name")).await;
    assert_problem(&again, 409, "account_may_exist");
    assert_eq!(faults(&again), [fault("AccountEmail", "account_may_exist")]);
    let same_name = fleet.create(&body("other@example.com", "SIM-tainted one")).await;
    assert_problem(&same_name, 409, "name_taken");
    assert_eq!(fleet.get("user@example.com").await.body, ended, "asking again changed the failed request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_that_looks_like_another_key_is_an_email_like_any_other() {
    let fleet = fleet().await;
    assert_eq!(fleet.create(&body("first@example.com", "second@example.com")).await.status, 201);
    for (asked, name, stored) in [
        ("NAME#second@example.com", "SLOT#control-tower", "name#second@example.com"),
        ("SLOT#control-tower@example.com", "POOL#control-tower", "slot#control-tower@example.com"),
        ("ID#123456789012@example.com", "REQUEST#1", "id#123456789012@example.com"),
    ] {
        let created = fleet.create(&body(asked, name)).await;
        assert_eq!((created.status, created.text("AccountEmail")), (201, stored), "{}", created.body);
    }
    for email in [
        "first@example.com",
        "name#second@example.com",
        "slot#control-tower@example.com",
        "id#123456789012@example.com",
    ] {
        let ended = fleet.ended(email).await;
        assert_eq!(ended["Status"], "Provisioned", "{ended}");
    }
}

fn accounts_for(zone: &serde_json::Value, field: &str, value: &str) -> usize {
    zone["accounts"].as_array().expect("accounts").iter().filter(|account| account[field] == value).count()
}

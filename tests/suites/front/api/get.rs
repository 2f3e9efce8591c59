//! `GET /getAccount`: one account, by its e-mail or by its id.

use accounts_tests::{Answer, Client, LocalFleet, body};
use reqwest::Method;

use super::{assert_problem, faults, fleet};

async fn get(fleet: &LocalFleet, query: &str) -> Answer {
    Client::send(fleet.request(Method::GET, &format!("/getAccount{query}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_the_two_parameters_is_needed() {
    let fleet = fleet().await;
    for query in [
        "",
        "?",
        "?accountemail=user@example.com",
        "?AccountEmail=user@example.com",
        "?other=1",
        "?accountEmail=user@example.com&accountId=123456789012",
        "?accountEmail=user@example.com&accountEmail=user@example.com",
        "?accountId=123456789012&accountId=123456789012",
        "?accountId=&accountEmail=user@example.com",
    ] {
        assert_problem(&get(&fleet, query).await, 400, "invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_breaks_its_rule_is_named() {
    let fleet = fleet().await;
    for (query, field) in [
        ("?accountId=", "accountId"),
        ("?accountId=12345678901", "accountId"),
        ("?accountId=1234567890123", "accountId"),
        ("?accountId=12345678901x", "accountId"),
        ("?accountId=%2B12345678901", "accountId"),
        ("?accountId=%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1", "accountId"),
        ("?accountId=user@example.com", "accountId"),
        ("?accountEmail=", "accountEmail"),
        ("?accountEmail", "accountEmail"),
        ("?accountEmail=123456789012", "accountEmail"),
        ("?accountEmail=user@localhost", "accountEmail"),
        ("?accountEmail=%00%00%00%00%00%00%00", "accountEmail"),
        ("?accountEmail=%FF%FE@example.com", "accountEmail"),
    ] {
        let answer = get(&fleet, query).await;
        assert_problem(&answer, 400, "invalid_request");
        let fields: Vec<_> = faults(&answer).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, [field], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_for_is_not_found() {
    let fleet = fleet().await;
    for query in ["?accountEmail=nobody@example.com", "?accountId=999999999999"] {
        assert_problem(&get(&fleet, query).await, 404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_found_in_any_case_and_with_its_plus_escaped_or_not() {
    let fleet = fleet().await;
    let created = fleet.create(&body("First+Tag@example.com", "my-account")).await;
    for query in [
        "?accountEmail=first+tag@example.com",
        "?accountEmail=first%2Btag@example.com",
        "?accountEmail=first%2btag%40example.com",
        "?accountEmail=FIRST+TAG@EXAMPLE.COM",
        "?other=1&accountEmail=first%2Btag@example.com",
    ] {
        let found = get(&fleet, query).await;
        assert_eq!((found.status, found.text("RequestID")), (200, created.text("RequestID")), "{query}");
        assert_eq!(found.header("cache-control"), "no-store");
    }
    assert_problem(&get(&fleet, "?accountEmail=first-tag@example.com").await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_readable_as_soon_as_its_request_was_accepted() {
    let fleet = fleet().await;
    for n in 0..20 {
        let email = format!("user{n}@example.com");
        let created = fleet.create(&body(&email, &format!("account-{n}"))).await;
        let found = fleet.get(&email).await;
        assert_eq!(
            (found.status, found.text("RequestID")),
            (200, created.text("RequestID")),
            "{}",
            found.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_keeps_beside_accounts_and_requests_is_never_readable() {
    let fleet = fleet().await;
    let request = fleet.request(Method::POST, "/createAccount").header("Idempotency-Key", "key-1");
    assert_eq!(Client::send(request.json(&body("user@example.com", "a@example.com"))).await.status, 201);
    fleet.ended("user@example.com").await;
    let partition = |key: String| key.split_once('|').expect("a key").0.to_owned();
    let hidden: Vec<_> =
        fleet.keys().await.into_iter().map(partition).filter(|key| key != "user@example.com").collect();
    for kind in ["NAME#", "IDEMPOTENCY#", "REQUESTID#", "ID#"] {
        assert!(hidden.iter().any(|key| key.starts_with(kind)), "no {kind} among {hidden:?}");
    }
    for key in hidden.into_iter().chain(["SLOT#control-tower".to_owned(), "POOL#control-tower".to_owned()]) {
        let (status, code) =
            if key == "NAME#a@example.com" { (404, "not_found") } else { (400, "invalid_request") };
        for answer in [fleet.get(&key).await, fleet.history(&key, "").await] {
            assert_problem(&answer, status, code);
        }
    }
}

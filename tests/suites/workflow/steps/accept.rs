//! The claims of an acceptance, each under concurrency: e-mail, name, request id, idempotency key.

use accounts_core::{Acceptance, AccountStatus, Claim, IdempotencyKey, Kind, NewAccount};
use accounts_lambda::now;
use accounts_tests::{Workbench, body};
use serde_json::{Value, json};

use super::EMAIL;

fn key() -> IdempotencyKey {
    IdempotencyKey { caller: "s-1".to_owned(), key: "k".to_owned() }
}

async fn post(bench: &Workbench, body: &Value, key: Option<&IdempotencyKey>) -> Acceptance {
    bench.try_accept(body, key, now()).await.expect("the table answers").1
}

/// A failed account, whose e-mail can be requested again.
async fn failed(bench: &Workbench) -> accounts_core::Request {
    let (request, event) = bench.admitted(EMAIL, "sim-account-limit").await;
    bench.functions(&[]).run(&event).await.expect("an end");
    bench.request(&request).await
}

#[tokio::test]
async fn of_two_requests_for_an_email_or_a_name_at_once_one_is_accepted() {
    for other in [body(EMAIL, "other"), body("other@example.com", "MINE")] {
        let bench = Workbench::start(0.0).await;
        let mine = body(EMAIL, "mine");
        let (one, other) = tokio::join!(post(&bench, &mine, None), post(&bench, &other, None));
        let accepted = [&one, &other].iter().filter(|it| matches!(it, Acceptance::Accepted(_))).count();
        let taken = [&one, &other].iter().filter(|it| matches!(it, Acceptance::Taken(_))).count();
        assert_eq!((accepted, taken), (1, 1), "{one:?} {other:?}");
    }
}

#[tokio::test]
async fn of_two_requests_for_a_failed_account_at_once_one_is_accepted() {
    let bench = Workbench::start(0.0).await;
    failed(&bench).await;
    let first = body(EMAIL, "first");
    // The first transaction of an acceptance tells it which account stands there; the second one decides.
    let held = bench.wire.on("TransactWriteItems").nth(2).hold();
    let meanwhile = async {
        held.arrived().await;
        let second = bench.accept(EMAIL, "second").await;
        held.release();
        second
    };
    let (acceptance, second) = tokio::join!(post(&bench, &first, None), meanwhile);
    let status = AccountStatus::Requested;
    let taken = Acceptance::Taken(vec![Claim::Email { status, account_may_exist: false }]);
    assert_eq!(acceptance, taken);
    assert_eq!(bench.account(EMAIL).await.request_id, second.request_id);
    assert!(bench.items.get("NAME#first", "CLAIM").is_null());
}

#[tokio::test]
async fn a_request_id_that_was_used_before_overwrites_nothing() {
    let bench = Workbench::start(0.0).await;
    let first = failed(&bench).await;
    for (email, without_key) in [("other@example.com", false), (EMAIL, true)] {
        if without_key {
            bench.items.delete(&format!("REQUESTID#{}", first.request_id), "KEY");
        }
        let before = bench.items.all();
        let account = NewAccount::parse(body(email, "next").to_string().as_bytes()).expect("a good body");
        let mut again =
            accounts_core::Request::create(account.clone(), first.request_id, first.requested_by.clone());
        again.steps.clone_from(&first.steps);
        again.version = 1;
        let error = bench.table.accept(&account, &again, None, now()).await.expect_err("an error");
        assert_eq!(error.kind(), Kind::Transient, "{email}");
        assert_eq!(bench.items.all(), before, "{email}");
    }
}

#[tokio::test]
async fn of_two_requests_with_one_idempotency_key_at_once_both_get_the_first_answer() {
    let bench = Workbench::start(0.0).await;
    let (key, body) = (key(), body(EMAIL, "mine"));
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        let first = post(&bench, &body, Some(&key)).await;
        held.release();
        first
    };
    let (second, first) = tokio::join!(post(&bench, &body, Some(&key)), meanwhile);
    match (first, second) {
        (Acceptance::Accepted(first), Acceptance::Repeated(second)) => assert_eq!(first, second),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_idempotency_key_is_bound_to_its_body_and_forgotten_after_its_time() {
    let bench = Workbench::start(0.0).await;
    let key = key();
    bench.try_accept(&body(EMAIL, "mine"), Some(&key), now()).await.expect("the table answers");
    let other = body("other@example.com", "other");
    assert_eq!(post(&bench, &other, Some(&key)).await, Acceptance::KeyHasOtherBody);
    let record =
        bench.items.keys().into_iter().find(|key| key.starts_with("IDEMPOTENCY#")).expect("an answer");
    let partition = record.split(' ').next().expect("a key").to_owned();
    bench.items.edit(&partition, "ANSWER", |item| item["ExpiresAt"] = json!({"N": "1"}));
    assert!(matches!(post(&bench, &other, Some(&key)).await, Acceptance::Accepted(_)));
}

#[tokio::test]
async fn an_account_that_may_exist_is_not_requested_again() {
    let bench = Workbench::start(0.0).await;
    let (_, event) = bench.admitted(EMAIL, "sim-tainted").await;
    bench.functions(&[]).run(&event).await.expect("an end");
    let taken =
        Acceptance::Taken(vec![Claim::Email { status: AccountStatus::Failed, account_may_exist: true }]);
    assert_eq!(post(&bench, &body(EMAIL, "next"), None).await, taken);
}

#[tokio::test]
async fn an_acceptance_whose_answer_was_lost_is_accepted_once() {
    let bench = Workbench::start(0.0).await;
    bench.wire.on("TransactWriteItems").lose_answer();
    let request = bench.accept(EMAIL, "mine").await;
    assert_eq!(bench.account(EMAIL).await.request_id, request.request_id);
    let requests = bench.items.keys().into_iter().filter(|key| key.contains("REQUEST#")).count();
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_failed_account_is_not_requested_again_by_the_name_of_another_one() {
    let bench = Workbench::start(0.0).await;
    failed(&bench).await;
    bench.accept("other@example.com", "mine").await;
    let before = bench.items.all();
    bench.wire.take();
    assert_eq!(post(&bench, &body(EMAIL, "MINE"), None).await, Acceptance::Taken(vec![Claim::Name]));
    assert_eq!(
        (bench.items.all(), bench.wire.count("TransactWriteItems")),
        (before, 1),
        "it is told at once"
    );
}

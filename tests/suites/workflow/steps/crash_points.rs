//! A function that dies between two of its writes, and runs again.

use accounts_aws::{ControlTower, Organization};
use accounts_core::admission::Turn;
use accounts_core::{AccountFactory as _, AccountId, AccountRequest, Kind, Status};
use accounts_lambda::now;
use accounts_tests::{Function, Functions, Workbench, start_event};
use serde_json::{Value, json};

use super::admission::RULES;
use super::{caught, refused};

const EMAIL: &str = "user@example.com";

async fn valid(bench: &Workbench, functions: &Functions, name: &str) -> (AccountRequest, Value) {
    let event = start_event(&bench.accept(EMAIL, name).await);
    functions.chain(&[Function::Validate], &event).await;
    (bench.stored(EMAIL).await, event)
}

/// Runs the rest of a request's way, and sees that it had one operation, one account and no slot left.
async fn goes_on(bench: &Workbench, functions: &Functions, event: &Value) {
    let way = [Function::Provision, Function::CheckStatus, Function::UpdateStatus];
    let ended = functions.chain(&way, event).await;
    assert_eq!(ended["Status"], "Provisioned", "{ended}");
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 1));
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn a_slot_that_was_taken_before_the_crash_is_the_requests_own() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[("MAX_OPERATIONS", "1")]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let turn = bench.requests.take_turn(&request, &RULES, now()).await.expect("a turn");
    assert_eq!(turn, Turn::Now);
    goes_on(&bench, &functions, &event).await;
}

#[tokio::test]
async fn an_operation_that_was_begun_before_the_crash_is_found_again() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.requests.take_turn(&request, &RULES, now()).await.expect("a turn");
    let order = request.order().expect("an order");
    let begun = ControlTower::new(bench.sdk()).begin(&order).await.expect("an operation");

    functions.chain(&[Function::Provision], &event).await;
    assert_eq!(bench.stored(EMAIL).await.record_id, Some(begun.record_id));
    goes_on(&bench, &functions, &event).await;
}

#[tokio::test]
async fn an_operation_begun_anew_before_the_crash_is_found_again() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "sim-refused-late").await;
    functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    let order = bench.stored(EMAIL).await.order().expect("an order");
    let begun = ControlTower::new(bench.sdk()).begin(&order).await.expect("an operation");

    functions.chain(&[Function::Provision], &event).await;
    assert_eq!(bench.stored(EMAIL).await.record_id, Some(begun.record_id));
    let ended = functions.chain(&[Function::CheckStatus, Function::UpdateStatus], &event).await;
    assert_eq!(ended["Status"], "Provisioned");
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (2, 1));
}

#[tokio::test]
async fn a_lost_answer_of_the_landing_zone_is_asked_for_again() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    bench.lose_answers(true);
    assert_eq!(refused(functions.call(Function::Provision, &event).await).0, Kind::Transient);
    assert_eq!(bench.done().operations, 1, "it was begun all the same");
    assert_eq!(bench.stored(EMAIL).await.status, Status::Valid);
    assert_eq!(bench.table.holders().await.len(), 1, "its slot is kept as long as it may be running");

    bench.lose_answers(false);
    goes_on(&bench, &functions, &event).await;
}

#[tokio::test]
async fn a_request_given_up_after_a_lost_answer_keeps_its_name_because_an_account_may_exist() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    bench.lose_answers(true);
    let (kind, sentence) = refused(functions.call(Function::Provision, &event).await);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;

    let stored = bench.stored(EMAIL).await;
    assert_eq!((stored.status, stored.account_may_exist), (Status::Failed, true));
    assert_ne!(bench.table.item("NAME#mine").await, Value::Null);
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn a_request_the_landing_zone_surely_did_not_take_gives_its_slot_back() {
    for (name, kind) in [("sim-busy", Kind::Busy), ("sim-throttled", Kind::Busy)] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (_, event) = valid(&bench, &functions, name).await;
        // The SDK itself tries a throttled call again, up to three times in all.
        let mut refusals = 0;
        while let Err(error) = functions.call(Function::Provision, &event).await {
            assert_eq!(error.kind(), kind, "{name}");
            assert_eq!(bench.stored(EMAIL).await.status, Status::Valid);
            assert_eq!(bench.table.holders().await, [""; 0], "{name}");
            refusals += 1;
        }
        assert!((1..=3).contains(&refusals), "{name}: {refusals}");
        assert_eq!(bench.stored(EMAIL).await.status, Status::InProgress);
        assert_eq!(bench.done().operations, 1);
    }
}

#[tokio::test]
async fn a_refusal_says_nothing_about_an_earlier_try_so_the_slot_from_before_is_kept() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "sim-busy").await;
    bench.requests.take_turn(&request, &RULES, now()).await.expect("a turn");
    for _ in 0..3 {
        assert_eq!(refused(functions.call(Function::Provision, &event).await).0, Kind::Busy);
        assert_eq!(bench.table.holders().await.len(), 1);
    }
    goes_on(&bench, &functions, &event).await;
}

#[tokio::test]
async fn a_refusal_for_good_gives_the_slot_back_and_the_request_may_come_again() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    let mut item = bench.table.item(EMAIL).await;
    item["ManagedOrganizationalUnit"] = json!({"S": "Dev (ou-abcd-12345678)"});
    bench.table.put(&item).await;

    let (kind, sentence) = refused(functions.call(Function::Provision, &event).await);
    assert_eq!(kind, Kind::Invalid);
    assert!(sentence.contains("ou-abcd-12345678"), "{sentence}");
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    let stored = bench.stored(EMAIL).await;
    assert!(stored.may_be_asked_again());
    assert_eq!(stored.error_message, Some(sentence));
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn a_landing_zone_that_cannot_be_reached_costs_no_slot() {
    let bench = Workbench::start(0.0).await;
    let (_, event) = valid(&bench, &bench.functions(&[]), "mine").await;
    let unreachable = bench.functions_without_landing_zone().await;
    assert_eq!(refused(unreachable.call(Function::Provision, &event).await).0, Kind::Transient);
    assert_eq!(bench.table.holders().await, [""; 0], "nothing was asked for");
    goes_on(&bench, &bench.functions(&[]), &event).await;
}

#[tokio::test]
async fn tags_that_were_set_before_the_crash_are_set_again() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let found = functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    let account = AccountId::parse(found["AccountId"].as_str().expect("an id")).expect("an id");
    Organization::new(bench.sdk()).tag(&account, &request.tags).await.expect("tags");

    functions.chain(&[Function::UpdateStatus], &found).await;
    assert_eq!(bench.stored(EMAIL).await.account_id, Some(account));
    assert_eq!(bench.done().accounts[0].tags.len(), 1);
}

#[tokio::test]
async fn a_refusal_after_an_answer_was_lost_does_not_say_that_nothing_was_begun() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.lose_answers(true);
    let lost = functions.call(Function::Provision, &event).await.expect_err("an error");
    assert_eq!(lost.kind(), Kind::Transient);
    bench.lose_answers(false);
    assert_eq!(bench.done().operations, 1);

    // The next try gets no further than its first look at the product.
    let blind = bench.functions_without_landing_zone().await;
    let error = blind.call(Function::Provision, &event).await.expect_err("an error");
    assert!(bench.requests.holds_slot(&request).await.expect("an answer"), "{error}");

    let given_up = caught(&event, "Transient", "The landing zone is silent.");
    functions.chain(&[Function::UpdateFailed], &given_up).await;
    let failed = bench.stored(EMAIL).await;
    assert_eq!((failed.status, failed.account_may_exist), (Status::Failed, true));
    assert!(bench.table.keys().await.contains(&"NAME#mine".to_owned()), "the name stays taken");
}

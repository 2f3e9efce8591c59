//! Every step twice, and again after each later one.

use accounts_core::Status;
use accounts_tests::{Function, Functions, Workbench, start_event};
use serde_json::Value;

use super::caught;

const EMAIL: &str = "user@example.com";

/// What a step that ran before may not change.
async fn everything(bench: &Workbench) -> (Value, Vec<String>, accounts_landing_zone::Report) {
    (bench.item(EMAIL).await, bench.table.holders().await, bench.done())
}

/// Runs a step, then it and every one before it again, and gives the step's answer.
async fn run(
    bench: &Workbench,
    functions: &Functions,
    past: &mut Vec<(Function, Value)>,
    function: Function,
    event: Value,
) -> Value {
    let answer = functions.call(function, &event).await.expect("a step that succeeds");
    past.push((function, event));
    let before = everything(bench).await;
    for (function, event) in past.iter().rev() {
        functions.call(*function, event).await.expect("a repeated step is no error");
        assert_eq!(everything(bench).await, before, "{function:?} again, with {event}");
    }
    answer
}

#[tokio::test]
async fn every_step_of_a_provisioned_request_changes_nothing_the_second_time() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let mut event = start_event(&bench.accept(EMAIL, "mine").await);
    let mut past = Vec::new();
    for function in [Function::Validate, Function::Provision, Function::CheckStatus, Function::UpdateStatus] {
        event = run(&bench, &functions, &mut past, function, event).await;
    }
    let failed = caught(&event, "Internal", "none");
    run(&bench, &functions, &mut past, Function::UpdateFailed, failed).await;

    assert_eq!(bench.stored(EMAIL).await.status, Status::Provisioned);
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 1));
    assert_eq!(bench.done().accounts[0].tags.len(), 1, "the request's tag is on the account");
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn every_step_of_a_failed_request_changes_nothing_the_second_time() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let mut event = start_event(&bench.accept(EMAIL, "sim-email-in-use").await);
    let mut past = Vec::new();
    for function in [Function::Validate, Function::Provision, Function::CheckStatus, Function::UpdateFailed] {
        event = run(&bench, &functions, &mut past, function, event).await;
    }
    assert_eq!(bench.stored(EMAIL).await.status, Status::Failed);
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 0));
    assert_eq!(bench.table.holders().await, [""; 0]);
    assert_eq!(bench.table.item("NAME#sim-email-in-use").await, Value::Null, "the name is free");
}

#[tokio::test]
async fn a_request_that_is_given_up_at_any_step_stays_given_up_whatever_comes_late() {
    let way = [Function::Validate, Function::Provision, Function::CheckStatus];
    for steps in 0..=way.len() {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let start = start_event(&bench.accept(EMAIL, "mine").await);
        let (mut past, mut event) = (Vec::new(), start.clone());
        for function in &way[..steps] {
            event = run(&bench, &functions, &mut past, *function, event).await;
        }
        let failed = caught(&event, "Denied", "Somebody may not do this.");
        run(&bench, &functions, &mut past, Function::UpdateFailed, failed).await;

        for function in Function::ALL {
            let before = everything(&bench).await;
            functions.call(function, &start).await.expect("a step of a request that has ended is no error");
            assert_eq!(everything(&bench).await, before, "{function:?} after {steps} steps");
        }
        let stored = bench.stored(EMAIL).await;
        assert_eq!(stored.status, Status::Failed);
        assert_eq!(stored.account_may_exist, steps >= 2, "only where an operation was begun");
        assert_eq!(bench.table.holders().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_request_that_waits_for_its_turn_changes_nothing_but_its_sign_of_life() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[("MAX_OPERATIONS", "1"), ("POLL_SECONDS", "30")]);
    let first = start_event(&bench.accept("first@example.com", "first").await);
    functions.chain(&[Function::Validate, Function::Provision], &first).await;
    let waiting = start_event(&bench.accept(EMAIL, "mine").await);
    let mut event = functions.chain(&[Function::Validate], &waiting).await;

    let before = everything(&bench).await;
    for _ in 0..3 {
        event = functions.call(Function::Provision, &event).await.expect("a request that waits is no error");
        assert_eq!((event["Status"].as_str(), event["WaitSeconds"].as_u64()), (Some("Valid"), Some(30)));
        assert_eq!(everything(&bench).await, before);
    }
}

#[tokio::test]
async fn a_step_that_comes_too_early_is_refused_and_changes_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let mut event = start_event(&bench.accept(EMAIL, "mine").await);
    event["AccountId"] = "123456789012".into();
    let before = everything(&bench).await;
    for function in [Function::Provision, Function::CheckStatus, Function::UpdateStatus] {
        let (kind, _) = super::refused(functions.call(function, &event).await);
        assert_eq!(kind, accounts_core::Kind::Conflict, "{function:?}");
        assert_eq!(everything(&bench).await, before, "{function:?}");
    }
}

#[tokio::test]
async fn no_step_of_a_request_touches_the_one_that_followed_it() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let old = start_event(&bench.accept(EMAIL, "mine").await);
    functions.chain(&[Function::Validate], &old).await;
    functions.chain(&[Function::UpdateFailed], &caught(&old, "Invalid", "There is no room.")).await;
    let new = bench.accept(EMAIL, "mine").await;
    assert_eq!(new.attempt, 2);
    assert_eq!(new.previous_failures[0].error_message, "There is no room.");

    let before = everything(&bench).await;
    for function in [Function::Validate, Function::Provision, Function::CheckStatus, Function::UpdateStatus] {
        let (kind, sentence) = super::refused(functions.call(function, &old).await);
        assert_eq!(kind, accounts_core::Kind::Conflict, "{function:?}: {sentence}");
    }
    let late = functions.call(Function::UpdateFailed, &caught(&old, "Conflict", "It was followed.")).await;
    assert_eq!(late.expect("nothing to record")["Status"], "Failed");
    assert_eq!(everything(&bench).await, before);
}

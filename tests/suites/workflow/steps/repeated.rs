//! Every step twice, and again after each later one.

use accounts_core::{Request, RequestStatus};
use accounts_tests::{Function, Functions, Workbench, caught};
use serde_json::Value;

use super::{EMAIL, everything};

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
    let before = everything(bench);
    for (function, event) in past.iter().rev() {
        functions.call(*function, event).await.expect("a repeated step is no error");
        assert_eq!(everything(bench), before, "{function:?} again, with {event}");
    }
    answer
}

/// Runs a whole way so.
async fn run_all(bench: &Workbench, name: &str, way: &[Function]) -> Request {
    let functions = bench.functions(&[]);
    let (request, mut event) = bench.admitted(EMAIL, name).await;
    let mut past = Vec::new();
    for function in way {
        event = run(bench, &functions, &mut past, *function, event).await;
    }
    bench.request(&request).await
}

#[tokio::test]
async fn every_step_of_a_provisioned_request_changes_nothing_the_second_time() {
    let bench = Workbench::start(0.0).await;
    let way = [
        Function::Validate,
        Function::Provision,
        Function::CheckStatus,
        Function::UpdateStatus,
        Function::UpdateFailed,
    ];
    let request = run_all(&bench, "mine", &way).await;
    assert_eq!(request.status, RequestStatus::Provisioned);
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 1));
    assert_eq!(bench.done().accounts[0].tags.len(), 1, "the request's tag is on the account");
    assert_eq!(bench.holders().await, []);
}

#[tokio::test]
async fn every_step_of_a_failed_request_changes_nothing_the_second_time() {
    let bench = Workbench::start(0.0).await;
    let way = [Function::Validate, Function::Provision, Function::CheckStatus, Function::UpdateFailed];
    let request = run_all(&bench, "sim-email-in-use", &way).await;
    assert_eq!(request.status, RequestStatus::Failed);
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 0));
    assert_eq!(bench.holders().await, []);
    assert!(bench.items.get("NAME#sim-email-in-use", "CLAIM").is_null(), "the name is free");
}

#[tokio::test]
async fn every_step_of_a_parked_request_changes_nothing_the_second_time() {
    for steps in 0..=1 {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, mut event) = bench.admitted(EMAIL, "mine").await;
        let mut past = Vec::new();
        for function in &super::TO_PROVISION[..steps] {
            event = run(&bench, &functions, &mut past, *function, event).await;
        }
        let failed = caught(&event, "Internal", "none");
        run(&bench, &functions, &mut past, Function::UpdateFailed, failed).await;
        assert!(bench.request(&request).await.parked_until.is_some(), "after {steps} steps");
    }
}

#[tokio::test]
async fn a_step_that_comes_too_early_changes_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = bench.admitted(EMAIL, "mine").await;
    let before = everything(&bench);
    for function in [Function::Provision, Function::CheckStatus, Function::UpdateStatus] {
        functions.call(function, &event).await.expect("a step");
        assert_eq!(everything(&bench), before, "{function:?}");
    }
}

#[tokio::test]
async fn a_failed_request_can_be_followed_and_stays_readable() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (old, event) = bench.admitted(EMAIL, "sim-account-limit").await;
    functions.run(&event).await.expect("an end");
    let ended = bench.request(&old).await;
    let (new, event) = bench.admitted(EMAIL, "mine").await;
    functions.run(&event).await.expect("an end");
    assert_eq!(bench.request(&old).await, ended);
    let account = bench.account(EMAIL).await;
    assert_eq!((account.request_id, account.error_message), (new.request_id, None));
    let history = bench.table.history(&new.account_email, 10, None).await.expect("the table answers");
    let ids: Vec<_> = history.requests.iter().map(|request| request.request_id).collect();
    assert_eq!(ids, [new.request_id, old.request_id], "the newest first");
}

//! Operations past their timeout: alarmed, still followed, and ended only by an answer or by an operator.

use accounts_core::transition::Statement;
use accounts_core::{
    AccountId, Caller, OperationOutcome, OperationState, Placement, Request, RequestStatus, Resolution,
};
use accounts_lambda::now;
use accounts_tests::{Function, TOPIC_ARN, Workbench, start_event};
use serde_json::json;

use super::{begun, valid};

/// Every operation is past its timeout.
const TIMED_OUT: &[(&str, &str)] = &[("OPERATION_TIMEOUT_SECONDS", "0.0001"), ("TOPIC_ARN", TOPIC_ARN)];

async fn overdue(bench: &Workbench, name: &str) -> (Request, serde_json::Value) {
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = begun(bench, &functions, name).await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!((&event["Next"], &event["Status"]), (&json!("Wait"), &json!("InProgress")));
    (bench.request(&request).await, event)
}

#[tokio::test]
async fn an_overdue_operation_is_marked_once_and_keeps_its_slot() {
    let bench = Workbench::start(0.0).await;
    let (request, event) = overdue(&bench, "sim-never").await;
    assert!(request.overdue_since.is_some() && request.slot.is_some());
    for _ in 0..3 {
        bench.functions(TIMED_OUT).chain(&[Function::CheckStatus], &event).await;
        assert_eq!(bench.request(&request).await, request, "marked once");
    }
    bench.functions(TIMED_OUT).chain(&[Function::UpdateFailed], &event).await;
    let held = bench.request(&request).await;
    assert_eq!((held.status, held.slot), (RequestStatus::InProgress, request.slot));
}

#[tokio::test]
async fn an_unanswered_attempt_becomes_overdue_too() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    assert!(bench.request(&request).await.overdue_since.is_some());
}

#[tokio::test]
async fn a_record_that_vanished_becomes_overdue_and_never_failed() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let handle = bench.operation(&request).await.handle.expect("a handle");
    bench.landing_zone.forget_record(&handle["RecordId"]);
    functions.chain(&[Function::CheckStatus], &event).await;
    let stored = bench.request(&request).await;
    assert!(stored.status == RequestStatus::InProgress && stored.overdue_since.is_some());
}

#[tokio::test]
async fn an_overdue_operation_that_ends_after_all_ends_its_request() {
    for name in ["mine", "sim-account-limit"] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(TIMED_OUT);
        bench.wire.on("DescribeRecord").refuse(400, "AccessDeniedException");
        let (request, event) = overdue(&bench, name).await;
        functions.run_from(Function::CheckStatus, &event).await.expect("an end");
        let stored = bench.request(&request).await;
        assert!(
            stored.status.is_final() && stored.overdue_since.is_none() && stored.slot.is_none(),
            "{stored:?}"
        );
    }
}

/// An operator states the outcome of the operation.
async fn resolve(bench: &Workbench, request: &Request, statement: &Statement) -> Request {
    let by = Caller { subject: "operator".to_owned(), client_id: "c-1".to_owned(), name: None };
    let resolution = Resolution { by, reason: "I looked.".to_owned(), at: now() };
    let snapshot = bench.snapshot(request).await;
    let seen = snapshot.operation.clone().expect("an operation");
    let resolved = bench.table.transition(snapshot, now(), |snapshot| {
        snapshot.resolve(&seen, statement, resolution.clone()).map(Some)
    });
    resolved.await.expect("a resolution").into_snapshot().request
}

#[tokio::test]
async fn a_stated_outcome_ends_the_request_in_the_next_execution_and_the_old_one_does_nothing() {
    for exists in [true, false] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(TIMED_OUT);
        let (request, event) = overdue(&bench, "sim-never").await;
        let account_id = AccountId::parse("123456789012").expect("an id");
        let statement = if exists {
            Statement::AccountExists(account_id.clone())
        } else {
            Statement::NoAccount("An operator has found none.".to_owned())
        };
        let resolved = resolve(&bench, &request, &statement).await;
        assert_eq!((resolved.execution, resolved.slot), (request.execution + 1, request.slot));
        for function in Function::ALL {
            assert_eq!(functions.chain(&[function], &event).await["Next"], "End", "{function:?}");
        }
        assert_eq!(bench.request(&request).await, resolved);

        bench.wire.on("TagResource").always().answer(&json!({}));
        assert_eq!(bench.reconcile().await["restarted"], 1);
        functions.run(&start_event(&resolved)).await.expect("an end");
        let stored = bench.snapshot(&request).await;
        let operation = stored.operation.expect("an operation");
        assert_eq!(
            (operation.state, operation.resolution.map(|it| it.by.subject)),
            (OperationState::Ended, Some("operator".to_owned()))
        );
        assert_eq!(bench.holders().await, []);
        if exists {
            assert_eq!(
                (stored.request.status, stored.request.account_id),
                (RequestStatus::Provisioned, Some(account_id))
            );
        } else {
            assert_eq!(
                (stored.request.status, stored.request.account_may_exist),
                (RequestStatus::Failed, false)
            );
            assert!(stored.account.can_be_requested_again());
            assert!(matches!(stored.request.placement(), Placement::Watched(_)), "it is looked at again");
        }
    }
}

#[tokio::test]
async fn what_ends_between_the_operators_look_and_the_statement_stands() {
    let bench = Workbench::start(0.0).await;
    bench.wire.on("DescribeRecord").refuse(400, "AccessDeniedException");
    let (request, event) = overdue(&bench, "mine").await;
    let seen = bench.snapshot(&request).await;
    bench.functions(&[]).chain(&[Function::CheckStatus], &event).await;
    let statement = Statement::NoAccount("An operator has found none.".to_owned());
    let resolution = Resolution { by: Caller::default(), reason: "I looked.".to_owned(), at: now() };
    let looked_at = seen.operation.clone().expect("an operation");
    let stated = bench.table.transition(seen, now(), |snapshot| {
        snapshot.resolve(&looked_at, &statement, resolution.clone()).map(Some)
    });
    assert_eq!(stated.await.expect_err("a refusal").kind(), accounts_core::Kind::Conflict);
    let operation = bench.operation(&request).await;
    assert!(matches!(operation.outcome, Some(OperationOutcome::Succeeded { .. })), "{operation:?}");
}

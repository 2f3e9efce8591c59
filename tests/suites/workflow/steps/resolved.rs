//! Overdue operations whose outcome an operator stated.

use accounts_core::transition::Statement;
use accounts_core::{
    AccountId, Caller, ExecutionRef, Kind, OperationOutcome, OperationState, Placement, Request,
    RequestStatus, Resolution, Result, Snapshot,
};
use accounts_lambda::now;
use accounts_tests::{Function, Workbench, caught, start_event};
use serde_json::json;

use super::overdue::{TIMED_OUT, overdue};
use super::{EXPIRED, valid};

fn absent() -> Statement {
    Statement::NoAccount("An operator has found none.".to_owned())
}

/// An operator states this about the operation, as they saw it.
pub(super) async fn resolve(bench: &Workbench, seen: &Snapshot, statement: &Statement) -> Result<Request> {
    let by = Caller { subject: "operator".to_owned(), client_id: "c-1".to_owned(), name: None };
    let resolution = Resolution { by, reason: "I looked.".to_owned(), at: now() };
    let operation = seen.operation.as_ref().expect("an operation");
    let resolved = bench.table.transition(seen.clone(), now(), |snapshot| {
        snapshot.resolve(operation, statement, resolution.clone()).map(Some)
    });
    Ok(resolved.await?.into_snapshot().request)
}

#[tokio::test]
async fn a_stated_outcome_ends_the_request_in_the_next_execution_and_the_old_one_does_nothing() {
    for exists in [true, false] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(TIMED_OUT);
        let (request, event) = overdue(&bench, "sim-never").await;
        let account_id = AccountId::parse("123456789012").expect("an id");
        let statement = if exists { Statement::AccountExists(account_id.clone()) } else { absent() };
        let seen = bench.snapshot(&request).await;
        let resolved = resolve(&bench, &seen, &statement).await.expect("a resolution");
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
        assert_eq!(operation.state, OperationState::Ended);
        assert_eq!(operation.resolution.expect("a resolution").by.subject, "operator");
        assert_eq!(bench.holders().await, []);
        if exists {
            assert_eq!(stored.request.status, RequestStatus::Provisioned);
            assert_eq!(stored.request.account_id, Some(account_id));
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
    let error = resolve(&bench, &seen, &absent()).await.expect_err("a refusal");
    assert_eq!(error.kind(), Kind::Conflict);
    let operation = bench.operation(&request).await;
    assert!(matches!(operation.outcome, Some(OperationOutcome::Succeeded { .. })), "{operation:?}");
}

#[tokio::test]
async fn an_attempt_that_can_still_arrive_is_stronger_than_the_statement_that_there_is_no_account() {
    for arrives in [true, false] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(TIMED_OUT);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.landing_zone.hide_products(true);
        let slow = bench.wire.on("ProvisionProduct").hold();
        let meanwhile = async {
            slow.arrived().await;
            functions.chain(&[Function::CheckStatus], &event).await;
            let seen = bench.snapshot(&request).await;
            assert!(seen.request.overdue_since.is_some());
            let resolved = resolve(&bench, &seen, &absent()).await.expect("a resolution");
            let next = functions.chain(&super::TO_PROVISION, &start_event(&resolved)).await;
            assert_eq!(next["Next"], "Wait", "it is neither ended nor attempted again: {next}");
            assert_eq!(bench.operation(&request).await.state, OperationState::Beginning);
            if arrives {
                slow.release();
            } else {
                drop(slow);
            }
            next
        };
        let (late, next) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
        late.expect("a step");
        bench.landing_zone.hide_products(false);
        bench.functions(EXPIRED).run_from(Function::CheckStatus, &next).await.expect("an end");
        let stored = bench.request(&request).await;
        let expected = if arrives { RequestStatus::Provisioned } else { RequestStatus::Failed };
        assert_eq!(stored.status, expected, "{stored:?}");
        assert_eq!(bench.done().accounts.len(), usize::from(arrives));
    }
}

#[tokio::test]
async fn a_stated_outcome_does_not_wait_for_the_time_at_which_a_held_request_goes_on() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = overdue(&bench, "sim-never").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    let seen = bench.snapshot(&request).await;
    assert!(seen.request.resume_at.is_some());
    let resolved = resolve(&bench, &seen, &absent()).await.expect("a resolution");
    assert_eq!(bench.reconcile().await["restarted"], 1);
    assert!(bench.executions().contains(&ExecutionRef::of(&resolved).name()));
}

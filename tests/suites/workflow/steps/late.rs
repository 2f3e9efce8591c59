//! Invocations that come late: of an earlier execution, or of an earlier admission.

use accounts_core::{Kind, OperationState, RequestStatus};
use accounts_tests::{Function, Workbench, caught, start_event};
use serde_json::Value;

use super::check_status::due;
use super::{everything, valid};

/// Every function with every late event does nothing and goes nowhere.
async fn do_nothing(bench: &Workbench, late: &[Value]) {
    let functions = bench.functions(&[]);
    let before = everything(bench);
    bench.wire.take();
    for event in late {
        for function in Function::ALL {
            for event in [event.clone(), caught(event, "AccessDenied", "none")] {
                let answer = functions.call(function, &event).await.expect("a late step is no error");
                assert_eq!(answer["Next"], "End", "{function:?} {event}");
                assert_eq!(everything(bench), before, "{function:?} {event}");
            }
        }
    }
    assert_eq!(bench.wire.take_writes(), [""; 0]);
}

#[tokio::test]
async fn a_function_of_an_earlier_execution_does_nothing() {
    for steps in 0..=2 {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = bench.admitted("user@example.com", "mine").await;
        functions.chain(&super::TO_PROVISION[..steps], &event).await;
        bench.stop_execution(&request).await;
        assert_eq!(bench.reconcile().await["restarted"], 1);
        do_nothing(&bench, &[event]).await;
    }
}

#[tokio::test]
async fn a_function_of_an_earlier_admission_does_nothing() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    do_nothing(&bench, std::slice::from_ref(&event)).await;

    due(&bench, &bench.request(&request).await);
    bench.reconcile().await;
    let again = bench.request(&request).await;
    assert_eq!((again.admission, again.execution), (2, 1));
    do_nothing(&bench, std::slice::from_ref(&event)).await;
    functions.chain(&super::TO_PROVISION, &start_event(&again)).await;
    do_nothing(&bench, &[event]).await;
}

#[tokio::test]
async fn a_function_of_an_earlier_request_of_the_same_email_does_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, old) = bench.admitted("user@example.com", "sim-account-limit").await;
    functions.run(&old).await.expect("an end");
    let (new, event) = bench.admitted("user@example.com", "mine").await;
    do_nothing(&bench, std::slice::from_ref(&old)).await;
    functions.run(&event).await.expect("an end");
    do_nothing(&bench, &[old]).await;
    assert_eq!(bench.request(&new).await.status, RequestStatus::Provisioned);
}

#[tokio::test]
async fn a_late_rejection_releases_no_slot_under_an_operation_that_was_accepted() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, first) = valid(&bench, &functions, "mine").await;
    let slow = bench.wire.on("ProvisionProduct").hold();
    let meanwhile = async {
        slow.arrived().await;
        bench.stop_execution(&request).await;
        bench.reconcile().await;
        let second = start_event(&bench.request(&request).await);
        functions.chain(&super::TO_PROVISION, &second).await;
        assert_eq!(bench.operation(&request).await.state, OperationState::Begun);
        bench.landing_zone.set_denied("ProvisionProduct", true);
        slow.release();
    };
    let (late, ()) = tokio::join!(functions.call(Function::Provision, &first), meanwhile);
    let (kind, sentence) = super::refused(late);
    assert_eq!(kind, Kind::AccessDenied);
    functions.chain(&[Function::UpdateFailed], &caught(&first, kind.name(), &sentence)).await;

    let stored = bench.snapshot(&request).await;
    assert_eq!((stored.request.status, stored.request.slot), (RequestStatus::InProgress, request.slot));
    assert_eq!(stored.operation.expect("an operation").state, OperationState::Begun);
    assert_eq!((bench.holders().await.len(), bench.pause().await), (1, None));
}

#[tokio::test]
async fn an_attempt_of_an_earlier_execution_that_is_accepted_late_is_followed() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, first) = valid(&bench, &functions, "mine").await;
    let slow = bench.wire.on("ProvisionProduct").hold();
    let meanwhile = async {
        slow.arrived().await;
        bench.stop_execution(&request).await;
        bench.reconcile().await;
        slow.release();
    };
    let (late, ()) = tokio::join!(functions.call(Function::Provision, &first), meanwhile);
    assert_eq!(bench.operation(&request).await.state, OperationState::Begun, "the fact is stored");
    do_nothing(&bench, &[late.expect("a step")]).await;
    let second = start_event(&bench.request(&request).await);
    assert_eq!(functions.run(&second).await.expect("an end")["Status"], "Provisioned");
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 1));
}

#[tokio::test]
async fn what_moves_between_a_steps_read_and_its_write_is_not_written_over() {
    for function in [Function::Validate, Function::Provision, Function::UpdateFailed] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, first) = match function {
            Function::Validate => bench.admitted("user@example.com", "mine").await,
            _ => valid(&bench, &functions, "mine").await,
        };
        let held = bench.wire.on("TransactWriteItems").hold();
        let meanwhile = async {
            held.arrived().await;
            bench.stop_execution(&request).await;
            bench.reconcile().await;
            held.release();
            bench.snapshot(&request).await
        };
        let (late, restarted) = tokio::join!(functions.call(function, &first), meanwhile);
        assert_eq!(late.expect("a late step is no error")["Next"], "End", "{function:?}");
        assert_eq!(restarted.request.execution, 2);
        assert_eq!(bench.snapshot(&request).await, restarted, "{function:?}");
        assert_eq!((bench.done().operations, bench.holders().await.len()), (0, 1));
    }
}

#[tokio::test]
async fn an_execution_that_is_superseded_while_it_asks_marks_nothing_overdue() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(super::overdue::TIMED_OUT);
    let (request, event) = super::begun(&bench, &functions, "mine").await;
    let held = bench.wire.on("DescribeRecord").hold();
    let meanwhile = async {
        held.arrived().await;
        bench.stop_execution(&request).await;
        bench.reconcile().await;
        held.release();
        bench.request(&request).await
    };
    let (answer, restarted) = tokio::join!(functions.call(Function::CheckStatus, &event), meanwhile);
    assert_eq!((&answer.expect("a step")["Next"], restarted.execution), (&serde_json::json!("End"), 2));
    assert_eq!(bench.request(&request).await, restarted);
}

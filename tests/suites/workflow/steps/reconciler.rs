//! The reconciler: it repairs what a lost event, record or execution left behind.

use accounts_core::{ExecutionRef, Placement, RequestStatus, execution_input};
use accounts_tests::{Function, Lines, TOPIC_ARN, Workbench, caught};
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;

use super::{EMAIL, begun, everything, refused, valid};

#[tokio::test]
async fn an_execution_that_has_closed_while_its_request_is_open_is_followed_by_the_next_one() {
    for steps in 0..=2 {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = bench.admitted(EMAIL, "mine").await;
        functions.chain(&super::TO_PROVISION[..steps], &event).await;
        assert_eq!(bench.reconcile().await["restarted"], 0, "it runs");
        for number in 2..=3 {
            bench.stop_execution(&request).await;
            assert_eq!(bench.reconcile().await["restarted"], 1, "after {steps} steps");
            let stored = bench.request(&request).await;
            assert_eq!((stored.admission, stored.execution, stored.slot), (1, number, request.slot));
            let execution = bench.engine.execution(&ExecutionRef::of(&stored).name()).expect("an execution");
            assert_eq!(execution.input, execution_input(&stored).expect("an input"));
        }
    }
}

#[tokio::test]
async fn a_next_execution_whose_start_was_lost_is_started_under_the_same_number_with_the_same_input() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted(EMAIL, "mine").await;
    bench.stop_execution(&request).await;
    bench.wire.on("StartExecution").always().drop_call();
    let error = bench.trigger(&[]).handle(&json!({"reconcile": true})).await.expect_err("an error");
    assert_eq!(error.kind(), accounts_core::Kind::Transient);
    let counted = bench.request(&request).await;
    assert_eq!((counted.execution, bench.executions().len()), (2, 1));
    bench.wire.clear();
    assert_eq!(bench.reconcile().await["restarted"], 1);
    assert_eq!(bench.request(&request).await, counted);
    let execution = bench.engine.execution(&ExecutionRef::of(&counted).name()).expect("an execution");
    assert_eq!(execution.input, execution_input(&counted).expect("an input"));
}

#[tokio::test]
async fn a_request_that_is_held_gets_its_next_execution_only_when_it_is_due() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    bench.stop_execution(&request).await;
    assert_eq!(bench.reconcile().await["restarted"], 0);
    bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
        item["ResumeAt"] = json!({"S": "2026-01-01T00:00:00.000Z"});
    });
    assert_eq!(bench.reconcile().await["restarted"], 1);
    let stored = bench.request(&request).await;
    assert_eq!((stored.execution, stored.resume_at, stored.slot), (2, None, request.slot));
}

#[tokio::test]
async fn a_parked_request_waits_until_it_is_due_and_then_at_its_original_age() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    assert_eq!(bench.reconcile().await["unparked"], 0);
    super::check_status::due(&bench, &bench.request(&request).await);
    let report = bench.reconcile().await;
    assert_eq!((&report["unparked"], &report["dispatched"]), (&json!(1), &json!(1)));
    let stored = bench.request(&request).await;
    assert_eq!((stored.parked_until, stored.admission, stored.created_at), (None, 2, request.created_at));
    let executions = [1, 2].map(|admission| format!("{}-{admission}-1", request.request_id));
    assert_eq!(bench.executions(), executions, "each admission has an execution of its own");
}

#[tokio::test]
async fn two_reconcilers_at_once_start_one_execution() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted(EMAIL, "mine").await;
    bench.stop_execution(&request).await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        assert_eq!(bench.reconcile().await["restarted"], 1);
        held.release();
    };
    let (report, ()) = tokio::join!(bench.reconcile(), meanwhile);
    assert_eq!(report["restarted"], 0);
    assert_eq!((bench.request(&request).await.execution, bench.executions().len()), (2, 2));
}

/// A trigger whose metrics are read here.
fn trigger(bench: &Workbench, lines: &Lines) -> StreamTrigger {
    let arn = bench.engine.arn();
    StreamTrigger::connect(&lines.of(&[("SFN_ARN", &arn)]), bench.sdk()).expect("a trigger")
}

#[tokio::test]
async fn an_end_that_nobody_published_is_published_after_a_while() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[("TOPIC_ARN", TOPIC_ARN)]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    bench.wire.on("Publish").always().refuse(403, "AuthorizationError");
    refused(functions.call(Function::UpdateStatus, &event).await);
    bench.wire.clear();

    let schedule = json!({"reconcile": true});
    let patient = bench.trigger(&[("TOPIC_ARN", TOPIC_ARN)]);
    assert_eq!(patient.handle(&schedule).await.expect("a reconciliation")["published"], 0);
    let prompt = bench.trigger(&[("TOPIC_ARN", TOPIC_ARN), ("BACKOFF_SECONDS", "0.0001")]);
    assert_eq!(prompt.handle(&schedule).await.expect("a reconciliation")["published"], 1);
    assert_eq!(prompt.handle(&schedule).await.expect("a reconciliation")["published"], 0);
    assert_eq!(bench.topic.published().len(), 1);
    assert_eq!(bench.request(&request).await.placement(), Placement::Nowhere);
}

#[tokio::test]
async fn the_gauges_say_what_waits_is_parked_holds_a_slot_and_is_overdue() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[("OPERATION_TIMEOUT_SECONDS", "0.0001")]);
    let lines = Lines::default();
    let trigger = trigger(&bench, &lines);
    let schedule = json!({"reconcile": true});
    trigger.handle(&schedule).await.expect("a reconciliation");
    let empty = lines.take();
    assert_eq!(Lines::one(&empty, "SlotsNotOverdue"), 5.0);
    assert!(empty.iter().all(|line| line.0 == "SlotsNotOverdue" || line.2 == 0.0), "{empty:?}");

    let (_, event) = begun(&bench, &functions, "mine").await;
    functions.chain(&[Function::CheckStatus], &event).await;
    let (_, parked) = bench.admitted("parked@example.com", "parked").await;
    functions.chain(&[Function::UpdateFailed], &caught(&parked, "AccessDenied", "none")).await;
    for age in [500.0, 100.0] {
        let at = accounts_lambda::now().plus_seconds(-age);
        bench.accept_at(&format!("w{age}@example.com"), &format!("w{age}"), at).await;
    }
    trigger.handle(&schedule).await.expect("a reconciliation");
    let written = lines.take();
    for (name, value) in [
        ("WaitingRequests", 2.0),
        ("ParkedRequests", 1.0),
        ("SlotsInUse", 1.0),
        ("OverdueRequests", 1.0),
        ("SlotsNotOverdue", 4.0),
        ("PoolPaused", 1.0),
    ] {
        assert_eq!(Lines::one(&written, name), value, "{name}");
    }
    let oldest = Lines::one(&written, "OldestWaitingSeconds");
    assert!((500.0..560.0).contains(&oldest), "{oldest}");
    assert!(written.iter().all(|line| line.1.as_deref() == Some("control-tower")));
}

#[tokio::test]
async fn one_part_that_fails_stops_no_other_and_makes_the_run_a_loud_error() {
    let bench = Workbench::start(600.0).await;
    let (broken, _) = bench.admitted("broken@example.com", "broken").await;
    let (lost, _) = bench.admitted("lost@example.com", "lost").await;
    bench.stop_execution(&lost).await;
    let record = format!("REQUEST#{}", broken.request_id);
    bench.items.edit("broken@example.com", &record, |item| item["Status"] = json!({"S": "Odd"}));
    bench.accept(EMAIL, "waiting").await;
    let error = bench.trigger(&[]).handle(&json!({"reconcile": true})).await.expect_err("an error");
    assert_eq!(error.kind(), accounts_core::Kind::Internal);
    assert_eq!(bench.request(&lost).await.execution, 2);
    assert_eq!(bench.holders().await.len(), 3, "the waiting one has its slot");
}

#[tokio::test]
async fn where_step_functions_does_not_answer_nothing_is_concluded() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted(EMAIL, "mine").await;
    bench.stop_execution(&request).await;
    bench.wire.on("DescribeExecution").always().refuse(400, "AccessDeniedException");
    let before = everything(&bench);
    let error = bench.trigger(&[]).handle(&json!({"reconcile": true})).await.expect_err("an error");
    assert_eq!((error.kind(), everything(&bench)), (accounts_core::Kind::AccessDenied, before));
}

#[tokio::test]
async fn an_execution_that_waits_for_its_redrive_is_followed_by_no_other() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted(EMAIL, "mine").await;
    bench.wire.on("DescribeExecution").answer(&json!({
        "executionArn": "arn", "stateMachineArn": "arn", "startDate": 1, "status": "PENDING_REDRIVE",
    }));
    assert_eq!(bench.reconcile().await["restarted"], 0);
    assert_eq!(bench.request(&request).await, request);
}

#[tokio::test]
async fn a_request_that_has_ended_gets_no_execution() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = bench.admitted(EMAIL, "mine").await;
    functions.run(&event).await.expect("an end");
    bench.stop_execution(&request).await;
    let before = everything(&bench);
    bench.reconcile().await;
    assert_eq!((everything(&bench), bench.executions().len()), (before, 1));
    assert_eq!(bench.request(&request).await.status, RequestStatus::Provisioned);
}

#[tokio::test]
async fn the_sample_event_is_a_reconciliation_and_one_that_is_not_asked_for_is_none() {
    let bench = Workbench::start(600.0).await;
    let sample: Value =
        serde_json::from_str(include_str!("../../../../samples/reconcile.json")).expect("JSON");
    let report = bench.trigger(&[]).handle(&sample).await.expect("a reconciliation");
    assert_eq!(report, json!({"unparked": 0, "restarted": 0, "dispatched": 0, "published": 0, "watched": 0}));
    for event in [json!({"reconcile": false}), json!({"reconcile": "true"}), json!({"sweep": true})] {
        let error = bench.trigger(&[]).handle(&event).await.expect_err("an error");
        assert_eq!(error.kind(), accounts_core::Kind::Invalid, "{event}");
    }
}

#[tokio::test]
async fn of_two_reconcilers_at_once_one_puts_a_parked_request_back() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    super::check_status::due(&bench, &bench.request(&request).await);
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        assert_eq!(bench.reconcile().await["unparked"], 1);
        held.release();
    };
    let (report, ()) = tokio::join!(bench.reconcile(), meanwhile);
    assert_eq!((&report["unparked"], bench.request(&request).await.admission), (&json!(0), 2));
}

//! `update-failed`: the table decides, whatever shape the failure is told in.

use accounts_core::{AccountStatus, Kind, Request, RequestStatus};
use accounts_tests::{Function, Functions, Workbench, caught, start_event};
use serde_json::{Value, json};

use super::{EMAIL, begun, everything, refused, valid};

/// A request that has come so far, and the event of its next step.
async fn at(bench: &Workbench, functions: &Functions, status: RequestStatus) -> (Request, Value) {
    match status {
        RequestStatus::Requested => bench.admitted(EMAIL, "mine").await,
        RequestStatus::Valid => valid(bench, functions, "mine").await,
        _ => begun(bench, functions, "mine").await,
    }
}

/// What EventBridge sends when an execution ended by itself; the input is the execution's first.
fn execution_ended(request: &Request, status: &str) -> Value {
    json!({
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "detail": {
            "status": status, "input": start_event(request).to_string(), "output": null,
            "error": "Internal", "cause": "a secret of ours",
        },
    })
}

#[tokio::test]
async fn a_fault_of_ours_before_anything_was_started_parks_the_request_and_frees_its_slot() {
    for status in [RequestStatus::Requested, RequestStatus::Valid] {
        for kind in Kind::ALL {
            let bench = Workbench::start(600.0).await;
            let functions = bench.functions(&[]);
            let (request, event) = at(&bench, &functions, status).await;
            let event = caught(&event, kind.name(), "It went wrong.");
            assert_eq!(functions.chain(&[Function::UpdateFailed], &event).await["Next"], "End");
            let stored = bench.snapshot(&request).await;
            assert_eq!(
                (stored.request.status, stored.account.status),
                (RequestStatus::Requested, AccountStatus::Requested),
                "{kind:?} at {status}"
            );
            assert!(stored.request.parked_until.is_some() && stored.request.slot.is_none());
            assert_eq!(stored.request.setbacks, 1);
            assert_eq!(bench.holders().await, []);
            assert_eq!(bench.items.get("NAME#mine", "CLAIM")["Owner"]["S"], EMAIL);
            assert_eq!(bench.pause().await.is_some(), kind.pauses_pool(), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn an_operation_that_may_be_running_keeps_its_slot_and_goes_on_later() {
    for (what, lost) in [("begun", false), ("unanswered", true)] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        if lost {
            bench.wire.on("ProvisionProduct").lose_answer();
        }
        let event = functions.chain(&[Function::Provision], &event).await;
        for told in [caught(&event, "Transient", "none"), execution_ended(&request, "FAILED")] {
            functions.chain(&[Function::UpdateFailed], &told).await;
            let stored = bench.request(&request).await;
            assert_eq!((stored.status, stored.slot), (RequestStatus::InProgress, request.slot), "{what}");
            assert!(stored.resume_at.is_some() && stored.parked_until.is_none());
            assert_eq!(stored.setbacks, 1, "it is told twice, and counts once");
        }
    }
}

#[tokio::test]
async fn the_reason_is_kept_from_whatever_shape_it_comes_in() {
    const SENTENCE: &str = "The table could not be read.";
    for (what, sentence, shape) in [
        ("a Catch", SENTENCE, (|event| caught(event, "Transient", SENTENCE)) as fn(&Value) -> Value),
        ("a redriven execution", SENTENCE, |event| {
            let cause = json!({"errorMessage": SENTENCE}).to_string();
            json!({"input": event.to_string(), "Error": "Transient", "Cause": cause})
        }),
        ("EventBridge", "An operator stopped the execution.", |event| {
            json!({
                "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
                "detail": {"status": "ABORTED", "input": event.to_string()},
            })
        }),
        (
            "EventBridge in time",
            "The execution ran out of time.",
            |event| json!({"detail": {"status": "TIMED_OUT", "input": event.to_string(), "output": null}}),
        ),
        ("an on-failure destination", "A step of the workflow failed", |event| {
            json!({
                "version": "1.0", "requestContext": {"condition": "RetriesExhausted"},
                "requestPayload": caught(event, "Internal", "a secret of ours"),
                "responsePayload": {"errorMessage": "a secret of ours"},
            })
        }),
        ("the runtime", "A step of the workflow failed", |event| {
            caught(event, "Runtime.ExitError", "at 10.0.0.1")
        }),
        ("a timeout", "did not end in time", |event| caught(event, "States.Timeout", "")),
        ("nobody in particular", "The execution ended without a reason.", Value::clone),
    ] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = at(&bench, &functions, RequestStatus::Valid).await;
        functions.chain(&[Function::UpdateFailed], &shape(&event)).await;
        let reason = bench.request(&request).await.park_reason.expect("a reason");
        assert!(reason.contains(sentence), "{what}: {reason}");
        assert!(!reason.contains("secret") && !reason.contains("10.0.0.1"), "{what}: {reason}");
    }
}

#[tokio::test]
async fn the_error_that_comes_with_the_event_decides_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = at(&bench, &functions, RequestStatus::InProgress).await;
    let found = functions.chain(&[Function::CheckStatus], &event).await;
    functions.chain(&[Function::UpdateFailed], &caught(&found, "Invalid", "There is no such unit.")).await;
    let held = bench.request(&request).await;
    assert_eq!((held.status, held.slot, held.error_message), (RequestStatus::InProgress, request.slot, None));
    functions.chain(&[Function::UpdateStatus], &found).await;
    assert_eq!(bench.request(&request).await.status, RequestStatus::Provisioned);
}

#[tokio::test]
async fn a_request_that_is_parked_again_and_again_waits_longer_and_is_alarmed_and_never_fails() {
    let bench = Workbench::start(600.0).await;
    let lines = accounts_tests::Lines::default();
    let functions = bench.functions_with(&lines.of(&[("BACKOFF_SECONDS", "100")]));
    let (request, mut event) = bench.admitted(EMAIL, "mine").await;
    for (setbacks, seconds) in [100.0, 200.0, 400.0, 800.0, 1600.0].into_iter().enumerate() {
        lines.take();
        functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
        let parked = bench.request(&request).await;
        let waits = parked.parked_until.expect("a time").seconds_since(parked.updated_at);
        assert!((waits - seconds).abs() < 1.0, "{waits}");
        assert_eq!(lines.take().len(), usize::from(setbacks == 4), "alarmed from the fifth time on");
        super::check_status::due(&bench, &parked);
        assert_eq!(bench.reconcile().await["unparked"], 1);
        let again = bench.request(&request).await;
        assert_eq!(again.created_at, request.created_at);
        event = start_event(&again);
    }
}

#[tokio::test]
async fn a_request_that_has_ended_is_never_moved_again() {
    for name in ["mine", "sim-account-limit", "sim-tainted"] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = begun(&bench, &functions, name).await;
        functions.run_from(Function::CheckStatus, &event).await.expect("an end");
        let before = everything(&bench);
        let status = bench.request(&request).await.status;
        for late in [
            event.clone(),
            caught(&event, "Internal", "none"),
            caught(&event, "AccessDenied", "none"),
            execution_ended(&request, "FAILED"),
            execution_ended(&request, "ABORTED"),
        ] {
            let answer = functions.call(Function::UpdateFailed, &late).await.expect("nothing to do");
            assert_eq!((&answer["Status"], &answer["Next"]), (&json!(status), &json!("End")), "{late}");
            assert_eq!(everything(&bench), before, "{late}");
        }
    }
}

#[tokio::test]
async fn what_it_cannot_store_is_a_loud_error() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    for (event, kind) in [
        (json!(null), Kind::Invalid),
        (json!({"detail": {"status": "FAILED"}}), Kind::Invalid),
        (json!({"detail": {"status": "FAILED", "input": null}}), Kind::Invalid),
        (json!({"RequestID": "x", "AccountEmail": EMAIL}), Kind::Invalid),
    ] {
        assert_eq!(refused(functions.call(Function::UpdateFailed, &event).await).0, kind, "{event}");
    }
    bench.wire.on("TransactWriteItems").always().refuse(400, "AccessDeniedException");
    assert_eq!(refused(functions.call(Function::UpdateFailed, &event).await).0, Kind::AccessDenied);
}

#[tokio::test]
async fn a_failure_never_frees_the_name_of_somebody_else_and_ends_without_one() {
    let foreign = json!({
        "AccountEmail": {"S": "NAME#sim-account-limit"}, "Record": {"S": "CLAIM"},
        "Owner": {"S": "other@example.com"}, "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"},
    });
    for claim in [Some(foreign), None] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = begun(&bench, &functions, "sim-account-limit").await;
        match &claim {
            Some(foreign) => bench.items.put(foreign),
            None => bench.items.delete("NAME#sim-account-limit", "CLAIM"),
        }
        functions.run_from(Function::CheckStatus, &event).await.expect("an end");
        assert_eq!(bench.request(&request).await.status, RequestStatus::Failed);
        assert_eq!(bench.holders().await, []);
        let left = bench.items.get("NAME#sim-account-limit", "CLAIM");
        assert_eq!(Some(left).filter(|left| !left.is_null()), claim);
    }
}

#[tokio::test]
async fn an_account_that_may_exist_under_an_id_that_another_has_claimed_ends_its_request_all_the_same() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "sim-tainted").await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    let id = format!("ID#{}", bench.done().accounts[0].id);
    let claim = json!({
        "AccountEmail": {"S": id}, "Record": {"S": "CLAIM"}, "Owner": {"S": "other@example.com"},
        "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"},
    });
    bench.items.put(&claim);
    functions.chain(&[Function::UpdateFailed], &event).await;
    let stored = bench.request(&request).await;
    assert_eq!((stored.status, stored.account_may_exist), (RequestStatus::Failed, true));
    assert_eq!((bench.holders().await, bench.items.get(&id, "CLAIM")), (vec![], claim));
}

#[tokio::test]
async fn a_request_is_parked_for_what_stopped_it_in_this_admission() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = bench.admitted(EMAIL, "sim-refused-late").await;
    functions.run(&event).await.expect("an end");
    let reason = bench.request(&request).await.park_reason.expect("a reason");
    assert!(reason.contains("another AWS Control Tower operation is in progress"), "{reason}");

    bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
        item["ParkedUntil"] = json!({"S": "2026-01-01T00:00:00.000Z"});
        item["QueueOrder"] = json!({"S": "2026-01-01T00:00:00.000Z"});
    });
    bench.reconcile().await;
    let event = start_event(&bench.request(&request).await);
    let event = functions.chain(&[Function::Validate], &event).await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "AccessDenied", "no")).await;
    let reason = bench.request(&request).await.park_reason.expect("a reason");
    assert_eq!(reason, "A permission of the account factory is missing.");
}

//! What `update-failed` makes of whatever it is told.

use accounts_core::{AccountRequest, Kind, Status};
use accounts_tests::{Function, Functions, Workbench, start_event};
use serde_json::{Value, json};

use super::{caught, refused};

const EMAIL: &str = "user@example.com";

/// A request that has come so far.
async fn at(bench: &Workbench, functions: &Functions, status: Status) -> (AccountRequest, Value) {
    let mut event = start_event(&bench.accept(EMAIL, "mine").await);
    let way = [Function::Validate, Function::Provision];
    let steps = match status {
        Status::Requested => 0,
        Status::Valid => 1,
        _ => 2,
    };
    event = functions.chain(&way[..steps], &event).await;
    (bench.stored(EMAIL).await, event)
}

#[tokio::test]
async fn the_reason_is_kept_from_whatever_shape_it_comes_in() {
    let sentence = "There is no organizational unit Nowhere.";
    for (what, shape) in [
        (
            "a Catch",
            (|event| caught(event, "Invalid", "There is no organizational unit Nowhere."))
                as fn(&Value) -> Value,
        ),
        ("a verdict", |event| {
            let mut event = event.clone();
            event["Status"] = json!("Failed");
            event["Failure"] =
                json!({"Reason": "There is no organizational unit Nowhere.", "AccountMayExist": false});
            event
        }),
        ("a redriven execution", |event| {
            let cause = json!({"errorMessage": "There is no organizational unit Nowhere."}).to_string();
            json!({"input": event.to_string(), "Error": "Invalid", "Cause": cause})
        }),
    ] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (_, event) = at(&bench, &functions, Status::Requested).await;
        let answer = functions.call(Function::UpdateFailed, &shape(&event)).await.expect("a step");
        assert_eq!(answer["Status"], "Failed", "{what}");
        let stored = bench.stored(EMAIL).await;
        assert_eq!(stored.error_message.as_deref(), Some(sentence), "{what}");
        assert!(stored.may_be_asked_again(), "{what}");
        assert_eq!(bench.table.item("NAME#mine").await, Value::Null, "{what}: the name is free");
    }
}

#[tokio::test]
async fn other_senders_are_understood_too() {
    for (what, sentence, shape) in [
        (
            "EventBridge",
            "An operator stopped the workflow.",
            (|event| {
                json!({
                    "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
                    "detail": {"status": "ABORTED", "input": event.to_string()},
                })
            }) as fn(&Value) -> Value,
        ),
        (
            "EventBridge in time",
            "The workflow ran out of time.",
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
        ("nobody in particular", "The workflow ended without a reason.", Value::clone),
    ] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (_, event) = at(&bench, &functions, Status::Valid).await;
        functions.call(Function::UpdateFailed, &shape(&event)).await.expect("a step");
        let stored = bench.stored(EMAIL).await;
        assert_eq!(stored.status, Status::Failed, "{what}");
        let reason = stored.error_message.expect("a reason");
        assert!(reason.contains(sentence), "{what}: {reason}");
        assert!(!reason.contains("secret") && !reason.contains("10.0.0.1"), "{what}: {reason}");
    }
}

/// What EventBridge sends when an execution ended by itself; the input is the execution's first.
fn execution_ended(request: &AccountRequest, status: &str, cause: &str) -> Value {
    json!({
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "detail": {
            "name": request.request_id, "status": status, "input": start_event(request).to_string(),
            "inputDetails": {"included": true}, "output": null, "outputDetails": null,
            "error": "Internal", "cause": cause,
        },
    })
}

#[tokio::test]
async fn an_execution_that_failed_because_its_end_could_not_be_written_has_it_written_after_all() {
    for (status, may_exist) in
        [(Status::Requested, false), (Status::Valid, false), (Status::InProgress, true)]
    {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, _) = at(&bench, &functions, status).await;
        let event = execution_ended(&request, "FAILED", "a secret of ours");
        functions.call(Function::UpdateFailed, &event).await.expect("a step");

        let stored = bench.stored(EMAIL).await;
        assert_eq!((stored.status, stored.account_may_exist), (Status::Failed, may_exist), "{status}");
        let reason = stored.error_message.expect("a reason");
        assert!(
            reason.contains("before its end could be recorded") && !reason.contains("secret"),
            "{reason}"
        );
        assert_eq!(reason.contains("may exist"), may_exist, "{reason}");
        assert_eq!(bench.table.holders().await, [""; 0], "{status}");
    }
}

#[tokio::test]
async fn an_execution_that_was_stopped_after_its_end_was_written_changes_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = at(&bench, &functions, Status::InProgress).await;
    functions.chain(&[Function::CheckStatus, Function::UpdateStatus], &event).await;
    let before = bench.item(EMAIL).await;
    for status in ["FAILED", "ABORTED", "TIMED_OUT"] {
        let late = execution_ended(&request, status, "");
        assert_eq!(functions.chain(&[Function::UpdateFailed], &late).await["Status"], "Provisioned");
        assert_eq!(bench.item(EMAIL).await, before, "{status}");
    }
}

#[tokio::test]
async fn a_request_in_progress_without_a_verdict_may_have_an_account() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = at(&bench, &functions, Status::InProgress).await;
    let failed = caught(&event, "Transient", "The landing zone could not be asked.");
    functions.call(Function::UpdateFailed, &failed).await.expect("a step");

    let stored = bench.stored(EMAIL).await;
    assert_eq!((stored.status, stored.account_may_exist), (Status::Failed, true));
    let (reason, record) = (stored.error_message.expect("a reason"), request.record_id.expect("a record"));
    assert!(reason.starts_with("The landing zone could not be asked."), "{reason}");
    assert!(reason.contains("may exist") && reason.contains(&record), "{reason}");
    assert_ne!(bench.table.item("NAME#mine").await, Value::Null, "the name stays taken");
    assert_eq!(bench.table.holders().await, [""; 0], "the slot is free");
}

#[tokio::test]
async fn an_account_that_exists_is_recorded_with_a_note_and_never_as_failed() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = at(&bench, &functions, Status::InProgress).await;
    let found = functions.chain(&[Function::CheckStatus], &event).await;
    let failed = caught(&found, "Transient", "The account's tags could not be set.");
    let answer = functions.call(Function::UpdateFailed, &failed).await.expect("a step");
    assert_eq!(answer["Status"], "Provisioned");

    let stored = bench.stored(EMAIL).await;
    assert_eq!(stored.status, Status::Provisioned);
    assert_eq!(stored.account_id.expect("an account").as_str(), bench.done().accounts[0].id);
    let note = stored.error_message.expect("a note");
    assert!(note.contains("The account exists") && note.contains("tags could not be set"), "{note}");
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn a_provisioned_request_never_becomes_a_failed_one() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = at(&bench, &functions, Status::InProgress).await;
    functions.chain(&[Function::CheckStatus, Function::UpdateStatus], &event).await;
    let before = bench.item(EMAIL).await;
    let mut verdict = event.clone();
    verdict["Failure"] = json!({"Reason": "none", "AccountMayExist": true});
    let aborted = json!({"detail": {"status": "ABORTED", "input": event.to_string()}});
    for late in [event.clone(), verdict, caught(&event, "Internal", "none"), aborted] {
        let answer = functions.call(Function::UpdateFailed, &late).await.expect("nothing to record");
        assert_eq!(answer["Status"], "Provisioned", "{late}");
        assert_eq!(bench.item(EMAIL).await, before, "{late}");
    }
}

#[tokio::test]
async fn the_first_reason_stands() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = at(&bench, &functions, Status::Valid).await;
    for reason in ["The first.", "The second."] {
        functions.chain(&[Function::UpdateFailed], &caught(&event, "Denied", reason)).await;
    }
    assert_eq!(bench.stored(EMAIL).await.error_message.as_deref(), Some("The first."));
}

#[tokio::test]
async fn what_it_cannot_record_is_a_loud_error() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let stranger = json!({"RequestID": "0b8f2c3e-0000-4000-8000-000000000001", "AccountEmail": EMAIL});
    for (event, kind) in [
        (json!(null), Kind::Invalid),
        (json!({"detail": {"status": "FAILED"}}), Kind::Invalid),
        (
            json!({"detail": {"status": "FAILED", "input": null, "inputDetails": {"included": false}}}),
            Kind::Invalid,
        ),
        (json!({"RequestID": "x", "AccountEmail": EMAIL}), Kind::Invalid),
        (stranger, Kind::NotFound),
    ] {
        assert_eq!(refused(functions.call(Function::UpdateFailed, &event).await).0, kind, "{event}");
    }
}

#[tokio::test]
async fn a_failure_never_frees_the_name_of_somebody_else() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = at(&bench, &functions, Status::Valid).await;
    let foreign = json!({
        "AccountEmail": {"S": "NAME#mine"}, "Owner": {"S": "other@example.com"},
        "RequestID": {"S": "0b8f2c3e-0000-4000-8000-000000000001"},
    });
    bench.table.put(&foreign).await;
    let outcome = functions.call(Function::UpdateFailed, &caught(&event, "Denied", "none")).await;
    assert_eq!(bench.table.item("NAME#mine").await, foreign, "{outcome:?}");
}

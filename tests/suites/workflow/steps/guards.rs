//! The conditions of the table's writes, each clause by a change between the read and the write.

use accounts_core::{Fields, Kind, OperationState, RequestStatus};
use accounts_tests::{Function, Workbench, caught};
use serde_json::{Value, json};

use super::{EMAIL, begun, valid};

const SLOTS: &str = "SLOT#control-tower";
const OTHER: &str = "0b8f2c3e-0000-7000-8000-000000000001";
const PAST: &str = "2026-01-01T00:00:00.000Z";

#[tokio::test]
async fn an_account_that_changes_between_the_read_and_the_write_is_not_written_over() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = bench.admitted(EMAIL, "mine").await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        bench.items.edit(EMAIL, "ACCOUNT", |item| {
            item["ErrorMessage"] = json!({"S": "somebody wrote this"});
            item["Version"] = json!({"N": "2"});
        });
        held.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Validate, &event), meanwhile);
    assert_eq!(answer.expect("a step")["Status"], "Valid");
    let stored = bench.snapshot(&request).await;
    assert_eq!((stored.account.version, stored.request.status), (3, RequestStatus::Valid));
    assert_eq!(stored.account.error_message.as_deref(), Some("somebody wrote this"));
}

#[tokio::test]
async fn an_operation_that_changes_between_the_read_and_the_write_is_not_written_over() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").lose_answer();
    functions.chain(&[Function::Provision], &event).await;
    // The second attempt is refused, and its answer is written while the first one is found.
    bench.landing_zone.set_denied("ProvisionProduct", true);
    let held = bench.wire.on("TransactWriteItems").nth(2).hold();
    let meanwhile = async {
        held.arrived().await;
        functions.chain(&[Function::CheckStatus], &event).await;
        held.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    assert_eq!(answer.expect_err("an error").kind(), Kind::AccessDenied);
    let operation = bench.operation(&request).await;
    assert_eq!((operation.state, operation.handle.is_some()), (OperationState::Begun, true));
}

#[tokio::test]
async fn an_operation_that_was_found_between_the_look_and_the_conclusion_is_not_concluded() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(super::EXPIRED);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.landing_zone.hide_products(true);
    bench.wire.on("ProvisionProduct").lose_answer();
    bench.wire.on("ProvisionProduct").refuse(400, "InvalidParametersException");
    let patient = bench.functions(&[]);
    patient.chain(&[Function::Provision, Function::Provision], &event).await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        bench.landing_zone.hide_products(false);
        patient.chain(&[Function::CheckStatus], &event).await;
        held.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::CheckStatus, &event), meanwhile);
    assert_eq!(answer.expect("a step")["Next"], "Wait");
    let operation = bench.operation(&request).await;
    assert_eq!((operation.state, operation.outcome), (OperationState::Begun, None));
}

#[tokio::test]
async fn an_attempt_that_another_one_announced_meanwhile_gets_a_number_of_its_own() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").times(2).drop_call();
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        functions.chain(&[Function::Provision], &event).await;
        held.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    answer.expect("a step");
    let operation = bench.operation(&request).await;
    let numbers: Vec<_> = operation.unanswered.iter().map(|attempt| attempt.number).collect();
    assert_eq!((operation.number, operation.attempts, numbers), (1, 2, vec![1, 2]));
}

/// The slot is somebody else's, or of another admission.
fn other_slots() -> [(&'static str, Value); 2] {
    [("RequestID", json!({"S": OTHER})), ("Admission", json!({"N": "7"}))]
}

#[tokio::test]
async fn a_step_whose_request_does_not_hold_its_slot_writes_nothing() {
    for (attribute, value) in other_slots() {
        for function in [Function::Validate, Function::Provision, Function::UpdateFailed] {
            let bench = Workbench::start(600.0).await;
            let functions = bench.functions(&[]);
            let (_, event) = match function {
                Function::Validate => bench.admitted(EMAIL, "mine").await,
                Function::Provision => valid(&bench, &functions, "mine").await,
                _ => begun(&bench, &functions, "mine").await,
            };
            bench.items.edit(SLOTS, "1", |item| item[attribute] = value.clone());
            let before = bench.items.all();
            let error = functions.call(function, &event).await.expect_err("an error");
            assert_eq!(error.kind(), Kind::Transient, "{function:?} {attribute}");
            assert_eq!(bench.items.all(), before, "{function:?} {attribute}");
        }
    }
}

#[tokio::test]
async fn no_end_releases_a_slot_that_is_not_the_requests() {
    for (attribute, value) in other_slots() {
        for (name, function) in [
            ("mine", Function::UpdateStatus),
            ("sim-account-limit", Function::UpdateFailed),
            ("sim-refused-late", Function::UpdateFailed),
        ] {
            let bench = Workbench::start(0.0).await;
            let functions = bench.functions(&[]);
            let (_, event) = begun(&bench, &functions, name).await;
            let event = functions.chain(&[Function::CheckStatus], &event).await;
            bench.items.edit(SLOTS, "1", |item| item[attribute] = value.clone());
            let before = bench.items.all();
            let error = functions.call(function, &event).await.expect_err("an error");
            assert_eq!(error.kind(), Kind::Transient, "{name} {attribute}");
            assert_eq!(bench.items.all(), before, "{name} {attribute}");
        }
    }
}

#[tokio::test]
async fn an_orphan_slot_that_was_given_again_meanwhile_is_not_freed() {
    for (attribute, value) in other_slots() {
        let bench = Workbench::start(600.0).await;
        bench.items.put(&json!({
            "AccountEmail": {"S": SLOTS}, "Record": {"S": "1"}, "Owner": {"S": "nobody@example.com"},
            "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000002"}, "Admission": {"N": "1"},
            "TakenAt": {"S": PAST},
        }));
        let held = bench.wire.on("TransactWriteItems").hold();
        let meanwhile = async {
            held.arrived().await;
            bench.items.edit(SLOTS, "1", |item| item[attribute] = value);
            held.release();
        };
        tokio::join!(bench.reconcile(), meanwhile);
        assert_eq!(bench.holders().await.len(), 1, "{attribute}");
    }
}

#[tokio::test]
async fn of_two_that_pause_a_pool_at_once_one_counts() {
    for paused_before in [false, true] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (_, first) = bench.admitted("first@example.com", "first").await;
        let (_, second) = bench.admitted("second@example.com", "second").await;
        if paused_before {
            bench.items.put(&json!({
                "AccountEmail": {"S": "POOL#control-tower"}, "Record": {"S": "STATE"},
                "PausedUntil": {"S": PAST}, "Reason": {"S": "before"}, "Pauses": {"N": "1"},
            }));
        }
        let (first, second) =
            (caught(&first, "Throttled", "the first"), caught(&second, "AccessDenied", "none"));
        let held = bench.wire.on("TransactWriteItems").containing("POOL#").hold();
        let meanwhile = async {
            held.arrived().await;
            functions.chain(&[Function::UpdateFailed], &second).await;
            held.release();
            bench.pause().await
        };
        let (answer, paused) = tokio::join!(functions.call(Function::UpdateFailed, &first), meanwhile);
        answer.expect("a step");
        let pause = bench.pause().await;
        assert_eq!(pause, paused, "paused before: {paused_before}");
        assert_eq!(pause.expect("a pause").pauses, 1 + u32::from(paused_before));
    }
}

#[tokio::test]
async fn a_pause_that_was_ended_and_begun_anew_meanwhile_is_not_written_over() {
    const LATER: &str = "2099-01-01T00:00:00.000Z";
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = bench.admitted(EMAIL, "mine").await;
    let pause = |until: &str| {
        json!({
            "AccountEmail": {"S": "POOL#control-tower"}, "Record": {"S": "STATE"},
            "PausedUntil": {"S": until}, "Reason": {"S": "before"}, "Pauses": {"N": "1"},
        })
    };
    bench.items.put(&pause(PAST));
    let held = bench.wire.on("TransactWriteItems").containing("POOL#").hold();
    let meanwhile = async {
        held.arrived().await;
        bench.items.put(&pause(LATER));
        held.release();
    };
    let event = caught(&event, "Throttled", "rejected");
    let (answer, ()) = tokio::join!(functions.call(Function::UpdateFailed, &event), meanwhile);
    answer.expect("a step");
    let pause = bench.pause().await.expect("a pause");
    assert_eq!((pause.paused_until.to_string().as_str(), pause.pauses), (LATER, 1));
}

#[tokio::test]
async fn the_outcome_that_is_stored_first_stands() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        let reason = "An operator has found none.".to_owned();
        let outcome =
            accounts_core::OperationOutcome::Failed { reason, account_may_exist: false, account_id: None };
        let snapshot = bench.snapshot(&request).await;
        let ended = bench.table.change_operation(snapshot, 1, accounts_lambda::now(), |operation| {
            operation.ended(outcome.clone(), accounts_lambda::now())
        });
        ended.await.expect("an outcome");
        held.release();
        bench.operation(&request).await
    };
    let (answer, stored) = tokio::join!(functions.call(Function::CheckStatus, &event), meanwhile);
    assert_eq!(answer.expect("a step")["Next"], "UpdateFailed");
    assert_eq!(bench.operation(&request).await, stored);
    let again = stored.accepted(Fields::new(), accounts_lambda::now());
    assert_eq!(again, None);
}

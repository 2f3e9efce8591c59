//! Transactions that meet others: tried again, whatever else their cancellation says.

use accounts_core::{Acceptance, IdempotencyKey, Kind, RequestStatus};
use accounts_lambda::now;
use accounts_tests::{Function, Workbench, body, caught};
use serde_json::{Value, json};

use super::{EMAIL, begun, everything, refused};

fn none() -> Value {
    json!({"Code": "None"})
}

fn conflict() -> Value {
    json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"})
}

fn failed() -> Value {
    json!({"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"})
}

#[tokio::test]
async fn a_release_that_meets_another_transaction_is_tried_again() {
    for (name, function) in [
        ("mine", Function::UpdateStatus),
        ("sim-account-limit", Function::UpdateFailed),
        ("sim-refused-late", Function::UpdateFailed),
    ] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = begun(&bench, &functions, name).await;
        let event = functions.chain(&[Function::CheckStatus], &event).await;
        bench.wire.on("TransactWriteItems").times(3).cancel(&[none(), none(), conflict()]);
        functions.chain(&[function], &event).await;
        assert_eq!(bench.holders().await, [], "{name}");
        let stored = bench.request(&request).await;
        assert_eq!(stored.slot, None);
        assert_eq!(stored.status.is_final(), name != "sim-refused-late");
    }
}

#[tokio::test]
async fn a_transaction_that_meets_others_each_time_is_an_error_and_changes_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    let before = everything(&bench).0;
    bench.wire.on("TransactWriteItems").always().cancel(&[none(), conflict()]);
    assert_eq!(refused(functions.call(Function::UpdateStatus, &event).await).0, Kind::Transient);
    assert_eq!(everything(&bench).0, before);
    bench.wire.clear();
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Transient", "none")).await;
    assert_eq!(bench.request(&request).await.slot, request.slot, "the account exists, and is not given up");
    functions.chain(&[Function::UpdateStatus], &event).await;
    assert_eq!(bench.request(&request).await.status, RequestStatus::Provisioned);
}

#[tokio::test]
async fn a_failed_condition_beside_a_conflict_was_judged_too_early() {
    let key = IdempotencyKey { caller: "s-1".to_owned(), key: "k".to_owned() };
    for reasons in [
        vec![failed(), none(), none(), none(), conflict()],
        vec![failed(), none(), none(), failed(), conflict()],
        vec![conflict(), none(), none(), failed(), failed()],
    ] {
        let bench = Workbench::start(0.0).await;
        bench.wire.on("TransactWriteItems").cancel(&reasons);
        let body = body(EMAIL, "mine");
        let (request, acceptance) =
            bench.try_accept(&body, Some(&key), now()).await.expect("the table answers");
        assert!(matches!(acceptance, Acceptance::Accepted(_)), "{acceptance:?} for {reasons:?}");
        assert_eq!(bench.request(&request).await, request);
    }
}

#[tokio::test]
async fn a_failed_condition_beside_a_conflict_ends_no_admission() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept(EMAIL, "mine").await;
    bench.wire.on("TransactWriteItems").cancel(&[conflict(), failed(), none()]);
    bench.dispatch(&[&request]).await;
    assert_eq!(bench.request(&request).await.slot, Some(1), "the first slot was free");
}

#[tokio::test]
async fn a_cancellation_for_too_many_writes_is_throttling() {
    let bench = Workbench::start(0.0).await;
    let throttled = json!({"Code": "ThrottlingError", "Message": "Throughput exceeded"});
    bench.wire.on("TransactWriteItems").always().cancel(&[none(), throttled]);
    let error = bench.try_accept(&body(EMAIL, "mine"), None, now()).await.expect_err("an error");
    assert_eq!(error.kind(), Kind::Throttled);
}

#[tokio::test]
async fn an_orphan_slot_whose_release_meets_a_transaction_is_freed_all_the_same() {
    let bench = Workbench::start(0.0).await;
    bench.items.put(&json!({
        "AccountEmail": {"S": "SLOT#control-tower"}, "Record": {"S": "1"}, "Owner": {"S": "nobody@example.com"},
        "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"}, "Admission": {"N": "1"},
        "TakenAt": {"S": "2026-01-01T00:00:00.000Z"},
    }));
    bench.wire.on("TransactWriteItems").cancel(&[conflict()]);
    bench.reconcile().await;
    assert_eq!(bench.wire.count("TransactWriteItems"), 2, "it is tried again");
    assert_eq!(bench.holders().await, []);
}

#[tokio::test]
async fn a_cancellation_that_gives_no_reason_is_an_error() {
    let bench = Workbench::start(0.0).await;
    bench.wire.on("TransactWriteItems").always().cancel(&[]);
    let error = bench.try_accept(&body(EMAIL, "mine"), None, now()).await.expect_err("an error");
    assert_eq!((error.kind(), bench.wire.count("TransactWriteItems")), (Kind::Internal, 1));
}

//! Whatever a request that holds a slot writes, it writes only while the slot is its own.

use accounts_core::Kind;
use accounts_core::transition::Statement;
use accounts_tests::{Function, Functions, Workbench, body, start_event};
use serde_json::{Value, json};

use super::overdue::{TIMED_OUT, overdue};
use super::{EMAIL, begun, refused, valid};

const SLOTS: &str = "SLOT#control-tower";

/// The slot is of another admission.
fn lose_slot(bench: &Workbench) {
    bench.items.edit(SLOTS, "1", |item| item["Admission"] = json!({"N": "7"}));
}

/// The function fails, and changes nothing.
async fn writes_nothing(bench: &Workbench, functions: &Functions, function: Function, event: &Value) {
    lose_slot(bench);
    let before = bench.items.all();
    assert_eq!(refused(functions.call(function, event).await).0, Kind::Transient);
    assert_eq!(bench.items.all(), before);
}

#[tokio::test]
async fn a_request_without_its_slot_is_not_rejected() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let mut body = body(EMAIL, "mine");
    body["OrgUnit"] = json!("Nowhere");
    let request = bench.accept_body(&body, accounts_lambda::now()).await;
    bench.dispatch(&[&request]).await;
    let event = start_event(&bench.request(&request).await);
    writes_nothing(&bench, &functions, Function::Validate, &event).await;
}

#[tokio::test]
async fn a_request_without_its_slot_makes_no_other_attempt() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    let event = functions.chain(&[Function::Provision], &event).await;
    writes_nothing(&bench, &functions, Function::Provision, &event).await;
    assert_eq!(bench.done().operations, 0);
}

#[tokio::test]
async fn a_request_without_its_slot_is_not_marked_overdue() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (_, event) = begun(&bench, &functions, "mine").await;
    writes_nothing(&bench, &functions, Function::CheckStatus, &event).await;
}

#[tokio::test]
async fn a_request_without_its_slot_is_not_resolved() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = overdue(&bench, "mine").await;
    let seen = bench.snapshot(&request).await;
    lose_slot(&bench);
    let statement = Statement::NoAccount("An operator has found none.".to_owned());
    let error = super::resolved::resolve(&bench, &seen, &statement).await.expect_err("an error");
    assert_eq!(error.kind(), Kind::Transient);
    assert_eq!(bench.snapshot(&request).await, seen);
}

#[tokio::test]
async fn a_request_that_loses_its_slot_while_the_reconciler_looks_gets_no_next_execution() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted(EMAIL, "mine").await;
    bench.stop_execution(&request).await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        lose_slot(&bench);
        held.release();
    };
    let (report, ()) = tokio::join!(bench.reconcile(), meanwhile);
    assert_eq!(report["restarted"], 0);
    assert_eq!(bench.request(&request).await, request);
}

//! What only a restored backup leaves: slots and holders that do not agree.

use accounts_core::{OperationState, RequestStatus};
use accounts_tests::{Function, Lines, Workbench, start_event};
use serde_json::{Value, json};

use super::begun;

const SLOTS: &str = "SLOT#control-tower";

/// A slot, as it is stored.
fn slot(number: &str, owner: &str, request_id: &str, admission: &str) -> Value {
    json!({
        "AccountEmail": {"S": SLOTS}, "Record": {"S": number}, "Owner": {"S": owner}, "RequestID": {"S": request_id},
        "Admission": {"N": admission}, "TakenAt": {"S": "2026-01-01T00:00:00.000Z"},
    })
}

/// Reconciles once, and says how many inconsistencies were alarmed.
async fn inconsistencies(bench: &Workbench) -> usize {
    let (lines, arn) = (Lines::default(), bench.engine.arn());
    let settings = lines.of(&[("SFN_ARN", &arn)]);
    let trigger = stream_trigger::StreamTrigger::connect(&settings, bench.sdk()).expect("a trigger");
    trigger.handle(&json!({"reconcile": true})).await.expect("a reconciliation");
    lines.take().into_iter().filter(|line| line.0 == "Inconsistencies").count()
}

#[tokio::test]
async fn a_slot_whose_request_does_not_hold_it_is_freed_and_alarmed_and_no_other() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted("user@example.com", "mine").await;
    let mine = request.request_id.to_string();
    bench.items.put(&slot("2", "user@example.com", &mine, "1"));
    bench.items.put(&slot("3", "user@example.com", &mine, "7"));
    bench.items.put(&slot("4", "nobody@example.com", "0b8f2c3e-0000-7000-8000-000000000001", "1"));
    bench.items.put(&slot("5", "no e-mail", "0b8f2c3e-0000-7000-8000-000000000001", "1"));
    assert_eq!(inconsistencies(&bench).await, 4);
    let holders = bench.holders().await;
    assert_eq!((holders.len(), holders[0].slot), (1, 1));
    assert_eq!(inconsistencies(&bench).await, 0);
}

#[tokio::test]
async fn a_slot_that_is_given_back_while_the_reconciler_looks_is_no_orphan() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = bench.admitted("user@example.com", "mine").await;
    let held = bench.wire.on("GetItem").containing("REQUEST#").hold();
    let meanwhile = async {
        held.arrived().await;
        functions.run(&event).await.expect("an end");
        held.release();
    };
    let (alarms, ()) = tokio::join!(inconsistencies(&bench), meanwhile);
    assert_eq!(alarms, 0);
}

#[tokio::test]
async fn a_holder_whose_slot_is_gone_or_somebody_elses_gets_a_free_one_and_goes_on() {
    for taken in [false, true] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, late) = begun(&bench, &functions, "mine").await;
        if taken {
            let (other, _) = bench.admitted("other@example.com", "other").await;
            bench.items.delete(SLOTS, "2");
            let id = other.request_id.to_string();
            bench.items.put(&slot("1", "other@example.com", &id, "1"));
            bench
                .items
                .edit("other@example.com", &format!("REQUEST#{id}"), |item| item["Slot"] = json!({"N": "1"}));
        } else {
            bench.items.delete(SLOTS, "1");
        }
        assert_eq!(inconsistencies(&bench).await, 1, "taken: {taken}");
        let again = bench.request(&request).await;
        assert_eq!((again.status, again.admission, again.execution), (RequestStatus::InProgress, 2, 1));
        assert!(
            bench
                .holders()
                .await
                .iter()
                .any(|it| it.request_id == request.request_id && Some(it.slot) == again.slot)
        );
        assert_eq!(
            functions.chain(&[Function::CheckStatus], &late).await["Next"],
            "End",
            "the old one is late"
        );
        assert_eq!(functions.run(&start_event(&again)).await.expect("an end")["Status"], "Provisioned");
        assert_eq!(
            (bench.done().operations, bench.operation(&request).await.state),
            (1, OperationState::Ended)
        );
        assert_eq!(inconsistencies(&bench).await, 0);
    }
}

#[tokio::test]
async fn a_request_that_is_admitted_while_the_reconciler_looks_is_not_admitted_again() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    // The index shows it among the holders, the slots are read before its admission, and its record after it.
    bench.items.edit("user@example.com", &format!("REQUEST#{}", request.request_id), |item| {
        item["Queue"] = json!({"S": "HELD#control-tower"});
    });
    let held = bench.wire.on("Query").nth(4).hold_answer();
    let meanwhile = async {
        held.arrived().await;
        bench.dispatch(&[&request]).await;
        held.release();
    };
    let (alarms, ()) = tokio::join!(inconsistencies(&bench), meanwhile);
    assert_eq!((alarms, bench.request(&request).await.admission), (0, 1));
}

#[tokio::test]
async fn a_slot_of_an_earlier_admission_of_its_request_is_freed_and_the_request_gets_another() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted("user@example.com", "mine").await;
    bench.items.edit(SLOTS, "1", |item| item["Admission"] = json!({"N": "7"}));
    assert_eq!(inconsistencies(&bench).await, 2, "the slot's, and the request's");
    let again = bench.request(&request).await;
    let holders = bench.holders().await;
    assert_eq!((again.admission, holders.len(), holders[0].admission), (2, 1, 2));
}

#[tokio::test]
async fn a_request_whose_free_slot_is_taken_meanwhile_is_not_started() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = bench.admitted("user@example.com", "mine").await;
    bench.items.delete(SLOTS, "1");
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        bench.items.put(&slot("1", "other@example.com", "0b8f2c3e-0000-7000-8000-000000000001", "1"));
        held.release();
    };
    tokio::join!(inconsistencies(&bench), meanwhile);
    assert_eq!((bench.request(&request).await.admission, bench.executions().len()), (1, 1));
}

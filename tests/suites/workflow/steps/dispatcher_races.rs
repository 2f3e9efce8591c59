//! Dispatchers that run at once, and those that die between admission and start.

use accounts_tests::{Workbench, inserted, released};
use serde_json::json;

use super::dispatcher::{ONE_SLOT, accepted, dispatch, names_of_holders};

#[tokio::test(flavor = "multi_thread")]
async fn of_many_dispatchers_at_once_none_gives_a_slot_twice_or_takes_two() {
    for slots in ["1", "3"] {
        let bench = Workbench::start(600.0).await;
        let requests = accepted(&bench, &["a", "b", "c", "d", "e", "f"]).await;
        let settings = [("CONTROL_TOWER_SLOTS", slots)];
        let racers = requests.iter().map(|request| {
            let (trigger, record) = (bench.trigger(&settings), inserted(request));
            tokio::spawn(async move { trigger.handle(&json!({"Records": [record]})).await.map(drop) })
        });
        for racer in racers.collect::<Vec<_>>() {
            racer.await.expect("no panic").expect("a dispatch");
        }
        let expected = ["a", "b", "c"][..slots.parse().expect("a number")].iter();
        let mut names: Vec<_> = names_of_holders(&bench).await.into_iter().map(|(_, name)| name).collect();
        names.sort();
        assert_eq!(names, expected.map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(bench.executions().len(), names.len());
    }
}

#[tokio::test]
async fn a_slot_that_was_taken_meanwhile_is_left_alone_and_the_next_one_is_taken() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["old", "young"]).await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let other = [inserted(&requests[1])];
    let meanwhile = async {
        held.arrived().await;
        // It does not see the older one, which the index does not show.
        let record = format!("REQUEST#{}", requests[0].request_id);
        let item = bench.items.get("old@example.com", &record);
        bench.items.edit("old@example.com", &record, |item| {
            item.as_object_mut().expect("an item").remove("Queue");
        });
        dispatch(&bench, &[], &other).await;
        bench.items.put(&item);
        held.release();
    };
    let records = [inserted(&requests[0])];
    tokio::join!(dispatch(&bench, &[], &records), meanwhile);
    let expected = [(1, "young".to_owned()), (2, "old".to_owned())];
    assert_eq!(names_of_holders(&bench).await, expected);
    assert_eq!(bench.executions().len(), 2);
}

#[tokio::test]
async fn a_request_that_was_admitted_meanwhile_takes_no_second_slot() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let records = [inserted(&request)];
    let meanwhile = async {
        held.arrived().await;
        // The other one believes that the first slot is taken.
        let slot = json!({
            "AccountEmail": {"S": "SLOT#control-tower"}, "Record": {"S": "1"}, "Owner": {"S": "x@example.com"},
            "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"}, "Admission": {"N": "1"},
            "TakenAt": {"S": "2026-01-01T00:00:00.000Z"},
        });
        bench.items.put(&slot);
        dispatch(&bench, &[], &records).await;
        bench.items.delete("SLOT#control-tower", "1");
        held.release();
    };
    tokio::join!(dispatch(&bench, &[], &records), meanwhile);
    assert_eq!(names_of_holders(&bench).await, [(2, "user".to_owned())]);
    let stored = bench.request(&request).await;
    assert_eq!((stored.admission, stored.slot, bench.executions().len()), (1, Some(2), 1));
}

#[tokio::test]
async fn a_pool_that_is_paused_meanwhile_gives_no_slot() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let records = [inserted(&request)];
    let meanwhile = async {
        held.arrived().await;
        let pool = accounts_core::Pool::ControlTower;
        bench.table.pause_pool(pool, "denied", 60.0, accounts_lambda::now()).await.expect("a pause");
        held.release();
    };
    tokio::join!(dispatch(&bench, &[], &records), meanwhile);
    assert_eq!((bench.request(&request).await.slot, bench.holders().await), (None, vec![]));
}

#[tokio::test]
async fn a_dispatcher_that_dies_between_admission_and_start_leaves_that_to_the_reconciler() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    bench.wire.on("StartExecution").always().drop_call();
    let batch = json!({"Records": [inserted(&request)]});
    let error = bench.trigger(&[]).handle(&batch).await.expect_err("somebody has to look");
    assert_eq!(error.kind(), accounts_core::Kind::Transient);
    let admitted = bench.request(&request).await;
    assert!(admitted.slot.is_some() && bench.executions().is_empty());
    bench.wire.clear();
    assert_eq!(bench.reconcile().await["restarted"], 1);
    assert_eq!(bench.executions(), [format!("{}-1-1", request.request_id)], "the same number");
    assert_eq!(bench.request(&request).await, admitted, "and nothing is written");
    assert_eq!(bench.reconcile().await["restarted"], 0);
}

#[tokio::test]
async fn an_execution_that_was_started_without_an_answer_is_not_started_twice() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    bench.wire.on("StartExecution").lose_answer();
    dispatch(&bench, &[], &[inserted(&request)]).await;
    assert_eq!(bench.executions().len(), 1);
    assert_eq!(bench.reconcile().await["restarted"], 0);
    assert_eq!(bench.executions().len(), 1);
}

#[tokio::test]
async fn an_admission_without_an_answer_is_made_once() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["a", "b"]).await;
    bench.wire.on("TransactWriteItems").lose_answer();
    let records: Vec<_> = requests.iter().map(inserted).collect();
    dispatch(&bench, ONE_SLOT, &records).await;
    assert_eq!(names_of_holders(&bench).await, [(1, "a".to_owned())]);
    assert_eq!(bench.request(&requests[0]).await.admission, 1);
}

#[tokio::test]
async fn a_table_that_does_not_answer_fails_the_batch_so_that_it_comes_again() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    bench.wire.on("Query").always().refuse(400, "AccessDeniedException");
    let batch = json!({"Records": [inserted(&request), released(1)]});
    let error = bench.trigger(&[]).handle(&batch).await.expect_err("an error");
    assert_eq!(error.kind(), accounts_core::Kind::AccessDenied);
    bench.wire.clear();
    bench.trigger(&[]).handle(&batch).await.expect("a dispatch");
    assert_eq!(bench.holders().await.len(), 1);
}

#[tokio::test]
async fn an_execution_of_the_same_name_that_has_closed_already_is_no_error() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    bench.wire.on("StartExecution").refuse(400, "ExecutionAlreadyExists");
    dispatch(&bench, &[], &[inserted(&request)]).await;
    assert_eq!(bench.holders().await.len(), 1);
}

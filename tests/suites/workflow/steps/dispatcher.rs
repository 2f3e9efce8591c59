//! The dispatcher: the oldest waiting requests get the free slots, and nothing is doubled or lost.

use accounts_core::{ExecutionRef, Request, execution_input};
use accounts_lambda::now;
use accounts_tests::{Function, Workbench, inserted, record, released};
use serde_json::{Value, json};

/// With these settings there is one slot.
pub(super) const ONE_SLOT: &[(&str, &str)] = &[("CONTROL_TOWER_SLOTS", "1")];

/// Requests that were accepted one after the other.
pub(super) async fn accepted(bench: &Workbench, names: &[&str]) -> Vec<Request> {
    let mut requests = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let age = f64::from(u32::try_from(names.len() - number).expect("a number"));
        let at = now().plus_seconds(-age);
        requests.push(bench.accept_at(&format!("{name}@example.com"), name, at).await);
    }
    requests
}

/// Dispatches with these settings for these records.
pub(super) async fn dispatch(bench: &Workbench, settings: &[(&str, &str)], records: &[Value]) {
    let answer = bench.trigger(settings).handle(&json!({"Records": records})).await.expect("a dispatch");
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

/// Who holds the slots, in the order of the slots.
pub(super) async fn names_of_holders(bench: &Workbench) -> Vec<(u32, String)> {
    let holders = bench.holders().await.into_iter();
    holders.map(|holder| (holder.slot, holder.account_email.replace("@example.com", ""))).collect()
}

fn held(pairs: &[(u32, &str)]) -> Vec<(u32, String)> {
    pairs.iter().map(|(slot, name)| (*slot, (*name).to_owned())).collect()
}

#[tokio::test]
async fn a_request_that_is_inserted_gets_a_free_slot_and_its_execution() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    assert_eq!((request.admission, request.slot), (0, None));
    dispatch(&bench, &[], &[inserted(&request)]).await;
    let admitted = bench.request(&request).await;
    assert_eq!((admitted.admission, admitted.execution, admitted.slot), (1, 1, Some(1)));
    let holder = bench.holders().await.remove(0);
    assert_eq!((holder.slot, holder.request_id, holder.admission), (1, request.request_id, 1));
    assert_eq!(bench.executions(), [format!("{}-1-1", request.request_id)]);
    let execution = bench.engine.execution(&ExecutionRef::of(&admitted).name()).expect("an execution");
    assert_eq!(execution.input, execution_input(&admitted).expect("an input"));
    assert_eq!(serde_json::from_str::<Value>(&execution.input).expect("JSON")["AccountName"], "mine");
}

#[tokio::test]
async fn the_oldest_come_first_and_the_rest_wait() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["a", "b", "c", "d", "e", "f", "g"]).await;
    let records: Vec<_> = requests.iter().rev().map(inserted).collect();
    dispatch(&bench, &[], &records).await;
    let expected = held(&[(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")]);
    assert_eq!(names_of_holders(&bench).await, expected);
    assert_eq!(bench.executions().len(), 5);
    for (waiting, ahead) in [(&requests[5], 0), (&requests[6], 1)] {
        let pool = accounts_core::Pool::ControlTower;
        assert_eq!(bench.table.ahead_of(pool, waiting.request_id, 100).await.expect("a count"), ahead);
        assert_eq!(bench.request(waiting).await.admission, 0);
    }
}

#[tokio::test]
async fn a_younger_request_whose_record_comes_first_does_not_overtake() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["old", "young"]).await;
    dispatch(&bench, ONE_SLOT, &[inserted(&requests[1])]).await;
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "old")]));
}

#[tokio::test]
async fn a_slot_that_is_given_back_goes_to_the_next() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let requests = accepted(&bench, &["first", "second", "third"]).await;
    dispatch(&bench, ONE_SLOT, &[inserted(&requests[0])]).await;
    for name in ["first", "second", "third"] {
        assert_eq!(names_of_holders(&bench).await, held(&[(1, name)]));
        let request = &requests[["first", "second", "third"].iter().position(|it| *it == name).expect("one")];
        let event = accounts_tests::start_event(&bench.request(request).await);
        functions.run(&event).await.expect("an end");
        assert_eq!(names_of_holders(&bench).await, []);
        dispatch(&bench, ONE_SLOT, &[released(1)]).await;
    }
    assert_eq!(bench.done().peak_concurrent_operations, 1);
}

#[tokio::test]
async fn after_the_number_was_lowered_higher_slots_are_not_given_again() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let requests = accepted(&bench, &["a", "b", "c", "d", "e"]).await;
    let records: Vec<_> = requests[..3].iter().map(inserted).collect();
    dispatch(&bench, &[("CONTROL_TOWER_SLOTS", "3")], &records).await;
    dispatch(&bench, &[("CONTROL_TOWER_SLOTS", "2")], &[released(1)]).await;
    assert_eq!(bench.holders().await.len(), 3, "who holds one keeps it");

    let event = accounts_tests::start_event(&bench.request(&requests[2]).await);
    functions.run(&event).await.expect("an end");
    dispatch(&bench, &[("CONTROL_TOWER_SLOTS", "2")], &[released(3)]).await;
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "a"), (2, "b")]));
    let event = accounts_tests::start_event(&bench.request(&requests[0]).await);
    functions.run(&event).await.expect("an end");
    dispatch(&bench, &[("CONTROL_TOWER_SLOTS", "2")], &[released(1)]).await;
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "d"), (2, "b")]));
}

#[tokio::test]
async fn records_that_are_doubled_late_or_of_ended_requests_do_nothing() {
    let bench = Workbench::start(0.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    let record = inserted(&request);
    dispatch(&bench, &[], &[record.clone(), record.clone()]).await;
    dispatch(&bench, &[], std::slice::from_ref(&record)).await;
    assert_eq!((bench.holders().await.len(), bench.executions().len()), (1, 1));
    let event = accounts_tests::start_event(&bench.request(&request).await);
    bench.functions(&[]).run(&event).await.expect("an end");
    let before = super::everything(&bench);
    dispatch(&bench, &[], &[record, released(1), released(1)]).await;
    assert_eq!(super::everything(&bench), before);
    assert_eq!(bench.executions().len(), 1);
}

#[tokio::test]
async fn a_lost_record_is_made_good_by_the_next_dispatch_or_the_reconciler() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["lost", "other"]).await;
    dispatch(&bench, &[], &[inserted(&requests[1])]).await;
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "lost"), (2, "other")]));
    accepted(&bench, &["third"]).await;
    assert_eq!(bench.reconcile().await["dispatched"], 1);
    assert_eq!(bench.executions().len(), 3);
}

/// The index does not show this request.
fn hide_from_index(bench: &Workbench, request: &Request) {
    let record = format!("REQUEST#{}", request.request_id);
    bench.items.edit(request.account_email.as_str(), &record, |item| {
        item.as_object_mut().expect("an item").remove("Queue");
    });
}

#[tokio::test]
async fn a_request_that_the_index_does_not_show_yet_is_found_by_its_record_in_its_turn() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["a", "b", "c", "d"]).await;
    for request in [&requests[1], &requests[3]] {
        hide_from_index(&bench, request);
    }
    let records = [inserted(&requests[3]), inserted(&requests[1])];
    dispatch(&bench, &[("CONTROL_TOWER_SLOTS", "3")], &records).await;
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "a"), (2, "b"), (3, "c")]));
}

/// The index still shows requests that do not wait any more.
pub(super) fn leave_in_index(bench: &Workbench, number: usize) {
    for number in 0..number {
        let id = accounts_core::RequestId::generate(now().plus_seconds(-1000.0));
        let email = format!("stale{number}@example.com");
        bench.items.put(&json!({
            "AccountEmail": {"S": email}, "Record": {"S": format!("REQUEST#{id}")},
            "Queue": {"S": "control-tower"}, "QueueOrder": {"S": id.to_string()},
        }));
    }
}

#[tokio::test]
async fn stale_entries_of_the_index_are_skipped_within_a_bound() {
    for (stale, found) in [(1, true), (30, true), (500, false)] {
        let bench = Workbench::start(600.0).await;
        leave_in_index(&bench, stale);
        let request = bench.accept("user@example.com", "mine").await;
        bench.wire.take();
        let answer = bench.trigger(&[]).handle(&json!({"Records": [released(1)]})).await;
        assert_eq!(answer.expect("a dispatch"), json!({"batchItemFailures": []}));
        assert_eq!(bench.request(&request).await.slot.is_some(), found, "{stale} stale entries");
        assert!(bench.wire.count("GetItem") <= 61, "{} reads", bench.wire.count("GetItem"));
    }
}

#[tokio::test]
async fn a_malformed_request_stops_no_other() {
    let bench = Workbench::start(600.0).await;
    let requests = accepted(&bench, &["broken", "good"]).await;
    let record_of = format!("REQUEST#{}", requests[0].request_id);
    bench.items.edit("broken@example.com", &record_of, |item| item["Status"] = json!({"S": "Odd"}));
    let strange = record("INSERT", "no e-mail", &format!("REQUEST#{}", requests[0].request_id));
    dispatch(&bench, &[], &[strange, inserted(&requests[0]), inserted(&requests[1])]).await;
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "good")]));
}

#[tokio::test]
async fn a_request_that_waits_again_keeps_its_place() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let requests = accepted(&bench, &["old", "young"]).await;
    dispatch(&bench, ONE_SLOT, &[inserted(&requests[0])]).await;
    let event = accounts_tests::start_event(&bench.request(&requests[0]).await);
    let event = accounts_tests::caught(&event, "Internal", "none");
    functions.chain(&[Function::UpdateFailed], &event).await;
    super::check_status::due(&bench, &bench.request(&requests[0]).await);
    bench.trigger(ONE_SLOT).handle(&json!({"reconcile": true})).await.expect("a reconciliation");
    assert_eq!(names_of_holders(&bench).await, held(&[(1, "old")]));
}

//! What a dispatch, a reconciliation and a request cost in calls does not grow with the number of requests that wait.

use std::collections::BTreeMap;

use accounts_core::Request;
use accounts_lambda::now;
use accounts_tests::{Call, Workbench, inserted, released, start_event};
use serde_json::json;

/// So many wait, all of them younger than what the test accepts.
const MANY: usize = 200;

type Counts = BTreeMap<Call, usize>;

/// What calls `run` makes with all slots taken, and with none and with many requests waiting.
async fn costs(run: impl AsyncFn(&Workbench, &[Request])) -> [Counts; 2] {
    let mut counts = Vec::new();
    for waiting in [0, MANY] {
        let bench = Workbench::start(0.0).await;
        let mut holders = Vec::new();
        for number in 0..5 {
            let (email, name) = (format!("holder{number}@example.com"), format!("holder {number}"));
            holders.push(bench.admitted(&email, &name).await.0);
        }
        for number in 0..waiting {
            let (email, name) = (format!("waiting{number}@example.com"), format!("waiting {number}"));
            bench.accept_at(&email, &name, now().plus_seconds(1000.0)).await;
        }
        bench.wire.take();
        run(&bench, &holders).await;
        counts.push(bench.wire.take_counts());
    }
    counts.try_into().expect("two")
}

#[tokio::test]
async fn a_dispatch_to_one_free_slot_costs_the_same_however_many_wait() {
    let [none, many] = costs(async |bench, holders| {
        let event = start_event(&holders[0]);
        bench.functions(&[]).run(&event).await.expect("an end");
        let next = bench.accept("next@example.com", "next").await;
        bench.wire.take();
        let records = json!({"Records": [inserted(&next), released(1)]});
        bench.trigger(&[]).handle(&records).await.expect("a dispatch");
        assert!(bench.request(&next).await.slot.is_some());
    })
    .await;
    assert_eq!(none, many);
    assert_eq!(none.values().sum::<usize>(), 5, "slots, index, request, admission, start: {none:?}");
}

#[tokio::test]
async fn a_dispatch_without_a_free_slot_costs_one_call_however_many_wait() {
    let [none, many] = costs(async |bench, _| {
        let next = bench.accept("next@example.com", "next").await;
        bench.wire.take();
        bench.dispatch(&[&next]).await;
    })
    .await;
    assert_eq!(none, many);
    assert_eq!(none.values().sum::<usize>(), 1, "{none:?}");
}

#[tokio::test]
async fn a_reconciliation_costs_the_same_however_many_wait() {
    let [none, many] = costs(async |bench, _| {
        bench.reconcile().await;
    })
    .await;
    assert_eq!(none, many);
}

#[tokio::test]
async fn a_request_costs_the_same_from_its_admission_to_its_end_however_many_wait() {
    let [none, many] = costs(async |bench, holders| {
        bench.functions(&[]).run(&start_event(&holders[2])).await.expect("an end");
    })
    .await;
    assert_eq!(none, many);
    let writes =
        |action: &str| none.iter().filter(|(call, _)| call.action == action).map(|(_, n)| n).sum::<usize>();
    assert_eq!((writes("ProvisionProduct"), writes("TransactWriteItems")), (1, 5), "{none:?}");
}

#[tokio::test]
async fn an_acceptance_is_one_call_however_many_wait() {
    let [none, many] = costs(async |bench, _| {
        bench.accept("next@example.com", "next").await;
    })
    .await;
    assert_eq!(none, many);
    assert_eq!(none.values().sum::<usize>(), 1);
}

//! Operations past their timeout: alarmed, still followed, and ended only by an answer or by an operator.

use accounts_core::{Request, RequestStatus};
use accounts_tests::{Function, TOPIC_ARN, Workbench};
use serde_json::json;

use super::{begun, valid};

/// Every operation is past its timeout.
pub(super) const TIMED_OUT: &[(&str, &str)] =
    &[("OPERATION_TIMEOUT_SECONDS", "0.0001"), ("TOPIC_ARN", TOPIC_ARN)];

pub(super) async fn overdue(bench: &Workbench, name: &str) -> (Request, serde_json::Value) {
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = begun(bench, &functions, name).await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!((&event["Next"], &event["Status"]), (&json!("Wait"), &json!("InProgress")));
    (bench.request(&request).await, event)
}

#[tokio::test]
async fn an_overdue_operation_is_marked_once_and_keeps_its_slot() {
    let bench = Workbench::start(0.0).await;
    let (request, event) = overdue(&bench, "sim-never").await;
    assert!(request.overdue_since.is_some() && request.slot.is_some());
    for _ in 0..3 {
        bench.functions(TIMED_OUT).chain(&[Function::CheckStatus], &event).await;
        assert_eq!(bench.request(&request).await, request, "marked once");
    }
    bench.functions(TIMED_OUT).chain(&[Function::UpdateFailed], &event).await;
    let held = bench.request(&request).await;
    assert_eq!((held.status, held.slot), (RequestStatus::InProgress, request.slot));
}

#[tokio::test]
async fn an_unanswered_attempt_becomes_overdue_too() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    assert!(bench.request(&request).await.overdue_since.is_some());
}

#[tokio::test]
async fn a_record_that_vanished_becomes_overdue_and_never_failed() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let handle = bench.operation(&request).await.handle.expect("a handle");
    bench.landing_zone.forget_record(&handle["RecordId"]);
    functions.chain(&[Function::CheckStatus], &event).await;
    let stored = bench.request(&request).await;
    assert!(stored.status == RequestStatus::InProgress && stored.overdue_since.is_some());
}

#[tokio::test]
async fn an_overdue_operation_that_ends_after_all_ends_its_request() {
    for name in ["mine", "sim-account-limit"] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(TIMED_OUT);
        bench.wire.on("DescribeRecord").refuse(400, "AccessDeniedException");
        let (request, event) = overdue(&bench, name).await;
        functions.run_from(Function::CheckStatus, &event).await.expect("an end");
        let stored = bench.request(&request).await;
        assert!(
            stored.status.is_final() && stored.overdue_since.is_none() && stored.slot.is_none(),
            "{stored:?}"
        );
    }
}

#[tokio::test]
async fn an_operation_that_is_found_after_all_is_overdue_no_more() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.landing_zone.hide_products(true);
    bench.wire.on("ProvisionProduct").lose_answer();
    let event = functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    assert!(bench.request(&request).await.overdue_since.is_some());
    bench.landing_zone.hide_products(false);
    bench.functions(&[]).chain(&[Function::CheckStatus], &event).await;
    assert_eq!(bench.request(&request).await.overdue_since, None);
}

#[tokio::test]
async fn an_operation_that_had_ended_when_it_was_first_asked_about_was_never_overdue() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = begun(&bench, &functions, "mine").await;
    assert_eq!(functions.chain(&[Function::CheckStatus], &event).await["Next"], "UpdateStatus");
    assert_eq!(bench.request(&request).await.overdue_since, None);
}

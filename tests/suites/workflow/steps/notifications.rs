//! How the end of a request is published: once it is stored, until it was published, and not again.

use accounts_core::{Kind, Placement, Request, RequestStatus};
use accounts_tests::{Function, Functions, Published, TOPIC_ARN, Workbench, caught};
use serde_json::{Value, json};

use super::{EMAIL, begun, refused};

/// What SNS says when it has a fault of its own, when it refuses, and when there were too many calls.
const REFUSALS: [(u16, &str, Kind); 3] = [
    (500, "InternalError", Kind::Transient),
    (403, "AuthorizationError", Kind::AccessDenied),
    (400, "Throttled", Kind::Throttled),
];

async fn with_topic() -> (Workbench, Functions) {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[("TOPIC_ARN", TOPIC_ARN)]);
    (bench, functions)
}

/// A request whose account the landing zone has made, or whose record has failed.
async fn at_its_end(bench: &Workbench, functions: &Functions, name: &str) -> (Request, Value) {
    let (request, event) = begun(bench, functions, name).await;
    (request, functions.chain(&[Function::CheckStatus], &event).await)
}

fn only(bench: &Workbench) -> Published {
    let mut published = bench.topic.published();
    assert_eq!(published.len(), 1, "{published:?}");
    published.remove(0)
}

#[tokio::test]
async fn an_account_is_published_with_its_id_and_only_once_however_often_the_step_runs() {
    let (bench, functions) = with_topic().await;
    let (request, event) = at_its_end(&bench, &functions, "mine").await;
    for _ in 0..3 {
        functions.chain(&[Function::UpdateStatus], &event).await;
    }
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Transient", "late")).await;

    let (published, stored) = (only(&bench), bench.request(&request).await);
    assert!(stored.notified_at.is_some() && stored.notify_since.is_none());
    assert_eq!(stored.placement(), Placement::Nowhere);
    assert_eq!(
        (published.subject.as_str(), published.status.as_str()),
        ("Account provisioned: mine", "Provisioned")
    );
    let account = stored.account_id.expect("an account");
    assert_eq!(published.message["AccountId"], json!(account));
    assert_eq!(published.message["RequestedBy"]["Subject"], "s-1", "{}", published.message);
    assert!(
        published.email.contains(EMAIL) && published.email.contains(account.as_str()),
        "{}",
        published.email
    );
}

#[tokio::test]
async fn a_failure_is_published_with_its_reason_and_only_once() {
    let (bench, functions) = with_topic().await;
    let (request, event) = at_its_end(&bench, &functions, "sim-email-in-use").await;
    for _ in 0..3 {
        functions.chain(&[Function::UpdateFailed], &event).await;
    }
    let (published, stored) = (only(&bench), bench.request(&request).await);
    assert_eq!(published.status, "Failed");
    assert_eq!(published.message["ErrorMessage"], json!(stored.error_message.expect("a reason")));
    assert_eq!(published.message["RequestID"], json!(stored.request_id));
}

#[tokio::test]
async fn a_request_that_is_parked_or_held_is_not_published() {
    let (bench, functions) = with_topic().await;
    let (_, event) = bench.admitted("first@example.com", "first").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    let (_, event) = begun(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "none")).await;
    assert_eq!(bench.topic.published(), []);
}

#[tokio::test]
async fn an_end_that_could_not_be_published_stands_and_is_published_by_the_next_try() {
    for (status, code, kind) in REFUSALS {
        for (name, function) in
            [("mine", Function::UpdateStatus), ("sim-email-in-use", Function::UpdateFailed)]
        {
            let (bench, functions) = with_topic().await;
            let (request, event) = at_its_end(&bench, &functions, name).await;
            bench.wire.on("Publish").always().refuse(status, code);
            assert_eq!(refused(functions.call(function, &event).await).0, kind, "{function:?}");
            let stored = bench.request(&request).await;
            assert!(stored.status.is_final() && stored.notified_at.is_none(), "{function:?}");
            assert!(matches!(stored.placement(), Placement::Unnotified(_)));
            assert_eq!(bench.holders().await, [], "the slot does not wait for the topic");

            bench.wire.clear();
            functions.chain(&[function, function], &event).await;
            assert_eq!(only(&bench).status, stored.status.name());
        }
    }
}

#[tokio::test]
async fn an_account_that_update_status_could_not_publish_is_published_by_update_failed() {
    let (bench, functions) = with_topic().await;
    let (request, event) = at_its_end(&bench, &functions, "mine").await;
    bench.wire.on("Publish").refuse(403, "AuthorizationError");
    let (kind, sentence) = refused(functions.call(Function::UpdateStatus, &event).await);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    assert_eq!(
        (only(&bench).status.as_str(), bench.request(&request).await.status),
        ("Provisioned", RequestStatus::Provisioned)
    );
}

#[tokio::test]
async fn an_end_that_was_published_but_not_noted_is_published_again_rather_than_never() {
    let (bench, functions) = with_topic().await;
    let (_, event) = at_its_end(&bench, &functions, "mine").await;
    bench.wire.on("TransactWriteItems").nth(2).always().refuse(400, "AccessDeniedException");
    assert_eq!(refused(functions.call(Function::UpdateStatus, &event).await).0, Kind::AccessDenied);
    bench.wire.clear();
    functions.chain(&[Function::UpdateStatus, Function::UpdateStatus], &event).await;
    assert_eq!(bench.topic.published().len(), 2);
}

#[tokio::test]
async fn a_failure_that_was_followed_before_it_was_published_is_published_once_and_as_itself() {
    let (bench, functions) = with_topic().await;
    let (first, event) = at_its_end(&bench, &functions, "sim-email-in-use").await;
    bench.wire.on("Publish").always().refuse(500, "InternalError");
    assert_eq!(refused(functions.call(Function::UpdateFailed, &event).await).0, Kind::Transient);
    bench.wire.clear();
    let next = bench.accept(EMAIL, "second-try").await;

    functions.chain(&[Function::UpdateFailed, Function::UpdateFailed], &event).await;
    let published = only(&bench);
    assert_eq!(published.message["RequestID"], json!(first.request_id));
    assert_eq!(published.message["AccountName"], "sim-email-in-use");
    assert_eq!(bench.request(&next).await, next);
}

#[tokio::test]
async fn without_a_topic_nothing_is_published_and_nothing_is_noted() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = at_its_end(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateStatus], &event).await;
    let stored = bench.request(&request).await;
    assert_eq!(
        (bench.topic.published(), stored.notified_at, stored.placement()),
        (vec![], None, Placement::Nowhere)
    );
}

#[tokio::test]
async fn a_function_of_an_earlier_execution_does_not_publish_an_end_that_is_not_its_own() {
    for (name, function) in [("mine", Function::UpdateStatus), ("sim-email-in-use", Function::UpdateFailed)] {
        let (bench, functions) = with_topic().await;
        let (request, old) = at_its_end(&bench, &functions, name).await;
        bench.stop_execution(&request).await;
        bench.reconcile().await;
        let event = accounts_tests::start_event(&bench.request(&request).await);
        bench.wire.on("Publish").refuse(403, "AuthorizationError");
        refused(functions.call(function, &event).await);
        functions.chain(&[Function::UpdateStatus, Function::UpdateFailed], &old).await;
        assert_eq!(bench.topic.published(), [], "{function:?}");
        functions.chain(&[function], &event).await;
        assert_eq!(bench.topic.published().len(), 1, "{function:?}");
    }
}

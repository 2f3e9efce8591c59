//! Who is told how a request ended: once it was written, until it was told, and not again.

use accounts_core::{AccountRequest, Kind, Status};
use accounts_lambda::now;
use accounts_tests::{Function, Functions, Published, TOPIC_ARN, Workbench, body, start_event};
use serde_json::{Value, json};

use super::{caught, refused};

const EMAIL: &str = "user@example.com";

/// What SNS says when it has a fault of its own, and when it refuses.
const DOWN: Option<(u16, &str)> = Some((500, "InternalError"));
const FORBIDDEN: Option<(u16, &str)> = Some((403, "AuthorizationError"));

async fn with_topic() -> (Workbench, Functions) {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[("TOPIC_ARN", TOPIC_ARN)]);
    (bench, functions)
}

/// A request whose account the landing zone has made, or whose record has failed.
async fn at_its_end(bench: &Workbench, functions: &Functions, name: &str) -> Value {
    let event = start_event(&bench.accept(EMAIL, name).await);
    functions.chain(&[Function::Validate, Function::Provision, Function::CheckStatus], &event).await
}

fn only(bench: &Workbench) -> Published {
    let mut published = bench.topic.published();
    assert_eq!(published.len(), 1, "{published:?}");
    published.remove(0)
}

#[tokio::test]
async fn an_account_is_told_with_its_id_and_only_once_however_often_the_step_runs() {
    let (bench, functions) = with_topic().await;
    let event = at_its_end(&bench, &functions, "mine").await;
    for _ in 0..3 {
        functions.chain(&[Function::UpdateStatus], &event).await;
    }
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Transient", "late")).await;

    let (told, stored) = (only(&bench), bench.stored(EMAIL).await);
    assert!(stored.notified_at.is_some());
    assert_eq!((told.subject.as_str(), told.status.as_str()), ("Account provisioned: mine", "Provisioned"));
    let account = stored.account_id.expect("an account");
    assert_eq!(
        (&told.message["Event"], &told.message["AccountId"]),
        (&json!("Provisioned"), &json!(account))
    );
    assert_eq!(told.message["EndedAt"], json!(stored.last_update_date));
    assert!(told.email.contains(EMAIL) && told.email.contains(account.as_str()), "{}", told.email);
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason_and_only_once() {
    let (bench, functions) = with_topic().await;
    let event = at_its_end(&bench, &functions, "sim-email-in-use").await;
    for _ in 0..3 {
        functions.chain(&[Function::UpdateFailed], &event).await;
    }
    let (told, stored) = (only(&bench), bench.stored(EMAIL).await);
    assert_eq!(
        (told.subject.as_str(), told.status.as_str()),
        ("Account request failed: sim-email-in-use", "Failed")
    );
    assert_eq!(told.message["ErrorMessage"], json!(stored.error_message.expect("a reason")));
    assert_eq!(told.message["RecordId"], json!(stored.record_id.expect("a record")));
    assert_eq!(told.message["RequestID"], json!(stored.request_id));
}

#[tokio::test]
async fn an_account_with_a_step_left_undone_is_told_as_an_account() {
    let (bench, functions) = with_topic().await;
    let event = at_its_end(&bench, &functions, "mine").await;
    functions
        .chain(&[Function::UpdateFailed], &caught(&event, "Transient", "The tags could not be set."))
        .await;
    let told = only(&bench);
    assert_eq!(told.status, "Provisioned");
    assert!(
        told.message["ErrorMessage"].as_str().expect("a note").contains("tags could not be set"),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_end_that_could_not_be_told_stands_and_is_told_by_the_next_try() {
    for (refusal, kind) in
        [(DOWN, Kind::Transient), (FORBIDDEN, Kind::Internal), (Some((400, "Throttled")), Kind::Busy)]
    {
        for (name, function) in
            [("mine", Function::UpdateStatus), ("sim-email-in-use", Function::UpdateFailed)]
        {
            let (bench, functions) = with_topic().await;
            let event = at_its_end(&bench, &functions, name).await;
            bench.topic.refuse(refusal);
            assert_eq!(refused(functions.call(function, &event).await).0, kind, "{function:?}");
            let stored = bench.stored(EMAIL).await;
            assert!(stored.status.is_final() && stored.notified_at.is_none(), "{function:?}");
            assert_eq!(bench.table.holders().await, [""; 0], "the slot does not wait for the topic");

            bench.topic.refuse(None);
            functions.chain(&[function, function], &event).await;
            assert_eq!(only(&bench).status, stored.status.name());
        }
    }
}

#[tokio::test]
async fn an_account_that_update_status_could_not_tell_is_told_by_update_failed() {
    let (bench, functions) = with_topic().await;
    let event = at_its_end(&bench, &functions, "mine").await;
    bench.topic.refuse(FORBIDDEN);
    let (kind, sentence) = refused(functions.call(Function::UpdateStatus, &event).await);
    bench.topic.refuse(None);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    assert_eq!(
        (only(&bench).status.as_str(), bench.stored(EMAIL).await.status),
        ("Provisioned", Status::Provisioned)
    );
}

#[tokio::test]
async fn an_end_whose_note_was_lost_is_told_again_rather_than_never() {
    let (bench, functions) = with_topic().await;
    let event = at_its_end(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateStatus], &event).await;
    let mut item = bench.table.item(EMAIL).await;
    item.as_object_mut().expect("an item").remove("NotifiedAt");
    bench.table.put(&item).await;
    functions.chain(&[Function::UpdateStatus, Function::UpdateStatus], &event).await;
    assert_eq!(bench.topic.published().len(), 2);
}

#[tokio::test]
async fn a_failure_that_was_followed_before_it_was_told_is_told_once_and_as_itself() {
    let (bench, functions) = with_topic().await;
    let event = at_its_end(&bench, &functions, "sim-email-in-use").await;
    bench.topic.refuse(DOWN);
    assert_eq!(refused(functions.call(Function::UpdateFailed, &event).await).0, Kind::Transient);
    bench.topic.refuse(None);
    let first: AccountRequest = bench.stored(EMAIL).await;
    let next = bench.accept_body(&body(EMAIL, "second-try"), now()).await;

    functions.chain(&[Function::UpdateFailed, Function::UpdateFailed], &event).await;
    let told = only(&bench);
    assert_eq!(told.message["RequestID"], json!(first.request_id));
    assert_eq!(
        (&told.message["AccountName"], &told.message["Attempt"]),
        (&json!("sim-email-in-use"), &json!(1))
    );
    assert_eq!(told.message["RecordId"], json!(first.record_id));
    let stored = bench.stored(EMAIL).await;
    assert_eq!((stored.request_id, stored.status), (next.request_id, Status::Requested));
    assert!(stored.notified_at.is_none() && stored.previous_failures[0].notified_at.is_some());
}

#[tokio::test]
async fn without_a_topic_nobody_is_told_and_nothing_is_noted() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let event = at_its_end(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateStatus], &event).await;
    assert_eq!((bench.topic.published(), bench.stored(EMAIL).await.notified_at), (vec![], None));
}

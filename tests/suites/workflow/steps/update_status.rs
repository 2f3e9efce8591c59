//! `update-status`: the account's tags, its id, and the end of its request.

use accounts_core::{AccountStatus, Kind, RequestStatus};
use accounts_tests::{Function, Functions, Lines, Workbench, caught, start_event};
use serde_json::{Value, json};

use super::{EMAIL, begun, everything, refused};

async fn succeeded(bench: &Workbench, functions: &Functions) -> (accounts_core::Request, Value) {
    let (request, event) = begun(bench, functions, "mine").await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "UpdateStatus");
    (request, event)
}

#[tokio::test]
async fn an_account_that_was_made_is_tagged_claimed_and_stored_and_its_slot_is_free() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = succeeded(&bench, &functions).await;
    assert_eq!(functions.chain(&[Function::UpdateStatus], &event).await["Status"], "Provisioned");
    let (stored, done) = (bench.snapshot(&request).await, bench.done());
    let made = &done.accounts[0];
    assert_eq!(
        (stored.request.status, stored.account.status),
        (RequestStatus::Provisioned, AccountStatus::Provisioned)
    );
    for id in [&stored.request.account_id, &stored.account.account_id] {
        assert_eq!(id.as_ref().map(|id| id.as_str()), Some(made.id.as_str()));
    }
    assert_eq!((stored.account.error_message, made.tags.len()), (None, 1));
    for claim in ["NAME#mine".to_owned(), format!("ID#{}", made.id)] {
        assert_eq!(bench.items.get(&claim, "CLAIM")["Owner"]["S"], EMAIL, "{claim}");
    }
    assert_eq!(bench.holders().await, []);
    let before = everything(&bench);
    functions.chain(&[Function::UpdateStatus, Function::UpdateStatus], &event).await;
    assert_eq!(everything(&bench), before);
}

#[tokio::test]
async fn an_operation_without_an_account_ends_nothing() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = begun(&bench, &functions, "mine").await;
    let before = everything(&bench);
    functions.chain(&[Function::UpdateStatus], &event).await;
    assert_eq!(everything(&bench), before);
}

#[tokio::test]
async fn tags_that_are_refused_leave_an_account_with_a_note() {
    for code in ["InvalidInputException", "ConstraintViolationException", "TagPolicyViolationException"] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = succeeded(&bench, &functions).await;
        bench.wire.on("TagResource").always().refuse(400, code);
        functions.chain(&[Function::UpdateStatus], &event).await;
        let stored = bench.snapshot(&request).await;
        assert_eq!(stored.request.status, RequestStatus::Provisioned, "{code}");
        for note in [stored.request.error_message, stored.account.error_message] {
            let note = note.expect("a note");
            assert!(note.contains("The account exists") && note.contains("tags"), "{note}");
        }
    }
}

#[tokio::test]
async fn tags_that_cannot_be_set_now_are_set_by_the_next_try() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = succeeded(&bench, &functions).await;
    let before = bench.items.all();
    bench.wire.on("TagResource").always().drop_call();
    assert_eq!(refused(functions.call(Function::UpdateStatus, &event).await).0, Kind::Transient);
    assert_eq!(bench.items.all(), before);
    bench.wire.clear();
    functions.chain(&[Function::UpdateStatus], &event).await;
    assert_eq!((bench.request(&request).await.error_message, bench.done().accounts[0].tags.len()), (None, 1));
}

#[tokio::test]
async fn an_account_whose_tags_cannot_be_set_keeps_its_slot_for_a_while_and_is_provisioned_with_a_note_then()
{
    for code in ["AccessDeniedException", "TooManyRequestsException"] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, mut event) = succeeded(&bench, &functions).await;
        bench.wire.on("TagResource").always().refuse(400, code);
        for setbacks in 1..=5 {
            functions.run_from(Function::UpdateStatus, &event).await.expect("an execution that ends");
            let held = bench.request(&request).await;
            assert_eq!(
                (held.status, held.setbacks, held.slot),
                (RequestStatus::InProgress, setbacks, request.slot)
            );
            bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
                item["ResumeAt"] = json!({"S": "2026-01-01T00:00:00.000Z"});
            });
            bench.stop_execution(&request).await;
            bench.reconcile().await;
            event = start_event(&bench.request(&request).await);
        }
        functions.run(&event).await.expect("an end");
        let stored = bench.request(&request).await;
        assert_eq!((stored.status, stored.account_may_exist), (RequestStatus::Provisioned, false), "{code}");
        let note = stored.error_message.expect("a note");
        assert!(note.contains("The account exists, but not everything was done"), "{note}");
        assert_eq!(bench.holders().await, []);
    }
}

#[tokio::test]
async fn an_id_that_another_account_has_claimed_fails_the_request_and_touches_no_claim() {
    for function in [Function::UpdateStatus, Function::UpdateFailed] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = succeeded(&bench, &functions).await;
        bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
            item["Setbacks"] = json!({"N": "5"});
        });
        let id = bench.done().accounts[0].id.clone();
        let claim = json!({
            "AccountEmail": {"S": format!("ID#{id}")}, "Record": {"S": "CLAIM"},
            "Owner": {"S": "other@example.com"}, "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"},
        });
        bench.items.put(&claim);
        functions.chain(&[function], &event).await;
        let stored = bench.snapshot(&request).await;
        assert_eq!(
            (stored.request.status, stored.account.status),
            (RequestStatus::Failed, AccountStatus::Failed)
        );
        assert!(stored.request.account_may_exist && !stored.account.can_be_requested_again());
        assert_eq!(bench.items.get(&format!("ID#{id}"), "CLAIM"), claim);
        assert_eq!(bench.items.get("NAME#mine", "CLAIM")["Owner"]["S"], EMAIL, "somebody has to look");
        assert_eq!(bench.holders().await, []);
    }
}

#[tokio::test]
async fn an_id_that_the_account_has_claimed_before_is_its_own() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = succeeded(&bench, &functions).await;
    let id = bench.done().accounts[0].id.clone();
    bench.items.put(&json!({
        "AccountEmail": {"S": format!("ID#{id}")}, "Record": {"S": "CLAIM"}, "Owner": {"S": EMAIL},
        "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"},
    }));
    functions.chain(&[Function::UpdateStatus], &event).await;
    assert_eq!(bench.request(&request).await.status, RequestStatus::Provisioned);
}

#[tokio::test]
async fn of_two_that_end_a_request_at_once_one_counts() {
    let (bench, lines) = (Workbench::start(0.0).await, Lines::default());
    let functions = bench.functions_with(&lines.of(&[]));
    let (request, event) = succeeded(&bench, &functions).await;
    lines.take();
    let late = caught(&event, "Transient", "late");
    let (one, other) = tokio::join!(
        functions.call(Function::UpdateStatus, &event),
        functions.call(Function::UpdateFailed, &late)
    );
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(bench.request(&request).await.status, RequestStatus::Provisioned);
    assert!(Lines::one(&lines.take(), "SecondsToEnd") >= 0.0);
}

#[tokio::test]
async fn an_account_that_another_invocation_stores_meanwhile_is_no_error() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = succeeded(&bench, &functions).await;
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        functions.chain(&[Function::UpdateStatus], &event).await;
        held.release();
        bench.request(&request).await
    };
    let (answer, stored) = tokio::join!(functions.call(Function::UpdateStatus, &event), meanwhile);
    assert_eq!(answer.expect("a step")["Status"], "Provisioned");
    assert_eq!(bench.request(&request).await, stored);
}

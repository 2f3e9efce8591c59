//! `check-status`: what the record says about the operation, and that an error while asking says nothing.

use std::time::{Duration, Instant};

use accounts_core::{OperationOutcome, OperationState, POLLS_PER_EXECUTION, RequestStatus};
use accounts_tests::{Function, Workbench, start_event};
use serde_json::json;

use super::{begun, everything, valid};

/// How the operation failed, once it was asked about.
async fn failure(bench: &Workbench, request: &accounts_core::Request) -> (String, bool, Option<String>) {
    match bench.operation(request).await.outcome {
        Some(OperationOutcome::Failed { reason, account_may_exist, account_id }) => {
            (reason, account_may_exist, account_id.map(|id| id.to_string()))
        }
        other => panic!("it has not failed: {other:?}"),
    }
}

#[tokio::test]
async fn an_operation_that_runs_is_waited_for_and_nothing_is_written() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[("POLL_SECONDS", "7")]);
    let (_, mut event) = begun(&bench, &functions, "mine").await;
    let before = everything(&bench);
    for polls in 1..=3 {
        event = functions.chain(&[Function::CheckStatus], &event).await;
        assert_eq!(
            (&event["Status"], &event["Next"], &event["WaitSeconds"], &event["Polls"]),
            (&json!("InProgress"), &json!("Wait"), &json!(7), &json!(polls))
        );
    }
    assert_eq!(everything(&bench), before);
}

#[tokio::test]
async fn a_record_that_succeeded_is_stored_as_the_operations_outcome() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let answer = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!((&answer["Status"], &answer["Next"]), (&json!("InProgress"), &json!("UpdateStatus")));
    let operation = bench.operation(&request).await;
    assert_eq!(operation.state, OperationState::Ended);
    let Some(OperationOutcome::Succeeded { account_id }) = operation.outcome else { panic!("{operation:?}") };
    assert_eq!(account_id.as_str(), bench.done().accounts[0].id);
    assert_eq!(
        bench.request(&request).await.status,
        RequestStatus::InProgress,
        "the next step writes the end"
    );
}

#[tokio::test]
async fn a_record_that_failed_is_a_failure_with_the_landing_zones_reason() {
    for (name, text, may_exist) in [
        ("sim-email-in-use", "already in use", false),
        ("sim-account-limit", "limit on the number of accounts", false),
        ("sim-in-error-then-failed", "remediation did not succeed", false),
        ("sim-tainted", "activation of account", true),
    ] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = begun(&bench, &functions, name).await;
        let answer = functions.chain(&[Function::CheckStatus], &event).await;
        assert_eq!(answer["Next"], "UpdateFailed", "{name}");
        let (reason, exists, id) = failure(&bench, &request).await;
        assert!(reason.contains(text), "{reason}");
        assert_eq!((exists, id.is_some()), (may_exist, may_exist), "{name}");
        assert_eq!(bench.request(&request).await.status, RequestStatus::InProgress);

        functions.chain(&[Function::UpdateFailed], &answer).await;
        let stored = bench.snapshot(&request).await;
        assert_eq!(
            (stored.request.status, stored.request.account_may_exist),
            (RequestStatus::Failed, may_exist)
        );
        assert_eq!(stored.account.can_be_requested_again(), !may_exist);
        assert_eq!(bench.items.get(&format!("NAME#{name}"), "CLAIM").is_null(), !may_exist, "{name}");
    }
}

#[tokio::test]
async fn a_record_in_error_is_not_a_failed_one_until_its_remediation_has_ended() {
    const TAKES: Duration = Duration::from_secs(1);
    let bench = Workbench::start(TAKES.as_secs_f64()).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "sim-in-error-then-failed").await;
    let start = Instant::now();
    functions.chain(&[Function::Provision], &event).await;
    while functions.chain(&[Function::CheckStatus], &event).await["Next"] == "Wait" {}
    assert!(start.elapsed() >= TAKES, "ended after {:?}", start.elapsed());
}

#[tokio::test]
async fn a_failed_record_is_not_believed_before_organization_and_product_were_looked_at() {
    for action in ["DescribeRecord", "ListAccounts", "DescribeProvisionedProduct"] {
        for lost in [true, false] {
            let bench = Workbench::start(0.0).await;
            let functions = bench.functions(&[]);
            let (request, event) = begun(&bench, &functions, "sim-email-in-use").await;
            if lost {
                bench.wire.on(action).always().lose_answer();
            } else {
                bench.wire.on(action).always().refuse(400, "AccessDeniedException");
            }
            let before = everything(&bench);
            let answer = functions.chain(&[Function::CheckStatus], &event).await;
            assert_eq!((&answer["Next"], &answer["Polls"]), (&json!("Wait"), &json!(1)), "{action}");
            assert_eq!(everything(&bench), before, "{action}");
            bench.wire.clear();
            assert_eq!(functions.chain(&[Function::CheckStatus], &event).await["Next"], "UpdateFailed");
            assert!(!failure(&bench, &request).await.1);
        }
    }
}

/// No account is listed yet.
fn list_no_account(bench: &Workbench) {
    bench.wire.on("ListAccounts").always().answer(&json!({"Accounts": []}));
}

#[tokio::test]
async fn a_tainted_product_may_have_an_account_that_is_not_listed_yet() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "sim-tainted").await;
    list_no_account(&bench);
    let handle = bench.operation(&request).await.handle.expect("a handle");
    bench.wire.on("DescribeRecord").answer(&json!({"RecordDetail": {
        "RecordId": handle["RecordId"], "Status": "FAILED", "ProvisionedProductId": handle["ProvisionedProductId"],
        "RecordErrors": [{"Code": "Unknown", "Description": "Something else went wrong."}],
    }}));
    functions.chain(&[Function::CheckStatus], &event).await;
    let (reason, exists, id) = failure(&bench, &request).await;
    assert_eq!((reason.as_str(), exists, id), ("Something else went wrong.", true, None));
}

#[tokio::test]
async fn an_account_that_is_being_activated_may_not_be_listed_yet() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "sim-tainted").await;
    list_no_account(&bench);
    let product = json!({"ProvisionedProductDetail": {"Status": "ERROR"}});
    bench.wire.on("DescribeProvisionedProduct").always().answer(&product);
    functions.chain(&[Function::CheckStatus], &event).await;
    let (reason, exists, _) = failure(&bench, &request).await;
    assert!(exists && reason.contains("activation of account"), "{reason}");
}

#[tokio::test]
async fn a_record_that_has_vanished_is_unknown_and_not_failed() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "sim-email-in-use").await;
    let handle = bench.operation(&request).await.handle.expect("a handle");
    bench.landing_zone.forget_record(&handle["RecordId"]);
    let before = everything(&bench);
    let answer = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!((&answer["Next"], &answer["Status"]), (&json!("Wait"), &json!("InProgress")));
    assert_eq!(everything(&bench), before);
}

#[tokio::test]
async fn an_operation_that_was_given_up_as_busy_is_followed_by_the_next_one_in_the_next_admission() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "sim-refused-late").await;
    let answer = functions.chain(&[Function::CheckStatus, Function::CheckStatus], &event).await;
    assert_eq!(answer["Next"], "UpdateFailed", "the slot is given back first: {answer}");
    assert!(matches!(bench.operation(&request).await.outcome, Some(OperationOutcome::Busy { .. })));
    functions.chain(&[Function::UpdateFailed], &answer).await;
    let parked = bench.request(&request).await;
    assert_eq!((parked.status, parked.slot), (RequestStatus::Requested, None));

    due(&bench, &parked);
    bench.reconcile().await;
    let admitted = bench.request(&request).await;
    assert_eq!((admitted.admission, admitted.execution), (2, 1));
    assert_eq!(functions.run(&start_event(&admitted)).await.expect("an end")["Status"], "Provisioned");
    let stored = bench.request(&request).await;
    assert_eq!((stored.operation, stored.created_at), (2, request.created_at));
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (2, 1));
}

/// A parked request is due now.
pub(super) fn due(bench: &Workbench, request: &accounts_core::Request) {
    let long_ago = json!({"S": "2026-01-01T00:00:00.000Z"});
    bench.items.edit(request.account_email.as_str(), &format!("REQUEST#{}", request.request_id), |item| {
        item["ParkedUntil"] = long_ago.clone();
        item["QueueOrder"] = long_ago;
    });
}

#[tokio::test]
async fn an_execution_that_has_polled_often_enough_ends_and_keeps_the_slot() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, mut event) = begun(&bench, &functions, "mine").await;
    event["Polls"] = json!(POLLS_PER_EXECUTION - 2);
    event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "Wait");
    event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "End");
    assert!(bench.request(&request).await.slot.is_some());
    assert_eq!(functions.chain(&[Function::Provision], &event).await["Next"], "End");
}

#[tokio::test]
async fn an_account_that_was_made_is_stored_although_the_execution_has_polled_often_enough() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, mut event) = begun(&bench, &functions, "mine").await;
    event["Polls"] = json!(POLLS_PER_EXECUTION);
    assert_eq!(functions.chain(&[Function::CheckStatus], &event).await["Next"], "UpdateStatus");
}

#[tokio::test]
async fn a_request_without_an_operation_goes_back_to_provision() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    assert_eq!(functions.chain(&[Function::CheckStatus], &event).await["Next"], "Provision");
}

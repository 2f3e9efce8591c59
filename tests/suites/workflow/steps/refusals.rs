//! What the refusals of a launch mean, by their code and text.

use accounts_core::{Kind, OperationOutcome, OperationState, RequestStatus};
use accounts_tests::{Function, Workbench, caught, start_event};
use serde_json::json;

use super::check_status::due;
use super::{refused, valid};

#[tokio::test]
async fn a_text_that_only_resembles_a_taken_name_or_a_retired_artifact_is_a_rejection() {
    for text in [
        "A stack named mine cannot be updated.",
        "An account of this name already exists.",
        "The portfolio is not active.",
        "The provisioning artifact has no parameter of this name.",
    ] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", text);
        let answer = functions.chain(&[Function::Provision], &event).await;
        assert_eq!(answer["Next"], "UpdateFailed", "{text}");
        let operation = bench.operation(&request).await;
        assert!(matches!(operation.outcome, Some(OperationOutcome::Rejected { .. })), "{operation:?}");
    }
}

#[tokio::test]
async fn an_artifact_that_is_not_active_or_inactive_is_a_stale_input() {
    for text in ["Provisioning artifact pa-1 is not active.", "The provisioning artifact is INACTIVE."] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", text);
        assert_eq!(functions.chain(&[Function::Provision], &event).await["Next"], "Provision", "{text}");
        let operation = bench.operation(&request).await;
        assert!(matches!(operation.outcome, Some(OperationOutcome::InputRejected { .. })), "{operation:?}");
    }
}

#[tokio::test]
async fn a_product_that_was_rejected_as_it_is_shown_is_tried_once_more_in_the_next_admission() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").refuse(400, "ResourceNotFoundException");
    let event = functions.chain(&[Function::Provision], &event).await;
    let (kind, sentence) = refused(functions.call(Function::Provision, &event).await);
    assert_eq!(kind, Kind::Misconfigured);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;

    let long_ago = json!({"S": "2026-01-01T00:00:00.000Z"});
    bench.items.edit("POOL#control-tower", "STATE", |item| item["PausedUntil"] = long_ago);
    due(&bench, &bench.request(&request).await);
    bench.reconcile().await;
    functions.chain(&super::TO_PROVISION, &start_event(&bench.request(&request).await)).await;
    let operation = bench.operation(&request).await;
    assert_eq!((operation.number, operation.state), (2, OperationState::Begun));
    assert_eq!(bench.request(&request).await.status, RequestStatus::InProgress);
}

//! `provision`: one attempt, announced before it is made, with the same token, name and input each time.

use accounts_core::{AccountStatus, Kind, OperationState, RequestStatus};
use accounts_tests::{Function, Workbench, caught};
use serde_json::json;

use super::{EMAIL, begun, everything, refused, valid};

#[tokio::test]
async fn an_accepted_attempt_is_stored_with_its_exact_input_and_its_handle() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[("FIRST_POLL_SECONDS", "250"), ("POLL_SECONDS", "50")]);
    let (request, event) = valid(&bench, &functions, "My account + 1").await;
    let answer = functions.call(Function::Provision, &event).await.expect("a step");
    assert_eq!(
        (&answer["Status"], &answer["Next"], &answer["WaitSeconds"]),
        (&json!("InProgress"), &json!("Wait"), &json!(250))
    );
    let stored = bench.snapshot(&request).await;
    assert_eq!(
        (stored.request.status, stored.account.status, stored.request.operation),
        (RequestStatus::InProgress, AccountStatus::InProgress, 1)
    );
    let operation = stored.operation.expect("an operation");
    assert_eq!((operation.state, operation.attempts), (OperationState::Begun, 1));
    assert!(operation.unanswered.is_empty() && operation.handle.is_some());
    let unit = stored.request.unit.expect("a unit");
    for (field, value) in [
        ("ManagedOrganizationalUnit", format!("{} ({})", unit.name, unit.id)),
        ("AccountEmail", EMAIL.to_owned()),
        ("AccountName", "My account + 1".to_owned()),
        ("SSOUserFirstName", "Jean".to_owned()),
        ("ArtifactId", bench.landing_zone.default_artifact().expect("an artifact")),
        ("ProvisionedProductName", format!("my-account-1-{}-1", request.request_id.simple())),
    ] {
        assert_eq!(operation.input[field], value, "{field}");
    }
    assert_eq!(bench.done().operations, 1);
}

#[tokio::test]
async fn an_operation_that_was_accepted_is_not_started_again() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = begun(&bench, &functions, "mine").await;
    let before = everything(&bench);
    bench.wire.take();
    for _ in 0..3 {
        assert_eq!(functions.chain(&[Function::Provision], &event).await["Next"], "Wait");
    }
    assert_eq!(everything(&bench), before);
    assert_eq!(bench.wire.take_writes(), [""; 0]);
}

#[tokio::test]
async fn the_intent_is_stored_before_the_call_is_made() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let held = bench.wire.on("ProvisionProduct").hold();
    let meanwhile = async {
        held.arrived().await;
        let stored = bench.snapshot(&request).await;
        held.release();
        stored
    };
    let (answer, stored) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    assert_eq!(answer.expect("a step")["Next"], "Wait");
    let operation = stored.operation.expect("an operation");
    assert_eq!(stored.request.status, RequestStatus::InProgress);
    assert_eq!((operation.state, operation.attempts), (OperationState::Beginning, 1));
    assert_eq!(operation.unanswered.len(), 1);
    let after = bench.operation(&request).await;
    assert_eq!(
        (after.input, after.token),
        (operation.input, operation.token),
        "it was called with what was stored"
    );
}

#[tokio::test]
async fn a_busy_landing_zone_is_tried_again_with_the_same_number_token_name_and_input() {
    for name in ["sim-busy", "sim-busy-enrolled", "sim-throttled"] {
        let kind = if name == "sim-throttled" { Kind::Throttled } else { Kind::Busy };
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, name).await;
        let mut first = None;
        for attempt in 1..=3 {
            bench.wire.take();
            assert_eq!(refused(functions.call(Function::Provision, &event).await).0, kind, "{name}");
            assert_eq!(bench.wire.count("ProvisionProduct"), 1, "one call for each attempt");
            let operation = bench.operation(&request).await;
            assert_eq!((operation.number, operation.attempts, operation.unanswered.len()), (1, attempt, 0));
            assert_eq!(operation.state, OperationState::Beginning);
            assert_eq!(bench.request(&request).await.status, RequestStatus::InProgress);
            let same = (operation.token, operation.input);
            assert_eq!(*first.get_or_insert_with(|| same.clone()), same, "{name}");
        }
        functions.chain(&[Function::Provision], &event).await;
        let operation = bench.operation(&request).await;
        assert_eq!((operation.state, operation.attempts), (OperationState::Begun, 4), "{name}");
        assert_eq!(bench.done().operations, 1);
    }
}

#[tokio::test]
async fn a_landing_zone_that_stays_busy_parks_the_request_and_fails_nothing() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.landing_zone.occupy(5);
    let (kind, sentence) = refused(functions.call(Function::Provision, &event).await);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    let stored = bench.snapshot(&request).await;
    assert_eq!(
        (stored.request.status, stored.account.status),
        (RequestStatus::Requested, AccountStatus::Requested)
    );
    assert!(stored.request.parked_until.is_some() && stored.request.slot.is_none());
    assert_eq!((bench.holders().await, bench.pause().await), (vec![], None), "busy pauses no pool");
}

#[tokio::test]
async fn a_quota_that_is_reached_is_not_retried_as_busy() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.take();
    bench.wire.on("ProvisionProduct").always().refuse(400, "LimitExceededException");
    let (kind, sentence) = refused(functions.call(Function::Provision, &event).await);
    assert_eq!((kind, bench.wire.count("ProvisionProduct")), (Kind::Internal, 1));
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    assert!(bench.request(&request).await.parked_until.is_some(), "nothing was started");
}

#[tokio::test]
async fn a_request_that_was_not_validated_starts_nothing() {
    let bench = Workbench::start(600.0).await;
    let (_, event) = bench.admitted(EMAIL, "mine").await;
    let before = everything(&bench);
    let answer = bench.functions(&[]).call(Function::Provision, &event).await.expect("a step");
    assert_eq!((everything(&bench), &answer["Next"]), (before, &json!("Wait")), "no loop without a wait");
}

#[tokio::test]
async fn an_input_that_was_prepared_for_one_operation_is_not_used_for_the_next() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").refuse(400, "ResourceNotFoundException");
    let held = bench.wire.on("TransactWriteItems").hold();
    let meanwhile = async {
        held.arrived().await;
        functions.chain(&[Function::Provision], &event).await;
        held.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    assert_eq!(answer.expect("a step")["Next"], "Wait");
    let operation = bench.operation(&request).await;
    assert_eq!((operation.number, operation.state), (1, OperationState::Ended));
}

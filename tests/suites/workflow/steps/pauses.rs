//! The pause of a pool: what would stop every request alike stops the admissions instead, and fails nobody.

use accounts_core::{Kind, Request, RequestStatus};
use accounts_tests::{Function, Functions, Workbench, caught, released};
use serde_json::{Value, json};

use super::{EMAIL, begun, refused, valid};

const POOL: &str = "POOL#control-tower";

/// Provisions until an error, and takes it to `update-failed` as the state machine would.
async fn fails(functions: &Functions, event: &Value, kind: Kind) {
    let mut event = event.clone();
    loop {
        match functions.call(Function::Provision, &event).await {
            Ok(answer) => {
                assert_eq!(answer["Next"], "Provision", "{answer}");
                event = answer;
            }
            Err(error) => {
                assert_eq!(error.kind(), kind, "{error}");
                let event = caught(&event, kind.name(), &error.to_string());
                functions.chain(&[Function::UpdateFailed], &event).await;
                return;
            }
        }
    }
}

/// The request is parked at least as long as the pool is paused, and nothing has failed.
async fn is_parked_with_its_pool(bench: &Workbench, request: &Request) {
    let (stored, pause) = (bench.request(request).await, bench.pause().await.expect("a pause"));
    assert_eq!((stored.status, stored.slot), (RequestStatus::Requested, None));
    assert!(stored.parked_until.expect("a time") >= pause.paused_until);
    assert_eq!((pause.pauses, bench.holders().await), (1, vec![]));
}

#[tokio::test]
async fn a_missing_permission_parks_the_request_and_pauses_the_pool() {
    for action in
        ["DescribeProductAsAdmin", "ListProvisioningArtifacts", "ListLaunchPaths", "ProvisionProduct"]
    {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.landing_zone.set_denied(action, true);
        fails(&functions, &event, Kind::AccessDenied).await;
        is_parked_with_its_pool(&bench, &request).await;
        assert_eq!(bench.done().operations, 0, "{action}");
    }
}

#[tokio::test]
async fn a_missing_product_parks_the_request_and_pauses_the_pool_also_if_it_was_known_before() {
    for known in [false, true] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        if known {
            let (_, event) = bench.admitted("first@example.com", "first").await;
            functions.chain(&super::TO_PROVISION, &event).await;
        }
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.landing_zone.set_product_missing(true);
        fails(&functions, &event, Kind::Misconfigured).await;
        let stored = bench.request(&request).await;
        assert_eq!((stored.status, stored.slot), (RequestStatus::Requested, None), "known: {known}");
        assert!(bench.pause().await.is_some());
    }
}

#[tokio::test]
async fn throttling_parks_the_request_and_pauses_the_pool() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "sim-throttled").await;
    fails(&functions, &event, Kind::Throttled).await;
    is_parked_with_its_pool(&bench, &request).await;
}

#[tokio::test]
async fn an_organization_that_denies_validate_pauses_the_pool_too() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = bench.admitted(EMAIL, "mine").await;
    bench.landing_zone.set_denied("ListAccounts", true);
    let (kind, sentence) = refused(functions.call(Function::Validate, &event).await);
    assert_eq!(kind, Kind::AccessDenied);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    is_parked_with_its_pool(&bench, &request).await;
}

#[tokio::test]
async fn faults_at_the_same_time_pause_the_pool_once_and_later_ones_for_longer() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[("BACKOFF_SECONDS", "100")]);
    let (_, first) = bench.admitted("first@example.com", "first").await;
    let (_, second) = bench.admitted("second@example.com", "second").await;
    let (_, third) = bench.admitted("third@example.com", "third").await;
    for event in [&first, &second] {
        functions.chain(&[Function::UpdateFailed], &caught(event, "AccessDenied", "none")).await;
    }
    let once = bench.pause().await.expect("a pause");
    assert_eq!(once.pauses, 1);
    bench.items.edit(POOL, "STATE", |item| item["PausedUntil"] = json!({"S": "2026-01-01T00:00:00.000Z"}));
    functions.chain(&[Function::UpdateFailed], &caught(&third, "AccessDenied", "none")).await;
    let twice = bench.pause().await.expect("a pause");
    assert_eq!(twice.pauses, 2);
    assert!(twice.paused_until.seconds_since(once.paused_until) > 50.0, "longer than the first one");
}

#[tokio::test]
async fn no_slot_of_a_paused_pool_is_given_until_the_pause_is_over() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = bench.admitted("first@example.com", "first").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "AccessDenied", "none")).await;
    let request = bench.accept(EMAIL, "mine").await;
    bench.dispatch(&[&request]).await;
    assert_eq!(bench.reconcile().await["dispatched"], 0);
    let records = json!({"Records": [released(1)]});
    bench.trigger(&[]).handle(&records).await.expect("a dispatch");
    assert_eq!((bench.request(&request).await.slot, bench.executions().len()), (None, 1));

    bench.items.edit(POOL, "STATE", |item| item["PausedUntil"] = json!({"S": "2026-01-01T00:00:00.000Z"}));
    assert_eq!(bench.reconcile().await["dispatched"], 1);
    assert!(bench.request(&request).await.slot.is_some());
}

#[tokio::test]
async fn an_operation_that_begins_ends_the_pause() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (_, event) = valid(&bench, &functions, "mine").await;
    let (_, other) = bench.admitted("other@example.com", "other").await;
    functions.chain(&[Function::UpdateFailed], &caught(&other, "Throttled", "none")).await;
    assert!(bench.pause().await.is_some());
    functions.chain(&[Function::Provision], &event).await;
    assert_eq!(bench.pause().await, None);
}

#[tokio::test]
async fn an_operation_that_may_be_running_keeps_its_slot_while_its_fault_pauses_the_pool() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Throttled", "none")).await;
    let stored = bench.request(&request).await;
    assert_eq!((stored.status, stored.slot), (RequestStatus::InProgress, request.slot));
    assert!(bench.pause().await.is_some());
}

#[tokio::test]
async fn a_product_that_is_rejected_as_it_is_shown_is_a_fault_of_the_deployment_and_uses_no_number_up() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").always().refuse(400, "ResourceNotFoundException");
    fails(&functions, &event, Kind::Misconfigured).await;
    is_parked_with_its_pool(&bench, &request).await;
    assert_eq!(bench.request(&request).await.operation, 1);
}

#[tokio::test]
async fn a_pause_that_cannot_be_ended_fails_no_operation() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let (_, other) = bench.admitted("other@example.com", "other").await;
    functions.chain(&[Function::UpdateFailed], &caught(&other, "Throttled", "none")).await;
    bench.wire.on("TransactWriteItems").containing("POOL#").always().refuse(400, "AccessDeniedException");
    assert_eq!(functions.chain(&[Function::Provision], &event).await["Next"], "Wait");
    assert_eq!(bench.operation(&request).await.state, accounts_core::OperationState::Begun);
}

#[tokio::test]
async fn what_fails_once_the_account_exists_pauses_no_pool() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = begun(&bench, &functions, "mine").await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    bench.wire.on("TagResource").refuse(400, "AccessDeniedException");
    let (kind, sentence) = refused(functions.call(Function::UpdateStatus, &event).await);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    assert!(bench.request(&request).await.resume_at.is_some(), "it is stored later");
    assert_eq!((kind, bench.pause().await), (Kind::AccessDenied, None));
}

#[tokio::test]
async fn a_dispatch_to_a_paused_pool_tries_one_admission_however_many_wait() {
    let bench = Workbench::start(600.0).await;
    let pool = accounts_core::Pool::ControlTower;
    bench.table.pause_pool(pool, "denied", 60.0, accounts_lambda::now()).await.expect("a pause");
    let requests = super::dispatcher::accepted(&bench, &["a", "b", "c"]).await;
    bench.wire.take();
    bench.dispatch(&requests.iter().collect::<Vec<_>>()).await;
    assert_eq!(bench.wire.count("TransactWriteItems"), 1);
}

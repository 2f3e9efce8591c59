//! Requests of which an operator stated that no account came: they are looked at again.

use accounts_core::transition::Statement;
use accounts_core::{Placement, Request, RequestStatus};
use accounts_lambda::now;
use accounts_tests::{Function, Lines, TOPIC_ARN, Workbench, start_event};
use serde_json::json;

use super::begun;

/// A request that ended because an operator found no account.
async fn stated_absent(bench: &Workbench, name: &str) -> Request {
    let functions = bench.functions(&[("OPERATION_TIMEOUT_SECONDS", "0.0001"), ("TOPIC_ARN", TOPIC_ARN)]);
    let (request, event) = begun(bench, &functions, name).await;
    functions.chain(&[Function::CheckStatus], &event).await;
    let statement = Statement::NoAccount("An operator has found none.".to_owned());
    let seen = bench.snapshot(&request).await;
    let resolved = super::resolved::resolve(bench, &seen, &statement).await.expect("a resolution");
    functions.run(&start_event(&resolved)).await.expect("an end");
    let ended = bench.request(&request).await;
    assert_eq!(ended.status, RequestStatus::Failed);
    ended
}

/// Reconciles once, and says how many were looked at and how many accounts came unexpectedly.
async fn reconcile(bench: &Workbench) -> (u64, usize) {
    let (lines, arn) = (Lines::default(), bench.engine.arn());
    let settings = lines.of(&[("SFN_ARN", &arn)]);
    let trigger = stream_trigger::StreamTrigger::connect(&settings, bench.sdk()).expect("a trigger");
    let report = trigger.handle(&json!({"reconcile": true})).await.expect("a reconciliation");
    let alarms = lines.take().into_iter().filter(|line| line.0 == "UnexpectedAccounts").count();
    (report["watched"].as_u64().expect("a number"), alarms)
}

fn look_now(bench: &Workbench, request: &Request) {
    bench.items.edit(request.account_email.as_str(), &format!("REQUEST#{}", request.request_id), |item| {
        item["WatchAt"] = json!({"S": "2026-01-01T00:00:00.000Z"});
        item["QueueOrder"] = json!({"S": "2026-01-01T00:00:00.000Z"});
    });
}

#[tokio::test]
async fn while_no_account_appears_it_is_looked_at_again_later() {
    let bench = Workbench::start(0.0).await;
    let request = stated_absent(&bench, "sim-never").await;
    assert_eq!(reconcile(&bench).await, (1, 0));
    let Placement::Watched(at) = bench.request(&request).await.placement() else { panic!("not watched") };
    assert!(at.seconds_since(now()) > 3500.0, "{at}");
    assert_eq!(reconcile(&bench).await, (0, 0));
}

#[tokio::test]
async fn an_account_that_appears_later_is_alarmed_once() {
    let bench = Workbench::start(1.0).await;
    let request = stated_absent(&bench, "mine").await;
    while bench.done().accounts.is_empty() {
        look_now(&bench, &request);
        let (looked_at, alarms) = reconcile(&bench).await;
        if alarms == 1 {
            break;
        }
        assert_eq!((looked_at, alarms), (1, 0));
    }
    if let Placement::Watched(_) = bench.request(&request).await.placement() {
        look_now(&bench, &request);
        assert_eq!(reconcile(&bench).await, (1, 1));
    }
    assert_eq!(bench.request(&request).await.placement(), Placement::Nowhere);
    assert_eq!(reconcile(&bench).await, (0, 0));
}

#[tokio::test]
async fn a_look_that_fails_is_a_loud_error_and_the_next_one_is_put_off() {
    let bench = Workbench::start(0.0).await;
    let request = stated_absent(&bench, "sim-never").await;
    bench.wire.on("DescribeRecord").always().refuse(400, "AccessDeniedException");
    let error = bench.trigger(&[]).handle(&json!({"reconcile": true})).await.expect_err("an error");
    assert_eq!(error.kind(), accounts_core::Kind::AccessDenied);
    let Placement::Watched(at) = bench.request(&request).await.placement() else { panic!("not watched") };
    assert!(at.seconds_since(now()) > 3500.0, "{at}");
}

#[tokio::test]
async fn after_a_month_without_an_account_nobody_looks_any_more() {
    let bench = Workbench::start(0.0).await;
    let request = stated_absent(&bench, "sim-never").await;
    bench.items.edit("user@example.com", &format!("REQUEST#{}", request.request_id), |item| {
        item["LastUpdateDate"] = json!({"S": now().plus_seconds(-31.0 * 86_400.0).to_string()});
    });
    assert_eq!(reconcile(&bench).await, (1, 0));
    assert_eq!(bench.request(&request).await.placement(), Placement::Nowhere);
}

/// The account of a later request for the same e-mail.
async fn account_of_the_next_request(bench: &Workbench) {
    let functions = bench.functions(&[]);
    let (_, event) = bench.admitted("user@example.com", "next").await;
    assert_eq!(functions.run(&event).await.expect("an end")["Status"], "Provisioned");
}

#[tokio::test]
async fn the_account_of_a_later_request_is_no_surprise() {
    for was_accepted in [true, false] {
        let bench = Workbench::start(0.0).await;
        let request = if was_accepted {
            bench.wire.on("DescribeRecord").refuse(400, "AccessDeniedException");
            stated_absent(&bench, "sim-account-limit").await
        } else {
            never_accepted(&bench).await
        };
        account_of_the_next_request(&bench).await;
        look_now(&bench, &request);
        assert_eq!(reconcile(&bench).await, (1, 0), "accepted: {was_accepted}");
        assert!(matches!(bench.request(&request).await.placement(), Placement::Watched(_)));
    }
}

/// A request whose only attempt was lost, until an operator found no account.
async fn never_accepted(bench: &Workbench) -> Request {
    let functions = bench.functions(&[("OPERATION_TIMEOUT_SECONDS", "0.0001")]);
    let (request, event) = super::valid(bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    let statement = Statement::NoAccount("An operator has found none.".to_owned());
    let seen = bench.snapshot(&request).await;
    let resolved = super::resolved::resolve(bench, &seen, &statement).await.expect("a resolution");
    let expired = bench.functions(super::EXPIRED);
    expired.run_from(Function::CheckStatus, &start_event(&resolved)).await.expect("an end");
    let ended = bench.request(&request).await;
    assert!(matches!(ended.placement(), Placement::Watched(_)), "{ended:?}");
    ended
}

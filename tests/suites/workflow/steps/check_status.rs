//! What `check-status` makes of a record: the one step that may say that a request failed.

use std::time::{Duration, Instant};

use accounts_core::{Kind, Status};
use accounts_tests::{Function, Functions, Workbench, start_event};
use serde_json::{Value, json};

use super::refused;

const EMAIL: &str = "user@example.com";

/// A bound that every wait exceeds.
const AT_ONCE: &[(&str, &str)] = &[("WAIT_BOUND_SECONDS", "0.0001"), ("POLL_SECONDS", "7")];

/// A request of this name, as far as the landing zone has taken it up.
async fn begun(bench: &Workbench, functions: &Functions, name: &str) -> Value {
    let event = start_event(&bench.accept(EMAIL, name).await);
    functions.chain(&[Function::Validate, Function::Provision], &event).await
}

#[tokio::test]
async fn a_record_that_is_not_finished_is_waited_for() {
    for name in ["mine", "sim-in-error-then-failed", "sim-never"] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[("POLL_SECONDS", "7")]);
        let event = begun(&bench, &functions, name).await;
        let answer = functions.call(Function::CheckStatus, &event).await.expect("a step");
        assert_eq!((&answer["Status"], &answer["WaitSeconds"]), (&json!("InProgress"), &json!(7)), "{name}");
    }
}

#[tokio::test]
async fn a_record_that_succeeded_names_its_account_and_writes_nothing() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let event = begun(&bench, &functions, "mine").await;
    let before = bench.item(EMAIL).await;
    let answer = functions.call(Function::CheckStatus, &event).await.expect("a step");
    assert_eq!(answer["Status"], "Provisioned");
    assert_eq!(answer["AccountId"], bench.done().accounts[0].id.as_str());
    assert_eq!(bench.item(EMAIL).await, before);
}

#[tokio::test]
async fn a_record_that_failed_is_a_verdict_with_the_landing_zones_reason() {
    for (name, reason, may_exist) in [
        ("sim-email-in-use", "already in use", false),
        ("sim-account-limit", "limit on the number of accounts", false),
        ("sim-in-error-then-failed", "remediation did not succeed", false),
        ("sim-tainted", "activation of account", true),
    ] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let event = begun(&bench, &functions, name).await;
        let answer = functions.call(Function::CheckStatus, &event).await.expect("a step");
        assert_eq!(answer["Status"], "Failed", "{name}");
        let failure = &answer["Failure"];
        assert!(failure["Reason"].as_str().expect("a reason").contains(reason), "{failure}");
        assert_eq!(failure["AccountMayExist"], may_exist, "{name}");
        assert_eq!(failure["AccountId"].is_string(), may_exist, "{name}");
        assert_eq!(bench.stored(EMAIL).await.status, Status::InProgress, "the next step writes it down");
    }
}

#[tokio::test]
async fn a_record_in_error_is_not_a_failed_one_until_its_remediation_has_ended() {
    const TAKES: Duration = Duration::from_secs(1);
    let bench = Workbench::start(TAKES.as_secs_f64()).await;
    let functions = bench.functions(&[]);
    let event = start_event(&bench.accept(EMAIL, "sim-in-error-then-failed").await);
    functions.chain(&[Function::Validate], &event).await;
    let begun = Instant::now();
    functions.chain(&[Function::Provision], &event).await;
    while functions.chain(&[Function::CheckStatus], &event).await["Status"] == "InProgress" {}
    assert!(begun.elapsed() >= TAKES, "given up after {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_failed_record_is_no_verdict_before_the_organization_was_asked_for_the_account() {
    for operation in ["DescribeRecord", "ListAccounts", "DescribeProvisionedProduct"] {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(&[]);
        let event = begun(&bench, &functions, "sim-email-in-use").await;
        bench.lose_answers_to(operation);
        let (kind, _) = refused(functions.call(Function::CheckStatus, &event).await);
        assert_eq!(kind, Kind::Transient, "{operation}");
        bench.lose_answers_to("");
        assert_eq!(functions.chain(&[Function::CheckStatus], &event).await["Status"], "Failed");
    }
}

#[tokio::test]
async fn a_landing_zone_that_does_not_answer_says_nothing_about_the_account() {
    let bench = Workbench::start(600.0).await;
    let event = begun(&bench, &bench.functions(&[]), "mine").await;
    let before = bench.item(EMAIL).await;
    let functions = bench.functions_without_landing_zone().await;
    assert_eq!(refused(functions.call(Function::CheckStatus, &event).await).0, Kind::Transient);
    assert_eq!(bench.item(EMAIL).await, before);
}

#[tokio::test]
async fn at_the_bound_the_request_fails_with_its_record_and_the_account_may_still_appear() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(AT_ONCE);
    let event = begun(&bench, &functions, "sim-never").await;
    let record = bench.stored(EMAIL).await.record_id.expect("a record");

    let verdict = functions.call(Function::CheckStatus, &event).await.expect("a step");
    assert_eq!(verdict["Failure"]["AccountMayExist"], true, "{verdict}");
    functions.call(Function::UpdateFailed, &verdict).await.expect("a step");
    let stored = bench.stored(EMAIL).await;
    assert_eq!((stored.status, stored.account_may_exist), (Status::Failed, true));
    assert_eq!(stored.record_id.as_deref(), Some(record.as_str()));
    let reason = stored.error_message.expect("a reason");
    assert!(reason.contains("may still appear") && reason.contains(&record), "{reason}");
    assert_ne!(bench.table.item("NAME#sim-never").await, Value::Null, "the name stays taken");
}

#[tokio::test]
async fn an_account_that_was_made_is_found_also_after_the_bound() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(AT_ONCE);
    let event = begun(&bench, &functions, "mine").await;
    let answer = functions.call(Function::CheckStatus, &event).await.expect("a step");
    assert_eq!(answer["Status"], "Provisioned");
}

#[tokio::test]
async fn an_operation_that_was_turned_away_late_is_begun_anew_once() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let mut event = begun(&bench, &functions, "sim-refused-late").await;
    let first = bench.stored(EMAIL).await;
    for _ in 0..3 {
        event = functions.call(Function::CheckStatus, &event).await.expect("a step");
        assert_eq!(event["Status"], "Valid", "provision is the next step");
    }
    let turned_away = bench.stored(EMAIL).await;
    assert_eq!((turned_away.status, turned_away.operation), (Status::InProgress, 2));
    assert_eq!(turned_away.record_id, None);

    let way = [Function::Provision, Function::Provision, Function::CheckStatus, Function::UpdateStatus];
    let ended = functions.chain(&way, &event).await;
    assert_eq!(ended["Status"], "Provisioned");
    let stored = bench.stored(EMAIL).await;
    assert!(stored.in_progress_since > first.in_progress_since, "the bound counts for each operation");
    assert_eq!(stored.begun_at, first.begun_at, "and yet it is as old as it was");
    assert_eq!(first.begun_at, first.in_progress_since);
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (2, 1));
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn an_operation_that_is_turned_away_for_ever_ends_without_an_account() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let event = begun(&bench, &functions, "sim-refused-late").await;
    let mut item = bench.table.item(EMAIL).await;
    item["Operation"] = json!({"N": "500"});
    bench.table.put(&item).await;

    let verdict = functions.call(Function::CheckStatus, &event).await.expect("a step");
    assert_eq!(verdict["Failure"]["AccountMayExist"], false, "{verdict}");
    functions.call(Function::UpdateFailed, &verdict).await.expect("a step");
    assert!(bench.stored(EMAIL).await.may_be_asked_again());
    assert_eq!(bench.table.holders().await, [""; 0]);
}

//! What `validate` finds out about the organization, and what it does where it cannot find out.

use accounts_core::{Kind, Status};
use accounts_lambda::now;
use accounts_tests::{Function, Workbench, body, start_event};
use serde_json::json;

use super::refused;

const EMAIL: &str = "user@example.com";

#[tokio::test]
async fn a_request_whose_unit_exists_becomes_valid_with_the_units_id() {
    let bench = Workbench::start(0.0).await;
    let event = start_event(&bench.accept(EMAIL, "mine").await);
    let answer = bench.functions(&[]).call(Function::Validate, &event).await.expect("a step");
    assert_eq!(answer["Status"], "Valid");
    let unit = bench.stored(EMAIL).await.managed_organizational_unit.expect("a unit");
    assert!(unit.starts_with("Dev (ou-"), "{unit}");
}

#[tokio::test]
async fn a_unit_that_does_not_exist_exactly_so_is_invalid() {
    for unit in ["Engineering/Nowhere", "engineering/platform/dev", "Platform/Dev", "ou-abcd-12345678"] {
        let bench = Workbench::start(0.0).await;
        let mut body = body(EMAIL, "mine");
        body["OrgUnit"] = json!(unit);
        let event = start_event(&bench.accept_body(&body, now()).await);
        let (kind, sentence) = refused(bench.functions(&[]).call(Function::Validate, &event).await);
        assert_eq!(kind, Kind::Invalid, "{unit}");
        assert_eq!(sentence, format!("There is no organizational unit {unit}."));
        assert_eq!(bench.stored(EMAIL).await.status, Status::Requested);
    }
}

#[tokio::test]
async fn an_email_or_a_name_that_is_an_account_already_is_a_conflict() {
    for (email, name, what) in [
        ("management@example.com", "mine", "e-mail"),
        (EMAIL, "Management", "name"),
        (EMAIL, "MANAGEMENT", "name"),
    ] {
        let bench = Workbench::start(0.0).await;
        let event = start_event(&bench.accept(email, name).await);
        let (kind, sentence) = refused(bench.functions(&[]).call(Function::Validate, &event).await);
        assert_eq!(kind, Kind::Conflict, "{email} {name}");
        assert!(sentence.contains(&format!("has this {what} already")), "{sentence}");
        assert_eq!(bench.stored(email).await.status, Status::Requested);
    }
}

#[tokio::test]
async fn an_account_on_a_later_page_of_the_organization_is_seen() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[("MAX_OPERATIONS", "100")]);
    for number in 0..25 {
        let request = bench.accept(&format!("user{number}@example.com"), &format!("account {number}")).await;
        functions.chain(&[Function::Validate, Function::Provision], &start_event(&request)).await;
    }
    let last = bench.stored("user24@example.com").await;
    let mut item = bench.table.item("user24@example.com").await;
    item["Status"] = json!({"S": "Requested"});
    bench.table.put(&item).await;
    let fresh = bench.functions(&[]);
    assert_eq!(refused(fresh.call(Function::Validate, &start_event(&last)).await).0, Kind::Conflict);
}

#[tokio::test]
async fn an_organization_that_does_not_answer_is_not_an_organization_without_the_account() {
    let bench = Workbench::start(0.0).await;
    let event = start_event(&bench.accept(EMAIL, "mine").await);
    let before = bench.item(EMAIL).await;
    let functions = bench.functions_without_landing_zone().await;
    let (kind, _) = refused(functions.call(Function::Validate, &event).await);
    assert_eq!(kind, Kind::Transient);
    assert_eq!(bench.item(EMAIL).await, before);
}

#[tokio::test]
async fn a_list_of_accounts_that_breaks_off_is_not_a_list_without_the_account() {
    for operation in ["ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent"] {
        let bench = Workbench::start(0.0).await;
        let event = start_event(&bench.accept(EMAIL, "mine").await);
        bench.lose_answers_to(operation);
        let functions = bench.functions(&[]);
        assert_eq!(
            refused(functions.call(Function::Validate, &event).await).0,
            Kind::Transient,
            "{operation}"
        );
        assert_eq!(bench.stored(EMAIL).await.status, Status::Requested);
        bench.lose_answers_to("");
        assert_eq!(functions.chain(&[Function::Validate], &event).await["Status"], "Valid");
    }
}

#[tokio::test]
async fn a_payload_that_names_no_request_is_invalid_and_a_stranger_is_not_found() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let stranger = json!({"RequestID": "0b8f2c3e-0000-4000-8000-000000000001", "AccountEmail": EMAIL});
    for function in [Function::Validate, Function::Provision, Function::CheckStatus, Function::UpdateStatus] {
        for (event, kind) in [
            (json!(null), Kind::Invalid),
            (json!({}), Kind::Invalid),
            (json!({"RequestID": "x", "AccountEmail": EMAIL}), Kind::Invalid),
            (stranger.clone(), Kind::NotFound),
        ] {
            assert_eq!(refused(functions.call(function, &event).await).0, kind, "{function:?} {event}");
        }
    }
}

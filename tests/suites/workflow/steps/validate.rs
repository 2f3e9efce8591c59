//! What `validate` finds out about the organization, and what it does where it cannot find out.

use accounts_core::{AccountStatus, Kind, RequestStatus};
use accounts_lambda::now;
use accounts_tests::{Function, Workbench, body, start_event};
use serde_json::{Value, json};

use super::{EMAIL, everything, refused};

#[tokio::test]
async fn a_request_whose_unit_exists_becomes_valid_with_that_unit() {
    let bench = Workbench::start(0.0).await;
    let (request, event) = bench.admitted(EMAIL, "mine").await;
    let answer = bench.functions(&[]).call(Function::Validate, &event).await.expect("a step");
    assert_eq!((&answer["Status"], &answer["Next"]), (&json!("Valid"), &json!("Provision")));
    let stored = bench.snapshot(&request).await;
    assert_eq!((stored.request.status, stored.account.status), (RequestStatus::Valid, AccountStatus::Valid));
    let unit = stored.request.unit.expect("a unit");
    assert!(unit.name == "Dev" && unit.id.starts_with("ou-"), "{unit:?}");
}

/// Validates a request that has to be rejected, ends it, and gives the reason.
async fn rejected(bench: &Workbench, body: &Value) -> String {
    let (request, done) = (bench.accept_body(body, now()).await, bench.done());
    bench.dispatch(&[&request]).await;
    let functions = bench.functions(&[]);
    let event = start_event(&bench.request(&request).await);
    let answer = functions.call(Function::Validate, &event).await.expect("a step");
    assert_eq!((&answer["Status"], &answer["Next"]), (&json!("Requested"), &json!("UpdateFailed")));
    assert!(bench.request(&request).await.rejection.is_some());
    assert_eq!(bench.holders().await.len(), 1, "it ends in update-failed");

    functions.call(Function::UpdateFailed, &answer).await.expect("a step");
    let stored = bench.snapshot(&request).await;
    assert_eq!(
        (stored.request.status, stored.account.status),
        (RequestStatus::Failed, AccountStatus::Failed)
    );
    assert!(stored.account.can_be_requested_again());
    assert_eq!(bench.holders().await, []);
    assert_eq!(bench.done(), done, "nothing was started");
    let name = format!("NAME#{}", request.details().account_name.folded());
    assert!(bench.items.get(&name, "CLAIM").is_null(), "the name is free");
    stored.request.error_message.expect("a reason")
}

#[tokio::test]
async fn a_unit_that_does_not_exist_exactly_so_ends_the_request() {
    let bench = Workbench::start(0.0).await;
    for unit in ["Engineering/Nowhere", "engineering/platform/dev", "Platform/Dev", "ou-abcd-12345678"] {
        let mut body = body(EMAIL, "mine");
        body["OrgUnit"] = json!(unit);
        assert_eq!(rejected(&bench, &body).await, format!("There is no organizational unit {unit}."));
    }
}

#[tokio::test]
async fn an_email_or_a_name_that_an_account_has_already_ends_the_request() {
    let bench = Workbench::start(0.0).await;
    for (email, name, what) in [
        ("management@example.com", "mine", "e-mail"),
        (EMAIL, "Management", "name"),
        (EMAIL, "MANAGEMENT", "name"),
    ] {
        let reason = rejected(&bench, &body(email, name)).await;
        assert!(reason.contains(&format!("has this {what} already")), "{reason}");
    }
}

#[tokio::test]
async fn an_account_on_a_later_page_of_the_organization_is_seen() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    for number in 0..25 {
        let (_, event) =
            bench.admitted(&format!("user{number}@example.com"), &format!("account {number}")).await;
        assert_eq!(functions.run(&event).await.expect("an end")["Status"], "Provisioned");
    }
    bench.items.delete("NAME#account 24", "CLAIM");
    let reason = rejected(&bench, &body(EMAIL, "Account 24")).await;
    assert!(reason.contains("has this name already"), "{reason}");
}

#[tokio::test]
async fn an_organization_that_does_not_answer_is_not_an_organization_without_the_account() {
    for action in ["ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent"] {
        let bench = Workbench::start(0.0).await;
        let (request, event) = bench.admitted(EMAIL, "mine").await;
        let functions = bench.functions(&[]);
        let before = everything(&bench);
        bench.wire.on(action).always().lose_answer();
        assert_eq!(refused(functions.call(Function::Validate, &event).await).0, Kind::Transient, "{action}");
        assert_eq!(everything(&bench), before, "{action}");
        bench.wire.clear();
        functions.chain(&[Function::Validate], &event).await;
        assert_eq!(bench.request(&request).await.status, RequestStatus::Valid);
    }
}

#[tokio::test]
async fn once_an_operation_exists_nothing_is_looked_at_any_more() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = bench.admitted(EMAIL, "sim-refused-late").await;
    functions.run(&event).await.expect("an end");
    let parked = bench.request(&request).await;
    assert_eq!((parked.status, parked.operation), (RequestStatus::Requested, 1));

    // It is admitted again, and its unit is gone meanwhile.
    bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
        item["ParkedUntil"] = json!({"S": "2026-01-01T00:00:00.000Z"});
        item["QueueOrder"] = json!({"S": "2026-01-01T00:00:00.000Z"});
        item["OrgUnit"] = json!({"S": "Nowhere"});
    });
    bench.reconcile().await;
    let event = start_event(&bench.request(&request).await);
    bench.wire.take();
    let answer = functions.call(Function::Validate, &event).await.expect("a step");
    assert_eq!((&answer["Status"], &answer["Next"]), (&json!("Valid"), &json!("Provision")));
    assert_eq!(bench.wire.count("ListAccounts") + bench.wire.count("ListRoots"), 0);
    assert_eq!(bench.request(&request).await.unit, parked.unit);
}

#[tokio::test]
async fn a_payload_that_names_no_request_is_invalid_and_a_stranger_is_not_found() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let id = "0b8f2c3e-0000-7000-8000-000000000001";
    let stranger = json!({"RequestID": id, "AccountEmail": EMAIL, "Admission": 1, "Execution": 1});
    for function in Function::ALL {
        for (event, kind) in [
            (json!(null), Kind::Invalid),
            (json!({}), Kind::Invalid),
            (json!({"RequestID": "x", "AccountEmail": EMAIL, "Admission": 1, "Execution": 1}), Kind::Invalid),
            (json!({"RequestID": id, "AccountEmail": EMAIL}), Kind::Invalid),
            (stranger.clone(), Kind::NotFound),
        ] {
            assert_eq!(refused(functions.call(function, &event).await).0, kind, "{function:?} {event}");
        }
    }
}

#[tokio::test]
async fn what_was_rejected_stays_rejected_although_it_could_be_carried_out_by_now() {
    let bench = Workbench::start(0.0).await;
    let mut body = body(EMAIL, "mine");
    body["OrgUnit"] = json!("Nowhere");
    let request = bench.accept_body(&body, now()).await;
    bench.dispatch(&[&request]).await;
    let functions = bench.functions(&[]);
    let event = start_event(&bench.request(&request).await);
    functions.chain(&[Function::Validate], &event).await;
    bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
        item["OrgUnit"] = json!({"S": "Engineering/Platform/Dev"});
    });
    let before = everything(&bench);
    assert_eq!(functions.chain(&[Function::Validate], &event).await["Next"], "UpdateFailed");
    assert_eq!(everything(&bench), before);
}

/// The organization has this account, and no other.
fn list(bench: &Workbench, email: &str, name: &str, state: &str) {
    bench.wire.on("ListAccounts").always().answer(&json!({"Accounts": [
        {"Id": "123456789012", "Name": name, "Email": email, "State": state, "Status": "ACTIVE"},
    ]}));
}

#[tokio::test]
async fn an_account_that_is_closed_keeps_its_email_and_not_its_name() {
    for state in ["SUSPENDED", "PENDING_CLOSURE", "CLOSED"] {
        let bench = Workbench::start(0.0).await;
        list(&bench, "old@example.com", "mine", state);
        let functions = bench.functions(&[]);
        let (_, event) = bench.admitted(EMAIL, "mine").await;
        assert_eq!(functions.chain(&[Function::Validate], &event).await["Status"], "Valid", "{state}");
        let (request, event) = bench.admitted("old@example.com", "other").await;
        functions.chain(&[Function::Validate], &event).await;
        let reason = bench.request(&request).await.rejection.expect("a rejection");
        assert!(reason.contains("has this e-mail already"), "{reason}");
    }
}

#[tokio::test]
async fn an_account_that_was_listed_a_moment_ago_is_in_the_way_if_it_still_is() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (_, first) = bench.admitted(EMAIL, "mine").await;
    assert_eq!(functions.chain(&[Function::Validate], &first).await["Status"], "Valid");
    let (_, second) = bench.admitted("other@example.com", "Management").await;
    bench.wire.take();
    assert_eq!(functions.chain(&[Function::Validate], &second).await["Next"], "UpdateFailed");
    assert_eq!(bench.wire.count("ListAccounts"), 1, "a fresh listing says so");
}

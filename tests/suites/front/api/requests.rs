//! `GET /requests/{requestId}`: one request, with its steps and operations.

use std::collections::BTreeSet;

use accounts_local::Group;
use accounts_tests::body;
use serde_json::{Value, json};

use super::{assert_nothing_internal, assert_problem, fields, fleet};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_shows_what_was_asked_its_steps_and_how_each_operation_went() {
    let fleet = fleet().await;
    let asked = body("user@example.com", "my-account");
    let created = fleet.create(&asked).await;
    let account = fleet.ended("user@example.com").await;
    let shown = fleet.show(created.text("RequestID")).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "application/json"), "{}", shown.body);
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_nothing_internal(&shown);
    let request = &shown.body;
    for name in
        ["RequestID", "AccountEmail", "AccountName", "OrgUnit", "SSOUserFirstName", "Tags", "CreatedAt"]
    {
        assert_eq!(request[name], created.body[name], "{name}");
    }
    for (name, value) in [
        ("Kind", json!("Create")),
        ("Status", json!("Provisioned")),
        ("Steps", json!([{"Action": "CreateAccount", "Backend": "ControlTower", "Pool": "control-tower"}])),
        ("Step", json!(1)),
        ("Admission", json!(1)),
        ("Execution", json!(1)),
        ("Operation", json!(1)),
        ("Setbacks", json!(0)),
        ("AccountId", account["AccountId"].clone()),
    ] {
        assert_eq!(request[name], value, "{name}");
    }
    for gone in ["Slot", "QueuePosition", "ParkedUntil", "OverdueSince", "ErrorMessage", "AccountMayExist"] {
        assert_eq!(request.get(gone), None, "{gone} of a request that has ended well");
    }
    let [operation] = request["Operations"].as_array().expect("operations").as_slice() else {
        panic!("not one operation: {request}")
    };
    check_operation(operation, request);
}

fn check_operation(operation: &Value, request: &Value) {
    for (name, value) in [
        ("RequestID", request["RequestID"].clone()),
        ("Number", json!(1)),
        ("Step", json!(1)),
        ("Backend", json!("ControlTower")),
        ("State", json!("Ended")),
        ("Attempts", json!(1)),
        ("Unanswered", json!([])),
        ("Outcome", json!({"Result": "Succeeded", "AccountId": request["AccountId"]})),
    ] {
        assert_eq!(operation[name], value, "{name}");
    }
    let input = &operation["Input"];
    let unit = format!("Dev ({})", request["Unit"]["Id"].as_str().expect("a unit"));
    assert_eq!(input["ManagedOrganizationalUnit"], json!(unit), "{input}");
    assert_eq!(input["AccountEmail"], request["AccountEmail"], "{input}");
    for text in
        [&input["ProductId"], &input["ArtifactId"], &operation["Handle"]["RecordId"], &operation["Token"]]
    {
        assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{operation}");
    }
    let times = ["BeginningAt", "LastAttemptAt", "BegunAt", "EndedAt"].map(|name| operation[name].as_str());
    assert!(times.is_sorted() && times[0].is_some(), "{operation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_field_of_a_request_would_be_noticed() {
    let fleet = fleet().await;
    let created = fleet.create(&body("user@example.com", "my-account")).await;
    fleet.ended("user@example.com").await;
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    let documented = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let request = fleet.show(created.text("RequestID")).await.body;
    let of_a_request = [
        "AccountEmail",
        "AccountId",
        "AccountName",
        "Admission",
        "CreatedAt",
        "Execution",
        "Kind",
        "LastUpdateDate",
        "Operation",
        "Operations",
        "OrgUnit",
        "RequestID",
        "RequestedBy",
        "SSOUserEmail",
        "SSOUserFirstName",
        "SSOUserLastName",
        "Setbacks",
        "Status",
        "Step",
        "Steps",
        "Tags",
        "Unit",
        "UpdatedAt",
        "Version",
    ];
    assert_eq!(names(&request), documented(&of_a_request));
    let of_an_operation = [
        "AccountEmail",
        "Admission",
        "Attempts",
        "Backend",
        "BeginningAt",
        "BegunAt",
        "EndedAt",
        "Handle",
        "Input",
        "LastAttemptAt",
        "Number",
        "Outcome",
        "RequestID",
        "State",
        "Step",
        "Token",
        "Unanswered",
        "Version",
    ];
    assert_eq!(names(&request["Operations"][0]), documented(&of_an_operation));
    let listed = &fleet.history("user@example.com", "").await.body["Requests"][0];
    let mut without_operations = request.clone();
    without_operations.as_object_mut().expect("an object").remove("Operations");
    assert_eq!(*listed, without_operations, "the history shows a request otherwise");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_accepted_is_found_at_once_by_its_id_and_in_the_history() {
    let fleet = fleet().await;
    for n in 0..30 {
        let email = format!("user{n}@example.com");
        let created = fleet.create(&body(&email, &format!("account-{n}"))).await;
        let id = created.text("RequestID");
        let found = fleet.show(id).await;
        assert_eq!((found.status, found.text("RequestID")), (200, id), "{}", found.body);
        let listed = fleet.history(&email, "").await;
        assert_eq!(
            (listed.status, &listed.body["Requests"][0]["RequestID"]),
            (200, &json!(id)),
            "{}",
            listed.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_a_request_and_the_history() {
    let fleet = fleet().await;
    let created = fleet.create(&body("user@example.com", "my-account")).await;
    let reader = fleet.client_of(Group::Readers);
    assert_eq!(reader.show(created.text("RequestID")).await.status, 200);
    assert_eq!(reader.history("user@example.com", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_uuid_is_a_fault_and_an_unknown_one_is_not_found() {
    let fleet = fleet().await;
    let long = "0".repeat(300);
    for id in ["1", "user@example.com", "0b8f2c3e-0000-7000-8000-00000000000", "\u{0}", "%", long.as_str()] {
        let answer = fleet.show(id).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(fields(&answer), ["requestId"], "{id}");
    }
    let unknown = "0b8f2c3e-0000-7000-8000-000000000001";
    assert_problem(&fleet.show(unknown).await, 404, "not_found");
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

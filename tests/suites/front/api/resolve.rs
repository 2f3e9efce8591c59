//! `POST /requests/{requestId}/resolve`: an operator states the outcome of an overdue operation, and the workflow then
//! ends the request.

use accounts_local::Group;
use accounts_tests::{Client, LocalFleet, body};
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_nothing_internal, assert_problem, faults, fields, fleet};

/// A request of which the operation runs past its timeout.
struct Overdue {
    email: &'static str,
    id: String,
}

impl Overdue {
    /// Waits until it is overdue; the landing zone never ends a record of such an account name.
    async fn of(fleet: &LocalFleet, email: &'static str, name: &str) -> Self {
        let created = fleet.create(&body(email, name)).await;
        let account = fleet.once(email, |account| account.get("OverdueSince").is_some()).await;
        assert_eq!(account["Status"], "InProgress", "{account}");
        Self { email, id: created.text("RequestID").to_owned() }
    }

    async fn request(&self, fleet: &LocalFleet) -> Value {
        fleet.show(&self.id).await.body
    }

    /// What Service Catalog knows of the record is lost.
    async fn forget_record(&self, fleet: &LocalFleet) {
        let request = self.request(fleet).await;
        let record = request["Operations"][0]["Handle"]["RecordId"].as_str().expect("a record").to_owned();
        fleet.fleet().landing_zone().forget_record(&record);
    }
}

fn exists(id: &str) -> Value {
    json!({"Outcome": "AccountExists", "AccountId": id, "Reason": "It is in the organization."})
}

fn absent() -> Value {
    json!({"Outcome": "NoAccount", "Reason": "The stack was rolled back."})
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_statement_is_named_by_its_fields_and_changes_nothing() {
    let fleet = fleet().await;
    let created = fleet.create(&body("user@example.com", "my-account")).await;
    fleet.ended("user@example.com").await;
    let id = created.text("RequestID");
    let (keys, before) = (fleet.keys().await, fleet.show(id).await.body);
    let (outcome, reason, account) = ("Outcome", "Reason", "AccountId");
    for (statement, expected) in [
        (json!({}), vec![(outcome, "required"), (reason, "required")]),
        (json!({"Outcome": "Maybe", "Reason": "x"}), vec![(outcome, "invalid_value")]),
        (json!({"Outcome": 1, "Reason": 2}), vec![(outcome, "wrong_type"), (reason, "wrong_type")]),
        (json!({"Outcome": "NoAccount", "Reason": ""}), vec![(reason, "too_short")]),
        (json!({"Outcome": "NoAccount", "Reason": " \n"}), vec![(reason, "too_short")]),
        (json!({"Outcome": "NoAccount", "Reason": "x".repeat(501)}), vec![(reason, "too_long")]),
        (json!({"Outcome": "AccountExists", "Reason": "x"}), vec![(account, "required")]),
        (
            json!({"Outcome": "AccountExists", "Reason": "x", "AccountId": "1"}),
            vec![(account, "invalid_format")],
        ),
        (json!({"Outcome": "AccountExists", "Reason": "x", "AccountId": 1}), vec![(account, "wrong_type")]),
        (
            json!({"Outcome": "NoAccount", "Reason": "x", "AccountId": "123456789012"}),
            vec![(account, "unknown_field")],
        ),
        (json!({"Outcome": "NoAccount", "Reason": "x", "outcome": "x"}), vec![("outcome", "unknown_field")]),
        (json!([]), vec![("", "wrong_type")]),
        (json!(null), vec![("", "wrong_type")]),
    ] {
        let answer = fleet.resolve(id, &statement).await;
        assert_problem(&answer, 400, "invalid_request");
        let expected: Vec<_> =
            expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
        assert_eq!(faults(&answer), expected, "{statement}");
    }
    let path = format!("/requests/{id}/resolve");
    for malformed in ["", "{", "{\"Outcome\":\"NoAccount\"", "\u{0}"] {
        let answer = Client::send(fleet.request(Method::POST, &path).body(malformed)).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(faults(&answer), [(String::new(), "malformed_json".to_owned())], "{malformed}");
    }
    let large = Client::send(fleet.request(Method::POST, &path).body(" ".repeat(64 * 1024 + 1))).await;
    assert_problem(&large, 413, "body_too_large");
    assert_eq!((fleet.keys().await, fleet.show(id).await.body), (keys, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_request_that_is_there_and_overdue_can_be_resolved_and_only_by_an_administrator() {
    let fleet = LocalFleet::start_with(accounts_tests::Pace::FAST, |serve| serve.slots = 1).await;
    let unknown = "0b8f2c3e-0000-7000-8000-000000000001";
    assert_problem(&fleet.resolve(unknown, &absent()).await, 404, "not_found");
    let no_id = fleet.resolve("1", &absent()).await;
    assert_problem(&no_id, 400, "invalid_request");
    assert_eq!(fields(&no_id), ["requestId"]);

    let ended = fleet.create(&body("ended@example.com", "ended")).await;
    fleet.ended("ended@example.com").await;
    let runs = fleet.create(&body("runs@example.com", "sim-never")).await;
    fleet.once("runs@example.com", |account| account["Status"] == "InProgress").await;
    let waits = fleet.create(&body("waits@example.com", "waits")).await;
    let reader = fleet.client_of(Group::Readers);
    for request in [ended, runs, waits] {
        let id = request.text("RequestID");
        for statement in [absent(), exists("123456789012")] {
            assert_problem(&fleet.resolve(id, &statement).await, 409, "not_overdue");
            assert_problem(&reader.resolve(id, &statement).await, 403, "forbidden");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn that_no_account_was_made_is_believed_once_nothing_says_otherwise_and_fails_the_request() {
    let fleet = fleet().await;
    let overdue = Overdue::of(&fleet, "user@example.com", "sim-never one").await;
    fleet.create(&body("other@example.com", "other")).await;
    let others = fleet.ended("other@example.com").await["AccountId"].as_str().expect("an id").to_owned();

    // While the record runs nobody can say how it will end.
    assert_problem(&fleet.resolve(&overdue.id, &absent()).await, 409, "operation_running");
    overdue.forget_record(&fleet).await;
    // Neither account is this request's.
    for id in [others.as_str(), "999999999999"] {
        assert_problem(&fleet.resolve(&overdue.id, &exists(id)).await, 422, "account_mismatch");
    }
    let request = overdue.request(&fleet).await;
    assert_eq!(request["Operations"][0]["State"], "Begun", "a refused statement was stored: {request}");
    let holders = fleet.table().slots().await;
    assert_eq!(holders.values().collect::<Vec<_>>(), [&overdue.id], "the slot was given back");

    let resolved = fleet.resolve(&overdue.id, &absent()).await;
    assert_eq!(
        (resolved.status, resolved.text("RequestID")),
        (202, overdue.id.as_str()),
        "{}",
        resolved.body
    );
    assert_nothing_internal(&resolved);
    let operation = &resolved.body["Operations"][0];
    assert_eq!((&operation["State"], &operation["Outcome"]["Result"]), (&json!("Ended"), &json!("Failed")));
    let resolution = &operation["Resolution"];
    assert_eq!(
        (&resolution["Reason"], &resolution["By"]["Subject"]),
        (&json!("The stack was rolled back."), &json!("local-administrators"))
    );
    assert!(resolution["At"].is_string(), "{resolution}");

    let ended = fleet.ended(overdue.email).await;
    assert_eq!((&ended["Status"], ended.get("AccountMayExist")), (&json!("Failed"), None), "{ended}");
    assert!(
        ended["ErrorMessage"].as_str().is_some_and(|it| it.contains("The stack was rolled back.")),
        "{ended}"
    );
    assert_eq!(ended.get("OverdueSince"), None, "{ended}");
    assert_eq!(fleet.table().slots().await.len(), 0, "the slot is taken for ever");
    assert_problem(&fleet.resolve(&overdue.id, &absent()).await, 409, "not_overdue");
    // An account that appears all the same is looked for.
    let item = fleet.table().item(overdue.email, &format!("REQUEST#{}", overdue.id)).await;
    assert_eq!(item["Queue"]["S"], "WATCHED", "{item}");
    assert!(!fleet.keys().await.iter().any(|key| key == "NAME#sim-never one|CLAIM"), "the name is not free");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_the_account_exists_is_believed_of_the_one_with_the_email_and_completes_the_request() {
    let fleet = fleet().await;
    let zone = fleet.fleet().landing_zone();
    // Nobody can ask about the record until it is lost; the account is made all the same.
    zone.set_denied("DescribeRecord", true);
    let overdue = Overdue::of(&fleet, "user@example.com", "my-account").await;
    overdue.forget_record(&fleet).await;
    zone.set_denied("DescribeRecord", false);
    let accounts = fleet.landing_zone().await["accounts"].clone();
    let id = accounts[0]["Id"].as_str().expect("the account was made").to_owned();
    assert_eq!(accounts[0]["Tags"], json!([]), "{accounts}");

    assert_problem(&fleet.resolve(&overdue.id, &absent()).await, 409, "account_exists");
    assert_problem(&fleet.resolve(&overdue.id, &exists("999999999999")).await, 422, "account_mismatch");
    // Two operators at once: one of them is heard.
    let statement = exists(&id);
    let (one, other) =
        tokio::join!(fleet.resolve(&overdue.id, &statement), fleet.resolve(&overdue.id, &statement));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{} {}", one.body, other.body);
    let late = if one.status == 409 { &one } else { &other };
    assert_eq!(late.text("code"), "not_overdue", "{}", late.body);

    let ended = fleet.ended(overdue.email).await;
    assert_eq!((&ended["Status"], &ended["AccountId"]), (&json!("Provisioned"), &json!(id)), "{ended}");
    let accounts = fleet.landing_zone().await["accounts"].clone();
    assert_eq!(accounts[0]["Tags"], json!([{"Key": "env", "Value": "dev"}]), "{accounts}");
    assert_eq!(fleet.table().slots().await.len(), 0, "the slot is taken for ever");
    let request = overdue.request(&fleet).await;
    assert_eq!(request["Operations"][0]["Resolution"]["Reason"], "It is in the organization.", "{request}");
    assert_eq!(request["Operations"].as_array().map(Vec::len), Some(1), "{request}");
}

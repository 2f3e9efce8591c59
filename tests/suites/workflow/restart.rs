//! Data folders: one fleet each, and what a fleet finds there when it starts again.

use std::error::Error as _;
use std::time::Duration;

use accounts_local::{Fleet, Group, LocalError};
use accounts_tests::{Client, LocalFleet, Pace, Table, body, settings};

use crate::integrity;

const EMAIL: &str = "user@example.com";

/// An error with its causes, as a person sees it.
fn told(error: &LocalError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn client(fleet: &Fleet) -> Client {
    Client::new(fleet.address(), fleet.token(Group::Administrators).expect("a token"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fleets_with_two_folders_know_nothing_of_each_other() {
    let (one, other) = (LocalFleet::start_apart(Pace::FAST).await, LocalFleet::start_apart(Pace::FAST).await);
    for fleet in [&one, &other] {
        assert_eq!(fleet.create(&body(EMAIL, "mine")).await.status, 201);
    }
    for fleet in [&one, &other] {
        assert_eq!(fleet.ended(EMAIL).await["Status"], "Provisioned");
        assert_eq!(fleet.landing_zone().await["accounts"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(one.create(&body("other@example.com", "other")).await.status, 201);
    assert_eq!(other.get("other@example.com").await.status, 404);
    let foreign = Client::new(other.address().to_owned(), one.token().to_owned());
    assert_eq!(foreign.get(EMAIL).await.status, 403, "a token of the one opens nothing of the other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_serves_one_fleet_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Fleet::start(settings(folder.path(), Pace::FAST)).await.expect("a fleet");
    let second = Fleet::start(settings(folder.path(), Pace::FAST)).await.err().expect("a refusal");
    let message = told(&second);
    assert!(
        message.contains("is in use") && message.contains(&folder.path().display().to_string()),
        "{message}"
    );
    assert_eq!(client(&first).create(&body(EMAIL, "mine")).await.status, 201, "the first goes on");

    first.stop().await;
    let third = Fleet::start(settings(folder.path(), Pace::FAST)).await.expect("the folder is free again");
    assert_eq!(client(&third).ended(EMAIL).await["Status"], "Provisioned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_was_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let pace = Pace { provision_seconds: 1.0, poll_seconds: 0.05 };
    let emails: Vec<_> = (0..8).map(|number| format!("user{number}@example.com")).collect();
    let fleet = Fleet::start(settings(folder.path(), pace)).await.expect("a fleet");
    let before = client(&fleet);
    for email in &emails {
        assert_eq!(before.create(&body(email, email)).await.status, 201);
    }
    fleet.stop().await;

    let fleet = Fleet::start(settings(folder.path(), pace)).await.expect("the same fleet");
    let after = Client::new(fleet.address(), before.token().to_owned());
    for email in &emails {
        let ended = after.ended(email).await;
        assert_eq!(ended["Status"], "Provisioned", "{ended}");
    }
    let report = after.landing_zone().await;
    assert_eq!(report["accounts"].as_array().map(Vec::len), Some(emails.len()));
    assert_eq!(report["operations"], emails.len(), "no operation was begun twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_lost_its_executions_starts_those_of_the_unfinished_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let pace = Pace { provision_seconds: 1.0, poll_seconds: 0.05 };
    let fleet = Fleet::start(settings(folder.path(), pace)).await.expect("a fleet");
    assert_eq!(client(&fleet).create(&body(EMAIL, "mine")).await.status, 201);
    // From then on the stream has been read, and starts it no more.
    while client(&fleet).get(EMAIL).await.text("Status") == "Requested" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fleet.stop().await;
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let file = entry.expect("a file").path();
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("executions.db")) {
            std::fs::remove_file(file).expect("a file");
        }
    }
    let fleet = Fleet::start(settings(folder.path(), pace)).await.expect("the same fleet");
    assert_eq!(client(&fleet).ended(EMAIL).await["Status"], "Provisioned");
    assert_eq!(client(&fleet).landing_zone().await["operations"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_overdue_is_so_after_a_restart_and_keeps_its_slot() {
    let folder = tempfile::tempdir().expect("a folder");
    let fleet = Fleet::start(settings(folder.path(), Pace::FAST)).await.expect("a fleet");
    assert_eq!(client(&fleet).create(&body(EMAIL, "sim-never")).await.status, 201);
    let is_overdue = |account: &serde_json::Value| account["OverdueSince"].is_string();
    let before = client(&fleet).once(EMAIL, is_overdue).await;
    fleet.stop().await;

    let fleet = Fleet::start(settings(folder.path(), Pace::FAST)).await.expect("the same fleet");
    let table = Table::at(&fleet.endpoints().dynamodb);
    assert_eq!(client(&fleet).create(&body("other@example.com", "other")).await.status, 201);
    assert_eq!(client(&fleet).ended("other@example.com").await["Status"], "Provisioned");
    let after = client(&fleet).get(EMAIL).await;
    assert_eq!((after.text("Status"), &after.body["OverdueSince"]), ("InProgress", &before["OverdueSince"]));
    assert_eq!(table.slots().await.into_values().collect::<Vec<_>>(), [after.text("RequestID")]);
    assert_eq!(integrity::faults(&table).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_machine_that_cannot_be_run_is_refused_at_the_start_with_what_it_uses() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state-machine.asl.json");
    for (definition, names) in [
        (r#"{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true}}}"#, ["Each", "Map"]),
        (
            r#"{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true}}}"#,
            ["Both", "Parallel"],
        ),
        (r#"{"StartAt": "Lost", "States": {"Done": {"Type": "Succeed"}}}"#, ["StartAt", "Lost"]),
    ] {
        std::fs::write(&file, definition).expect("a file");
        let mut serve = settings(&folder.path().join("data"), Pace::FAST);
        serve.state_machine = Some(file.clone());
        let message = told(&Fleet::start(serve).await.err().expect("a refusal"));
        for name in names {
            assert!(message.contains(name), "{message}");
        }
    }
    let mut serve = settings(&folder.path().join("data"), Pace::FAST);
    serve.state_machine = Some(folder.path().join("none.json"));
    let message = told(&Fleet::start(serve).await.err().expect("a refusal"));
    assert!(message.contains("none.json"), "{message}");
}

//! The sweep of `stream-trigger`: gauges, and a workflow for whoever has none.

use accounts_aws::{Endpoints, Sdk};
use accounts_core::{Kind, Status};
use accounts_lambda::now;
use accounts_state_machine::{Definition, Engine, Options};
use accounts_tests::{Function, Lines, Workbench, serve, start_event};
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::refused;
use super::stream_trigger::NoTasks;

/// A workbench with a workflow engine beside it.
struct Swept {
    bench: Workbench,
    engine: Engine,
    lines: Lines,
    trigger: StreamTrigger,
    _servers: JoinSet<()>,
    _folder: TempDir,
}

impl Swept {
    async fn start() -> Self {
        let bench = Workbench::start(600.0).await;
        let folder = tempfile::tempdir().expect("a folder");
        let definition = r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#;
        let definition = Definition::parse(definition).expect("a definition");
        let engine =
            Engine::open(folder.path().join("executions.db"), definition, NoTasks, Options::default())
                .expect("an engine");
        let mut servers = JoinSet::new();
        let step_functions = format!("http://{}", serve(&mut servers, engine.router()).await);
        let endpoints = Endpoints { step_functions, ..bench.endpoints().clone() };
        let lines = Lines::default();
        let settings = lines.of(&[("SFN_ARN", &engine.arn())]);
        let trigger = StreamTrigger::connect(&settings, &Sdk::at(endpoints).await).expect("a trigger");
        Self { bench, engine, lines, trigger, _servers: servers, _folder: folder }
    }

    async fn sweep(&self) -> Value {
        self.trigger.handle(&json!({"sweep": true})).await.expect("a sweep")
    }

    /// The names of the executions, in order.
    fn executions(&self) -> Vec<String> {
        let page = self.engine.executions(None, None, 1000).expect("the executions");
        let mut names: Vec<_> = page.executions.into_iter().map(|execution| execution.name).collect();
        names.sort();
        names
    }

    /// What the last sweep wrote of a gauge.
    fn gauge(lines: &[(String, Option<String>, f64)], name: &str, status: Option<Status>) -> f64 {
        let status = status.map(|status| status.name().to_owned());
        let values: Vec<_> =
            lines.iter().filter(|line| line.0 == name && line.1 == status).map(|line| line.2).collect();
        assert_eq!(values.len(), 1, "{name} {status:?} in {lines:?}");
        values[0]
    }
}

#[tokio::test]
async fn an_empty_table_is_a_sweep_whose_gauges_are_all_zero() {
    let swept = Swept::start().await;
    let open = json!({"Requested": 0, "Valid": 0, "InProgress": 0});
    assert_eq!(swept.sweep().await, json!({"started": 0, "open": open, "slotsInUse": 0}));
    let lines = swept.lines.take();
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert!(lines.iter().all(|line| line.2 == 0.0), "{lines:?}");
}

#[tokio::test]
async fn every_request_that_is_still_requested_gets_its_workflow_and_no_other_and_only_once() {
    let swept = Swept::start().await;
    let mut lost = Vec::new();
    for name in ["a", "b", "c"] {
        lost.push(swept.bench.accept(&format!("{name}@example.com"), name).await.request_id.to_string());
    }
    lost.sort();
    let functions = swept.bench.functions(&[]);
    let valid = start_event(&swept.bench.accept("valid@example.com", "valid").await);
    functions.chain(&[Function::Validate], &valid).await;
    let failed = start_event(&swept.bench.accept("failed@example.com", "failed").await);
    functions.chain(&[Function::UpdateFailed], &failed).await;

    for _ in 0..2 {
        let answer = swept.sweep().await;
        assert_eq!(
            (&answer["started"], &answer["open"]["Requested"], &answer["open"]["Valid"]),
            (&json!(3), &json!(3), &json!(1))
        );
        assert_eq!(swept.executions(), lost);
    }
}

#[tokio::test]
async fn the_gauges_say_how_many_wait_at_each_status_how_long_the_oldest_does_and_how_many_slots_are_taken() {
    let swept = Swept::start().await;
    let functions = swept.bench.functions(&[("MAX_OPERATIONS", "2")]);
    for (name, age) in [("r1", 500.0), ("r2", 100.0), ("v1", 3000.0), ("p1", 9000.0), ("p2", 8000.0)] {
        let email = format!("{name}@example.com");
        let event = start_event(&swept.bench.accept_at(&email, name, now().minus_seconds(age)).await);
        let steps = match name.as_bytes()[0] {
            b'r' => 0,
            b'v' => 1,
            _ => 2,
        };
        functions.chain(&[Function::Validate, Function::Provision][..steps], &event).await;
    }
    let answer = swept.sweep().await;
    assert_eq!(answer["open"], json!({"Requested": 2, "Valid": 1, "InProgress": 2}));
    assert_eq!(answer["slotsInUse"], 2);
    let lines = swept.lines.take();
    for (status, requests, ages) in [
        (Status::Requested, 2.0, 500.0..560.0),
        (Status::Valid, 1.0, 3000.0..3060.0),
        // Since the landing zone began, not since it was accepted.
        (Status::InProgress, 2.0, 0.0..60.0),
    ] {
        assert_eq!(Swept::gauge(&lines, "OpenRequests", Some(status)), requests, "{status}");
        let age = Swept::gauge(&lines, "OldestRequestSeconds", Some(status));
        assert!(ages.contains(&age), "{status}: {age}");
    }
    assert_eq!(Swept::gauge(&lines, "SlotsInUse", None), 2.0);
}

#[tokio::test]
async fn more_requests_than_a_page_of_the_index_holds_are_all_swept() {
    let swept = Swept::start().await;
    // A page ends at a megabyte of what the query reads.
    const MANY: usize = 40;
    let padding = "x".repeat(50_000);
    for number in 0..MANY {
        let email = format!("n{number}@example.com");
        swept.bench.accept(&email, &format!("n{number}")).await;
        let mut item = swept.bench.table.item(&email).await;
        item["SeenAt"] = json!({"S": padding});
        swept.bench.table.put(&item).await;
    }
    assert_eq!(swept.sweep().await["started"], MANY);
    assert_eq!(swept.executions().len(), MANY);
}

#[tokio::test]
async fn where_nothing_can_be_started_the_gauges_are_written_and_the_sweep_is_a_loud_error() {
    // Step Functions is nowhere on a workbench.
    let (bench, lines) = (Workbench::start(0.0).await, Lines::default());
    let settings = lines.of(&[("SFN_ARN", "arn:aws:states:us-east-1:000000000000:stateMachine:accounts")]);
    let trigger = StreamTrigger::connect(&settings, bench.sdk()).expect("a trigger");
    bench.accept("a@example.com", "a").await;
    let (kind, _) = refused(trigger.handle(&json!({"sweep": true})).await);
    assert_eq!(kind, Kind::Transient);
    assert_eq!(Swept::gauge(&lines.take(), "OpenRequests", Some(Status::Requested)), 1.0);
}

#[tokio::test]
async fn a_request_that_cannot_be_read_stops_no_other_and_makes_the_sweep_a_loud_error() {
    let swept = Swept::start().await;
    swept.bench.accept("readable@example.com", "readable").await;
    let damaged = json!({
        "AccountEmail": {"S": "damaged@example.com"}, "RequestID": {"S": "no UUID"},
        "Status": {"S": "Requested"}, "CreatedAt": {"S": "yesterday"}
    });
    swept.bench.table.put(&damaged).await;
    let (kind, _) = refused(swept.trigger.handle(&json!({"sweep": true})).await);
    assert_eq!((kind, swept.executions().len()), (Kind::Internal, 1));
    assert_eq!(Swept::gauge(&swept.lines.take(), "OpenRequests", Some(Status::Requested)), 1.0);
}

#[tokio::test]
async fn the_sample_event_is_a_sweep_and_a_sweep_that_is_not_asked_for_is_none() {
    let swept = Swept::start().await;
    let sample: Value = serde_json::from_str(include_str!("../../../../samples/sweep.json")).expect("JSON");
    assert_eq!(swept.trigger.handle(&sample).await.expect("a sweep")["started"], 0);
    for event in [json!({"sweep": false}), json!({"sweep": "true"})] {
        assert_eq!(refused(swept.trigger.handle(&event).await).0, Kind::Invalid, "{event}");
    }
}

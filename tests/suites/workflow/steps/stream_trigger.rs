//! `stream-trigger`, batch by batch.

use accounts_aws::{Endpoints, Sdk};
use accounts_core::{Kind, RequestId};
use accounts_lambda::Settings;
use accounts_state_machine::{Definition, Engine, Options, TaskFailure, Tasks};
use accounts_tests::{Workbench, serve};
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::refused;

/// No function is ever invoked here.
pub(super) struct NoTasks;

impl Tasks for NoTasks {
    async fn invoke(&self, function: &str, _payload: Value) -> Result<Value, TaskFailure> {
        Err(TaskFailure::new("Lambda.ResourceNotFoundException", function))
    }
}

/// A trigger, and the executions that it starts.
struct Started {
    trigger: StreamTrigger,
    engine: Engine,
    _servers: JoinSet<()>,
    _folder: TempDir,
}

impl Started {
    async fn nothing() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let definition = r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#;
        let definition = Definition::parse(definition).expect("a definition");
        let database = folder.path().join("executions.db");
        let engine = Engine::open(database, definition, NoTasks, Options::default()).expect("an engine");
        let mut servers = JoinSet::new();
        let endpoint = format!("http://{}", serve(&mut servers, engine.router()).await);
        Self { trigger: trigger(&endpoint, &engine.arn()).await, engine, _servers: servers, _folder: folder }
    }

    /// The names of the executions, the oldest first.
    fn executions(&self) -> Vec<String> {
        let page = self.engine.executions(None, None, 1000).expect("the executions");
        page.executions.into_iter().rev().map(|execution| execution.name).collect()
    }
}

async fn trigger(endpoint: &str, arn: &str) -> StreamTrigger {
    let endpoint = endpoint.to_owned();
    let endpoints = Endpoints {
        dynamodb: endpoint.clone(),
        landing_zone: endpoint.clone(),
        step_functions: endpoint,
        sns: None,
    };
    let sdk = Sdk::at(endpoints).await;
    StreamTrigger::connect(&Settings::from_pairs([("SFN_ARN", arn)]), &sdk).expect("a trigger")
}

/// A record that brings in a new request, and the name of its execution.
fn insert(sequence_number: &str) -> (Value, String) {
    let id = RequestId::random().to_string();
    let image = json!({
        "AccountEmail": {"S": "user@example.com"}, "Status": {"S": "Requested"}, "RequestID": {"S": id.as_str()},
    });
    let change = json!({"SequenceNumber": sequence_number, "NewImage": image});
    (json!({"eventID": "e", "eventName": "INSERT", "dynamodb": change}), id)
}

fn batch(records: &[&Value]) -> Value {
    json!({"Records": records})
}

#[tokio::test]
async fn good_records_start_and_the_malformed_between_them_are_named() {
    let started = Started::nothing().await;
    let ((first, first_id), (second, second_id)) = (insert("1"), insert("5"));
    let (mut no_uuid, _) = insert("2");
    no_uuid["dynamodb"]["NewImage"]["RequestID"]["S"] = json!("none");
    let no_image = json!({"eventID": "e", "eventName": "MODIFY", "dynamodb": {"SequenceNumber": "3"}});
    let no_event = json!({"dynamodb": {"SequenceNumber": "4"}});

    let event = batch(&[&first, &no_uuid, &no_image, &no_event, &second]);
    let answer = started.trigger.handle(&event).await.expect("a partial answer");
    let named: Vec<_> = ["2", "3", "4"].iter().map(|number| json!({"itemIdentifier": number})).collect();
    assert_eq!(answer, json!({"batchItemFailures": named}));
    assert_eq!(started.executions(), [first_id, second_id]);
}

#[tokio::test]
async fn a_batch_that_comes_again_starts_nothing_twice() {
    let started = Started::nothing().await;
    let ((first, first_id), (second, second_id)) = (insert("1"), insert("2"));
    for event in [batch(&[&first, &second]), batch(&[&first, &second]), batch(&[&second, &second])] {
        let answer = started.trigger.handle(&event).await.expect("an answer");
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }
    assert_eq!(started.executions(), [first_id, second_id]);
}

#[tokio::test]
async fn the_sample_event_starts_its_request() {
    let started = Started::nothing().await;
    let sample: Value =
        serde_json::from_str(include_str!("../../../../samples/stream-trigger.json")).expect("JSON");
    let answer = started.trigger.handle(&sample).await.expect("an answer");
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(started.executions(), ["0b8f2c3e-6d1f-4a57-9a3e-5d2b7f1c9e10"]);
}

#[tokio::test]
async fn a_malformed_record_without_a_sequence_number_fails_the_batch_after_the_good_ones_started() {
    let started = Started::nothing().await;
    let (good, id) = insert("2");
    let nameless = json!({"eventID": "e", "eventName": "INSERT", "dynamodb": {}});
    for bad in [nameless, json!("record"), json!(null)] {
        let (kind, sentence) = refused(started.trigger.handle(&batch(&[&bad, &good])).await);
        assert_eq!(kind, Kind::Invalid);
        assert!(sentence.starts_with("1 of 2 records"), "{sentence}");
        assert_eq!(started.executions(), std::slice::from_ref(&id));
    }
}

#[tokio::test]
async fn what_is_no_batch_is_invalid() {
    let started = Started::nothing().await;
    for event in [json!(null), json!({}), json!({"Records": {}}), json!([])] {
        assert_eq!(refused(started.trigger.handle(&event).await).0, Kind::Invalid, "{event}");
    }
}

#[tokio::test]
async fn where_nothing_can_be_started_every_record_is_named() {
    // Step Functions is nowhere on a workbench.
    let bench = Workbench::start(0.0).await;
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:accounts";
    let trigger =
        StreamTrigger::connect(&Settings::from_pairs([("SFN_ARN", arn)]), bench.sdk()).expect("a trigger");
    let ((first, _), (second, _)) = (insert("1"), insert("2"));
    let answer = trigger.handle(&batch(&[&first, &second])).await.expect("a partial answer");
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}));
}

#[tokio::test]
async fn a_state_machine_that_does_not_exist_fails_every_record() {
    let started = Started::nothing().await;
    let mut servers = JoinSet::new();
    let endpoint = format!("http://{}", serve(&mut servers, started.engine.router()).await);
    let trigger = trigger(&endpoint, "arn:aws:states:us-east-1:000000000000:stateMachine:other").await;
    let (record, _) = insert("7");
    let answer = trigger.handle(&batch(&[&record])).await.expect("a partial answer");
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "7"}]}));
    assert_eq!(started.executions(), [""; 0]);
}

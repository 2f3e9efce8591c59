//! The functions as they are deployed: the real binaries, against a Runtime API, with nothing local in them
//! but the endpoints that the SDK's own variables give.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use accounts_tests::{LocalFleet, Pace, serve};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::sample;
use super::samples::authorizer_environment;

/// Longer than any function takes here, cold start and a busy machine included.
const PATIENCE: Duration = Duration::from_secs(60);

/// The binary of a function, as Cargo built it with this suite.
fn binary(function: &str) -> &'static str {
    let binaries = accounts_tests::function_binaries!();
    let found = binaries.into_iter().find(|(name, _)| *name == function);
    found.unwrap_or_else(|| panic!("{function} is no function")).1
}

/// A process of a function, as Lambda would start it, with these variables beside Lambda's own.
pub(super) fn process(
    function: &'static str,
    runtime_api: &str,
    environment: impl IntoIterator<Item = (&'static str, String)>,
) -> Command {
    let mut command = Command::new(binary(function));
    command
        .env_clear()
        .kill_on_drop(true)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .envs(environment);
    command
}

/// What Lambda is told about an invocation.
#[derive(Debug, PartialEq)]
enum Told {
    Answer(Value),
    Error(Value),
}

#[derive(Clone)]
struct RuntimeApi {
    events: Arc<Mutex<VecDeque<Value>>>,
    told: UnboundedSender<Told>,
}

impl RuntimeApi {
    /// Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
    fn router(self) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(Self::next))
            .route("/2018-06-01/runtime/invocation/{id}/{what}", post(Self::end))
            .route("/2018-06-01/runtime/init/error", post(Self::init_error))
            .with_state(self)
    }

    async fn next(State(this): State<Self>) -> Response {
        let next = this.events.lock().expect("the events").pop_front();
        let Some(event) = next else {
            // A function without work is frozen.
            return std::future::pending().await;
        };
        let headers = [
            ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
            ("lambda-runtime-deadline-ms", (accounts_lambda::now().as_ms() + 60_000).to_string()),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
            ),
            ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
        ];
        (headers, Json(event)).into_response()
    }

    async fn end(
        State(this): State<Self>,
        Path((_, what)): Path<(String, String)>,
        body: String,
    ) -> StatusCode {
        let body = serde_json::from_str(&body).unwrap_or_default();
        let told = if what == "response" { Told::Answer(body) } else { Told::Error(body) };
        this.told.send(told).expect("a listener");
        StatusCode::ACCEPTED
    }

    async fn init_error(State(this): State<Self>, body: String) -> StatusCode {
        this.told.send(Told::Error(json!({ "init": body }))).expect("a listener");
        StatusCode::ACCEPTED
    }
}

/// Runs a function's binary against a fleet and gives it these events, one after the other.
async fn invoke(
    function: &'static str,
    fleet: &LocalFleet,
    settings: impl IntoIterator<Item = (&'static str, String)>,
    events: impl IntoIterator<Item = Value>,
) -> Vec<Told> {
    invoke_and_read(function, fleet, settings, events).await.0
}

/// The same, with what it wrote on its standard output, which names no e-mail address.
async fn invoke_and_read(
    function: &'static str,
    fleet: &LocalFleet,
    settings: impl IntoIterator<Item = (&'static str, String)>,
    events: impl IntoIterator<Item = Value>,
) -> (Vec<Told>, String) {
    let events: VecDeque<_> = events.into_iter().collect();
    let expected = events.len();
    let (told, mut listener) = unbounded_channel();
    let mut servers = JoinSet::new();
    let runtime_api = RuntimeApi { events: Arc::new(Mutex::new(events)), told };
    let address = serve(&mut servers, runtime_api.router()).await;

    let at = fleet.fleet().endpoints();
    let mut command = process(function, &address.to_string(), settings);
    command
        .env("AWS_ENDPOINT_URL_DYNAMODB", &at.dynamodb)
        .env("AWS_ENDPOINT_URL_SFN", &at.step_functions)
        .env("AWS_ENDPOINT_URL_ORGANIZATIONS", &at.landing_zone)
        .env("AWS_ENDPOINT_URL_SERVICE_CATALOG", &at.landing_zone)
        .stdout(Stdio::piped());
    let mut process = command.spawn().expect("a process");
    let mut stdout = process.stdout.take().expect("a standard output");
    let written = tokio::spawn(async move {
        let mut text = String::new();
        stdout.read_to_string(&mut text).await.map(|_| text)
    });
    let mut all = Vec::new();
    while all.len() < expected {
        tokio::select! {
            told = listener.recv() => all.push(told.expect("the runtime API is gone")),
            ended = process.wait() => panic!("{function} ended: {ended:?} after {all:?}"),
            () = tokio::time::sleep(PATIENCE) => panic!("{function} does not answer after {all:?}"),
        }
    }
    process.kill().await.expect("an end");
    let written = written.await.expect("a reader").expect("a text");
    assert!(!written.contains('@'), "an e-mail address in the output of {function}: {written}");
    (all, written)
}

fn answers(told: Vec<Told>) -> Vec<Value> {
    let answer = |told| match told {
        Told::Answer(answer) => answer,
        Told::Error(error) => panic!("the invocation failed: {error}"),
    };
    told.into_iter().map(answer).collect()
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_of_api_answers_the_gateway() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let events = [sample("api_get"), sample("api"), sample("api_get"), sample("api")];
    let told = answers(invoke("api", &fleet, [], events).await);

    let statuses: Vec<_> =
        told.iter().map(|answer| answer["statusCode"].as_u64().expect("a status")).collect();
    assert_eq!(statuses, [404, 201, 200, 409], "{told:?}");
    let problem = body(&told[0]);
    assert_eq!((&problem["code"], &problem["status"]), (&json!("not_found"), &json!(404)));
    assert_eq!(told[0]["headers"]["content-type"], "application/problem+json", "{}", told[0]);
    let instance = "urn:account-factory:request:JKJaXmPLvHcESHA=";
    assert_eq!(problem["instance"], instance, "the id that API Gateway gave the request");
    assert_eq!(body(&told[1])["RequestID"], body(&told[2])["RequestID"]);
    assert_eq!(fleet.ended("user@example.com").await["Status"], "Provisioned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_writes_a_metric_as_one_line_without_a_level_beside_its_log() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let settings = [("METRICS_NAMESPACE", "AccountFactory/test".to_owned())];
    // The second is refused: one request was accepted.
    let (_, written) = invoke_and_read("api", &fleet, settings, [sample("api"), sample("api")]).await;
    let lines: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let (metrics, log): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.get("_aws").is_some());
    assert!(log.iter().all(|line| line.get("level").is_some()) && !log.is_empty(), "{written}");
    let [metric] = metrics.as_slice() else { panic!("{written}") };
    assert_eq!(metric["_aws"]["CloudWatchMetrics"][0]["Namespace"], "AccountFactory/test");
    assert_eq!(
        (&metric["Requests"], &metric["Status"], metric.get("level")),
        (&json!(1.0), &json!("Requested"), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_of_authorizer_decides_by_the_token() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let mut good = sample("authorizer");
    good["headers"]["authorization"] = json!(format!("Bearer {}", fleet.token()));
    let mut malformed = sample("authorizer");
    malformed.as_object_mut().expect("an object").remove("routeKey");
    let settings = authorizer_environment(&fleet);
    let told = invoke("authorizer", &fleet, settings, [sample("authorizer"), good, malformed]).await;
    let [Told::Answer(denied), Told::Answer(allowed), Told::Error(error)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(denied, &json!({"isAuthorized": false}));
    assert_eq!(allowed["isAuthorized"], json!(true), "{allowed}");
    assert_eq!(error["errorType"], "Invalid", "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_of_stream_trigger_admits_a_waiting_request_and_tells_which_records_failed() {
    let fleet = LocalFleet::start_with(Pace::FAST, |serve| serve.slots = 1).await;
    fleet.create(&accounts_tests::body("holder@example.com", "sim-never")).await;
    fleet.once("holder@example.com", |account| account["Status"] == "InProgress").await;
    fleet.create(&accounts_tests::body("user@example.com", "my-account")).await;
    assert_eq!(fleet.get("user@example.com").await.body["QueuePosition"], "1");

    let mut batch = sample("stream-trigger");
    let mut bad = batch["Records"][0].clone();
    bad["dynamodb"]["SequenceNumber"] = json!("7");
    bad["dynamodb"]["Keys"]["Record"] = json!({"N": "1"});
    batch["Records"].as_array_mut().expect("records").insert(0, bad);
    let settings = [("SFN_ARN", fleet.fleet().state_machine_arn()), ("CONTROL_TOWER_SLOTS", "2".to_owned())];
    let told = answers(invoke("stream-trigger", &fleet, settings, [batch, sample("reconcile")]).await);
    assert_eq!(told[0], json!({"batchItemFailures": [{"itemIdentifier": "7"}]}));
    let done: Vec<_> = told[1].as_object().expect("a report").keys().map(String::as_str).collect();
    assert_eq!(done, ["dispatched", "published", "restarted", "unparked", "watched"], "{}", told[1]);
    assert_eq!(fleet.ended("user@example.com").await["Status"], "Provisioned");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_of_validate_reports_the_kind_of_its_error_and_an_answer_for_a_request() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    fleet.create(&accounts_tests::body("other@example.com", "other")).await;
    let ended = fleet.ended("other@example.com").await;
    let known = json!({
        "RequestID": ended["RequestID"], "AccountEmail": ended["AccountEmail"], "Admission": 1, "Execution": 1
    });
    let told = invoke("validate", &fleet, [], [sample("validate"), json!({}), known]).await;
    let [Told::Error(unknown), Told::Error(malformed), Told::Answer(done)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(unknown["errorType"], "NotFound", "{unknown}");
    let id = sample("validate")["RequestID"].as_str().expect("an id").to_owned();
    assert_eq!(unknown["errorMessage"], format!("There is no record of the request {id}."));
    assert_eq!(malformed["errorType"], "Invalid", "{malformed}");
    assert_eq!((&done["Status"], &done["Next"]), (&json!("Provisioned"), &json!("End")), "{done}");
}

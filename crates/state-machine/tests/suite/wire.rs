//! The service's protocol, from outside.

use accounts_state_machine::{Definition, Engine};
use serde_json::{Value, json};

use crate::support::{Does, Rig, Work, machine, parse, task};

/// An engine whose tasks hang while their number is odd, behind a port.
struct Served {
    rig: Rig,
    engine: Engine,
    address: String,
    client: reqwest::Client,
}

impl Served {
    async fn new() -> Self {
        Self::running(parse(machine(task(json!({})))), 0.0).await
    }

    async fn running(definition: Definition, time_scale: f64) -> Self {
        let rig = Rig::new();
        let (work, _) = Work::new(|before| match before % 2 {
            0 => Does::Answers(json!({ "answer": before })),
            _ => Does::Hangs,
        });
        let engine = rig.open(definition, work, time_scale);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = engine.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { rig, engine, address, client }
    }

    async fn post(&self, target: Option<&str>, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let mut request = self.client.post(&self.address).body(body);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.0");
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn call(&self, operation: &str, body: Value) -> (u16, Value) {
        self.post(Some(&format!("AWSStepFunctions.{operation}")), body.to_string()).await
    }

    #[track_caller]
    fn assert_error((status, body): (u16, Value), code: &str) -> String {
        assert_eq!((status, body["__type"].as_str()), (400, Some(code)), "{body}");
        body["message"].as_str().unwrap().to_owned()
    }

    fn start(&self, name: &str) -> Value {
        json!({ "stateMachineArn": self.engine.arn(), "name": name, "input": "{\"a\": 1}" })
    }
}

#[tokio::test]
async fn an_execution_is_started_seen_and_stopped() {
    let mut served = Served::new().await;
    let (status, started) = served.call("StartExecution", served.start("one")).await;
    assert_eq!(status, 200, "{started}");
    let arn = "arn:aws:states:us-east-1:000000000000:execution:accounts:one";
    assert_eq!(started["executionArn"], arn);
    let engine = served.engine.clone();
    served.rig.ended(&engine, "one").await;

    let (_, described) = served.call("DescribeExecution", json!({ "executionArn": arn })).await;
    assert_eq!(described["status"], "SUCCEEDED");
    assert_eq!((&described["input"], &described["output"]), (&json!("{\"a\": 1}"), &json!("{\"answer\":0}")));
    assert_eq!(described["startDate"], started["startDate"]);
    assert!(described["stopDate"].is_f64());
    assert_eq!(described["stateMachineArn"], engine.arn());
    Served::assert_error(served.call("StartExecution", served.start("one")).await, "ExecutionAlreadyExists");

    let (_, second) = served.call("StartExecution", served.start("two")).await;
    assert_eq!(served.call("StartExecution", served.start("two")).await, (200, second.clone()));
    let stop = json!({ "executionArn": second["executionArn"], "error": "E", "cause": "C" });
    assert!(served.call("StopExecution", stop).await.1["stopDate"].is_f64());
    let two = json!({ "executionArn": second["executionArn"] });
    let (_, described) = served.call("DescribeExecution", two).await;
    assert_eq!(
        (&described["status"], &described["error"], &described["cause"]),
        (&json!("ABORTED"), &json!("E"), &json!("C"))
    );
    assert_eq!(described.get("output"), None);
}

#[tokio::test]
async fn a_name_that_is_taken_answers_as_before_only_to_the_same_input_while_it_runs() {
    let mut served = Served::new().await;
    let engine = served.engine.clone();
    let other = |name: &str| json!({ "stateMachineArn": engine.arn(), "name": name, "input": "{\"a\": 2}" });
    served.call("StartExecution", served.start("ends")).await;
    served.rig.ended(&engine, "ends").await;
    let (status, first) = served.call("StartExecution", served.start("runs")).await;
    assert_eq!(status, 200, "{first}");

    assert_eq!(served.call("StartExecution", served.start("runs")).await, (200, first.clone()));
    for taken in [other("runs"), served.start("ends"), other("ends")] {
        let message =
            Served::assert_error(served.call("StartExecution", taken).await, "ExecutionAlreadyExists");
        assert!(message.starts_with("Execution Already Exists: 'arn:aws:states:"), "{message}");
    }
    let (_, running) =
        served.call("DescribeExecution", json!({ "executionArn": first["executionArn"] })).await;
    assert_eq!((&running["status"], &running["input"]), (&json!("RUNNING"), &json!("{\"a\": 1}")));
    for absent in ["stopDate", "output", "error", "cause", "events"] {
        assert_eq!(running.get(absent), None, "{running}");
    }
}

#[tokio::test]
async fn an_execution_that_timed_out_is_described_without_error_and_cause() {
    let mut definition = machine(json!({ "Type": "Wait", "Seconds": 25, "Next": "Done" }));
    definition["TimeoutSeconds"] = json!(1);
    let mut served = Served::running(parse(definition), 1.0).await;
    let (_, started) = served.call("StartExecution", served.start("slow")).await;
    let engine = served.engine.clone();
    served.rig.ended(&engine, "slow").await;

    let described = json!({ "executionArn": started["executionArn"] });
    let (_, described) = served.call("DescribeExecution", described).await;
    assert_eq!(described["status"], "TIMED_OUT");
    assert!(described["stopDate"].is_f64());
    assert_eq!((described.get("error"), described.get("cause")), (None, None), "{described}");
}

#[tokio::test]
async fn executions_are_listed_page_by_page_and_by_status() {
    let mut served = Served::new().await;
    let engine = served.engine.clone();
    for index in 0..5_usize {
        // Every other one hangs.
        served.call("StartExecution", served.start(&format!("e{index}"))).await;
        served.rig.entered("First").await;
        if index % 2 == 0 {
            served.rig.ended(&engine, &format!("e{index}")).await;
        }
        crate::support::eventually(|| {
            let running = Some(accounts_state_machine::Status::Running);
            engine.executions(running, None, 10).unwrap().executions.len() == index.div_ceil(2)
        })
        .await;
    }
    let names = |page: &Value| -> Vec<String> {
        let executions = page["executions"].as_array().unwrap().iter();
        executions.map(|execution| execution["name"].as_str().unwrap().to_owned()).collect()
    };

    let mut list = json!({ "stateMachineArn": engine.arn(), "maxResults": 2 });
    let mut seen = Vec::new();
    loop {
        let (status, page) = served.call("ListExecutions", list.clone()).await;
        assert_eq!(status, 200, "{page}");
        seen.push(names(&page));
        match page.get("nextToken") {
            Some(token) => list["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(seen, [vec!["e4", "e3"], vec!["e2", "e1"], vec!["e0"]]);
    let running = json!({ "stateMachineArn": engine.arn(), "statusFilter": "RUNNING" });
    assert_eq!(names(&served.call("ListExecutions", running).await.1), ["e3", "e1"]);
    list["nextToken"] = json!("nonsense");
    Served::assert_error(served.call("ListExecutions", list).await, "InvalidToken");
}

#[tokio::test]
async fn the_state_machine_describes_itself_with_its_definition() {
    let served = Served::new().await;
    let (_, described) =
        served.call("DescribeStateMachine", json!({ "stateMachineArn": served.engine.arn() })).await;

    assert_eq!(described["definition"], served.engine.definition().text());
    assert_eq!((&described["name"], &described["status"]), (&json!("accounts"), &json!("ACTIVE")));
    assert!(described["creationDate"].is_f64());
}

#[tokio::test]
async fn what_cannot_be_done_is_named_as_the_sdk_knows_it() {
    let served = Served::new().await;
    let arn = served.engine.arn();
    let start = |name: &str, input: &str| json!({ "stateMachineArn": arn, "name": name, "input": input });
    let prefix = "arn:aws:states:us-east-1:000000000000";
    let cases = [
        ("StartExecution", start("a b", "{}"), "InvalidName"),
        ("StartExecution", start("a", "{"), "InvalidExecutionInput"),
        ("StartExecution", json!({}), "ValidationException"),
        ("StartExecution", json!({ "stateMachineArn": "x" }), "InvalidArn"),
        (
            "StartExecution",
            json!({ "stateMachineArn": format!("{prefix}:stateMachine:other") }),
            "StateMachineDoesNotExist",
        ),
        ("StartExecution", json!([1]), "SerializationException"),
        ("StartExecution", json!({ "stateMachineArn": 5 }), "SerializationException"),
        ("DescribeExecution", json!({}), "ValidationException"),
        ("DescribeExecution", json!({ "executionArn": "x" }), "InvalidArn"),
        (
            "DescribeExecution",
            json!({ "executionArn": format!("{prefix}:execution:accounts:gone") }),
            "ExecutionDoesNotExist",
        ),
        (
            "StopExecution",
            json!({ "executionArn": format!("{prefix}:execution:other:gone") }),
            "ExecutionDoesNotExist",
        ),
        ("ListExecutions", json!({ "stateMachineArn": arn, "statusFilter": "OPEN" }), "ValidationException"),
        ("ListExecutions", json!({ "stateMachineArn": arn, "maxResults": 1001 }), "ValidationException"),
    ];

    for (operation, body, code) in cases {
        Served::assert_error(served.call(operation, body).await, code);
    }
    let unknown = served.call("CreateActivity", json!({})).await;
    assert!(Served::assert_error(unknown, "UnknownOperationException").contains("CreateActivity"));
    Served::assert_error(served.post(None, "{}").await, "UnknownOperationException");
    let target = Some("AWSStepFunctions.StartExecution");
    Served::assert_error(served.post(target, "not json").await, "SerializationException");
    let huge = start("a", &format!("\"{}\"", "x".repeat(300_000)));
    Served::assert_error(served.call("StartExecution", huge).await, "InvalidExecutionInput");
}

#[tokio::test]
async fn a_start_without_name_or_input_has_a_name_and_an_empty_input() {
    let mut served = Served::new().await;
    let start = json!({ "stateMachineArn": served.engine.arn(), "traceHeader": "ignored" });
    let (_, started) = served.call("StartExecution", start).await;
    let name = started["executionArn"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();

    let engine = served.engine.clone();
    assert_eq!(served.rig.ended(&engine, &name).await.input, "{}");
}

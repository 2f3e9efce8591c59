//! Runs a scenario on either side.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use accounts_state_machine::{Definition, Engine, Event, Options, TaskFailure, Tasks};
use serde_json::{Value, json};

use crate::scenario::{Answer, Observed, Scenario, Script, message};
use crate::server::ScriptedMiniStack;

/// The ARN under which MiniStack knows a function.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:000000000000:function:{name}")
}

pub(crate) async fn create_machine(ministack: &ScriptedMiniStack, name: &str, definition: &str) {
    let mut text = definition.to_owned();
    for function in Definition::parse(definition).unwrap().functions() {
        text = text.replace(&format!("${{{function}}}"), &function_arn(function));
    }
    let machine = json!({
        "name": name, "definition": text, "roleArn": "arn:aws:iam::000000000000:role/states"
    });
    ministack.states("CreateStateMachine", &machine).await.unwrap();
}

pub(crate) async fn on_ministack(ministack: &ScriptedMiniStack, scenario: &Scenario) -> Observed {
    let Scenario { id, machine, input, script } = scenario;
    let answers: Value = script
        .iter()
        .map(|(function, answers)| (function.clone(), answers.iter().map(Answer::json).collect::<Value>()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let files = ministack.scripts().join(id);
    fs::write(files.with_extension("json"), answers.to_string()).unwrap();

    let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:{machine}");
    let start = json!({ "stateMachineArn": arn, "name": id, "input": input.to_string() });
    let started = ministack.states("StartExecution", &start).await.unwrap();
    let execution = json!({ "executionArn": started["executionArn"] });

    let deadline = Instant::now() + Duration::from_secs(60);
    let ended = loop {
        let described = ministack.states("DescribeExecution", &execution).await.unwrap();
        if described["status"] != "RUNNING" {
            break described;
        }
        assert!(Instant::now() < deadline, "MiniStack does not end {id}: {described}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let history = json!({ "executionArn": started["executionArn"], "maxResults": 1000 });
    let history = ministack.states("GetExecutionHistory", &history).await.unwrap();
    assert_eq!(history.get("nextToken"), None, "{id}: the history has more than one page");

    let text = |name: &str| ended[name].as_str().map(str::to_owned);
    Observed {
        status: text("status").unwrap(),
        output: text("output").map(|output| serde_json::from_str(&output).unwrap()),
        error: text("error"),
        cause: text("cause").map(Value::from),
        states: history["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|event| event["stateEnteredEventDetails"]["name"].as_str().map(str::to_owned))
            .collect(),
        invocations: fs::read_to_string(files.with_extension("log"))
            .unwrap_or_default()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    }
    .normalised()
}

/// Functions that answer as their scripts say, for many executions at once.
#[derive(Clone, Default)]
struct Scripted {
    scripts: Arc<HashMap<String, Script>>,
    log: Arc<Mutex<Log>>,
}

/// By execution, its invocations and their payloads.
type Log = HashMap<String, Vec<(String, Value)>>;

impl Tasks for Scripted {
    async fn invoke(&self, function: &str, payload: Value) -> Result<Value, TaskFailure> {
        let id = payload["Id"].as_str().unwrap().to_owned();
        let answer = {
            let mut log = self.log.lock().unwrap();
            let log = log.entry(id.clone()).or_default();
            let before = log.iter().filter(|(name, _)| name == function).count();
            log.push((function.to_owned(), payload));
            let answers = &self.scripts[&id][function];
            answers[before.min(answers.len() - 1)].clone()
        };
        match answer {
            Answer::Ok(answer) => Ok(answer),
            Answer::Error(error) => Err(TaskFailure::new(error, message(error))),
            Answer::Slow => std::future::pending().await,
        }
    }
}

/// Runs the scenarios of one definition, all at once.
pub(crate) async fn on_ours(
    definition: &str,
    scenarios: &[Scenario],
    time_scale: f64,
) -> HashMap<String, Observed> {
    let scripts = scenarios.iter().map(|scenario| (scenario.id.clone(), scenario.script.clone()));
    let tasks = Scripted { scripts: Arc::new(scripts.collect()), log: Arc::default() };
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let observer = move |execution: &str, event: &Event| {
        sender.send((execution.to_owned(), event.clone())).unwrap();
    };
    let options = Options { time_scale, observer: Some(Arc::new(observer)), ..Options::default() };
    let folder = tempfile::tempdir().unwrap();
    let definition = Definition::parse(definition).unwrap();
    let engine = Engine::open(folder.path().join("executions"), definition, tasks.clone(), options).unwrap();

    for scenario in scenarios {
        engine.start_execution(&scenario.id, &scenario.input.to_string()).unwrap();
    }
    let mut states: HashMap<String, Vec<String>> = HashMap::new();
    let mut running = scenarios.len();
    while running > 0 {
        let next = tokio::time::timeout(Duration::from_secs(60), events.recv()).await;
        match next.expect("an execution of ours does not end").unwrap() {
            (id, Event::StateEntered { name }) => states.entry(id).or_default().push(name),
            (_, Event::Ended { .. }) => running -= 1,
            _ => {}
        }
    }

    let observed = scenarios.iter().map(|Scenario { id, .. }| {
        let execution = engine.execution(id).unwrap();
        let observed = Observed {
            status: execution.status.as_str().to_owned(),
            output: execution.output.map(|output| serde_json::from_str(&output).unwrap()),
            error: execution.error,
            cause: execution.cause.map(Value::from),
            states: states.remove(id).unwrap_or_default(),
            invocations: tasks.log.lock().unwrap().remove(id).unwrap_or_default(),
        };
        (id.clone(), observed.normalised())
    });
    observed.collect()
}

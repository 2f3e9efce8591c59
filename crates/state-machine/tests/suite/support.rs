//! Definitions and functions for the tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use accounts_state_machine::{Definition, Engine, Event, Execution, Options, Status, TaskFailure, Tasks};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The definition that is deployed.
pub(crate) const DEPLOYED: &str = include_str!("../../../../infra/state-machine.asl.json");

pub(crate) fn parse(definition: Value) -> Definition {
    Definition::parse(&definition.to_string()).unwrap()
}

/// A Task of the function `work`, with these fields more.
pub(crate) fn task(more: Value) -> Value {
    let mut task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": { "FunctionName": "work", "Payload.$": "$" },
        "OutputPath": "$.Payload",
        "Next": "Done",
    });
    for (name, value) in more.as_object().unwrap() {
        task[name] = value.clone();
    }
    task
}

/// A machine whose first state this is, with `Done` and `Caught` to go on with.
pub(crate) fn machine(first: Value) -> Value {
    let mut machine = json!({
        "StartAt": "First",
        "States": { "First": first, "Done": { "Type": "Succeed" } },
    });
    if machine.to_string().contains("\"Caught\"") {
        machine["States"]["Caught"] = json!({ "Type": "Pass", "End": true });
    }
    machine
}

/// Waits so many seconds, then works.
pub(crate) fn wait_then_work(seconds: u64) -> Definition {
    parse(json!({
        "StartAt": "Wait",
        "States": {
            "Wait": { "Type": "Wait", "Seconds": seconds, "Next": "Work" },
            "Work": task(json!({})),
            "Done": { "Type": "Succeed" }
        }
    }))
}

/// Functions as one closure, which sees how often it was invoked before.
pub(crate) struct Work<F> {
    answer: F,
    invoked: Arc<Mutex<Vec<Value>>>,
}

impl<F> Work<F> {
    pub(crate) fn new(answer: F) -> (Self, Arc<Mutex<Vec<Value>>>) {
        let invoked = Arc::default();
        (Self { answer, invoked: Arc::clone(&invoked) }, invoked)
    }
}

/// What a function does.
pub(crate) enum Does {
    Answers(Value),
    Fails(&'static str),
    Panics,
    Hangs,
}

impl<F: Fn(usize) -> Does + Send + Sync + 'static> Tasks for Work<F> {
    async fn invoke(&self, _: &str, payload: Value) -> Result<Value, TaskFailure> {
        let before = {
            let mut invoked = self.invoked.lock().unwrap();
            invoked.push(payload);
            invoked.len() - 1
        };
        match (self.answer)(before) {
            Does::Answers(answer) => Ok(answer),
            Does::Fails(error) => Err(TaskFailure::new(error, format!("{error} happened"))),
            Does::Panics => panic!("a function that panics"),
            Does::Hangs => std::future::pending().await,
        }
    }
}

/// An engine on a folder of its own, and the events that its observer is notified of.
pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) events: UnboundedReceiver<(String, Event)>,
    sender: UnboundedSender<(String, Event)>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let (sender, events) = unbounded_channel();
        Self { folder: tempfile::tempdir().unwrap(), events, sender }
    }

    pub(crate) fn open(&self, definition: Definition, tasks: impl Tasks, time_scale: f64) -> Engine {
        self.open_with(definition, tasks, Options { time_scale, ..Options::default() })
    }

    pub(crate) fn open_with(&self, definition: Definition, tasks: impl Tasks, options: Options) -> Engine {
        let sender = self.sender.clone();
        let observer = move |execution: &str, event: &Event| {
            let _ = sender.send((execution.to_owned(), event.clone()));
        };
        let options = Options { observer: Some(Arc::new(observer)), ..options };
        Engine::open(self.folder.path().join("executions.db"), definition, tasks, options).unwrap()
    }

    /// Waits for an event that satisfies this.
    pub(crate) async fn until(&mut self, is: impl Fn(&Event) -> bool) -> Event {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.events.recv()).await;
            let (_, event) = next.expect("no event comes any more").unwrap();
            if is(&event) {
                return event;
            }
        }
    }

    pub(crate) async fn entered(&mut self, state: &str) {
        self.until(|event| matches!(event, Event::StateEntered { name } if name == state)).await;
    }

    pub(crate) async fn ended(&mut self, engine: &Engine, name: &str) -> Execution {
        self.until(|event| matches!(event, Event::Ended { .. })).await;
        let execution = engine.execution(name).unwrap();
        assert_ne!(execution.status, Status::Running);
        execution
    }
}

/// Waits until this holds.
pub(crate) async fn eventually(holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    waited.await.expect("what was waited for does not come true");
}

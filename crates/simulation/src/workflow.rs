//! Step Functions: executions of the deployed definition.

use std::sync::Arc;
use std::time::Duration;

use accounts_aws::WireAnswer;
use accounts_state_machine::{
    Action as Next, Failure, HISTORY_LIMIT, Invocation, Outcome, Position, Status, Step,
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::action::Action;
use crate::clock::sleep_seconds;
use crate::executions::Execution;
use crate::locks::lock;
use crate::services::{errors, json as answered};
use crate::world::World;
use crate::{Fault, lambda};

/// The state machine.
pub(crate) const STATE_MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:accounts";

/// How often Lambda tries an event that was delivered asynchronously (developer guide, "Asynchronous invocation").
const EVENT_TRIES: u32 = 3;

/// Answers a call.
pub(crate) fn answer(world: &Arc<World>, action: &Action, body: &[u8]) -> WireAnswer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match action.name.as_str() {
        "StartExecution" => start(world, &body),
        "DescribeExecution" => describe(world, &body),
        other => errors::refused("UnknownOperationException", other),
    }
}

/// Idempotent while the execution of the name runs with the same input (API reference, `StartExecution`).
fn start(world: &Arc<World>, body: &Value) -> WireAnswer {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (name, input) = (text("name"), text("input"));
    let started = json!({"executionArn": arn(&name), "startDate": world.seconds()});
    if let Some(there) = lock(&world.executions).0.get(&name) {
        if there.status == Status::Running && there.input == input {
            return answered(200, &started);
        }
        return errors::refused(
            "ExecutionAlreadyExists",
            &format!("Execution Already Exists: '{}'", arn(&name)),
        );
    }
    let parsed = serde_json::from_str(&input).unwrap_or_default();
    let work = tokio::spawn(drive(Arc::clone(world), name.clone(), parsed));
    let execution = Execution { input, status: Status::Running, work: Some(work.abort_handle()) };
    lock(&world.executions).0.insert(name.clone(), execution);
    world.say(&name, "starts");
    let lost = {
        let mut adversary = lock(&world.adversary);
        adversary.strikes(world.seconds(), Fault::ExecutionLost, 0.05).then(|| adversary.up_to(7200.0))
    };
    if let Some(seconds) = lost {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            sleep_seconds(seconds).await;
            end(&world, &name, Status::Aborted, Failure::default());
        });
    }
    answered(200, &started)
}

fn describe(world: &Arc<World>, body: &Value) -> WireAnswer {
    let wanted = body["executionArn"].as_str().unwrap_or_default();
    let name = wanted.rsplit(':').next().unwrap_or_default();
    let executions = lock(&world.executions);
    let Some(execution) = executions.0.get(name) else {
        return errors::refused("ExecutionDoesNotExist", &format!("Execution Does Not Exist: '{wanted}'"));
    };
    let status = world.plan.removed.as_ref().and_then(crate::Protection::shown_status);
    answered(
        200,
        &json!({
            "executionArn": wanted, "stateMachineArn": STATE_MACHINE, "name": name, "startDate": 0.0,
            "status": status.unwrap_or_else(|| execution.status.as_str()),
        }),
    )
}

async fn drive(world: Arc<World>, name: String, input: Value) {
    let whole = world.definition.timeout_seconds().map(Duration::from_secs).unwrap_or(Duration::MAX);
    let (status, failure) = match timeout(whole, steps(&world, &name, input)).await {
        Ok(Outcome::Succeeded(_)) => (Status::Succeeded, Failure::default()),
        Ok(Outcome::Failed(failure)) => (Status::Failed, failure),
        Err(_) => (Status::TimedOut, Failure { error: Some("States.Timeout".to_owned()), cause: None }),
    };
    end(&world, &name, status, failure);
}

async fn steps(world: &Arc<World>, name: &str, input: Value) -> Outcome {
    let definition = &world.definition;
    let mut step = definition.start(input);
    loop {
        let Step { position, action, .. } = step;
        if position.events >= HISTORY_LIMIT - 1 {
            world.violated(format!("the history of {name} is full"));
        }
        step = match action {
            Next::End(outcome) => return outcome,
            Next::Wait(seconds) => {
                sleep_seconds(seconds).await;
                definition.woken(position)
            }
            Next::Invoke(invocation) => match invoke(world, &invocation).await {
                Ok(answer) => definition.succeeded(position, answer),
                Err(failure) => failed(world, name, position, failure),
            },
        };
    }
}

fn failed(world: &Arc<World>, name: &str, position: Position, failure: Failure) -> Step {
    let error = failure.error.as_deref().unwrap_or_default();
    world.say(name, &format!("{} fails with {error}", position.state));
    let random = lock(&world.adversary).draw().f64();
    world.definition.failed(position, failure, random)
}

/// A task that takes too long is given up; its function goes on.
async fn invoke(world: &Arc<World>, invocation: &Invocation) -> Result<Value, Failure> {
    lambda::perhaps_again(world, &invocation.function, &invocation.payload);
    let (for_task, function, payload) =
        (Arc::clone(world), invocation.function.clone(), invocation.payload.clone());
    let task = tokio::spawn(async move { lambda::invoke(&for_task, &function, payload).await });
    match timeout(invocation.timeout.unwrap_or(Duration::MAX), task).await {
        Err(_) => Err(Failure { error: Some("States.Timeout".to_owned()), cause: None }),
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(failed))) => {
            Err(Failure { error: Some(failed.error), cause: Some(cause(&failed.message)) })
        }
        Ok(Err(crash)) => {
            Err(Failure { error: Some("Lambda.Unknown".to_owned()), cause: Some(crash.to_string()) })
        }
    }
}

fn cause(message: &str) -> String {
    json!({"errorMessage": message}).to_string()
}

/// Ends an execution that runs, and sends the event of its end where the deployed rule matches it.
fn end(world: &Arc<World>, name: &str, status: Status, failure: Failure) {
    let input = {
        let mut executions = lock(&world.executions);
        let Some(execution) = executions.0.get_mut(name).filter(|it| it.status == Status::Running) else {
            return;
        };
        execution.status = status;
        if status == Status::Aborted
            && let Some(work) = execution.work.take()
        {
            work.abort();
        }
        execution.input.clone()
    };
    world.say(name, &format!("ends {}", status.as_str()));
    let has_rule = matches!(status, Status::Failed | Status::TimedOut | Status::Aborted);
    let removed = world.plan.removed == Some(crate::Protection::Event);
    if !has_rule || removed || lock(&world.adversary).strikes(world.seconds(), Fault::EventLost, 0.3) {
        return;
    }
    let event = json!({
        "version": "0", "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "detail": {
            "executionArn": arn(name), "stateMachineArn": STATE_MACHINE, "name": name, "status": status.as_str(),
            "input": input, "inputDetails": {"included": true}, "output": null,
            "error": failure.error, "cause": failure.cause,
        },
    });
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep(Duration::from_millis(800)).await;
        for attempt in 1..=EVENT_TRIES {
            lambda::perhaps_again(&world, "update-failed", &event);
            if lambda::invoke(&world, "update-failed", event.clone()).await.is_ok() {
                return;
            }
            sleep(Duration::from_secs(60 * u64::from(attempt))).await;
        }
    });
}

fn arn(name: &str) -> String {
    format!("{}:{name}", STATE_MACHINE.replacen(":stateMachine:", ":execution:", 1))
}

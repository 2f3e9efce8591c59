//! The operations that are spoken.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::answer::WireError;
use crate::{Engine, Execution, Status};

type Answer = Result<Value, WireError>;

pub(super) fn run(engine: &Engine, operation: &str, body: &[u8]) -> Answer {
    match operation {
        "StartExecution" => start_execution(engine, read(body)?),
        "StopExecution" => stop_execution(engine, read(body)?),
        "DescribeExecution" => describe_execution(engine, read(body)?),
        "ListExecutions" => list_executions(engine, read(body)?),
        "DescribeStateMachine" => describe_state_machine(engine, read(body)?),
        other => Err(WireError::unknown_operation(format!("the operation {other} is not supported here"))),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, WireError> {
    serde_json::from_slice(body).map_err(|error| WireError::serialization(error.to_string()))
}

fn required<'a>(field: &'a Option<String>, name: &str) -> Result<&'a str, WireError> {
    field.as_deref().ok_or_else(|| WireError::validation(format!("'{name}' must not be null")))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    state_machine_arn: Option<String>,
    name: Option<String>,
    input: Option<String>,
}

fn start_execution(engine: &Engine, request: Start) -> Answer {
    engine.check_arn(required(&request.state_machine_arn, "stateMachineArn")?)?;
    let name = request.name.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let started = engine.start_execution(&name, request.input.as_deref().unwrap_or("{}"))?;
    Ok(json!({ "executionArn": started.arn, "startDate": seconds(started.started) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop {
    execution_arn: Option<String>,
    error: Option<String>,
    cause: Option<String>,
}

fn stop_execution(engine: &Engine, request: Stop) -> Answer {
    let name = engine.execution_name(required(&request.execution_arn, "executionArn")?)?;
    let stopped = engine.stop_execution(name, request.error.as_deref(), request.cause.as_deref())?;
    Ok(json!({ "stopDate": seconds(stopped) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeExecution {
    execution_arn: Option<String>,
}

fn describe_execution(engine: &Engine, request: DescribeExecution) -> Answer {
    let arn = required(&request.execution_arn, "executionArn")?;
    let execution = engine.execution(engine.execution_name(arn)?)?;
    let mut answer = summary(engine, &execution);
    answer.insert("input".to_owned(), execution.input.into());
    answer.insert("inputDetails".to_owned(), json!({ "included": true }));
    if execution.status == Status::Succeeded {
        answer.insert("outputDetails".to_owned(), json!({ "included": true }));
    }
    // Measured on AWS (floci-io/floci #2733): of a timeout only the history has the error.
    let (error, cause) = match execution.status {
        Status::TimedOut => (None, None),
        _ => (execution.error, execution.cause),
    };
    for (name, value) in [("output", execution.output), ("error", error), ("cause", cause)] {
        if let Some(value) = value {
            answer.insert(name.to_owned(), value.into());
        }
    }
    Ok(Value::Object(answer))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    state_machine_arn: Option<String>,
    status_filter: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

fn list_executions(engine: &Engine, request: List) -> Answer {
    engine.check_arn(required(&request.state_machine_arn, "stateMachineArn")?)?;
    let status = request
        .status_filter
        .map(|text| {
            Status::parse(&text)
                .ok_or_else(|| WireError::validation(format!("'statusFilter' cannot be '{text}'")))
        })
        .transpose()?;
    let limit = match request.max_results {
        None | Some(0) => 100,
        Some(limit @ 1..=1000) => usize::try_from(limit).unwrap_or(1000),
        Some(other) => return Err(WireError::validation(format!("'maxResults' cannot be {other}"))),
    };
    let page = engine.executions(status, request.next_token.as_deref(), limit)?;
    let executions: Vec<_> = page.executions.iter().map(|execution| summary(engine, execution)).collect();
    let mut answer = json!({ "executions": executions });
    if let Some(token) = page.next_token {
        answer["nextToken"] = token.into();
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeStateMachine {
    state_machine_arn: Option<String>,
}

fn describe_state_machine(engine: &Engine, request: DescribeStateMachine) -> Answer {
    engine.check_arn(required(&request.state_machine_arn, "stateMachineArn")?)?;
    let arn = engine.arn();
    Ok(json!({
        "name": arn.rsplit(':').next(),
        "stateMachineArn": arn,
        "status": "ACTIVE",
        "type": "STANDARD",
        "definition": engine.definition().text(),
        "roleArn": "arn:aws:iam::000000000000:role/accounts-local",
        "creationDate": seconds(engine.created()),
        "loggingConfiguration": { "level": "OFF", "includeExecutionData": false },
    }))
}

fn summary(engine: &Engine, execution: &Execution) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert("executionArn".to_owned(), execution.arn.as_str().into());
    answer.insert("stateMachineArn".to_owned(), engine.arn().into());
    answer.insert("name".to_owned(), execution.name.as_str().into());
    answer.insert("status".to_owned(), execution.status.as_str().into());
    answer.insert("startDate".to_owned(), seconds(execution.started));
    if let Some(stopped) = execution.stopped {
        answer.insert("stopDate".to_owned(), seconds(stopped));
    }
    answer
}

fn seconds(millis: i64) -> Value {
    (millis as f64 / 1000.0).into()
}

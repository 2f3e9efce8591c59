//! What an execution does next.

use std::time::Duration;

use accounts_state_machine::{Action, Definition, Failure, Outcome, Position, Step, TaskFailure};
use serde_json::{Value, json};

use crate::support::{machine, parse, task};

fn failure(error: &str) -> Failure {
    TaskFailure::new(error, "said so").into()
}

/// The first step of the first state with that input.
fn start(first: Value, input: Value) -> Step {
    parse(machine(first)).start(input)
}

#[track_caller]
fn assert_fails(step: Step, error: &str) {
    match step.action {
        Action::End(Outcome::Failed(failure)) => {
            assert_eq!(failure.error.as_deref(), Some(error), "{failure:?}")
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_waits(definition: &Definition, position: Position, error: &str, seconds: f64) -> Position {
    let step = definition.failed(position, failure(error), 0.5);
    assert_eq!(step.action, Action::Wait(seconds));
    step.position
}

#[test]
fn a_task_is_invoked_with_its_payload_and_its_time() {
    let first = task(json!({
        "InputPath": "$.in",
        "Parameters": { "FunctionName": "${f}", "Payload": { "a.$": "$.a", "b": 2 } },
        "TimeoutSeconds": 7
    }));
    let step = start(first, json!({ "in": { "a": 1 } }));

    let Action::Invoke(invocation) = step.action else { panic!() };
    assert_eq!(invocation.function, "f");
    assert_eq!(invocation.payload, json!({ "a": 1, "b": 2 }));
    assert_eq!(invocation.timeout, Some(Duration::from_secs(7)));
    assert_eq!((step.entered, step.position.state), (vec!["First".to_owned()], "First".to_owned()));
}

#[test]
fn the_result_of_a_task_is_wrapped_selected_placed_and_cut() {
    let first = task(json!({
        "ResultSelector": { "answer.$": "$.Payload", "code.$": "$.StatusCode", "version.$": "$.ExecutedVersion" },
        "ResultPath": "$.task",
        "OutputPath": "$.task"
    }));
    let definition = parse(machine(first));
    let step = definition.start(json!({ "kept": true }));
    let step = definition.succeeded(step.position, json!("yes"));

    let output = json!({ "answer": "yes", "code": 200, "version": "$LATEST" });
    assert_eq!(step.action, Action::End(Outcome::Succeeded(output)));
}

#[test]
fn a_payload_that_is_not_given_is_an_empty_object() {
    let step = start(task(json!({ "Parameters": { "FunctionName": "f" } })), json!({ "a": 1 }));

    let Action::Invoke(invocation) = step.action else { panic!() };
    assert_eq!(invocation.payload, json!({}));
}

#[test]
fn each_retrier_counts_for_itself_until_the_first_that_matches_is_exhausted() {
    let definition = parse(machine(task(json!({
        "Retry": [
            { "ErrorEquals": ["Never"], "MaxAttempts": 0 },
            { "ErrorEquals": ["Busy"], "IntervalSeconds": 4, "BackoffRate": 3.0, "MaxAttempts": 2 },
            { "ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL" }
        ],
        "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.Error", "Next": "Caught" }]
    }))));
    let mut position = definition.start(json!({ "id": 1 })).position;

    position = assert_waits(&definition, position, "Busy", 4.0);
    position = assert_waits(&definition, position, "Other", 0.5);
    position = assert_waits(&definition, position, "Busy", 12.0);
    position = assert_waits(&definition, position, "Other", 1.0);
    assert_eq!(position.retries, [0, 2, 2]);
    assert!(matches!(definition.woken(position.clone()).action, Action::Invoke(_)));

    let caught = definition.failed(position.clone(), failure("Busy"), 0.5);
    assert_eq!(caught.entered, ["Caught"]);
    let cause = r#"{"errorMessage":"said so","errorType":"Busy"}"#;
    let data = json!({ "id": 1, "Error": { "Error": "Busy", "Cause": cause } });
    assert_eq!(caught.action, Action::End(Outcome::Succeeded(data)));
    assert_eq!(definition.failed(position, failure("Never"), 0.5).entered, ["Caught"]);
}

#[test]
fn retries_count_anew_when_the_state_is_entered_again() {
    let definition = parse(json!({
        "StartAt": "First",
        "States": {
            "First": task(json!({ "Next": "Again", "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 1 }] })),
            "Again": { "Type": "Choice", "Default": "Done", "Choices": [
                { "Variable": "$.again", "BooleanEquals": true, "Next": "First" }
            ] },
            "Done": { "Type": "Succeed" }
        }
    }));
    let position = assert_waits(&definition, definition.start(json!({})).position, "Busy", 1.0);
    let step = definition.succeeded(position, json!({ "again": true }));

    assert_eq!(step.entered, ["Again", "First"]);
    let position = assert_waits(&definition, step.position, "Busy", 1.0);
    assert_fails(definition.failed(position, failure("Busy"), 0.0), "Busy");
}

#[test]
fn an_error_that_nobody_catches_ends_the_execution_with_it() {
    let definition = parse(machine(task(json!({
        "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "Caught" }]
    }))));
    let position = definition.start(json!({})).position;

    assert_fails(
        definition.failed(position.clone(), Failure::new("States.Timeout", ""), 0.0),
        "States.Timeout",
    );
    assert_eq!(definition.failed(position, failure("Any"), 0.0).entered, ["Caught"]);
}

#[test]
fn a_caught_error_replaces_the_data_is_put_aside_or_dropped() {
    let caught = |result_path: Value| {
        let mut catcher = json!({ "ErrorEquals": ["States.ALL"], "Next": "Caught" });
        if result_path != json!("-") {
            catcher["ResultPath"] = result_path;
        }
        let definition = parse(machine(task(json!({ "Catch": [catcher] }))));
        let position = definition.start(json!("text")).position;
        definition.failed(position, Failure::new("E", "C"), 0.0)
    };
    let output = |data: Value| Action::End(Outcome::Succeeded(data));

    assert_eq!(caught(json!("-")).action, output(json!({ "Error": "E", "Cause": "C" })));
    assert_eq!(caught(Value::Null).action, output(json!("text")));
    assert_fails(caught(json!("$.Error")), "States.ResultPathMatchFailure");
}

#[test]
fn errors_of_the_data_end_an_execution_whatever_is_caught() {
    let all = json!([{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }]);
    let payload = json!({ "FunctionName": "f", "Payload.$": "$.gone" });

    assert_fails(start(task(json!({ "Parameters": payload, "Catch": all })), json!({})), "States.Runtime");
    assert_fails(start(task(json!({ "InputPath": "$.gone", "Catch": all })), json!({})), "States.Runtime");

    let definition = parse(machine(task(json!({ "OutputPath": "$.Payload.gone", "Catch": all }))));
    let position = definition.start(json!({})).position;
    assert_fails(definition.succeeded(position.clone(), json!({})), "States.Runtime");
    let huge = json!("x".repeat(256 * 1024));
    assert_fails(definition.succeeded(position, huge), "States.DataLimitExceeded");
}

#[test]
fn a_wait_takes_whole_seconds_from_the_definition_or_the_data() {
    let wait = json!({ "Type": "Wait", "SecondsPath": "$.seconds", "Next": "Done" });
    let fixed = json!({ "Type": "Wait", "Seconds": 3, "Next": "Done" });

    assert_eq!(start(fixed, json!({})).action, Action::Wait(3.0));
    for (seconds, waits) in [(json!(0), 0.0), (json!(5), 5.0)] {
        assert_eq!(start(wait.clone(), json!({ "seconds": seconds })).action, Action::Wait(waits));
    }
    for seconds in [json!(-1), json!(1.5), json!("5"), Value::Null, json!(100_000_000)] {
        assert_fails(start(wait.clone(), json!({ "seconds": seconds })), "States.Runtime");
    }
    assert_fails(start(wait, json!({})), "States.Runtime");
}

#[test]
fn a_choice_takes_the_first_rule_that_holds_or_its_default_or_none() {
    let rule = |value: &str, next: &str| json!({ "Variable": "$.a", "StringEquals": value, "Next": next });
    let mut choice = json!({ "Type": "Choice", "Choices": [rule("x", "Caught"), rule("x", "Done")] });
    let input = |value: Value| json!({ "a": value });

    assert_eq!(start(choice.clone(), input(json!("x"))).entered, ["First", "Caught"]);
    assert_fails(start(choice.clone(), input(json!("y"))), "States.NoChoiceMatched");
    choice["Default"] = json!("Done");
    assert_eq!(start(choice.clone(), input(json!(1))).entered, ["First", "Done"]);
    assert_fails(start(choice, json!({})), "States.Runtime");
}

#[test]
fn pass_and_fail_do_as_they_say() {
    let pass = json!({
        "Type": "Pass", "Parameters": { "b.$": "$.a" }, "ResultPath": "$.made", "OutputPath": "$.made", "Next": "Done"
    });
    let fixed =
        json!({ "Type": "Pass", "InputPath": null, "Result": [1], "ResultPath": "$.made", "End": true });
    let input = json!({ "a": 1 });

    let output = |data: Value| Action::End(Outcome::Succeeded(data));
    assert_eq!(start(pass, input.clone()).action, output(json!({ "b": 1 })));
    let alone = |state: &Value| parse(json!({ "StartAt": "First", "States": { "First": state } }));
    assert_eq!(alone(&fixed).start(input.clone()).action, output(json!({ "a": 1, "made": [1] })));

    let fail = json!({ "Type": "Fail", "Error": "E", "Cause": "C" });
    let failed = |failure: Failure| Action::End(Outcome::Failed(failure));
    assert_eq!(alone(&fail).start(input.clone()).action, failed(Failure::new("E", "C")));
    assert_eq!(alone(&json!({ "Type": "Fail" })).start(input).action, failed(Failure::default()));
}

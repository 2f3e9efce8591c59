//! What is read of a definition, and what is refused.

use accounts_state_machine::definition::Fault;
use accounts_state_machine::{Definition, DefinitionError};
use serde_json::{Value, json};

use crate::support::{DEPLOYED, machine, task};

fn refused(definition: &Value) -> DefinitionError {
    Definition::parse(&definition.to_string()).expect_err(&definition.to_string())
}

/// Asserts that the first state, being so, is refused by its name and with each of these words.
#[track_caller]
fn first_is_refused(first: Value, words: &[&str]) {
    let error = refused(&machine(first));
    assert_eq!(error.state(), Some("First"));
    for word in words.iter().chain(&["\"First\""]) {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

#[test]
fn the_deployed_definition_is_of_the_subset_and_names_its_functions() {
    let definition = Definition::parse(DEPLOYED).unwrap();
    let functions = ["check-status", "provision", "update-failed", "update-status", "validate"];

    assert_eq!(definition.functions().into_iter().collect::<Vec<_>>(), functions);
    assert_eq!(definition.start_at(), "Validate");
    assert_eq!(definition.text(), DEPLOYED);
    let validate = definition.state("Validate").unwrap();
    assert_eq!((validate.type_name(), validate.function()), ("Task", Some("validate")));
    assert!(validate.catchers().iter().any(|catcher| catcher.error_equals == ["States.ALL"]));
    assert!(validate.targets().contains(&"UpdateFailed"));
    for (name, state) in definition.states().filter(|(_, state)| state.function().is_some()) {
        assert!(!state.retriers().is_empty(), "{name}");
    }
}

#[test]
fn a_function_is_named_by_placeholder_name_or_arn() {
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:check-status";
    for written in ["${check-status}", "check-status", "check-status:live", arn, &format!("{arn}:live")] {
        let parameters = json!({ "FunctionName": written, "Payload.$": "$" });
        let definition = machine(task(json!({ "Parameters": parameters })));
        let definition = Definition::parse(&definition.to_string()).unwrap();

        assert!(definition.functions().contains("check-status"), "{written}");
    }
    for written in ["", "${}", "${a", "a b", "arn:aws:lambda:us-east-1:000000000000:function:"] {
        let parameters = json!({ "FunctionName": written });
        first_is_refused(task(json!({ "Parameters": parameters })), &["names no function"]);
    }
}

#[test]
fn what_is_not_supported_is_refused_by_the_name_of_the_state_and_of_the_thing() {
    let invoke = |parameters: Value| task(json!({ "Parameters": parameters }));
    let choice = |rule: Value| json!({ "Type": "Choice", "Choices": [rule], "Default": "Done" });
    let retry = |retrier: Value| task(json!({ "Retry": [retrier] }));

    first_is_refused(json!({ "Type": "Map", "Next": "Done" }), &["\"Map\"", "not supported"]);
    first_is_refused(json!({ "Type": "Parallel", "Next": "Done" }), &["\"Parallel\"", "not supported"]);
    first_is_refused(
        task(json!({ "Resource": "arn:aws:states:::sqs:sendMessage" })),
        &["sqs:sendMessage", "not supported"],
    );
    for field in ["HeartbeatSeconds", "TimeoutSecondsPath", "QueryLanguage", "Assign", "Arguments"] {
        first_is_refused(task(json!({ field: "x" })), &[field, "not supported"]);
    }
    first_is_refused(task(json!({ "InputPath": "$$.Execution" })), &["InputPath", "context object"]);
    first_is_refused(task(json!({ "OutputPath": "$..a" })), &["OutputPath", "$..a"]);
    first_is_refused(task(json!({ "ResultPath": "$.a[0]" })), &["ResultPath", "$.a[0]"]);
    first_is_refused(
        invoke(json!({ "FunctionName.$": "$.name", "Payload.$": "$" })),
        &["Parameters", "FunctionName"],
    );
    first_is_refused(invoke(json!({ "FunctionName": "f", "InvocationType": "Event" })), &["InvocationType"]);
    first_is_refused(
        invoke(json!({ "FunctionName": "f", "Payload": { "id.$": "States.UUID()" } })),
        &["intrinsic function", "States.UUID()"],
    );
    first_is_refused(
        invoke(json!({ "FunctionName": "f", "Payload.$": "$$.Execution.Input" })),
        &["context object"],
    );
    first_is_refused(
        json!({ "Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "Done" }),
        &["Timestamp", "not supported"],
    );
    first_is_refused(
        choice(json!({ "Variable": "$.a", "StringLessThan": "b", "Next": "Done" })),
        &["Choices[0]", "StringLessThan", "not supported"],
    );
    first_is_refused(
        choice(json!({ "Not": { "Variable": "$.a", "IsString": true }, "Next": "Done" })),
        &["Choices[0]: Not", "IsString"],
    );
    first_is_refused(
        retry(json!({ "ErrorEquals": ["States.IntrinsicFailure"] })),
        &["Retry[0]", "States.IntrinsicFailure"],
    );
    first_is_refused(retry(json!({ "ErrorEquals": ["A"], "Interval": 1 })), &["Retry[0]", "Interval"]);
    first_is_refused(json!({ "Type": "Fail", "CausePath": "$.a" }), &["CausePath", "not supported"]);
}

#[test]
fn what_no_interpreter_could_run_is_refused() {
    let retry = |retriers: Value| task(json!({ "Retry": retriers }));
    let all = json!({ "ErrorEquals": ["States.ALL"] });

    first_is_refused(retry(json!([all, { "ErrorEquals": ["Busy"] }])), &["Retry[0]", "States.ALL"]);
    first_is_refused(retry(json!([{ "ErrorEquals": ["Busy", "States.ALL"] }])), &["States.ALL"]);
    first_is_refused(retry(json!([{ "ErrorEquals": [] }])), &["ErrorEquals"]);
    first_is_refused(retry(json!([{ "ErrorEquals": ["States.Runtime"] }])), &["never retried"]);
    first_is_refused(retry(json!([{ "ErrorEquals": ["A"], "BackoffRate": 0.5 }])), &["BackoffRate"]);
    first_is_refused(retry(json!([{ "ErrorEquals": ["A"], "IntervalSeconds": 0 }])), &["IntervalSeconds"]);
    first_is_refused(retry(json!([{ "ErrorEquals": ["A"], "MaxAttempts": -1 }])), &["MaxAttempts"]);
    first_is_refused(
        retry(json!([{ "ErrorEquals": ["A"], "IntervalSeconds": 5, "MaxDelaySeconds": 5 }])),
        &["MaxDelaySeconds"],
    );
    first_is_refused(task(json!({ "Catch": [all, all], })), &["Catch[0]", "States.ALL"]);
    first_is_refused(task(json!({ "End": true })), &["Next", "End"]);
    first_is_refused(task(json!({ "TimeoutSeconds": 0 })), &["TimeoutSeconds"]);
    first_is_refused(task(json!({ "Next": "Nowhere" })), &["Nowhere", "does not exist"]);
    first_is_refused(
        task(json!({ "Catch": [{ "ErrorEquals": ["A"], "Next": "Nowhere" }] })),
        &["Nowhere", "does not exist"],
    );
    first_is_refused(
        json!({ "Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "Next": "Done" }),
        &["exclude"],
    );
    first_is_refused(json!({ "Type": "Wait", "Seconds": 1.5, "Next": "Done" }), &["Seconds"]);
    first_is_refused(json!({ "Type": "Choice", "Choices": [], "Default": "Done" }), &["Choices"]);
    first_is_refused(json!("text"), &["object"]);
    first_is_refused(json!({ "Next": "Done" }), &["Type"]);
}

#[test]
fn a_machine_that_does_not_hang_together_is_refused() {
    let done = json!({ "Type": "Succeed" });

    assert!(matches!(Definition::parse("{").unwrap_err().fault(), Fault::Json(_)));
    let error = refused(&json!({ "StartAt": "Gone", "States": { "Done": done } }));
    assert!(error.to_string().contains("\"Gone\""), "{error}");
    let error = refused(&json!({ "StartAt": "Done", "States": { "Done": done, "Island": done } }));
    assert_eq!(error.state(), Some("Island"));
    for (field, value) in [("QueryLanguage", "JSONata"), ("Version", "2.0"), ("Extra", "x")] {
        let error = refused(&json!({ "StartAt": "Done", "States": { "Done": done }, field: value }));
        assert!(error.to_string().contains(field), "{error}");
        assert!(matches!(error.fault(), Fault::Unsupported(_)));
    }
}

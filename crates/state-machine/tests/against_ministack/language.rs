//! Scenarios on small definitions, for what the deployed one does not use.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::scenario::{Answer, Scenario, Script};

pub(crate) fn machines() -> BTreeMap<&'static str, String> {
    BTreeMap::from([("data-flow", data_flow()), ("comparisons", comparisons()), ("unmatched", unmatched())])
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut all = vec![Scenario {
        id: "data-flows-through-every-field".to_owned(),
        machine: "data-flow",
        input: json!({ "Id": "data-flows-through-every-field", "inner": { "list": [{ "n": 7 }] } }),
        script: Script::from([
            ("validate".into(), vec![Answer::Ok(json!({ "kept": 1, "dropped": 2 }))]),
            ("provision".into(), vec![Answer::Error("Odd"), Answer::Error("Odd"), Answer::Error("Final")]),
        ]),
    }];
    let inputs = [
        json!({ "text": "log-1.txt" }),
        json!({ "text": "log-1.txt.gz", "number": 10 }),
        json!({ "text": "a*b", "number": 10.0 }),
        json!({ "text": "", "number": -3 }),
        json!({ "text": "", "number": 4 }),
        json!({ "text": "", "number": 5 }),
        json!({ "text": "", "number": 100.5 }),
        json!({ "text": "", "number": 50, "flag": true }),
        json!({ "text": "", "number": 50, "flag": false }),
        json!({ "text": "", "number": "50", "flag": "true" }),
    ];
    all.extend(inputs.into_iter().enumerate().map(|(index, input)| plain("comparisons", index, input)));
    all.push(plain("unmatched", 0, json!({ "text": "other" })));
    all
}

/// An execution without functions.
fn plain(machine: &'static str, index: usize, input: Value) -> Scenario {
    Scenario { id: format!("{machine}-{index}"), machine, input, script: Script::new() }
}

fn data_flow() -> String {
    json!({
        "StartAt": "Shape",
        "Version": "1.0",
        "States": {
            "Shape": {
                "Type": "Pass",
                "InputPath": "$.inner",
                "Parameters": { "first.$": "$.list[0]", "all": [{ "again.$": "$.list[0].n" }], "fixed": 1.5 },
                "ResultPath": "$.made.here",
                "Next": "Fixed"
            },
            "Fixed": { "Type": "Pass", "Result": { "constant": true }, "ResultPath": "$.made.fixed", "Next": "Ask" },
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "${validate}", "Payload": { "Id.$": "$.Id", "made.$": "$.made" } },
                "ResultSelector": { "kept.$": "$.Payload.kept", "code.$": "$.StatusCode" },
                "ResultPath": "$.asked",
                "Next": "Pause"
            },
            "Pause": { "Type": "Wait", "Seconds": 2, "Next": "Fail twice" },
            "Fail twice": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "${provision}", "Payload.$": "$" },
                "ResultPath": null,
                "Retry": [{ "ErrorEquals": ["Other", "Odd"] }],
                "Catch": [
                    { "ErrorEquals": ["Other"], "Next": "Cut" },
                    { "ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.caught.first", "Next": "Cut" }
                ],
                "Next": "Cut"
            },
            "Cut": { "Type": "Pass", "OutputPath": "$.caught", "Next": "Drop" },
            "Drop": { "Type": "Pass", "Result": 0, "ResultPath": null, "Next": "Choose" },
            "Choose": {
                "Type": "Choice",
                "InputPath": "$.first",
                "Choices": [{ "Variable": "$.Error", "StringEquals": "Final", "Next": "End" }],
                "Default": "Lost"
            },
            "Lost": { "Type": "Fail" },
            "End": { "Type": "Succeed", "OutputPath": "$.Error" }
        }
    })
    .to_string()
}

fn comparisons() -> String {
    let rule = |mut test: Value, next: &str| {
        test["Next"] = next.into();
        test
    };
    let present = |field: &str| json!({ "Variable": format!("$.{field}"), "IsPresent": true });
    let number = |test: &str, other: f64| json!({ "Variable": "$.number", test: other });
    let mut states = json!({
        "Choose": {
            "Type": "Choice",
            "Choices": [
                rule(json!({ "Not": present("number") }), "Without"),
                rule(json!({ "Variable": "$.text", "StringMatches": "log-*.txt.*" }), "Zipped"),
                rule(json!({ "Variable": "$.text", "StringMatches": "a*b" }), "Between"),
                rule(number("NumericLessThan", 0.0), "Negative"),
                rule(number("NumericLessThanEquals", 4.0), "Few"),
                rule(number("NumericEquals", 5.0), "Five"),
                rule(number("NumericGreaterThan", 100.0), "Many"),
                rule(json!({ "And": [present("flag"), { "Or": [
                    { "Variable": "$.flag", "BooleanEquals": true },
                    { "Variable": "$.flag", "StringEquals": "true" }
                ] }] }), "Flagged"),
                rule(number("NumericGreaterThanEquals", 50.0), "Fifty")
            ],
            "Default": "Other"
        },
        "Other": { "Type": "Succeed" }
    });
    for end in ["Without", "Zipped", "Between", "Negative", "Few", "Five", "Many", "Flagged", "Fifty"] {
        states[end] = json!({ "Type": "Succeed" });
    }
    json!({ "StartAt": "Choose", "States": states }).to_string()
}

fn unmatched() -> String {
    json!({
        "StartAt": "Choose",
        "States": {
            "Choose": {
                "Type": "Choice",
                "Choices": [{ "Variable": "$.text", "StringEquals": "this", "Next": "End" }]
            },
            "End": { "Type": "Succeed" }
        }
    })
    .to_string()
}

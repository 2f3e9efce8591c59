//! Where MiniStack 1.5.33 does otherwise than the service documents. The engine does as the service; both
//! are asserted, so that a release that mends one of these is noticed.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounts_state_machine::{Definition, Engine, EngineError, Options, TaskFailure, Tasks};
use serde_json::{Value, json};

use crate::TIME_SCALE;
use crate::scenario::{Answer, Observed, Scenario, Script};
use crate::server::ScriptedMiniStack;
use crate::sides;

pub(crate) fn machines() -> BTreeMap<&'static str, String> {
    let end = json!({ "Type": "Succeed" });
    let machine =
        |state: Value| json!({ "StartAt": "First", "States": { "First": state, "End": end } }).to_string();
    BTreeMap::from([
        (
            "missing-variable",
            machine(json!({
                "Type": "Choice",
                "Choices": [{ "Variable": "$.gone", "StringEquals": "x", "Next": "End" }],
                "Default": "End"
            })),
        ),
        ("wait-path", machine(json!({ "Type": "Wait", "SecondsPath": "$.seconds", "Next": "End" }))),
        (
            "result-path",
            machine(json!({ "Type": "Pass", "Result": 1, "ResultPath": "$.text.inner", "Next": "End" })),
        ),
        (
            "lambda-result",
            machine(json!({
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "${validate}", "Payload.$": "$" },
                "Next": "End"
            })),
        ),
        (
            "missing-payload",
            machine(json!({
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "${validate}", "Payload": { "Id.$": "$.Id", "x.$": "$.gone" } },
                "Next": "End"
            })),
        ),
    ])
}

/// DescribeExecution of a failed execution has no `output` at the service; MiniStack makes one of the
/// error and its cause.
pub(crate) fn without_output_of_failures(theirs: &mut Observed) {
    if theirs.status == "FAILED" {
        let made = json!({ "Error": theirs.error, "Cause": theirs.cause });
        assert_eq!(theirs.output.take(), Some(made), "MiniStack leaves the output out now");
    }
}

pub(crate) async fn are_as_listed(
    ministack: &Arc<ScriptedMiniStack>,
    machines: &BTreeMap<&'static str, String>,
) {
    let both = async |machine: &'static str, id: &str, input: Value| {
        let answers = vec![Answer::Ok(json!("answer"))];
        let script = Script::from([("validate".to_owned(), answers)]);
        let scenario = Scenario { id: id.to_owned(), machine, input, script };
        let theirs = sides::on_ministack(ministack, &scenario).await;
        let mut ours = sides::on_ours(&machines[machine], &[scenario], TIME_SCALE).await;
        (theirs, ours.remove(id).unwrap())
    };

    // A comparison of a variable that is not there ends an execution ("Invalid path ... The choice state's
    // condition path references an invalid value"); MiniStack reads it as null and goes on.
    let (theirs, ours) = both("missing-variable", "missing-variable", json!({})).await;
    assert_eq!((theirs.status.as_str(), ours.status.as_str()), ("SUCCEEDED", "FAILED"));
    assert_eq!(ours.error.as_deref(), Some("States.Runtime"));

    // A SecondsPath that is missing, no whole number, or negative ends an execution; MiniStack does not
    // wait, or waits the fraction.
    for (index, seconds) in [json!(null), json!("5"), json!(-1), json!(0.5)].into_iter().enumerate() {
        let id = format!("wait-path-{index}");
        let (theirs, ours) = both("wait-path", &id, json!({ "seconds": seconds })).await;
        assert_eq!((theirs.status.as_str(), ours.status.as_str()), ("SUCCEEDED", "FAILED"), "{seconds}");
        assert_eq!(ours.error.as_deref(), Some("States.Runtime"));
    }

    // A result cannot be put into a text (States.ResultPathMatchFailure); MiniStack replaces the text.
    let (theirs, ours) = both("result-path", "result-path", json!({ "text": "text" })).await;
    assert_eq!(theirs.output, Some(json!({ "text": { "inner": 1 } })));
    assert_eq!(ours.error.as_deref(), Some("States.ResultPathMatchFailure"));

    // The result of lambda:invoke says which version was executed; MiniStack leaves that out.
    let (theirs, ours) = both("lambda-result", "lambda-result", json!({ "Id": "lambda-result" })).await;
    let mut complete = theirs.output.unwrap();
    assert_eq!(complete, json!({ "Payload": "answer", "StatusCode": 200 }));
    complete["ExecutedVersion"] = json!("$LATEST");
    assert_eq!(ours.output, Some(complete));

    // A path in Parameters that leads nowhere ends an execution; MiniStack passes null.
    let (theirs, ours) = both("missing-payload", "missing-payload", json!({ "Id": "missing-payload" })).await;
    assert_eq!(theirs.invocations[0].1, json!({ "Id": "missing-payload", "x": null }));
    assert_eq!((ours.error.as_deref(), ours.invocations.len()), (Some("States.Runtime"), 0));

    starting_again(ministack, &machines["lambda-result"]).await;
}

/// Starting the same name with the same input again, while it runs, answers the same; MiniStack refuses it.
async fn starting_again(ministack: &ScriptedMiniStack, definition: &str) {
    struct Never;
    impl Tasks for Never {
        async fn invoke(&self, _: &str, _: Value) -> Result<Value, TaskFailure> {
            std::future::pending().await
        }
    }

    let start = json!({
        "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:missing-variable",
        "name": "twice",
        "input": "{}",
    });
    ministack.states("StartExecution", &start).await.unwrap();
    let refused = ministack.states("StartExecution", &start).await.unwrap_err();
    assert_eq!(refused["__type"], "ExecutionAlreadyExists");

    let folder = tempfile::tempdir().unwrap();
    let definition = Definition::parse(definition).unwrap();
    let engine =
        Engine::open(folder.path().join("executions"), definition, Never, Options::default()).unwrap();
    let first = engine.start_execution("twice", "{}").unwrap();
    assert_eq!(engine.start_execution("twice", "{}").unwrap(), first);
    let other = engine.start_execution("twice", "{\"other\": 1}");
    assert!(matches!(other, Err(EngineError::ExecutionAlreadyExists { .. })));
}

//! EventBridge's part: an execution that failed, timed out or was stopped is handed to `update-failed`.
//!
//! Best effort: an event is handed over once, and lost with the process. The reconciler finds what was lost.

use std::sync::Arc;

use accounts_lambda::now;
use accounts_state_machine::{Engine, Event, Execution, Observer, Status, Tasks as _};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::functions::Functions;

/// Passes the names of executions that ended badly from the engine to [`deliver`].
#[derive(Debug)]
struct Sender(UnboundedSender<String>);

/// The observer for an engine, and the receiver of what it observes.
pub(crate) fn channel() -> (Arc<dyn Observer>, UnboundedReceiver<String>) {
    let (sender, receiver) = unbounded_channel();
    (Arc::new(Sender(sender)), receiver)
}

impl Observer for Sender {
    fn on_event(&self, execution: &str, event: &Event) {
        if let Event::Ended { status, .. } = event
            && has_rule(*status)
            && self.0.send(execution.to_owned()).is_err()
        {
            tracing::debug!(execution, "nobody receives the events of executions any more");
        }
    }
}

/// Hands the events to `update-failed`, one after the other, until the task is aborted.
pub(crate) async fn deliver(mut ended: UnboundedReceiver<String>, engine: Engine, functions: Functions) {
    while let Some(name) = ended.recv().await {
        let execution = match engine.execution(&name) {
            Ok(execution) => execution,
            Err(error) => {
                tracing::warn!(execution = name, %error, "an execution that ended cannot be read");
                continue;
            }
        };
        let event = event(&execution, &engine.arn());
        if let Err(failed) = functions.invoke("update-failed", event).await {
            let error = failed.message;
            tracing::warn!(
                execution = name,
                error,
                "the end of an execution was not handled; the reconciler will"
            );
        }
    }
}

/// The statuses that the deployed rule matches.
const fn has_rule(status: Status) -> bool {
    match status {
        Status::Failed | Status::TimedOut | Status::Aborted => true,
        Status::Running | Status::Succeeded => false,
    }
}

/// The event as Step Functions sends it (developer guide, "Step Functions Execution Status Change").
fn event(execution: &Execution, state_machine_arn: &str) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": "000000000000",
        "time": now().to_string(),
        "region": "us-east-1",
        "resources": [execution.arn],
        "detail": {
            "executionArn": execution.arn,
            "stateMachineArn": state_machine_arn,
            "name": execution.name,
            "status": execution.status.as_str(),
            "startDate": execution.started,
            "stopDate": execution.stopped,
            "input": execution.input,
            "output": null,
            "stateMachineVersionArn": null,
            "stateMachineAliasArn": null,
            "redriveCount": 0,
            "redriveDate": null,
            "redriveStatus": "REDRIVABLE",
            "redriveStatusReason": null,
            "inputDetails": {"included": true},
            "outputDetails": null,
            "error": execution.error,
            "cause": execution.cause,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use accounts_core::FailedEvent;

    use super::*;

    const INPUT: &str = r#"{"RequestID":"0b8f2c3e-0000-7000-8000-000000000001","AccountEmail":"user@example.com",
        "Admission":2,"Execution":3}"#;

    #[test]
    fn update_failed_finds_the_request_and_why_its_execution_ended() {
        let execution = Execution {
            arn: "arn:aws:states:us-east-1:000000000000:execution:accounts:one-2-3".to_owned(),
            name: "one-2-3".to_owned(),
            status: Status::Aborted,
            input: INPUT.to_owned(),
            output: None,
            error: Some("Operator".to_owned()),
            cause: None,
            started: 1,
            stopped: Some(2),
            events: 3,
        };
        let failed = FailedEvent::parse(&event(&execution, "arn")).unwrap();
        assert_eq!((failed.execution.admission, failed.execution.execution), (2, 3));
        assert_eq!(failed.reason, "An operator stopped the execution.");
    }

    #[test]
    fn only_a_bad_end_is_an_event() {
        let (observer, mut received) = channel();
        for status in [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted]
        {
            observer.on_event(status.as_str(), &Event::Ended { status, error: None, cause: None });
        }
        observer.on_event("entered", &Event::StateEntered { name: "Wait".to_owned() });
        drop(observer);
        let names: Vec<_> = std::iter::from_fn(|| received.try_recv().ok()).collect();
        assert_eq!(names, ["FAILED", "TIMED_OUT", "ABORTED"]);
    }
}

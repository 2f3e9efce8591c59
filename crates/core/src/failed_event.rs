//! Parses the failure of a step from a Catch of the state machine, an event of EventBridge, or a dead letter.

use serde_json::Value;

use crate::{Error, ExecutionRef, Kind};

/// An execution whose step failed, or that ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedEvent {
    /// Which execution of which request.
    pub execution: ExecutionRef,
    /// The kind of the step's error; none where the error is not of this product, or the execution ended by itself.
    pub kind: Option<Kind>,
    /// What happened, for people: nothing of a cause that is not ours.
    pub reason: String,
}

/// How deep the request may be wrapped.
const DEEPEST: u32 = 4;

impl FailedEvent {
    /// Finds the execution in an event: its fields are at the top or below `input`, `detail`, `requestPayload` or
    /// `Payload`, each an object or JSON in a string. What failed is an `Error` with `Error` and `Cause` (as a
    /// `Catch` adds it), or the `detail` of an execution that ended by itself (Step Functions developer guide, "Step
    /// Functions Execution Status Change").
    ///
    /// # Errors
    /// [`Kind::Invalid`] if no request can be found in it.
    pub fn parse(event: &Value) -> Result<Self, Error> {
        let step = holder_of_ids(event, 0).ok_or_else(|| {
            Error::new(
                Kind::Invalid,
                "The event names no request: RequestID and AccountEmail are missing or malformed.",
            )
        })?;
        let execution = ExecutionRef::read(&step)?;
        let error = step.get("Error").map(|error| (error, step.get("Cause")));
        let error = error.or_else(|| event.get("Error").map(|error| (error, event.get("Cause"))));
        let (kind, reason) = match error {
            Some((error, cause)) => read_step_error(error, cause),
            None => (None, read_end_of_execution(event)),
        };
        Ok(Self { execution, kind, reason })
    }
}

fn holder_of_ids(value: &Value, depth: u32) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Value::String(text) = value {
        return holder_of_ids(&serde_json::from_str(text).ok()?, depth + 1);
    }
    if value.get("RequestID").is_some() && value.get("AccountEmail").is_some() {
        return Some(value.clone());
    }
    ["input", "Input", "detail", "requestPayload", "Payload"]
        .iter()
        .filter_map(|name| value.get(name))
        .find_map(|inner| holder_of_ids(inner, depth + 1))
}

/// Only the kinds of this product carry a message written for people; any other cause is the runtime's and goes to
/// the log alone.
fn read_step_error(error: &Value, cause: Option<&Value>) -> (Option<Kind>, String) {
    let (name, cause) = match error {
        Value::String(name) => (name.as_str(), cause),
        other => (other.get("Error").and_then(Value::as_str).unwrap_or_default(), other.get("Cause")),
    };
    let kind = Kind::of_name(name);
    let message = cause.and_then(|cause| match cause {
        Value::String(text) => serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|cause| cause.get("errorMessage").and_then(Value::as_str).map(str::to_owned))
            .or_else(|| Some(text.clone())),
        other => other.get("errorMessage").and_then(Value::as_str).map(str::to_owned),
    });
    let reason = match (kind, message) {
        (Some(kind), Some(message)) if !kind.is_ours() && !message.is_empty() => message,
        (Some(Kind::AccessDenied), _) => "A permission of the account factory is missing.".to_owned(),
        (Some(Kind::Misconfigured), _) => "The account factory is not set up completely.".to_owned(),
        _ if name == "States.Timeout" => "A step of the workflow did not end in time.".to_owned(),
        _ => "A step of the workflow failed; operators find the cause in the log.".to_owned(),
    };
    (kind, crate::text::shortened(&reason))
}

fn read_end_of_execution(event: &Value) -> String {
    // An on-failure destination wraps the event of the rule.
    let detail = event.get("detail").or_else(|| event.pointer("/requestPayload/detail"));
    let status = detail.and_then(|detail| detail.get("status")?.as_str()).unwrap_or_default();
    match status {
        "FAILED" => "The execution failed; operators find the cause in its history.",
        "ABORTED" => "An operator stopped the execution.",
        "TIMED_OUT" => "The execution ran out of time.",
        _ => "The execution ended without a reason.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str = "0b8f2c3e-0000-7000-8000-000000000001";

    fn step(extra: &Value) -> Value {
        let mut step =
            json!({"RequestID": ID, "AccountEmail": "user@example.com", "Admission": 2, "Execution": 3});
        for (name, value) in extra.as_object().unwrap() {
            step[name] = value.clone();
        }
        step
    }

    #[test]
    fn an_error_of_our_own_kind_keeps_its_message() {
        let cause = json!({"errorType": "Busy", "errorMessage": "Control Tower is busy."}).to_string();
        let event = FailedEvent::parse(&step(&json!({"Error": {"Error": "Busy", "Cause": cause}}))).unwrap();
        assert_eq!((event.kind, event.reason.as_str()), (Some(Kind::Busy), "Control Tower is busy."));
        assert_eq!((event.execution.admission, event.execution.execution), (2, 3));
    }

    #[test]
    fn an_error_of_the_runtime_is_not_shown_to_people() {
        for name in ["Internal", "AccessDenied", "Misconfigured", "Lambda.Unknown", "Runtime.ExitError", ""] {
            let event = step(&json!({"Error": {"Error": name, "Cause": "secret at 10.0.0.1"}}));
            let reason = FailedEvent::parse(&event).unwrap().reason;
            assert!(!reason.contains("secret"), "{name}: {reason}");
        }
    }

    #[test]
    fn the_request_is_found_in_events_of_other_senders() {
        let input = step(&json!({})).to_string();
        let detail = json!({"status": "ABORTED", "input": input, "cause": "secret"});
        for event in [
            json!({"detail-type": "Step Functions Execution Status Change", "detail": detail}),
            json!({"requestPayload": {"detail": detail}, "responsePayload": {"errorMessage": "secret"}}),
            json!({"requestPayload": step(&json!({})), "responsePayload": {}}),
            json!({"input": input, "Error": "States.Timeout", "Cause": ""}),
            json!({"Payload": step(&json!({}))}),
            json!(input),
        ] {
            let found = FailedEvent::parse(&event).unwrap();
            assert_eq!(found.execution.request_id.to_string(), ID, "{event}");
            assert!(!found.reason.contains("secret"));
        }
    }

    #[test]
    fn an_event_without_a_request_is_invalid() {
        for event in [
            json!(null),
            json!({}),
            json!([1]),
            json!({"RequestID": "x", "AccountEmail": "user@example.com"}),
            json!({"RequestID": ID, "AccountEmail": "user@example.com"}),
            json!({"detail": {"status": "FAILED", "input": null}}),
        ] {
            assert_eq!(FailedEvent::parse(&event).unwrap_err().kind(), Kind::Invalid, "{event}");
        }
    }

    #[test]
    fn a_long_message_is_shortened() {
        let event = step(&json!({"Error": {"Error": "Invalid", "Cause": "é".repeat(5000)}}));
        assert_eq!(FailedEvent::parse(&event).unwrap().reason.chars().count(), 1000);
    }

    proptest! {
        #[test]
        fn no_event_panics(text in "\\PC{0,60}", name in "\\PC{0,12}") {
            let event = step(&json!({"Error": {"Error": name, "Cause": text}}));
            prop_assert!(FailedEvent::parse(&event).is_ok());
        }
    }
}

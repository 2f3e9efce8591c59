//! The functions, each invoked directly: what each does, and that doing it again does nothing.

mod admission;
mod any_order;
mod check_status;
mod crash_points;
mod metrics;
mod moves;
mod notifications;
mod repeated;
mod stream_trigger;
mod sweep;
mod update_failed;
mod validate;

use accounts_core::{Error, Kind};
use serde_json::{Value, json};

/// An event as a `Catch` of the state machine leaves it.
fn caught(event: &Value, kind: &str, message: &str) -> Value {
    let cause = json!({"errorType": kind, "errorMessage": message}).to_string();
    let mut event = event.clone();
    event["Error"] = json!({"Error": kind, "Cause": cause});
    event
}

/// What went wrong, of a step that had to go wrong.
fn refused(answer: Result<Value, Error>) -> (Kind, String) {
    let error = answer.expect_err("an error");
    (error.kind(), error.to_string())
}

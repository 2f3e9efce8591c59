//! The functions, each invoked directly: what each does, that doing it again does nothing, and that whatever goes
//! wrong between them is repaired.

mod accept;
mod answers;
mod any_order;
mod check_status;
mod contested;
mod cost;
mod crash_points;
mod dispatcher;
mod dispatcher_races;
mod failed_records;
mod guards;
mod late;
mod metrics;
mod notifications;
mod overdue;
mod pauses;
mod provision;
mod readmitted;
mod reads;
mod reconciler;
mod refusals;
mod rejected;
mod repeated;
mod resolved;
mod slot_checks;
mod statements;
mod stream_records;
mod unanswered;
mod update_failed;
mod update_status;
mod validate;
mod watched;

use accounts_core::{Error, Kind, Request};
use accounts_tests::{Function, Functions, Workbench};
use serde_json::Value;

const EMAIL: &str = "user@example.com";

/// With these settings an attempt that was not answered can no longer arrive.
const EXPIRED: &[(&str, &str)] = &[("ATTEMPT_EXPIRY_SECONDS", "0.0001")];

/// The way to an operation.
const TO_PROVISION: [Function; 2] = [Function::Validate, Function::Provision];

/// What went wrong, of a step that had to go wrong.
fn refused(answer: Result<Value, Error>) -> (Kind, String) {
    let error = answer.expect_err("an error");
    (error.kind(), error.to_string())
}

/// A request that was admitted and validated, and the event of its next step.
async fn valid(bench: &Workbench, functions: &Functions, name: &str) -> (Request, Value) {
    let (request, event) = bench.admitted(EMAIL, name).await;
    let event = functions.chain(&[Function::Validate], &event).await;
    assert_eq!(event["Next"], "Provision", "{event}");
    (bench.request(&request).await, event)
}

/// A request whose operation was accepted, and the event of its next step.
async fn begun(bench: &Workbench, functions: &Functions, name: &str) -> (Request, Value) {
    let (request, event) = bench.admitted(EMAIL, name).await;
    let event = functions.chain(&TO_PROVISION, &event).await;
    assert_eq!(event["Next"], "Wait", "{event}");
    (bench.request(&request).await, event)
}

/// What a step that changes nothing may not change.
fn everything(bench: &Workbench) -> (Vec<Value>, accounts_landing_zone::Report) {
    (bench.items.all(), bench.done())
}

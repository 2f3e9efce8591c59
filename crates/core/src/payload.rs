//! The payloads between the states of the workflow.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, ExecutionRef, Kind, Next, RequestStatus, Snapshot};

/// How many polls one execution makes before it ends by itself. The reconciler starts the next one, so that no
/// history reaches Step Functions' 25,000 events.
pub const POLLS_PER_EXECUTION: u32 = 150;

/// What a function of the workflow answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Payload {
    /// Which execution.
    #[serde(flatten)]
    pub execution: ExecutionRef,
    /// The status of the request.
    pub status: RequestStatus,
    /// Where the workflow goes.
    pub next: Next,
    /// How long it waits, where it waits.
    pub wait_seconds: u32,
    /// How often this execution has polled.
    #[serde(default)]
    pub polls: u32,
}

impl Payload {
    /// Where the workflow goes with a request as it is stored, after so many polls; it waits for `wait_seconds` if it
    /// waits. An execution that has polled often enough ends, and so does one that is not the request's any more.
    pub fn of(execution: &ExecutionRef, snapshot: &Snapshot, wait_seconds: u32, polls: u32) -> Self {
        let next = if snapshot.is_current(execution) { snapshot.next() } else { Next::End };
        Self { execution: execution.clone(), status: snapshot.request.status, next, wait_seconds, polls }
            .within_bounds()
    }

    /// The same, going somewhere else.
    #[must_use]
    pub fn going_to(self, next: Next) -> Self {
        Self { next, ..self }.within_bounds()
    }

    fn within_bounds(self) -> Self {
        let polls_again = matches!(self.next, Next::Wait | Next::Provision);
        let next = if polls_again && self.polls >= POLLS_PER_EXECUTION { Next::End } else { self.next };
        Self { next, ..self }
    }

    /// As the workflow reads it.
    ///
    /// # Errors
    /// [`Kind::Internal`] if it cannot be written as JSON.
    pub fn write(&self) -> Result<Value, Error> {
        serde_json::to_value(self)
            .map_err(|error| Error::new(Kind::Internal, "The payload cannot be written.").caused_by(error))
    }
}

/// How often the execution had polled when this payload was written; 0 in its input.
pub fn polls_of(payload: &Value) -> u32 {
    payload.get("Polls").and_then(Value::as_u64).and_then(|polls| u32::try_from(polls).ok()).unwrap_or(0)
}

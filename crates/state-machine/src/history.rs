//! How many events the service's history of an execution holds, and where it ends.
//!
//! Kept is the number alone. The names of the events are those of `HistoryEventType` in botocore's
//! `stepfunctions/2016-11-23/service-2.json`; which of them come is as LocalStack recorded it against AWS
//! (`tests/aws/services/stepfunctions/v2`, `error_handling/test_task_service_lambda.snapshot.json` and
//! `timeouts/test_timeouts.snapshot.json`):
//!
//! | what happens | events |
//! | --- | --- |
//! | an execution | `ExecutionStarted`, and in the end one of `ExecutionSucceeded`, `ExecutionFailed`, `ExecutionTimedOut`, `ExecutionAborted` |
//! | a state is passed through, or left by a Catch | `…StateEntered`, `…StateExited` |
//! | a state ends the execution with an error | `…StateEntered` alone |
//! | an attempt of a task | `TaskScheduled`, `TaskStarted` and one of `TaskSucceeded`, `TaskFailed`, `TaskTimedOut` |
//!
//! A retry enters no state and its wait has no event (unverified: no recording of it was found).
//!
//! The end at the limit was measured on AWS (floci-io/floci #2734): event 24,999 is the last of the state
//! machine, event 25,000 is `ExecutionFailed`. Unverified: that an execution which ends by itself with event
//! 25,000 ends so, and that a function invoked with event 24,999 runs although its result comes too late.

use crate::error_name::RUNTIME;
use crate::failure::Failure;

/// How many events an execution's history can hold; the last of them is the execution's end.
pub const HISTORY_LIMIT: u32 = 25_000;

/// `ExecutionStarted`.
pub(crate) const START: u32 = 1;
/// `ExecutionSucceeded`, `ExecutionFailed`, `ExecutionTimedOut` or `ExecutionAborted`.
pub(crate) const END: u32 = 1;
/// `…StateEntered`.
pub(crate) const ENTERED: u32 = 1;
/// `…StateExited`.
pub(crate) const EXITED: u32 = 1;
/// `TaskScheduled` and `TaskStarted`.
pub(crate) const INVOKED: u32 = 2;
/// `TaskSucceeded`, `TaskFailed` or `TaskTimedOut`.
pub(crate) const ANSWERED: u32 = 1;

/// Adds events, none of them the end of the execution, or says with which error an execution ends whose
/// history has no room for them; it is full then but for that end.
pub(crate) fn add(events: &mut u32, more: u32) -> Result<(), Failure> {
    const ROOM: u32 = HISTORY_LIMIT - END;
    *events = events.saturating_add(more);
    if *events > ROOM {
        *events = ROOM;
        let cause = format!("The execution reached the maximum number of history events ({HISTORY_LIMIT}).");
        return Err(Failure::new(RUNTIME, cause));
    }
    Ok(())
}

//! Runs Amazon States Language: a stated subset, durable executions, the Step Functions wire.
//!
//! # The subset
//!
//! The JSONPath query language, and of it:
//!
//! - the machine: `StartAt`, `States`, `Comment`, `Version` ("1.0"), `TimeoutSeconds`;
//! - **Task** with the resource `arn:aws:states:::lambda:invoke`: `Parameters` (`FunctionName` as text,
//!   `Payload` or `Payload.$`), `InputPath`, `OutputPath`, `ResultSelector`, `ResultPath`,
//!   `TimeoutSeconds`, `Retry`, `Catch`;
//! - **Retry**: `ErrorEquals`, `IntervalSeconds`, `MaxAttempts`, `BackoffRate`, `MaxDelaySeconds`,
//!   `JitterStrategy`; **Catch**: `ErrorEquals`, `ResultPath`, `Next`;
//! - **Choice**: `Variable` with `StringEquals`, `StringMatches`, `NumericEquals`, `NumericLessThan`,
//!   `NumericLessThanEquals`, `NumericGreaterThan`, `NumericGreaterThanEquals`, `BooleanEquals`,
//!   `IsPresent`, `IsNull`; `And`, `Or`, `Not`; `Default`;
//! - **Wait** (`Seconds`, `SecondsPath`), **Pass**, **Succeed**, **Fail** (`Error`, `Cause`);
//! - reference paths `$`, `$.a.b`, `$.a[0]` (a `ResultPath` without an index).
//!
//! A definition that uses more (`Map`, `Parallel`, JSONata, intrinsic functions, the context object `$$`,
//! any other field) is refused by [`Definition::parse`], with the name of the state and of what it uses.
//!
//! # Where the service leaves room
//!
//! - `States.Runtime` and `States.DataLimitExceeded` end an execution whatever its retriers and catchers
//!   say, so a definition that names them in `ErrorEquals` is refused.
//! - A task that was under way when the process died is invoked again: at least once, as with the service.
//! - An execution goes on with the definition it was started with.
//! - The history of an execution is counted, not kept: at [`HISTORY_LIMIT`] events it fails as the service's
//!   does.

pub mod definition;
mod engine;
mod error_name;
mod failure;
mod flow;
mod history;
mod interpreter;
mod path;
mod rule;
mod status;
mod step;
mod store;
mod tasks;
mod template;
pub mod wire;
mod worst_history;

pub use definition::{Definition, DefinitionError};
pub use engine::{Engine, EngineError, Event, Execution, Observer, Options, Page, Started};
pub use failure::Failure;
pub use history::HISTORY_LIMIT;
pub use status::Status;
pub use step::{Action, Invocation, Outcome, Position, Step};
pub use store::StoreError;
pub use tasks::{TaskFailure, Tasks};
pub use worst_history::worst_history;

//! The domain of the account factory: accounts, requests, operations, their statuses and transitions, the rules for
//! input, the payloads of the workflow, and the kinds of error.
//!
//! Nothing here knows AWS, HTTP or Lambda, and nothing here reads a clock: whoever calls brings the time.

mod acceptance;
mod account;
mod backend;
pub mod backoff;
mod caller;
mod details;
mod email;
mod end_notification;
mod error;
mod execution;
mod failed_event;
mod fault;
mod ids;
mod json;
mod members;
mod names;
mod new_account;
mod operation;
mod operator_statement;
mod org_unit;
mod payload;
mod pool_pause;
mod request;
mod status;
mod step;
mod tag;
#[cfg(test)]
mod tests;
mod text;
mod timestamp;
pub mod transition;

pub use acceptance::{Acceptance, Claim, IdempotencyKey, canonical};
pub use account::Account;
pub use backend::{Backend, BeginError, Begun, Found, Progress, Refusal};
pub use caller::Caller;
pub use details::AccountDetails;
pub use email::Email;
pub use end_notification::EndNotification;
pub use error::{Error, Kind, Result, Severity};
pub use execution::{ExecutionRef, Next, execution_input};
pub use failed_event::FailedEvent;
pub use fault::Fault;
pub use ids::{AccountId, RequestId};
pub use names::{AccountName, PersonName};
pub use new_account::NewAccount;
pub use operation::{
    Attempt, Fields, MAX_OPERATIONS, MAX_UNANSWERED, Operation, OperationEvent, OperationOutcome,
    OperationState, Rejection, Resolution,
};
pub use operator_statement::OperatorStatement;
pub use org_unit::OrgUnit;
pub use payload::{POLLS_PER_EXECUTION, Payload, polls_of};
pub use pool_pause::PoolPause;
pub use request::{Content, Placement, Request, Unit};
pub use status::{AccountStatus, RequestEvent, RequestStatus, Transition};
pub use step::{Action, BackendName, DEFAULT_CONTROL_TOWER_SLOTS, Pool, RequestKind, Step};
pub use tag::Tag;
pub use text::{on_one_line, without_addresses};
pub use timestamp::Timestamp;
pub use transition::{Change, Disposition, Ending, SlotChange, Snapshot};

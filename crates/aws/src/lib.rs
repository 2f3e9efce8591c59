//! The only crate that names the AWS SDK: domain types in, domain types and error kinds out.
//!
//! Every client is built once, at the cold start, from one [`Sdk`].

mod clock;
mod control_tower;
mod executions;
mod notifications;
mod organization;
mod sdk;
mod sdk_error;
mod table;
mod topic;
mod transport;

pub use clock::Clock;
pub use control_tower::ControlTower;
pub use executions::{ExecutionState, Executions};
pub use notifications::Notifications;
pub use organization::{Account, Organization};
pub use sdk::{Endpoints, Sdk};
pub use table::{Candidate, Commit, HistoryPage, QueueName, SlotHolder, Table, Transitioned};
pub use topic::Topic;
pub use transport::{AnswerFuture, Disconnected, Transport, WireAnswer, WireCall};

//! The only crate that names the AWS SDK: domain types in, domain types and error kinds out.
//!
//! Every client is built once, at the cold start, from one [`Sdk`].

mod control_tower;
mod executions;
mod failed;
mod notifications;
mod organization;
mod requests;
mod sdk;
mod topic;

pub use control_tower::ControlTower;
pub use executions::Executions;
pub use notifications::Notifications;
pub use organization::{Account, Organization};
pub use requests::Requests;
pub use sdk::{Endpoints, Sdk};
pub use topic::Topic;

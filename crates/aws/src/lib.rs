//! The only crate that names the AWS SDK: domain types in, domain types and error kinds out.
//!
//! Every client is built once, at the cold start, from one [`Sdk`].

mod control_tower;
mod executions;
mod failed;
mod organization;
mod requests;
mod sdk;

pub use control_tower::ControlTower;
pub use executions::Executions;
pub use organization::{Account, Organization};
pub use requests::Requests;
pub use sdk::{Endpoints, Sdk};

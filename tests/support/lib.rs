//! What the suites share: a fleet in this process, and a client for it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod binaries;
mod client;
mod fleet;
mod metrics;
mod table;
mod topic;
mod workbench;

pub use client::{Answer, Client, body, encoded};
pub use fleet::{LocalFleet, Pace, settings};
pub use metrics::Lines;
pub use table::Table;
pub use topic::{Published, TOPIC_ARN, Topic};
pub use workbench::{Function, Functions, Workbench, serve, start_event};

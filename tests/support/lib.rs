//! What the suites share: a fleet in this process and a client for it; and the functions one by one, on a workbench.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod binaries;
mod client;
mod fleet;
mod functions;
mod items;
mod metrics;
mod table;
mod topic;
mod wire;
mod workbench;

pub use client::{Answer, Client, body, encoded};
pub use fleet::{LocalFleet, Pace, settings};
pub use functions::{Function, Functions, caught, inserted, record, released, start_event};
pub use items::Items;
pub use metrics::{Line, Lines};
pub use table::Table;
pub use topic::{Published, TOPIC_ARN, Topic};
pub use wire::{Call, Held, On, Service, WRITES, Wire};
pub use workbench::{Workbench, serve};

//! What the suites share: a fleet in this process, and a client for it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod client;
mod fleet;
mod table;
mod workbench;

pub use client::{Answer, Client, body};
pub use fleet::{LocalFleet, Pace, settings};
pub use table::Table;
pub use workbench::{Function, Functions, Workbench, serve, start_event};

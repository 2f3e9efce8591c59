//! The engine by itself: what it refuses, how it interprets, what it survives, what it speaks.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod concurrency;
mod definition;
mod durability;
mod executions;
mod history;
mod interpreter;
mod support;
mod wire;
mod worst_history;

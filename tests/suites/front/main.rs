//! The suites of what a client sees, and of what binds the parts together.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod api;
mod authorizer;
mod contract;

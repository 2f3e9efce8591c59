//! The suites of what happens after a request was accepted: the functions, the workflow, restarts.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod integrity;
mod kills;
mod load;
mod outcomes;
mod restart;
mod steps;

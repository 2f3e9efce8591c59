//! Deterministic simulation: populations of requests run through the real functions, the real table code and the
//! deployed state machine, on one thread, in virtual time, while a seeded adversary makes everything around them fail.
//!
//! # Theory
//!
//! Nothing of the product is replaced but the network, the clock and chance. The SDK signs, retries and parses; each
//! try of each call comes to [`network`], where the adversary decides what becomes of it, and the simulated services
//! answer. Functions run as [`lambda`] would run them; executions follow the deployed definition ([`workflow`]); records of
//! the table's changes reach `stream-trigger` through the deployed filters ([`stream`]).
//!
//! tokio's clock is paused: it jumps to the next timer as soon as every task waits. All chance comes from the seed of
//! the run. So one seed is one history, and a failing seed replays.
//!
//! A run has two phases. While the *faults* last, the adversary strikes; in the *calm* that follows, everything works,
//! and what was accepted has to end. [`invariants`] are checked at each write of the table, and [`ends`] at its end.
//!
//! The adversary only does what AWS can do: a call that was not answered may arrive up to 15 minutes later, an
//! invocation ends at its timeout, a record of the stream comes at least once unless it is lost after its retries.

mod action;
mod adversary;
mod clients;
mod clock;
mod deployment;
mod ends;
mod error;
mod executions;
mod faults;
mod fleet;
mod invariants;
mod invocation;
mod known;
mod lambda;
mod locks;
mod network;
mod operators;
mod plan;
mod pool_invariants;
mod protection;
mod records;
mod run;
mod services;
mod shrink;
mod stream;
mod trace;
mod truth;
mod workflow;
mod world;

pub use error::RunError;
pub use faults::Fault;
pub use plan::Plan;
pub use protection::{Listed, Protection};
pub use run::{Report, run};
pub use services::embedded::{answer_of, embedded_table, plain, read};
pub use services::errors::cancelled;
pub use shrink::shrink;

//! Where an execution stands and what is to be done for it there.

use std::time::Duration;

use serde_json::Value;

use crate::failure::Failure;

/// Where an execution stands: all that must be kept for it to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The state it is in.
    pub state: String,
    /// What that state was entered with.
    pub data: Value,
    /// How often each of the state's retriers has retried during this visit.
    pub retries: Vec<u32>,
    /// How many events the service's history of the execution would hold.
    pub events: u32,
}

/// The states passed through, where that led, and what is to be done there.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The states entered, in order.
    pub entered: Vec<String>,
    /// Where the execution stands now.
    pub position: Position,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done for an execution to go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Invoke a function, then [`crate::Definition::succeeded`] or [`crate::Definition::failed`]; if the process dies
    /// meanwhile, [`crate::Definition::interrupted`].
    Invoke(Invocation),
    /// Wait that many seconds, then [`crate::Definition::woken`].
    Wait(f64),
    /// Nothing more: it has ended.
    End(Outcome),
}

/// A function to invoke.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// Its name.
    pub function: String,
    /// What it is given.
    pub payload: Value,
    /// How long it may take.
    pub timeout: Option<Duration>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With this output.
    Succeeded(Value),
    /// With this error; a Fail state may leave either part out.
    Failed(Failure),
}

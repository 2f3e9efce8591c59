//! The options of an engine, and the events that it notifies its observer of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::status::Status;

/// How an engine runs. `Options::default()` runs in real time.
#[derive(Clone)]
pub struct Options {
    /// Multiplies the seconds of Wait states and of retry intervals. Timeouts are not scaled.
    pub time_scale: f64,
    /// How many invocations may run at once; further ones queue in order.
    pub concurrency: usize,
    /// The state machine's name, which its ARN and those of its executions carry.
    pub name: String,
    /// Notified of each step of each execution.
    pub observer: Option<Arc<dyn Observer>>,
    /// Numbers from 0 (inclusive) to 1 (exclusive) for jitter.
    pub random: fn() -> f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_scale: 1.0,
            concurrency: 64,
            name: "accounts".to_owned(),
            observer: None,
            random: fastrand::f64,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("time_scale", &self.time_scale)
            .field("concurrency", &self.concurrency)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Notified of what executions do, in their order; called between their steps, so it must not block.
pub trait Observer: Send + Sync {
    /// The execution of that name did this.
    fn on_event(&self, execution: &str, event: &Event);
}

impl<F: Fn(&str, &Event) + Send + Sync> Observer for F {
    fn on_event(&self, execution: &str, event: &Event) {
        self(execution, event);
    }
}

/// What an execution did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// It entered a state. After a crash the last one may be notified again.
    StateEntered {
        /// The state.
        name: String,
    },
    /// A task failed.
    TaskFailed {
        /// The state.
        state: String,
        /// The error's name.
        error: String,
        /// The error's explanation.
        cause: String,
        /// When it is retried; none where it is caught or ends the execution.
        retry_in: Option<Duration>,
    },
    /// It ended.
    Ended {
        /// What became of it.
        status: Status,
        /// The error it ended with.
        error: Option<String>,
        /// That error's explanation.
        cause: Option<String>,
    },
}

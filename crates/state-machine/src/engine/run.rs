//! One execution, from where it stands to its end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::clock;
use super::options::Event;
use super::shared::Shared;
use crate::definition::Definition;
use crate::error_name::TIMEOUT;
use crate::failure::Failure;
use crate::status::Status;
use crate::step::{Action, Outcome, Position, Step};
use crate::store::{ExecutionEnd, Millis};

/// An execution to run.
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) definition: Arc<Definition>,
    pub(super) name: String,
    pub(super) started: Millis,
    pub(super) entry: Entry,
}

/// Where an execution goes on.
pub(super) enum Entry {
    /// Not begun.
    Input(Value),
    /// Where it stood, and until when it waits there; none where an invocation was under way.
    Position(Position, Option<Millis>),
}

/// It ended otherwise meanwhile: somebody stopped it.
struct Stopped;

impl Run {
    /// Runs the execution unless it runs already.
    pub(super) fn spawn(self) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut running = shared.running();
        if running.contains_key(&self.name) {
            return false;
        }
        // Under the lock, so that an execution that ends at once is not entered after it was forgotten.
        running.insert(self.name.clone(), shared.runtime.spawn(self.run()));
        true
    }

    async fn run(self) {
        let deadline = self
            .definition
            .timeout_seconds()
            .map(|seconds| self.started + Millis::try_from(seconds).unwrap_or(Millis::MAX / 2000) * 1000);
        let ended = match deadline {
            None => self.steps().await,
            Some(deadline) => tokio::select! {
                ended = self.steps() => ended,
                () = clock::sleep_until(deadline) => {
                    let failure = Failure { error: Some(TIMEOUT.to_owned()), cause: None };
                    self.finish(ExecutionEnd { status: Status::TimedOut, output: None, failure, events: None }).await
                }
            },
        };
        if let Err(Stopped) = ended {
            tracing::debug!(execution = self.name, "the execution ended while a step of it was under way");
        }
        self.shared.forget(&self.name);
    }

    async fn steps(&self) -> Result<(), Stopped> {
        let mut step = match &self.entry {
            Entry::Input(input) => self.definition.start(input.clone()),
            Entry::Position(position, Some(wake)) => {
                clock::sleep_until(*wake).await;
                self.definition.woken(position.clone())
            }
            Entry::Position(position, None) => self.definition.interrupted(position.clone()),
        };
        loop {
            for name in std::mem::take(&mut step.entered) {
                self.notify(&Event::StateEntered { name });
            }
            let Step { position, action, .. } = step;
            step = match action {
                Action::End(outcome) => return self.finish(end(outcome, position.events)).await,
                Action::Wait(seconds) => {
                    let wake = clock::after(seconds * self.shared.options.time_scale);
                    self.save(&position, Some(wake)).await?;
                    clock::sleep_until(wake).await;
                    self.definition.woken(position)
                }
                Action::Invoke(invocation) => {
                    self.save(&position, None).await?;
                    match self.shared.invoke(invocation).await {
                        Ok(answer) => self.definition.succeeded(position, answer),
                        Err(failure) => self.failed(position, failure),
                    }
                }
            };
        }
    }

    fn failed(&self, position: Position, failure: Failure) -> Step {
        let state = position.state.clone();
        let step = self.definition.failed(position, failure.clone(), (self.shared.options.random)());
        let retry_in = match &step.action {
            Action::Wait(seconds) if step.entered.is_empty() => {
                Duration::try_from_secs_f64(seconds * self.shared.options.time_scale).ok()
            }
            _ => None,
        };
        self.notify(&Event::TaskFailed {
            state,
            error: failure.error.unwrap_or_default(),
            cause: failure.cause.unwrap_or_default(),
            retry_in,
        });
        step
    }

    async fn save(&self, position: &Position, wake: Option<Millis>) -> Result<(), Stopped> {
        self.written(|| self.shared.store.save(&self.name, position, wake)).await
    }

    async fn finish(&self, end: ExecutionEnd) -> Result<(), Stopped> {
        self.written(|| self.shared.store.finish(&self.name, &end, clock::now())).await?;
        let ExecutionEnd { status, failure: Failure { error, cause }, .. } = end;
        self.notify(&Event::Ended { status, error, cause });
        Ok(())
    }

    /// A full disk must not lose an execution: what cannot be written is tried again.
    async fn written(&self, write: impl Fn() -> rusqlite::Result<bool>) -> Result<(), Stopped> {
        loop {
            match write() {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Stopped),
                Err(error) => {
                    tracing::error!(
                        execution = self.name,
                        error = &error as &dyn std::error::Error,
                        "the execution's step cannot be written; trying again"
                    );
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    fn notify(&self, event: &Event) {
        self.shared.notify(&self.name, event);
    }
}

fn end(outcome: Outcome, events: u32) -> ExecutionEnd {
    let (status, output, failure) = match outcome {
        Outcome::Succeeded(output) => (Status::Succeeded, Some(output.to_string()), Failure::default()),
        Outcome::Failed(failure) => (Status::Failed, None, failure),
    };
    ExecutionEnd { status, output, failure, events: Some(events) }
}

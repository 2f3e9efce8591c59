//! Starting, seeing and stopping executions.

use std::sync::Arc;

use super::error::EngineError;
use super::options::Event;
use super::run::{Entry, Run};
use super::{Engine, clock, input};
use crate::failure::Failure;
use crate::status::Status;
use crate::store::{ExecutionEnd, Millis, Record};

/// An execution that was started, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its ARN.
    pub arn: String,
    /// When it was started, in milliseconds since 1970.
    pub started: i64,
}

/// What is known of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub status: Status,
    /// What it was started with.
    pub input: String,
    /// What it ended with.
    pub output: Option<String>,
    /// The error it ended with.
    pub error: Option<String>,
    /// That error's explanation.
    pub cause: Option<String>,
    /// When it was started, in milliseconds since 1970.
    pub started: i64,
    /// When it ended, in milliseconds since 1970.
    pub stopped: Option<i64>,
    /// How many events the service's history of it would hold, as of the last step that was saved.
    pub events: u32,
}

/// Some executions, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The executions.
    pub executions: Vec<Execution>,
    /// Asks for the next page; none after the last.
    pub next_token: Option<String>,
}

impl Engine {
    /// Starts an execution. Starting the same name with the same input again, while it runs, answers
    /// the same; a name is never used twice otherwise.
    pub fn start_execution(&self, name: &str, input: &str) -> Result<Started, EngineError> {
        input::check_name(name)?;
        let value = input::parse(input)?;
        let arn = self.execution_arn(name);
        let started = clock::now();

        if self.shared.store.insert(name, self.shared.definition_id, input, started)? {
            let run = Run {
                shared: Arc::clone(&self.shared),
                definition: Arc::clone(&self.shared.definition),
                name: name.to_owned(),
                started,
                entry: Entry::Input(value),
            };
            run.spawn();
            return Ok(Started { arn, started });
        }
        match self.shared.store.get(name)? {
            Some(Record { status: Status::Running, input: known, started, .. }) if known == input => {
                Ok(Started { arn, started })
            }
            _ => Err(EngineError::ExecutionAlreadyExists { arn }),
        }
    }

    /// What is known of the execution of that name.
    pub fn execution(&self, name: &str) -> Result<Execution, EngineError> {
        match self.shared.store.get(name)? {
            Some(record) => Ok(self.execution_of(record)),
            None => Err(EngineError::ExecutionDoesNotExist { arn: self.execution_arn(name) }),
        }
    }

    /// The executions, or those of one status, the newest first.
    pub fn executions(
        &self,
        status: Option<Status>,
        token: Option<&str>,
        limit: usize,
    ) -> Result<Page, EngineError> {
        let before = token
            .map(|token| token.parse().map_err(|_| EngineError::InvalidToken(token.to_owned())))
            .transpose()?;
        let mut records = self.shared.store.list(status, before, limit.saturating_add(1))?;
        let more = records.len() > limit;
        records.truncate(limit);
        let next_token = records.last().filter(|_| more).map(|last| last.seq.to_string());
        let executions = records.into_iter().map(|record| self.execution_of(record)).collect();
        Ok(Page { executions, next_token })
    }

    /// Stops an execution and says when it ended: now, or before.
    pub fn stop_execution(
        &self,
        name: &str,
        error: Option<&str>,
        cause: Option<&str>,
    ) -> Result<i64, EngineError> {
        let known = self.execution(name)?;
        let failure = Failure { error: error.map(str::to_owned), cause: cause.map(str::to_owned) };
        let end = ExecutionEnd { status: Status::Aborted, output: None, failure, events: None };
        let now = clock::now();
        if !self.shared.store.finish(name, &end, now)? {
            return Ok(known.stopped.or(self.execution(name)?.stopped).unwrap_or(now));
        }
        if let Some(running) = self.shared.running().remove(name) {
            running.abort();
        }
        let Failure { error, cause } = end.failure;
        self.shared.notify(name, &Event::Ended { status: Status::Aborted, error, cause });
        Ok(now)
    }

    /// When the definition was first seen, in milliseconds since 1970.
    pub(crate) fn created(&self) -> Millis {
        self.shared.created
    }

    /// The name in the ARN of an execution.
    pub(crate) fn execution_name<'a>(&self, arn: &'a str) -> Result<&'a str, EngineError> {
        if !arn.starts_with("arn:") || !arn.contains(":execution:") {
            return Err(EngineError::InvalidArn(arn.to_owned()));
        }
        arn.strip_prefix(&self.execution_prefix())
            .ok_or_else(|| EngineError::ExecutionDoesNotExist { arn: arn.to_owned() })
    }

    /// Refuses the ARN of another state machine.
    pub(crate) fn check_arn(&self, arn: &str) -> Result<(), EngineError> {
        if arn == self.arn() {
            Ok(())
        } else if arn.starts_with("arn:") && arn.contains(":stateMachine:") {
            Err(EngineError::StateMachineDoesNotExist { arn: arn.to_owned() })
        } else {
            Err(EngineError::InvalidArn(arn.to_owned()))
        }
    }

    fn execution_of(&self, record: Record) -> Execution {
        Execution {
            arn: self.execution_arn(&record.name),
            name: record.name,
            status: record.status,
            input: record.input,
            output: record.output,
            error: record.failure.error,
            cause: record.failure.cause,
            started: record.started,
            stopped: record.stopped,
            events: record.events,
        }
    }
}

//! The workflow's executions in Step Functions.

use accounts_core::{ExecutionRef, Request, Result, execution_input};
use aws_sdk_sfn::types::ExecutionStatus;

use crate::Sdk;
use crate::sdk_error::classify;

/// Starts and describes executions of the workflow.
#[derive(Clone, Debug)]
pub struct Executions {
    client: aws_sdk_sfn::Client,
    state_machine_arn: String,
}

/// What is known of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionState {
    /// It runs.
    Running,
    /// It has closed, whatever its status.
    Closed,
    /// There is none of that name.
    Missing,
}

impl Executions {
    /// The executions of this state machine.
    pub fn new(sdk: &Sdk, state_machine_arn: String) -> Self {
        Self { client: sdk.step_functions(), state_machine_arn }
    }

    /// Starts the current execution of a request. Where one of its name exists, running or closed, there is nothing to
    /// do (Step Functions API reference, `StartExecution`, `ExecutionAlreadyExists`).
    ///
    /// # Errors
    /// If it could not be started, or whether it was is unknown.
    pub async fn start(&self, request: &Request) -> Result<()> {
        let answer = self
            .client
            .start_execution()
            .state_machine_arn(&self.state_machine_arn)
            .name(ExecutionRef::of(request).name())
            .input(execution_input(request)?)
            .send()
            .await;
        match answer.map_err(|error| classify("The execution could not be started.", error)) {
            Ok(_) => Ok(()),
            Err(failure) if failure.code.as_deref() == Some("ExecutionAlreadyExists") => Ok(()),
            Err(failure) => Err(failure.error),
        }
    }

    /// Whether the current execution of a request runs.
    ///
    /// # Errors
    /// If Step Functions could not be asked.
    pub async fn state(&self, request: &Request) -> Result<ExecutionState> {
        let name = ExecutionRef::of(request).name();
        let prefix = self.state_machine_arn.replacen(":stateMachine:", ":execution:", 1);
        let answer = self.client.describe_execution().execution_arn(format!("{prefix}:{name}")).send().await;
        match answer.map_err(|error| classify("The execution could not be described.", error)) {
            Ok(answer) => match answer.status {
                ExecutionStatus::Running | ExecutionStatus::PendingRedrive => Ok(ExecutionState::Running),
                _ => Ok(ExecutionState::Closed),
            },
            Err(failure) if failure.code.as_deref() == Some("ExecutionDoesNotExist") => {
                Ok(ExecutionState::Missing)
            }
            Err(failure) => Err(failure.error),
        }
    }
}

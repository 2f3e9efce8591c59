//! The workflow's executions in Step Functions.

use accounts_core::{Error, Kind, Result, Start};

use crate::Sdk;
use crate::failed::sort;

/// Starts the workflow of a request.
#[derive(Clone, Debug)]
pub struct Executions {
    client: aws_sdk_sfn::Client,
    state_machine_arn: String,
}

impl Executions {
    /// The executions of this state machine.
    pub fn new(sdk: &Sdk, state_machine_arn: String) -> Self {
        Self { client: sdk.step_functions(), state_machine_arn }
    }

    /// Starts the execution that is named after the request. A request has one execution and never a second:
    /// where it exists, running or closed, there is nothing to do (Step Functions API reference,
    /// `StartExecution`, `ExecutionAlreadyExists`).
    ///
    /// # Errors
    /// [`Kind::Busy`], [`Kind::Transient`] or [`Kind::Internal`] if it could not be started.
    pub async fn start(&self, start: &Start) -> Result<()> {
        let input = serde_json::to_string(start)
            .map_err(|error| Error::new(Kind::Internal, "The message cannot be written.").caused_by(error))?;
        let answer = self
            .client
            .start_execution()
            .state_machine_arn(&self.state_machine_arn)
            .name(start.request_id.to_string())
            .input(input)
            .send()
            .await;
        match answer.map_err(|error| sort("The workflow could not be started.", error)) {
            Ok(_) => Ok(()),
            Err(failed) if failed.code.as_deref() == Some("ExecutionAlreadyExists") => Ok(()),
            Err(failed) => Err(failed.error),
        }
    }
}

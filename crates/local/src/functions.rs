//! The functions of the workflow, invoked as Lambda does: each invocation in a task of its own.

use std::future::Future;
use std::sync::Arc;

use accounts_aws::Sdk;
use accounts_lambda::{Diagnostic, SettingError, Settings, into_lambda_result};
use accounts_state_machine::{TaskFailure, Tasks};
use check_status::CheckStatus;
use provision::Provision;
use serde_json::Value;
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

/// The functions that the state machine names.
#[derive(Clone)]
pub(crate) struct Functions {
    validate: Arc<Validate>,
    provision: Arc<Provision>,
    check_status: Arc<CheckStatus>,
    update_status: Arc<UpdateStatus>,
    update_failed: Arc<UpdateFailed>,
}

impl Functions {
    pub(crate) fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            validate: Arc::new(Validate::connect(settings, sdk)?),
            provision: Arc::new(Provision::connect(settings, sdk)?),
            check_status: Arc::new(CheckStatus::connect(settings, sdk)?),
            update_status: Arc::new(UpdateStatus::connect(settings, sdk)?),
            update_failed: Arc::new(UpdateFailed::connect(settings, sdk)?),
        })
    }
}

impl Tasks for Functions {
    async fn invoke(&self, function: &str, payload: Value) -> Result<Value, TaskFailure> {
        let functions = self.clone();
        let answer = match function {
            "validate" => run(async move { functions.validate.handle(&payload).await }).await,
            "provision" => run(async move { functions.provision.handle(&payload).await }).await,
            "check-status" => run(async move { functions.check_status.handle(&payload).await }).await,
            "update-status" => run(async move { functions.update_status.handle(&payload).await }).await,
            "update-failed" => run(async move { functions.update_failed.handle(&payload).await }).await,
            other => {
                let message = format!("There is no function {other}.");
                return Err(TaskFailure::new("Lambda.ResourceNotFoundException", message));
            }
        };
        answer.map_err(|failed| TaskFailure::new(failed.error_type, failed.error_message))
    }
}

/// Invokes a function as Lambda does.
async fn run(
    handler: impl Future<Output = accounts_core::Result<Value>> + Send + 'static,
) -> Result<Value, Diagnostic> {
    catch_panic(into_lambda_result(handler)).await
}

/// Runs an invocation in a task of its own; a panic becomes the error of the invocation.
///
/// # Errors
/// The invocation's error; or `Runtime.ExitError` (Lambda's name for it) if it panicked.
pub async fn catch_panic<T: Send + 'static>(
    invocation: impl Future<Output = Result<T, Diagnostic>> + Send + 'static,
) -> Result<T, Diagnostic> {
    let task = AbortOnDrop(tokio::spawn(invocation));
    task.await.unwrap_or_else(|crash| {
        tracing::error!(%crash, "a function crashed");
        Err(Diagnostic {
            error_type: "Runtime.ExitError".to_owned(),
            error_message: "The function crashed.".to_owned(),
        })
    })
}

/// Aborts its task when it is dropped, as an invocation whose timeout is over.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[tokio::test]
    async fn a_crash_is_a_failed_invocation() {
        let crashed = catch_panic::<()>(async { panic!("at the disco") }).await;
        assert_eq!(crashed.map_err(|failed| failed.error_type), Err("Runtime.ExitError".to_owned()));
        assert_eq!(catch_panic(async { Ok(7) }).await, Ok(7));
    }
}

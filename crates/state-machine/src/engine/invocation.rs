//! Invokes a function within the limits of concurrency and time.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::AbortHandle;

use super::shared::Shared;
use crate::error_name::TIMEOUT;
use crate::failure::Failure;
use crate::step::Invocation;
use crate::tasks::TaskFailure;

impl Shared {
    /// Invokes a function within the limit of invocations at once and within its time.
    pub(super) async fn invoke(&self, invocation: Invocation) -> Result<Value, Failure> {
        let Invocation { function, payload, timeout } = invocation;
        // The semaphore is never closed; without a permit the invocation would merely not be limited.
        let _permit = self.invocations.acquire().await;
        let mut running = tokio::spawn(Arc::clone(&self.tasks).invoke_boxed(function.clone(), payload));
        let _abort = AbortOnDrop(running.abort_handle());

        let joined = match timeout {
            None => (&mut running).await,
            Some(limit) => match tokio::time::timeout(limit, &mut running).await {
                Ok(joined) => joined,
                Err(_) => {
                    let cause =
                        format!("The function \"{function}\" took longer than {} s.", limit.as_secs());
                    return Err(Failure::new(TIMEOUT, cause));
                }
            },
        };
        match joined {
            Ok(answered) => answered.map_err(Failure::from),
            Err(crashed) => {
                tracing::error!(function, "the invocation of a function crashed: {crashed}");
                Err(TaskFailure::new("Lambda.Unknown", format!("the invocation crashed: {crashed}")).into())
            }
        }
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! Runs the reconciler of `stream-trigger` on a schedule, as EventBridge does in the cloud.

use std::sync::Arc;
use std::time::Duration;

use accounts_lambda::into_lambda_result;
use serde_json::json;
use stream_trigger::StreamTrigger;

use crate::functions::catch_panic;

/// Reconciles once. What fails is in the log; the next run tries it again.
pub(crate) async fn run_once(trigger: &Arc<StreamTrigger>) {
    let trigger = Arc::clone(trigger);
    let run = async move { into_lambda_result(trigger.handle(&json!({"reconcile": true}))).await };
    match catch_panic(run).await {
        Ok(report) => tracing::debug!(%report, "reconciled"),
        Err(failed) => tracing::debug!(error = failed.error_message, "not everything was reconciled"),
    }
}

/// Reconciles after each such time, until the task is aborted. One run at a time.
pub(crate) async fn run_every(every: Duration, trigger: Arc<StreamTrigger>) {
    loop {
        tokio::time::sleep(every).await;
        run_once(&trigger).await;
    }
}

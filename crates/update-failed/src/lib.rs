//! `update-failed`: decides what becomes of a request whose step failed or whose execution ended by itself.
//!
//! In: what the workflow, an EventBridge rule or an on-failure destination knows ([`FailedEvent::parse`]). Out: a
//! [`Payload`].
//!
//! # Theory
//!
//! The table decides, not the error that brought the request here ([`Disposition`]):
//!
//! | the table says | then |
//! | --- | --- |
//! | an account exists | another execution stores it, after a backoff; after some of them without its tags, with a note |
//! | it was definitely rejected, or failed | the request ends as Failed, with the reason |
//! | nothing was started | the slot is released, and the request parked with a growing backoff |
//! | something may be running | it keeps its slot, and its next execution is started later |
//!
//! A fault of ours therefore never fails a request. A missing permission, a missing product and throttling would stop
//! every request of the pool, so they pause it too.
//!
//! Settings: `DYNAMO_TABLE`, `TOPIC_ARN` (nothing is published), `METRICS_NAMESPACE` (none), `BACKOFF_SECONDS` (60).

use accounts_aws::{Clock, Notifications, Sdk, Table, Transitioned};
use accounts_core::{
    Change, Disposition, ExecutionRef, FailedEvent, OperationOutcome, Payload, RequestStatus, Result,
    Snapshot, Timestamp, polls_of,
};
use accounts_lambda::{Metrics, SettingError, Settings};
use serde_json::Value;

/// From this setback on a parked request is alarmed.
const LONG_PARKED: u32 = 5;

/// After so many setbacks an account that exists is stored although its tags could not be set.
const MOST_TAGGING_SETBACKS: u32 = 5;

/// The function.
#[derive(Debug)]
pub struct UpdateFailed {
    table: Table,
    clock: Clock,
    notifications: Notifications,
    metrics: Metrics,
    backoff_seconds: f64,
}

impl UpdateFailed {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let table = Table::new(sdk, settings.table());
        Ok(Self {
            clock: sdk.clock(),
            notifications: Notifications::new(sdk, settings.topic(), table.clone()),
            table,
            metrics: settings.metrics(),
            backoff_seconds: settings.backoff_seconds()?,
        })
    }

    /// Does what the table says. A request that another execution works on is left alone.
    ///
    /// # Errors
    /// [`Kind::Invalid`](accounts_core::Kind::Invalid) if the event names no request,
    /// [`Kind::NotFound`](accounts_core::Kind::NotFound) if the table has none; otherwise what could not be read,
    /// written or published. Every error has to be loud: nobody else handles the failure before the reconciler.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let failed = FailedEvent::parse(event)?;
        let execution = &failed.execution;
        let mut snapshot = self.table.snapshot(&execution.account_email, execution.request_id).await?;
        if snapshot.is_current(execution) {
            self.log(event, &failed);
            snapshot = self.settle(&failed, snapshot).await?;
        }
        if snapshot.is_latest(execution) {
            self.notifications.publish(&snapshot.request, self.clock.now()).await?;
        }
        Payload::of(execution, &snapshot, 0, polls_of(event)).going_to(accounts_core::Next::End).write()
    }

    /// The cause of a failed step stays in the log; the table gets a sentence for people.
    fn log(&self, event: &Value, failed: &FailedEvent) {
        let error =
            event.get("Error").or_else(|| event.pointer("/detail/error")).filter(|error| !error.is_null());
        if error.is_none() && event.get("detail").is_none() {
            // No step failed: the workflow came here by what the table says.
            return;
        }
        let cause = event.get("Cause").or_else(|| event.pointer("/detail/cause"));
        let request_id = failed.execution.request_id;
        let (error, cause) = (error.map(Value::to_string), cause.map(Value::to_string));
        tracing::warn!(%request_id, error, cause, reason = failed.reason, "a step of the workflow failed");
    }

    async fn settle(&self, failed: &FailedEvent, snapshot: Snapshot) -> Result<Snapshot> {
        let now = self.clock.now();
        let paused_until = self.pause_pool(failed, &snapshot, now).await?;
        let notify = self.notifications.enabled();
        let transitioned = match snapshot.disposition() {
            Disposition::Complete(_) if snapshot.request.setbacks >= MOST_TAGGING_SETBACKS => {
                let note = Some(format!(
                    "The account exists, but not everything was done for it. {}",
                    failed.reason
                ));
                self.table.complete(snapshot, note, notify, now).await?
            }
            _ => {
                let decide = |snapshot: &Snapshot| self.decide(failed, snapshot, paused_until, now);
                self.table.transition(snapshot, now, decide).await?
            }
        };
        if let Transitioned::Written(snapshot) = &transitioned {
            self.report(snapshot, &failed.execution, now);
        }
        Ok(transitioned.into_snapshot())
    }

    fn decide(
        &self,
        failed: &FailedEvent,
        snapshot: &Snapshot,
        paused_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Change>> {
        if !snapshot.is_current(&failed.execution) {
            return Ok(None);
        }
        match snapshot.disposition() {
            Disposition::Ended => Ok(None),
            Disposition::Fail(ending) => snapshot.fail(&ending, self.notifications.enabled(), now).map(Some),
            Disposition::Park => snapshot
                .park(park_reason(failed, snapshot), self.backoff_seconds, paused_until, now)
                .map(Some),
            // The failure can come twice: from the workflow, and as the event that the execution ended.
            Disposition::Hold | Disposition::Complete(_) if snapshot.request.resume_at.is_some() => Ok(None),
            Disposition::Hold | Disposition::Complete(_) => {
                snapshot.hold(self.backoff_seconds, now).map(Some)
            }
        }
    }

    async fn pause_pool(
        &self,
        failed: &FailedEvent,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let pauses = failed.kind.is_some_and(accounts_core::Kind::pauses_pool)
            && matches!(snapshot.disposition(), Disposition::Park | Disposition::Hold);
        match snapshot.request.current_step() {
            Some(step) if pauses => {
                self.table.pause_pool(step.pool, &failed.reason, self.backoff_seconds, now).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    fn report(&self, snapshot: &Snapshot, execution: &ExecutionRef, now: Timestamp) {
        let request = &snapshot.request;
        let request_id = execution.request_id;
        if request.status.is_final() {
            tracing::info!(%request_id, to = %request.status, "the request has ended");
            self.metrics.moved(request, now);
        } else if request.parked_until.is_some() {
            let (until, setbacks) = (request.parked_until.map(|it| it.to_string()), request.setbacks);
            if setbacks >= LONG_PARKED {
                tracing::error!(%request_id, until, setbacks, "the request is parked again and again");
                self.metrics.long_parked(now);
            } else {
                tracing::warn!(%request_id, until, setbacks, "the request is parked");
            }
        } else if request.status == RequestStatus::InProgress {
            tracing::warn!(%request_id, setbacks = request.setbacks, "the request keeps its slot");
        }
    }
}

/// Why the request is parked: what its operation ended with in this admission, or else what happened to the step.
fn park_reason<'a>(failed: &'a FailedEvent, snapshot: &'a Snapshot) -> &'a str {
    let operation = snapshot.operation.as_ref();
    match operation.filter(|it| it.admission == snapshot.request.admission).map(|it| &it.outcome) {
        Some(Some(OperationOutcome::Busy { reason } | OperationOutcome::InputRejected { reason })) => reason,
        _ => &failed.reason,
    }
}

//! `update-failed`: records why a request ended without an account, and tells it. `→ Failed` from any status that is not
//! final; or `→ Provisioned`, where the account exists and only a later step failed.
//!
//! In: whatever the workflow, an EventBridge rule or an on-failure destination knows
//! ([`FailedStep::find`]). Out: a [`Step`]. Settings: `DYNAMO_TABLE`, `TOPIC_ARN` (nobody is
//! told), `METRICS_NAMESPACE` (none).

use accounts_aws::{Notifications, Requests, Sdk};
use accounts_core::{
    AccountRequest, Email, Error, FailedStep, Failure, Finding, Kind, Moved, Result, Start, Status, Step,
    Timestamp,
};
use accounts_lambda::{Metrics, SettingError, Settings, now};
use serde_json::Value;

/// The function.
#[derive(Debug)]
pub struct UpdateFailed {
    requests: Requests,
    notifications: Notifications,
    metrics: Metrics,
}

impl UpdateFailed {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let requests = Requests::new(sdk, settings.table());
        Ok(Self {
            notifications: Notifications::new(sdk, settings.topic(), requests.clone()),
            requests,
            metrics: settings.metrics(),
        })
    }

    /// Records the failure and tells it. A request that has ended, or that another one followed, is left
    /// alone, but told if it was not.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the event names no request, [`Kind::NotFound`] if the table has none; otherwise
    /// what could not be written or told. Every error has to be loud: the request still looks alive.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let failed = FailedStep::find(event)?;
        let start = Start { request_id: failed.request_id, account_email: failed.account_email };
        let request = self.existing(&start.account_email).await?;
        if request.request_id != start.request_id {
            tracing::info!(request_id = %start.request_id, "a later request has followed; nothing to record");
            self.notifications.tell_past(&request, start.request_id, now()).await?;
            return Step::at(start, Status::Failed, 0).write();
        }
        if request.status.is_final() {
            self.notifications.tell(&request, now()).await?;
            return Step::of(&request).write();
        }
        if let Some(error) =
            event.get("Error").or_else(|| event.pointer("/detail/error")).filter(|error| !error.is_null())
        {
            // What the runtime says stays here; the table gets a sentence for people.
            let cause = event.get("Cause").or_else(|| event.pointer("/detail/cause"));
            let cause = cause.map(ToString::to_string).unwrap_or_default();
            tracing::warn!(request_id = %start.request_id, %error, cause, "a step of the workflow failed");
        }
        let now = now();
        let moved = match failed.finding {
            Finding::Verdict(failure) => self.requests.mark_failed(&start, &failure, now).await?,
            Finding::StepFailed(reason) => self.step_failed(&start, &request, reason, now).await?,
            Finding::AfterProvisioned { account_id, reason } => {
                let note = format!("The account exists, but not everything was done for it. {reason}");
                self.requests.mark_provisioned(&start, &account_id, Some(&note), now).await?
            }
        };
        self.metrics.moved(&moved, now);
        self.notifications.tell(&moved.request, now).await?;
        Step::of(&moved.request).write()
    }

    async fn existing(&self, email: &Email) -> Result<AccountRequest> {
        self.requests
            .of_email(email)
            .await?
            .ok_or_else(|| Error::new(Kind::NotFound, format!("There is no request for {email}.")))
    }

    /// A request holds a slot as long as an operation may be running for it; without a verdict on that
    /// operation, an account may exist.
    async fn step_failed(
        &self,
        start: &Start,
        request: &AccountRequest,
        reason: String,
        now: Timestamp,
    ) -> Result<Moved> {
        let account_may_exist =
            request.status == Status::InProgress || self.requests.holds_slot(request).await?;
        let reason = match (account_may_exist, &request.record_id) {
            (false, _) => reason,
            (true, None) => format!("{reason} The account may exist all the same."),
            (true, Some(record)) => {
                format!("{reason} The account may exist all the same; its record is {record}.")
            }
        };
        let failure = Failure { reason, account_may_exist, account_id: None };
        if account_may_exist {
            self.requests.mark_failed(start, &failure, now).await
        } else {
            self.requests.mark_failed_unbegun(start, &failure, now).await
        }
    }
}

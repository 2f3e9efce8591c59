//! `update-status`: puts the request's tags on the account, records it and tells it. `InProgress →
//! Provisioned`.
//!
//! In: the state of the execution, with `AccountId`. Out: a [`Step`]. Settings: `DYNAMO_TABLE`,
//! `TOPIC_ARN` (nobody is told), `METRICS_NAMESPACE` (none).

use accounts_aws::{Notifications, Organization, Requests, Sdk};
use accounts_core::{AccountId, Error, Kind, Result, Start, Status, Step};
use accounts_lambda::{Metrics, SettingError, Settings, now};
use serde_json::Value;

/// The function.
#[derive(Debug)]
pub struct UpdateStatus {
    requests: Requests,
    organization: Organization,
    notifications: Notifications,
    metrics: Metrics,
}

impl UpdateStatus {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let requests = Requests::new(sdk, settings.table());
        Ok(Self {
            notifications: Notifications::new(sdk, settings.topic(), requests.clone()),
            requests,
            organization: Organization::new(sdk),
            metrics: settings.metrics(),
        })
    }

    /// Tags the account, records it and tells it. A request that has ended is left alone, but told if it was
    /// not.
    ///
    /// # Errors
    /// [`Kind::Invalid`] without an account id: no request is recorded as Provisioned without its account.
    /// Otherwise what could not be tagged, written or told; the account exists all the same.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let start = Start::read(event)?;
        let request = self.requests.current(&start).await?;
        if request.status.is_final() {
            self.notifications.tell(&request, now()).await?;
            return Step::of(&request).write();
        }
        let account = event
            .get("AccountId")
            .and_then(Value::as_str)
            .and_then(|text| AccountId::parse(text).ok())
            .ok_or_else(|| Error::new(Kind::Invalid, "The workflow's payload names no account."))?;
        if request.status != Status::InProgress {
            return Err(Error::new(Kind::Conflict, "Nothing has been begun for the request."));
        }
        self.organization.tag(&account, &request.tags).await?;
        let now = now();
        let moved = self.requests.mark_provisioned(&start, &account, None, now).await?;
        self.metrics.moved(&moved, now);
        self.notifications.tell(&moved.request, now).await?;
        Step::of(&moved.request).write()
    }
}

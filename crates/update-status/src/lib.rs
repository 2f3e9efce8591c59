//! `update-status`: puts the request's tags on the account, stores the account, and publishes the end.
//! `InProgress → Provisioned`.
//!
//! In: the state of the execution. Out: a [`Payload`]. Which account it is, the operation's stored outcome says. Tags
//! that the organization refuses leave a Provisioned account with a note. Settings: `DYNAMO_TABLE`, `TOPIC_ARN` (nothing
//! is published), `METRICS_NAMESPACE` (none).

use accounts_aws::{Clock, Notifications, Organization, Sdk, Table, Transitioned};
use accounts_core::{Disposition, ExecutionRef, Kind, Payload, Result, Snapshot, polls_of};
use accounts_lambda::{Metrics, SettingError, Settings};
use serde_json::Value;

/// The function.
#[derive(Debug)]
pub struct UpdateStatus {
    table: Table,
    clock: Clock,
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
        let table = Table::new(sdk, settings.table());
        Ok(Self {
            clock: sdk.clock(),
            notifications: Notifications::new(sdk, settings.topic(), table.clone()),
            table,
            organization: Organization::new(sdk),
            metrics: settings.metrics(),
        })
    }

    /// Ends a request whose account exists. One that has ended is left alone, but its end is published if it was not.
    ///
    /// # Errors
    /// What could not be tagged, stored or published; the account exists all the same.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let execution = ExecutionRef::read(event)?;
        let mut snapshot = self.table.snapshot(&execution.account_email, execution.request_id).await?;
        if snapshot.is_current(&execution) {
            snapshot = self.complete(snapshot).await?;
        }
        if snapshot.is_latest(&execution) {
            self.notifications.publish(&snapshot.request, self.clock.now()).await?;
        }
        Payload::of(&execution, &snapshot, 0, polls_of(event)).write()
    }

    async fn complete(&self, snapshot: Snapshot) -> Result<Snapshot> {
        let Disposition::Complete(account_id) = snapshot.disposition() else {
            return Ok(snapshot);
        };
        let note = match self.organization.tag(&account_id, &snapshot.request.details().tags).await {
            Ok(()) => None,
            Err(error) if error.kind() == Kind::Invalid => Some(format!("The account exists. {error}")),
            Err(error) => return Err(error),
        };
        let now = self.clock.now();
        let transitioned = self.table.complete(snapshot, note, self.notifications.enabled(), now).await?;
        if let Transitioned::Written(snapshot) = &transitioned {
            self.metrics.moved(&snapshot.request, now);
        }
        Ok(transitioned.into_snapshot())
    }
}

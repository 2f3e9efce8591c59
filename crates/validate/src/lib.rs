//! `validate`: checks what only the organization knows, now that the request is admitted. `Requested → Valid`.
//!
//! In: the state of the execution. Out: a [`Payload`]. A conflict is stored as the request's rejection, which
//! `update-failed` ends it with. Once an operation exists nothing is checked any more: the account that would be in
//! the way may be the request's own. Settings: `DYNAMO_TABLE`, `METRICS_NAMESPACE` (none), `POLL_SECONDS` (60).

use accounts_aws::{Clock, Organization, Sdk, Table, Transitioned};
use accounts_core::{
    Change, Error, ExecutionRef, Kind, Payload, Request, RequestStatus, Result, Snapshot, Unit, polls_of,
};
use accounts_lambda::{Metrics, SettingError, Settings};
use serde_json::Value;

/// The function.
#[derive(Debug)]
pub struct Validate {
    table: Table,
    clock: Clock,
    organization: Organization,
    metrics: Metrics,
    poll_seconds: u32,
}

impl Validate {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            clock: sdk.clock(),
            table: Table::new(sdk, settings.table()),
            organization: Organization::new(sdk),
            metrics: settings.metrics(),
            poll_seconds: settings.polling()?.seconds,
        })
    }

    /// Validates a request; one that is further already is left alone.
    ///
    /// # Errors
    /// Nobody could look; that says nothing about the request.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let execution = ExecutionRef::read(event)?;
        let mut snapshot = self.table.snapshot(&execution.account_email, execution.request_id).await?;
        if is_to_be_validated(&snapshot, &execution) {
            snapshot = self.validate(&execution, snapshot).await?;
        }
        Payload::of(&execution, &snapshot, self.poll_seconds, polls_of(event)).write()
    }

    async fn validate(&self, execution: &ExecutionRef, snapshot: Snapshot) -> Result<Snapshot> {
        let found = match &snapshot.operation {
            None => self.look(&snapshot.request).await.map(Some),
            Some(_) => Ok(None),
        };
        let (unit, rejection) = match found {
            Ok(unit) => (unit, None),
            Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
                (None, Some(error.to_string()))
            }
            Err(error) => return Err(error),
        };
        let now = self.clock.now();
        let decide = |snapshot: &Snapshot| -> Result<Option<Change>> {
            if !is_to_be_validated(snapshot, execution) {
                return Ok(None);
            }
            match &rejection {
                Some(reason) => snapshot.rejected_by_validation(reason.clone(), now).map(Some),
                None => snapshot.validated(unit.clone(), now).map(Some),
            }
        };
        let transitioned = self.table.transition(snapshot, now, decide).await?;
        if let Transitioned::Written(snapshot) = &transitioned
            && rejection.is_none()
        {
            self.metrics.moved(&snapshot.request, now);
        }
        Ok(transitioned.into_snapshot())
    }

    async fn look(&self, request: &Request) -> Result<Unit> {
        let details = request.details();
        details.check_tags()?;
        let unit = self.organization.unit(&details.org_unit).await?;
        let taken = self.organization.account_with(&request.account_email, &details.account_name).await?;
        if let Some(account) = taken {
            let what = if account.email == request.account_email.as_str() { "e-mail" } else { "name" };
            let sentence = format!("The account {} of the organization has this {what} already.", account.id);
            return Err(Error::new(Kind::Conflict, sentence));
        }
        Ok(unit)
    }
}

fn is_to_be_validated(snapshot: &Snapshot, execution: &ExecutionRef) -> bool {
    snapshot.is_current(execution)
        && snapshot.request.status == RequestStatus::Requested
        && snapshot.request.rejection.is_none()
}

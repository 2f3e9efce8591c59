//! `validate`: looks at the organization before anything is begun. `Requested → Valid`.
//!
//! In: the state of the execution (`RequestID`, `AccountEmail`). Out: a [`Step`].
//! Settings: `DYNAMO_TABLE`, `METRICS_NAMESPACE` (none).

use accounts_aws::{Organization, Requests, Sdk};
use accounts_core::{AccountRequest, Error, Kind, Result, Start, Status, Step};
use accounts_lambda::{Metrics, SettingError, Settings, now};
use serde_json::Value;

/// The function.
#[derive(Debug)]
pub struct Validate {
    requests: Requests,
    organization: Organization,
    metrics: Metrics,
}

impl Validate {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            requests: Requests::new(sdk, settings.table()),
            organization: Organization::new(sdk),
            metrics: settings.metrics(),
        })
    }

    /// Validates a request; one that is further already is left alone.
    ///
    /// # Errors
    /// [`Kind::Invalid`] and [`Kind::Conflict`] are verdicts; any other kind says that nobody could look.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let start = Start::read(event)?;
        let mut request = self.requests.current(&start).await?;
        if request.status == Status::Requested {
            request = self.validate(&start, request).await?;
        }
        Step::of(&request).write()
    }

    async fn validate(&self, start: &Start, request: AccountRequest) -> Result<AccountRequest> {
        request.check_tags()?;
        let unit = self.organization.unit(&request.org_unit).await?;
        let taken = self.organization.account_with(&request.account_email, &request.account_name).await?;
        if let Some(account) = taken {
            let what = if account.email == request.account_email.as_str() { "e-mail" } else { "name" };
            let sentence = format!("The account {} of the organization has this {what} already.", account.id);
            return Err(Error::new(Kind::Conflict, sentence));
        }
        let now = now();
        let moved = self.requests.mark_valid(start, &unit, now).await?;
        self.metrics.moved(&moved, now);
        Ok(moved.request)
    }
}

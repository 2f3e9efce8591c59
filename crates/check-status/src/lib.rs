//! `check-status`: asks what has become of the account. It writes no status; the step after it does.
//!
//! In: the state of the execution. Out: a [`Step`]: `InProgress` with a wait, `Valid` with a wait where the
//! operation was turned away and has to be begun anew, `Provisioned` with the account, or `Failed` with the
//! verdict. Settings: `DYNAMO_TABLE`, `POLL_SECONDS` (30), `WAIT_BOUND_SECONDS` (14400).

use accounts_aws::{ControlTower, Requests, Sdk};
use accounts_core::admission::next_look;
use accounts_core::{
    AccountFactory, AccountRequest, Error, Failure, Kind, Operation, Outcome, Result, Start, Status, Step,
};
use accounts_lambda::{SettingError, Settings, now};
use serde_json::Value;

/// How many operations of one request may be turned away after they were taken in; at the pauses below, days.
const MOST_OPERATIONS: u32 = 500;

/// The longest pause before a request that was turned away is begun anew, in polls; it grows with each.
const LONGEST_PAUSE_POLLS: u32 = 10;

/// The function, with the factory that makes the accounts.
#[derive(Debug)]
pub struct CheckStatus<F = ControlTower> {
    requests: Requests,
    factory: F,
    poll_seconds: u32,
    wait_bound_seconds: f64,
}

impl CheckStatus {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            requests: Requests::new(sdk, settings.table()),
            factory: ControlTower::new(sdk),
            poll_seconds: settings.poll_seconds()?,
            wait_bound_seconds: settings.wait_bound_seconds()?,
        })
    }
}

impl<F: AccountFactory> CheckStatus<F> {
    /// Looks at the request's own record. The bound on the wait counts only after a look that found the
    /// operation unfinished.
    ///
    /// # Errors
    /// An error says that nobody could ask, and nothing about the account.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let start = Start::read(event)?;
        let request = self.requests.current(&start).await?;
        let step = match request.status {
            Status::Requested | Status::Valid => {
                return Err(Error::new(Kind::Conflict, "Nothing has been begun for the request."));
            }
            Status::InProgress => match request.running_operation() {
                Some(operation) => self.look(start, &request, &operation).await?,
                None => Step::at(start, Status::Valid, self.poll_seconds),
            },
            Status::Provisioned | Status::Failed => Step::of(&request),
        };
        step.write()
    }

    async fn look(&self, start: Start, request: &AccountRequest, operation: &Operation) -> Result<Step> {
        let outcome = self.factory.outcome(operation, &request.order()?).await?;
        let now = now();
        let waited_seconds = now.seconds_since(request.in_progress_since.unwrap_or(request.last_update_date));
        let too_long = waited_seconds > self.wait_bound_seconds;
        Ok(match outcome {
            Outcome::Provisioned(account) => Step::provisioned(start, account),
            Outcome::Failed(failure) => Step::failed(start, failure),
            Outcome::InProgress if too_long => Step::failed(
                start,
                Failure {
                    reason: format!(
                        "The landing zone did not finish within {waited_seconds:.0} seconds. The account may \
                         still appear; its record is {}.",
                        operation.record_id
                    ),
                    account_may_exist: true,
                    account_id: None,
                },
            ),
            Outcome::InProgress => {
                Step::at(start, Status::InProgress, next_look(self.poll_seconds, waited_seconds))
            }
            Outcome::TurnedAway(reason) if request.operation >= MOST_OPERATIONS => {
                Step::failed(start, Failure { reason, account_may_exist: false, account_id: None })
            }
            Outcome::TurnedAway(_) => {
                self.requests.forget_operation(request, now).await?;
                let wait_seconds =
                    self.poll_seconds.saturating_mul(request.operation.min(LONGEST_PAUSE_POLLS));
                Step::at(start, Status::Valid, wait_seconds)
            }
        })
    }
}

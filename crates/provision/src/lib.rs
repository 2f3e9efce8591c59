//! `provision`: begins the account, when its turn has come. `Valid → InProgress`.
//!
//! In: the state of the execution. Out: a [`Step`]; `Valid` with a wait where it is not the request's turn.
//! Settings: `DYNAMO_TABLE`, `MAX_OPERATIONS` (5), `POLL_SECONDS` (30), `WAIT_BOUND_SECONDS` (14400),
//! `METRICS_NAMESPACE` (none).

use accounts_aws::{ControlTower, Requests, Sdk};
use accounts_core::admission::{DEFAULT_OPERATIONS_AT_ONCE, LONGEST_WAIT_SECONDS, Rules, Turn};
use accounts_core::{AccountFactory, AccountRequest, Error, Kind, NotBegun, Result, Start, Status, Step};
use accounts_lambda::{Metrics, SettingError, Settings, now};
use serde_json::Value;

/// The function, with the factory that makes the accounts.
#[derive(Debug)]
pub struct Provision<F = ControlTower> {
    requests: Requests,
    factory: F,
    rules: Rules,
    metrics: Metrics,
}

impl Provision {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let wait_bound_seconds = settings.wait_bound_seconds()?;
        let rules = Rules {
            slots: settings
                .number(
                    "MAX_OPERATIONS",
                    std::num::NonZero::new(DEFAULT_OPERATIONS_AT_ONCE)
                        .unwrap_or(std::num::NonZero::<usize>::MIN),
                )?
                .get(),
            poll_seconds: settings.poll_seconds()?,
            gone_after_seconds: f64::from(2 * LONGEST_WAIT_SECONDS),
            // The bound ends a request a poll later at most; twice the bound is nobody's any more.
            slot_expires_after_seconds: 2.0 * wait_bound_seconds,
        };
        Ok(Self {
            requests: Requests::new(sdk, settings.table()),
            factory: ControlTower::new(sdk),
            rules,
            metrics: settings.metrics(),
        })
    }
}

impl<F: AccountFactory> Provision<F> {
    /// Begins the operation of a request, if it is its turn and none was begun.
    ///
    /// # Errors
    /// [`Kind::Busy`]: the landing zone has no room, nothing was begun, and the slot is free for others.
    /// [`Kind::Invalid`]: it refused. [`Kind::Transient`], [`Kind::Internal`]: an operation may have been
    /// begun, and the request keeps its slot.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let start = Start::read(event)?;
        let request = self.requests.current(&start).await?;
        let step = match request.status {
            Status::Requested => {
                return Err(Error::new(Kind::Conflict, "The request has not been validated."));
            }
            Status::InProgress if request.record_id.is_some() => {
                Step::at(start, Status::InProgress, self.rules.poll_seconds)
            }
            // One that is InProgress without a record was turned away, and begins anew.
            Status::Valid | Status::InProgress => {
                match self.requests.take_turn(&request, &self.rules, now()).await? {
                    Turn::Later { wait_seconds } => Step::at(start, Status::Valid, wait_seconds),
                    taken => self.begin(&start, &request, taken).await?,
                }
            }
            Status::Provisioned | Status::Failed => Step::of(&request),
        };
        step.write()
    }

    async fn begin(&self, start: &Start, request: &AccountRequest, turn: Turn) -> Result<Step> {
        let operation = match self.factory.begin(&request.order()?).await {
            Ok(operation) => operation,
            Err(NotBegun::Perhaps(error)) => return Err(error),
            Err(NotBegun::Surely(error)) => {
                // A refusal speaks of this try. With a slot from before, an earlier try may have begun
                // something that nobody has heard of, so the request keeps it.
                if turn == Turn::Now && request.status == Status::Valid {
                    self.requests.release_slot(request).await?;
                }
                return Err(error);
            }
        };
        tracing::info!(
            request_id = %request.request_id,
            record_id = operation.record_id,
            "the landing zone has begun the account"
        );
        let now = now();
        if request.status == Status::Valid {
            let moved = self.requests.mark_in_progress(start, &operation, now).await?;
            self.metrics.moved(&moved, now);
        } else {
            self.requests.note_operation(request, &operation, now).await?;
        }
        Ok(Step::at(start.clone(), Status::InProgress, self.rules.poll_seconds))
    }
}

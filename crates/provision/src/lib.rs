//! `provision`: starts the operation of the request's step. `Valid → InProgress`.
//!
//! In: the state of the execution. Out: a [`Payload`].
//!
//! # Theory
//!
//! The intent is stored before each call of the backend, and the answer after it ([`accounts_core::Operation`]). What
//! can be lost is only the answer: the attempt then stays unanswered, and `check-status` looks for what it may have
//! started. A call is made only by an invocation whose attempt was stored while its execution was the request's and
//! its admission held the slot.
//!
//! | the backend's answer | stored | the workflow |
//! | --- | --- | --- |
//! | accepted | `Begun` with the handle | waits for the first poll |
//! | busy, throttled, denied | the attempt is answered | retries; then the request is parked, if nothing was started |
//! | the input is stale | the rejection; the outcome, once it is final | the next operation, with a new input |
//! | rejected | the rejection; the outcome, once it is final | `update-failed` |
//! | none, or an error of the server | nothing: it is unanswered | `check-status` looks |
//!
//! Settings: `DYNAMO_TABLE`, `FIRST_POLL_SECONDS` (300), `POLL_SECONDS` (60), `ATTEMPT_EXPIRY_SECONDS` (1200),
//! `METRICS_NAMESPACE` (none).

use accounts_aws::{Clock, ControlTower, Sdk, Table, Transitioned};
use accounts_core::backoff::Polling;
use accounts_core::{
    Backend, BeginError, Begun, Change, Error, ExecutionRef, Fields, Found, Kind, Next, Operation,
    OperationState, Payload, Refusal, Rejection, RequestStatus, Result, Snapshot, Step, polls_of,
};
use accounts_lambda::{Metrics, SettingError, Settings};
use serde_json::Value;

/// The function, with the backend that creates the accounts.
#[derive(Debug)]
pub struct Provision<B = ControlTower> {
    table: Table,
    clock: Clock,
    backend: B,
    metrics: Metrics,
    polling: Polling,
    attempt_expiry_seconds: f64,
}

impl Provision {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            clock: sdk.clock(),
            table: Table::new(sdk, settings.table()),
            backend: ControlTower::new(sdk),
            metrics: settings.metrics(),
            polling: settings.polling()?,
            attempt_expiry_seconds: settings.attempt_expiry_seconds()?,
        })
    }
}

impl<B: Backend> Provision<B> {
    /// Makes one attempt at the request's operation, or at its next one.
    ///
    /// # Errors
    /// The backend did not start anything and may do so later: [`Kind::Busy`], [`Kind::Throttled`],
    /// [`Kind::AccessDenied`], [`Kind::Misconfigured`]. Otherwise the table's.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let execution = ExecutionRef::read(event)?;
        let polls = polls_of(event);
        let snapshot = self.table.snapshot(&execution.account_email, execution.request_id).await?;
        if !needs_attempt(&snapshot, &execution) {
            return self.without_attempt(&execution, &snapshot, polls).write();
        }
        let step = *snapshot
            .request
            .current_step()
            .ok_or_else(|| Error::new(Kind::Internal, "The request is at no step."))?;
        let prepared = match &snapshot.operation {
            Some(operation) if operation.state == OperationState::Beginning => None,
            last => Some(Prepared {
                after: snapshot.request.operation,
                input: self.backend.prepare(&step, &snapshot.request, last.as_ref()).await?,
            }),
        };
        match self.announce(&execution, snapshot, &step, prepared.as_ref()).await? {
            Announced::Attempt(snapshot, operation) => {
                let snapshot = self.attempt(*snapshot, &operation, &step).await?;
                let first = snapshot.operation.as_ref().is_some_and(|it| it.state == OperationState::Begun);
                let wait = if first { self.polling.first_seconds } else { self.polling.seconds };
                Payload::of(&execution, &snapshot, wait, polls).write()
            }
            // Too many attempts are unanswered, or another invocation went on meanwhile.
            Announced::Nothing(snapshot) => self.without_attempt(&execution, &snapshot, polls).write(),
        }
    }

    /// Goes where what is stored leads, but not back here at once: only polls are counted, and bound the execution.
    fn without_attempt(&self, execution: &ExecutionRef, snapshot: &Snapshot, polls: u32) -> Payload {
        let payload = Payload::of(execution, snapshot, self.polling.seconds, polls);
        if payload.next == Next::Provision { payload.going_to(Next::Wait) } else { payload }
    }

    /// Stores the intent.
    async fn announce(
        &self,
        execution: &ExecutionRef,
        snapshot: Snapshot,
        step: &Step,
        prepared: Option<&Prepared>,
    ) -> Result<Announced> {
        let now = self.clock.now();
        let decide = |snapshot: &Snapshot| -> Result<Option<Change>> {
            if !needs_attempt(snapshot, execution) {
                return Ok(None);
            }
            match &snapshot.operation {
                Some(operation) if operation.state == OperationState::Beginning => {
                    snapshot.attempt(now, self.attempt_expiry_seconds)
                }
                // The input is that of one operation: another invocation may have begun and ended it meanwhile.
                _ => match prepared.filter(|it| it.after == snapshot.request.operation) {
                    Some(prepared) => snapshot.begin(step.backend, prepared.input.clone(), now).map(Some),
                    None => Ok(None),
                },
            }
        };
        let before = snapshot.request.status;
        match self.table.transition(snapshot, now, decide).await? {
            Transitioned::Written(snapshot) => {
                if before != RequestStatus::InProgress {
                    self.metrics.moved(&snapshot.request, now);
                }
                let operation = snapshot.operation.clone();
                let operation =
                    operation.ok_or_else(|| Error::new(Kind::Internal, "The operation was not stored."))?;
                Ok(Announced::Attempt(Box::new(snapshot), Box::new(operation)))
            }
            other => Ok(Announced::Nothing(Box::new(other.into_snapshot()))),
        }
    }

    /// Makes the attempt that was announced last, and stores its answer.
    async fn attempt(&self, snapshot: Snapshot, operation: &Operation, step: &Step) -> Result<Snapshot> {
        let (request_id, attempt) = (operation.request_id, operation.attempts);
        match self.backend.begin(operation).await {
            Ok(Begun::Handle(handle)) => {
                tracing::info!(%request_id, operation = operation.number, ?handle, "the operation was accepted");
                let snapshot = self.store_accepted(snapshot, operation.number, handle).await?;
                if let Err(error) = self.table.clear_pool_pause(step.pool).await {
                    // It ends by itself, or by the next operation that begins.
                    tracing::warn!(%request_id, error = error.chain(), "the pause of the pool was not ended");
                }
                Ok(snapshot)
            }
            Err(BeginError::Rejected(Refusal::Retry, error)) => {
                self.store_rejected(snapshot, operation, None).await?;
                Err(error)
            }
            Err(BeginError::Rejected(Refusal::StaleInput(reason), error)) => {
                tracing::warn!(%request_id, attempt, error = error.chain(), "the stored input was rejected");
                let rejection = Rejection { reason, stale_input: true };
                let snapshot = self.store_rejected(snapshot, operation, Some(rejection)).await?;
                self.conclude(snapshot).await
            }
            Err(BeginError::Rejected(Refusal::Final(reason), error)) => {
                tracing::info!(%request_id, attempt, error = error.chain(), "the operation was rejected");
                let rejection = Rejection { reason, stale_input: false };
                let snapshot = self.store_rejected(snapshot, operation, Some(rejection)).await?;
                self.conclude(snapshot).await
            }
            Err(BeginError::Unknown(error)) => {
                tracing::warn!(%request_id, attempt, error = error.chain(), "the attempt is unanswered");
                Ok(snapshot)
            }
        }
    }

    async fn store_accepted(&self, snapshot: Snapshot, number: u32, handle: Fields) -> Result<Snapshot> {
        let now = self.clock.now();
        let accept = |operation: &Operation| operation.accepted(handle.clone(), now);
        let transitioned = self.table.change_operation(snapshot, number, now, accept).await?;
        if let Transitioned::Unchanged(snapshot) = &transitioned
            && let Some(operation) = &snapshot.operation
            && operation.handle.as_ref() != Some(&handle)
        {
            // It was concluded that this attempt cannot arrive any more, or an operator said that there is no account.
            tracing::error!(request_id = %operation.request_id, ?handle, "an operation that had ended was accepted");
            self.metrics.unexpected_account(now);
        }
        Ok(transitioned.into_snapshot())
    }

    async fn store_rejected(
        &self,
        snapshot: Snapshot,
        operation: &Operation,
        rejection: Option<Rejection>,
    ) -> Result<Snapshot> {
        let attempt = operation.attempts;
        let reject = |operation: &Operation| operation.rejected(attempt, rejection.clone());
        let transitioned =
            self.table.change_operation(snapshot, operation.number, self.clock.now(), reject).await?;
        Ok(transitioned.into_snapshot())
    }

    /// Ends an operation whose rejection is final, after a lookup. It saves the wait for a poll: where nobody can look, or
    /// another attempt can still arrive, `check-status` concludes the same later.
    async fn conclude(&self, snapshot: Snapshot) -> Result<Snapshot> {
        let looked_at = self.clock.now();
        let Some(operation) = snapshot.operation.clone() else {
            return Ok(snapshot);
        };
        if operation.rejection.is_none()
            || operation.attempt_can_arrive(looked_at, self.attempt_expiry_seconds)
        {
            return Ok(snapshot);
        }
        let found = match self.backend.find(&operation).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(request_id = %operation.request_id, error = error.chain(), "nobody could look");
                return Ok(snapshot);
            }
        };
        let account = match found {
            Found::Operation(handle) => return self.store_accepted(snapshot, operation.number, handle).await,
            Found::Account(id) => Some(id),
            Found::Nothing => None,
        };
        let now = self.clock.now();
        let end = |operation: &Operation| {
            let outcome = operation.conclusion(account.as_ref(), looked_at, self.attempt_expiry_seconds)?;
            operation.ended(outcome, now)
        };
        Ok(self.table.change_operation(snapshot, operation.number, now, end).await?.into_snapshot())
    }
}

/// The input of a new operation.
struct Prepared {
    /// The number of the operation before it.
    after: u32,
    input: Fields,
}

enum Announced {
    /// The attempt is stored.
    Attempt(Box<Snapshot>, Box<Operation>),
    /// None may be made.
    Nothing(Box<Snapshot>),
}

/// Whether this execution makes an attempt now: at an operation that is at its beginning, or at the next one.
fn needs_attempt(snapshot: &Snapshot, execution: &ExecutionRef) -> bool {
    let beginning =
        snapshot.operation.as_ref().is_some_and(|operation| operation.state == OperationState::Beginning);
    snapshot.is_current(execution)
        && snapshot.request.status != RequestStatus::Requested
        && (beginning || snapshot.next() == Next::Provision)
}

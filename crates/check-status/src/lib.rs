//! `check-status`: asks the backend about the request's operation, and stores its outcome on the operation.
//!
//! In: the state of the execution. Out: a [`Payload`] with the polls counted up. An error while asking is counted as a
//! poll, and says nothing about the account. An operation at its beginning is looked for; where nothing is found, the
//! workflow goes back to `provision`, which repeats it with the same token.
//! Settings: `DYNAMO_TABLE`, `POLL_SECONDS` (60), `OPERATION_TIMEOUT_SECONDS` (14400), `ATTEMPT_EXPIRY_SECONDS` (1200).

use accounts_aws::{Clock, ControlTower, Sdk, Table, Transitioned};
use accounts_core::backoff::Polling;
use accounts_core::{
    Backend, ExecutionRef, Fields, Found, Next, Operation, OperationOutcome, OperationState, Payload,
    Progress, Result, Snapshot, polls_of,
};
use accounts_lambda::{SettingError, Settings};
use serde_json::Value;

/// The function, with the backend that creates the accounts.
#[derive(Debug)]
pub struct CheckStatus<B = ControlTower> {
    table: Table,
    clock: Clock,
    backend: B,
    polling: Polling,
    attempt_expiry_seconds: f64,
}

impl CheckStatus {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            clock: sdk.clock(),
            table: Table::new(sdk, settings.table()),
            backend: ControlTower::new(sdk),
            polling: settings.polling()?,
            attempt_expiry_seconds: settings.attempt_expiry_seconds()?,
        })
    }
}

impl<B: Backend> CheckStatus<B> {
    /// Asks once.
    ///
    /// # Errors
    /// The table's alone.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let execution = ExecutionRef::read(event)?;
        let polls = polls_of(event).saturating_add(1);
        let snapshot = self.table.snapshot(&execution.account_email, execution.request_id).await?;
        if !snapshot.is_current(&execution) {
            return Payload::of(&execution, &snapshot, 0, polls).write();
        }
        let Some(operation) = snapshot.operation.clone() else {
            return Payload::of(&execution, &snapshot, self.polling.seconds, polls).write();
        };
        let (snapshot, found) = match operation.state {
            OperationState::Beginning => self.look_for(snapshot, &operation).await?,
            OperationState::Begun => (self.ask(snapshot, &operation).await?, Lookup::Other),
            OperationState::Ended => (snapshot, Lookup::Other),
        };
        let snapshot = self.follow(&execution, snapshot).await?;
        let wait = snapshot.operation.as_ref().map_or(self.polling.seconds, |operation| {
            self.polling.wait_seconds(operation.timeout_counts_from(), self.clock.now())
        });
        let payload = Payload::of(&execution, &snapshot, wait, polls);
        let repeats = payload.next == Next::Wait
            && found == Lookup::Nothing
            && snapshot.operation.as_ref().is_some_and(is_to_be_repeated);
        if repeats { payload.going_to(Next::Provision) } else { payload }.write()
    }

    /// Asks about an operation that was accepted.
    async fn ask(&self, snapshot: Snapshot, operation: &Operation) -> Result<Snapshot> {
        let request_id = operation.request_id;
        match self.backend.outcome(operation).await {
            Ok(Progress::Ended(outcome)) => return self.store(snapshot, operation, &outcome).await,
            Ok(Progress::InProgress) => {}
            Ok(Progress::Vanished) => {
                tracing::warn!(%request_id, operation = operation.number, "the backend does not know the operation");
            }
            Err(error) => {
                tracing::warn!(%request_id, error = error.chain(), "nobody could ask about the operation")
            }
        }
        Ok(snapshot)
    }

    /// Looks for an operation whose acceptance is unknown.
    async fn look_for(&self, snapshot: Snapshot, operation: &Operation) -> Result<(Snapshot, Lookup)> {
        let looked_at = self.clock.now();
        let (account, found) = match self.backend.find(operation).await {
            Ok(Found::Operation(handle)) => {
                return Ok((self.store_found(snapshot, operation, handle).await?, Lookup::Other));
            }
            Ok(Found::Account(id)) => (Some(id), Lookup::Other),
            Ok(Found::Nothing) => (None, Lookup::Nothing),
            Err(error) => {
                let request_id = operation.request_id;
                tracing::warn!(%request_id, error = error.chain(), "nobody could look for the operation");
                return Ok((snapshot, Lookup::Other));
            }
        };
        let snapshot = match operation.conclusion(account.as_ref(), looked_at, self.attempt_expiry_seconds) {
            Some(outcome) => self.store(snapshot, operation, &outcome).await?,
            None => snapshot,
        };
        Ok((snapshot, found))
    }

    async fn store_found(
        &self,
        snapshot: Snapshot,
        operation: &Operation,
        handle: Fields,
    ) -> Result<Snapshot> {
        tracing::info!(request_id = %operation.request_id, ?handle, "the operation was found");
        let now = self.clock.now();
        let accept = |operation: &Operation| operation.accepted(handle.clone(), now);
        Ok(self.table.change_operation(snapshot, operation.number, now, accept).await?.into_snapshot())
    }

    async fn store(
        &self,
        snapshot: Snapshot,
        asked: &Operation,
        outcome: &OperationOutcome,
    ) -> Result<Snapshot> {
        let now = self.clock.now();
        // What was found out is about the operation as it was asked about.
        let end = |operation: &Operation| {
            operation.is_same_as(asked).then(|| operation.ended(outcome.clone(), now)).flatten()
        };
        let transitioned = self.table.change_operation(snapshot, asked.number, now, end).await?;
        if let Transitioned::Written(_) = &transitioned {
            tracing::info!(request_id = %asked.request_id, operation = asked.number, "the operation has ended");
        }
        Ok(transitioned.into_snapshot())
    }

    /// Notes whether the operation is overdue now.
    async fn follow(&self, execution: &ExecutionRef, snapshot: Snapshot) -> Result<Snapshot> {
        let now = self.clock.now();
        let follow = |snapshot: &Snapshot| match &snapshot.operation {
            Some(operation) if snapshot.is_current(execution) && operation.state != OperationState::Ended => {
                snapshot.followed(self.polling.is_overdue(operation.timeout_counts_from(), now), now)
            }
            _ => Ok(None),
        };
        let transitioned = self.table.transition(snapshot, now, follow).await?;
        if let Transitioned::Written(snapshot) = &transitioned
            && snapshot.request.overdue_since == Some(now)
        {
            let request = &snapshot.request;
            tracing::error!(request_id = %request.request_id, operation = request.operation, "the operation is overdue");
        }
        Ok(transitioned.into_snapshot())
    }
}

/// What a lookup found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lookup {
    /// Neither the operation nor an account with its e-mail.
    Nothing,
    /// Something; or nobody looked.
    Other,
}

/// Whether an operation that nothing was found of is attempted again, with the same token.
fn is_to_be_repeated(operation: &Operation) -> bool {
    operation.state == OperationState::Beginning && operation.rejection.is_none()
}

//! `check-status`: asks the backend about the request's operation, and stores its outcome on the operation.
//!
//! In: the state of the execution. Out: a [`Payload`] with the polls counted up. An error while asking is counted as a
//! poll, and says nothing about the account. An operation at its beginning is looked for; where nothing is found, the
//! workflow goes back to `provision`, which repeats it with the same token.
//! Settings: `DYNAMO_TABLE`, `POLL_SECONDS` (60), `OPERATION_TIMEOUT_SECONDS` (14400), `ATTEMPT_EXPIRY_SECONDS` (1200).

use accounts_aws::{ControlTower, Sdk, Table, Transitioned};
use accounts_core::backoff::Polling;
use accounts_core::{
    Backend, ExecutionRef, Fields, Found, Next, Operation, OperationOutcome, OperationState, Payload,
    Progress, Result, Snapshot, polls_of,
};
use accounts_lambda::{SettingError, Settings, now};
use serde_json::Value;

/// The function, with the backend that creates the accounts.
#[derive(Debug)]
pub struct CheckStatus<B = ControlTower> {
    table: Table,
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
        let snapshot = match operation.state {
            OperationState::Beginning => self.look_for(&execution, snapshot, &operation).await?,
            OperationState::Begun => self.ask(&execution, snapshot, &operation).await?,
            OperationState::Ended => snapshot,
        };
        let wait = snapshot.operation.as_ref().map_or(self.polling.seconds, |operation| {
            self.polling.wait_seconds(operation.timeout_counts_from(), now())
        });
        let payload = Payload::of(&execution, &snapshot, wait, polls);
        let repeats =
            payload.next == Next::Wait && snapshot.operation.as_ref().is_some_and(is_to_be_repeated);
        if repeats { payload.going_to(Next::Provision) } else { payload }.write()
    }

    /// Asks about an operation that was accepted.
    async fn ask(
        &self,
        execution: &ExecutionRef,
        snapshot: Snapshot,
        operation: &Operation,
    ) -> Result<Snapshot> {
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
        self.mark_if_overdue(execution, snapshot, operation).await
    }

    /// Looks for an operation whose acceptance is unknown.
    async fn look_for(
        &self,
        execution: &ExecutionRef,
        snapshot: Snapshot,
        operation: &Operation,
    ) -> Result<Snapshot> {
        let looked_at = now();
        let account = match self.backend.find(operation).await {
            Ok(Found::Operation(handle)) => return self.store_found(snapshot, operation, handle).await,
            Ok(Found::Account(id)) => Some(id),
            Ok(Found::Nothing) => None,
            Err(error) => {
                let request_id = operation.request_id;
                tracing::warn!(%request_id, error = error.chain(), "nobody could look for the operation");
                return self.mark_if_overdue(execution, snapshot, operation).await;
            }
        };
        match operation.conclusion(account.as_ref(), looked_at, self.attempt_expiry_seconds) {
            Some(outcome) => self.store(snapshot, operation, &outcome).await,
            None => self.mark_if_overdue(execution, snapshot, operation).await,
        }
    }

    async fn store_found(
        &self,
        snapshot: Snapshot,
        operation: &Operation,
        handle: Fields,
    ) -> Result<Snapshot> {
        tracing::info!(request_id = %operation.request_id, ?handle, "the operation was found");
        let now = now();
        let accept = |operation: &Operation| operation.accepted(handle.clone(), now);
        Ok(self.table.change_operation(snapshot, operation.number, now, accept).await?.into_snapshot())
    }

    async fn store(
        &self,
        snapshot: Snapshot,
        asked: &Operation,
        outcome: &OperationOutcome,
    ) -> Result<Snapshot> {
        let now = now();
        // What was found out is about the operation as it was asked about.
        let end = |operation: &Operation| {
            let same = operation.state == asked.state && operation.attempts == asked.attempts;
            same.then(|| operation.ended(outcome.clone(), now)).flatten()
        };
        let transitioned = self.table.change_operation(snapshot, asked.number, now, end).await?;
        if let Transitioned::Written(_) = &transitioned {
            tracing::info!(request_id = %asked.request_id, operation = asked.number, "the operation has ended");
        }
        Ok(transitioned.into_snapshot())
    }

    async fn mark_if_overdue(
        &self,
        execution: &ExecutionRef,
        snapshot: Snapshot,
        operation: &Operation,
    ) -> Result<Snapshot> {
        let now = now();
        if !self.polling.is_overdue(operation.timeout_counts_from(), now) {
            return Ok(snapshot);
        }
        let mark = |snapshot: &Snapshot| {
            if snapshot.is_current(execution) { snapshot.overdue(now) } else { Ok(None) }
        };
        let transitioned = self.table.transition(snapshot, now, mark).await?;
        if let Transitioned::Written(snapshot) = &transitioned {
            let request_id = snapshot.request.request_id;
            tracing::error!(%request_id, operation = operation.number, "the operation is overdue");
        }
        Ok(transitioned.into_snapshot())
    }
}

/// Whether an operation that nothing was found of is started again, with the same token.
fn is_to_be_repeated(operation: &Operation) -> bool {
    operation.state == OperationState::Beginning && operation.rejection.is_none()
}

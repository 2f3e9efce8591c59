//! `POST /requests/{requestId}/resolve`: an operator states the outcome of an overdue operation.

use accounts_core::transition::Statement;
use accounts_core::{
    Backend, Caller, Found, Kind, Operation, OperationOutcome, OperationState, OperatorStatement, Progress,
    Resolution, Snapshot,
};
use accounts_lambda::subject_hash;
use lambda_http::{Body, Request, Response};

use crate::problem::Problem;
use crate::{Api, body_of, json_answer};

impl Api {
    pub(crate) async fn resolve(&self, request: &Request, caller: Caller) -> Result<Response<Body>, Problem> {
        let OperatorStatement { statement, reason } = OperatorStatement::parse(body_of(request)?)
            .map_err(|faults| Problem::invalid("The body has faults.", faults))?;
        let found = self.request_of_path(request).await?;
        let snapshot = self.table.snapshot(&found.account_email, found.request_id).await?;
        let operation = match &snapshot.operation {
            Some(operation) if is_overdue(&snapshot, operation) => operation.clone(),
            _ => return Err(Problem::not_overdue()),
        };
        self.check(&statement, &operation).await?;
        let now = self.clock.now();
        let resolution = Resolution { by: caller.clone(), reason, at: now };
        let decide =
            |snapshot: &Snapshot| snapshot.resolve(&operation, &statement, resolution.clone()).map(Some);
        let resolved = match self.table.transition(snapshot, now, decide).await {
            Ok(resolved) => resolved.into_snapshot(),
            Err(error) if error.kind() == Kind::Conflict => {
                // Somebody else stated it first, or it has ended; or it only went on.
                let again = self.table.snapshot(&found.account_email, found.request_id).await?;
                let overdue = again.operation.as_ref().is_some_and(|operation| is_overdue(&again, operation));
                return Err(if overdue { error.into() } else { Problem::not_overdue() });
            }
            Err(error) => return Err(error.into()),
        };
        // Without the operator's reason, which may name a person.
        let outcome = match statement {
            Statement::AccountExists(_) => "AccountExists",
            Statement::NoAccount(_) => "NoAccount",
        };
        tracing::warn!(
            request_id = %resolved.request.request_id,
            operation = operation.number,
            outcome,
            subject = subject_hash(&caller.subject),
            client_id = caller.client_id,
            "an operator stated the outcome of an overdue operation"
        );
        Ok(json_answer(202, &self.shown_request(&resolved.request).await?))
    }

    /// Whether what is stated can be so. An account that exists is believed whatever its record says: a record can stay
    /// in progress for ever.
    async fn check(&self, statement: &Statement, operation: &Operation) -> Result<(), Problem> {
        match statement {
            Statement::AccountExists(id) => {
                let account = self.organization().account_of_id(id).await?;
                if account.is_none_or(|account| account.email != operation.account_email.as_str()) {
                    return Err(Problem::account_mismatch(id));
                }
                Ok(())
            }
            Statement::NoAccount(_) => self.check_absent(operation).await,
        }
    }

    /// A record that runs, and an account with the e-mail, contradict the operator.
    async fn check_absent(&self, operation: &Operation) -> Result<(), Problem> {
        let account = match self.progress_of(operation).await? {
            Some(Progress::InProgress) => return Err(Problem::operation_running()),
            Some(Progress::Ended(OperationOutcome::Succeeded { account_id })) => Some(account_id),
            Some(Progress::Ended(_) | Progress::Vanished) | None => {
                let account = self.organization().account_of(&operation.account_email).await?;
                account.map(|account| account.id)
            }
        };
        account.map_or(Ok(()), |id| Err(Problem::account_exists(&id)))
    }

    /// How far the operation is; none where the backend knows none.
    async fn progress_of(&self, operation: &Operation) -> Result<Option<Progress>, Problem> {
        let handle = match &operation.handle {
            Some(handle) => Some(handle.clone()),
            None => match self.backend().find(operation).await? {
                Found::Operation(handle) => Some(handle),
                Found::Account(_) | Found::Nothing => None,
            },
        };
        match handle {
            None => Ok(None),
            Some(handle) => {
                let operation = Operation { handle: Some(handle), ..operation.clone() };
                Ok(Some(self.backend().outcome(&operation).await?))
            }
        }
    }
}

fn is_overdue(snapshot: &Snapshot, operation: &Operation) -> bool {
    !snapshot.request.status.is_final()
        && snapshot.request.overdue_since.is_some()
        && operation.state != OperationState::Ended
}

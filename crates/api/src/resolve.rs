//! `POST /requests/{requestId}/resolve`: an operator states the outcome of an overdue operation.

use accounts_core::transition::Statement;
use accounts_core::{
    AccountId, Backend, Caller, Fault, Found, Operation, OperationOutcome, OperationState, Progress,
    Resolution, Snapshot,
};
use accounts_lambda::{now, subject_hash};
use lambda_http::{Body, Request, Response};
use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::{Api, body_of, json_answer};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

impl Api {
    pub(crate) async fn resolve(&self, request: &Request, caller: Caller) -> Result<Response<Body>, Problem> {
        let (statement, reason) = parse(body_of(request)?)?;
        let found = self.request_of_path(request).await?;
        let snapshot = self.table.snapshot(&found.account_email, found.request_id).await?;
        let operation = match &snapshot.operation {
            Some(operation) if is_overdue(&snapshot, operation) => operation.clone(),
            _ => return Err(Problem::not_overdue()),
        };
        self.check(&statement, &operation).await?;
        let now = now();
        let resolution = Resolution { by: caller.clone(), reason, at: now };
        let decide =
            |snapshot: &Snapshot| snapshot.resolve(&operation, &statement, resolution.clone()).map(Some);
        let resolved = self.table.transition(snapshot, now, decide).await?.into_snapshot();
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

/// Reads the body; all faults at once.
fn parse(body: &[u8]) -> Result<(Statement, String), Problem> {
    let fault = |field: &str, code, message: &str| Fault::new(field, code, message);
    let invalid = |faults| Problem::invalid("The body has faults.", faults);
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        invalid(vec![Fault::new("", "malformed_json", format!("The body is not JSON: {error}."))])
    })?;
    let Value::Object(mut members) = value else {
        return Err(invalid(vec![fault("", "wrong_type", "The body has to be a JSON object.")]));
    };
    let mut faults = Vec::new();
    let outcome = text(&mut members, "Outcome", &mut faults);
    let reason = text(&mut members, "Reason", &mut faults).map(|reason| reason.trim().to_owned());
    let code = reason.as_ref().and_then(|reason| match reason.chars().count() {
        0 => Some("too_short"),
        1..=LONGEST_REASON => None,
        _ => Some("too_long"),
    });
    if let Some(code) = code {
        let message = format!("The reason has 1 to {LONGEST_REASON} characters.");
        faults.push(Fault::new("Reason", code, message));
    }
    let statement = match outcome.as_deref() {
        Some("AccountExists") => {
            text(&mut members, "AccountId", &mut faults).and_then(|id| match AccountId::parse(&id) {
                Ok(id) => Some(Statement::AccountExists(id)),
                Err((code, message)) => {
                    faults.push(Fault::new("AccountId", code, message));
                    None
                }
            })
        }
        Some("NoAccount") => {
            let reason = reason.as_deref().unwrap_or_default();
            Some(Statement::NoAccount(format!("An operator has found that no account was made: {reason}")))
        }
        Some(_) => {
            faults.push(fault("Outcome", "invalid_value", "The outcome is AccountExists or NoAccount."));
            members.remove("AccountId");
            None
        }
        None => {
            members.remove("AccountId");
            None
        }
    };
    faults.extend(members.keys().map(|name| fault(name, "unknown_field", "There is no such field.")));
    match (statement, reason) {
        (Some(statement), Some(reason)) if faults.is_empty() => Ok((statement, reason)),
        _ => Err(invalid(faults)),
    }
}

fn text(members: &mut Map<String, Value>, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            faults.push(Fault::new(name, "wrong_type", "The field has to be a string."));
            None
        }
        None => {
            faults.push(Fault::new(name, "required", "The field is missing."));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<(Statement, String), Vec<String>> {
        parse(body.to_string().as_bytes()).map_err(|problem| problem.fields())
    }

    #[test]
    fn both_outcomes_are_read() {
        let id = AccountId::parse("123456789012").unwrap();
        assert_eq!(
            read(&json!({"Outcome": "AccountExists", "AccountId": "123456789012", "Reason": " seen "})),
            Ok((Statement::AccountExists(id), "seen".to_owned()))
        );
        assert_eq!(
            read(&json!({"Outcome": "NoAccount", "Reason": "none"})),
            Ok((
                Statement::NoAccount("An operator has found that no account was made: none".to_owned()),
                "none".to_owned()
            ))
        );
    }

    #[test]
    fn all_faults_are_reported_at_once_each_with_its_field() {
        for (body, fields) in [
            (json!({}), vec!["Outcome", "Reason"]),
            (json!({"Outcome": "Maybe", "Reason": ""}), vec!["Reason", "Outcome"]),
            (json!({"Outcome": "AccountExists", "Reason": 7}), vec!["Reason", "AccountId"]),
            (json!({"Outcome": "AccountExists", "Reason": "x", "AccountId": "1"}), vec!["AccountId"]),
            (json!({"Outcome": "NoAccount", "Reason": "x", "AccountId": "123456789012"}), vec!["AccountId"]),
            (json!({"Outcome": "NoAccount", "Reason": "x".repeat(501), "More": 1}), vec!["Reason", "More"]),
            (json!([]), vec![""]),
        ] {
            let fields: Vec<_> = fields.into_iter().map(str::to_owned).collect();
            assert_eq!(read(&body), Err(fields), "{body}");
        }
        assert!(parse(b"{").is_err());
    }
}

//! What the functions of the workflow tell each other.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AccountId, AccountRequest, Email, Error, Failure, Kind, RequestId, Status};

/// The input of an execution: which request it is for. The rest is in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The request; it also names the execution.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// Its key in the table.
    #[serde(rename = "AccountEmail")]
    pub account_email: Email,
}

impl Start {
    /// Reads the state of the execution that a function of the workflow is given.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming what is missing or malformed.
    pub fn read(payload: &Value) -> Result<Self, Error> {
        Self::deserialize(payload).map_err(|error| {
            Error::new(Kind::Invalid, format!("The workflow's payload is malformed: {error}."))
        })
    }
}

/// What a step answers: where the request stands, and what the workflow needs for the next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Step {
    /// Which request.
    #[serde(flatten)]
    pub request: Start,
    /// Where it stands; the workflow chooses the next step by it.
    pub status: Status,
    /// How long to wait before the next look, in seconds.
    pub wait_seconds: u32,
    /// The account, once it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The verdict of a step that found the request failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl Step {
    /// The request stands at `status`; look again in `wait_seconds`.
    pub const fn at(request: Start, status: Status, wait_seconds: u32) -> Self {
        Self { request, status, wait_seconds, account_id: None, failure: None }
    }

    /// Where a request stands by itself, with nothing new to say about it.
    pub fn of(request: &AccountRequest) -> Self {
        let failure = (request.status == Status::Failed).then(|| Failure {
            reason: request.error_message.clone().unwrap_or_default(),
            account_may_exist: request.account_may_exist,
            account_id: request.account_id.clone(),
        });
        let account_id = request.account_id.clone().filter(|_| request.status == Status::Provisioned);
        Self { request: request.start(), status: request.status, wait_seconds: 0, account_id, failure }
    }

    /// The step as the workflow reads it.
    ///
    /// # Errors
    /// [`Kind::Internal`] if it cannot be written as JSON.
    pub fn write(&self) -> Result<Value, Error> {
        serde_json::to_value(self)
            .map_err(|error| Error::new(Kind::Internal, "The step cannot be written.").caused_by(error))
    }

    /// The landing zone has made the account.
    pub const fn provisioned(request: Start, account_id: AccountId) -> Self {
        Self {
            request,
            status: Status::Provisioned,
            wait_seconds: 0,
            account_id: Some(account_id),
            failure: None,
        }
    }

    /// The landing zone has given the request up.
    pub const fn failed(request: Start, failure: Failure) -> Self {
        Self { request, status: Status::Failed, wait_seconds: 0, account_id: None, failure: Some(failure) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_step_is_what_the_state_machine_reads() {
        let request = Start::read(&json!({
            "RequestID": "0b8f2c3e-0000-4000-8000-000000000001", "AccountEmail": "user@example.com", "More": 1
        }))
        .unwrap();
        assert_eq!(
            serde_json::to_value(Step::at(request, Status::Valid, 30)).unwrap(),
            json!({
                "RequestID": "0b8f2c3e-0000-4000-8000-000000000001",
                "AccountEmail": "user@example.com",
                "Status": "Valid",
                "WaitSeconds": 30
            })
        );
    }

    #[test]
    fn a_malformed_payload_is_invalid_and_says_why() {
        for (payload, why) in [
            (json!(null), "struct Start"),
            (json!({}), "RequestID"),
            (json!({"RequestID": "x", "AccountEmail": "user@example.com"}), "UUID"),
            (
                json!({"RequestID": "0b8f2c3e-0000-4000-8000-000000000001", "AccountEmail": "x"}),
                "6 characters",
            ),
        ] {
            let error = Start::read(&payload).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}

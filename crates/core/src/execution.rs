//! Executions of the workflow: their names, their input, and where they go.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::named_enum;
use crate::{Email, Error, Kind, Request, RequestId};

/// Which execution of which admission of which request: the fence of every function of the workflow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExecutionRef {
    /// The request.
    #[serde(rename = "RequestID")]
    pub request_id: RequestId,
    /// The key of its account.
    pub account_email: Email,
    /// The admission that the execution belongs to.
    pub admission: u32,
    /// Its number within the admission.
    pub execution: u32,
}

impl ExecutionRef {
    /// The current execution of a request.
    pub fn of(request: &Request) -> Self {
        Self {
            request_id: request.request_id,
            account_email: request.account_email.clone(),
            admission: request.admission,
            execution: request.execution,
        }
    }

    /// The name of the execution, at most 80 of `[0-9A-Za-z_-]` (Step Functions API reference,
    /// `StartExecution`).
    pub fn name(&self) -> String {
        format!("{}-{}-{}", self.request_id, self.admission, self.execution)
    }

    /// Reads it from the payload of a function of the workflow.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming what is missing or malformed.
    pub fn read(payload: &Value) -> Result<Self, Error> {
        Self::deserialize(payload).map_err(|error| {
            Error::new(Kind::Invalid, format!("The workflow's payload is malformed: {error}."))
        })
    }
}

/// The input of the current execution of a request: all that an operator wants to see in the console, flat, and
/// the same whenever it is made for the same execution. Functions read the table.
///
/// # Errors
/// [`Kind::Internal`] if it cannot be written as JSON.
pub fn execution_input(request: &Request) -> Result<String, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input<'a> {
        #[serde(flatten)]
        execution: ExecutionRef,
        step: u32,
        #[serde(flatten)]
        content: &'a crate::Content,
        requested_by: &'a crate::Caller,
    }
    let input = Input {
        execution: ExecutionRef::of(request),
        step: request.step,
        content: &request.content,
        requested_by: &request.requested_by,
    };
    serde_json::to_string(&input).map_err(|error| {
        Error::new(Kind::Internal, "The input of the execution cannot be written.").caused_by(error)
    })
}

named_enum! {
    /// The state that the workflow goes to next. The Choice state `Decide` knows these names.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum Next {
        /// Start the operation, or try again.
        Provision,
        /// Wait, then ask about the operation.
        Wait,
        /// Store the result.
        UpdateStatus,
        /// Store why there is none, or give the slot back.
        UpdateFailed,
        /// Nothing: another execution goes on, or none has to.
        End,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::tests::request;

    #[test]
    fn the_input_is_the_request_as_one_flat_object() {
        let mut request = request("user@example.com", "mine");
        (request.admission, request.execution) = (2, 3);
        let input: Value = serde_json::from_str(&execution_input(&request).unwrap()).unwrap();
        assert_eq!(
            input,
            json!({
                "RequestID": request.request_id.to_string(), "AccountEmail": "user@example.com", "Kind": "Create",
                "AccountName": "mine", "OrgUnit": "Engineering/Dev", "SSOUserEmail": "owner@example.com",
                "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont",
                "Tags": [{"Key": "env", "Value": "dev"}],
                "RequestedBy": {"Subject": "s-1", "ClientId": "c-1", "Name": "Ada"},
                "Admission": 2, "Execution": 3, "Step": 1
            })
        );
        assert_eq!(ExecutionRef::read(&input).unwrap(), ExecutionRef::of(&request));
    }

    #[test]
    fn the_name_of_an_execution_fits_into_eighty_characters() {
        let mut request = request("user@example.com", "mine");
        (request.admission, request.execution) = (u32::MAX, u32::MAX);
        let name = ExecutionRef::of(&request).name();
        assert!(name.len() <= 80 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
    }

    #[test]
    fn a_malformed_payload_is_invalid_and_says_why() {
        for (payload, why) in [
            (json!(null), "ExecutionRef"),
            (json!({}), "RequestID"),
            (json!({"RequestID": "x", "AccountEmail": "user@example.com"}), "UUID"),
            (
                json!({"RequestID": "0b8f2c3e-0000-7000-8000-000000000001", "AccountEmail": "x"}),
                "6 characters",
            ),
            (
                json!({"RequestID": "0b8f2c3e-0000-7000-8000-000000000001", "AccountEmail": "user@example.com"}),
                "Admission",
            ),
        ] {
            let error = ExecutionRef::read(&payload).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}

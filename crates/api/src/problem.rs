//! An answer that says what is wrong (RFC 9457).

use accounts_core::{AccountId, Error, Fault, Kind, Severity};
use lambda_http::http::header;
use lambda_http::{Body, Response};
use serde_json::json;

use crate::answer;

/// What is wrong, for a client; the cause, if there is one, is for the log.
#[derive(Debug)]
pub(crate) struct Problem {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: String,
    faults: Vec<Fault>,
    retry_after_seconds: Option<u32>,
    error: Option<Box<Error>>,
}

impl Problem {
    fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after_seconds: None,
            error: None,
        }
    }

    pub(crate) fn invalid(detail: &str, faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(400, "invalid_request", "The request is not valid", detail) }
    }

    pub(crate) fn taken(faults: Vec<Fault>) -> Self {
        let code = match faults.as_slice() {
            [fault] if fault.code == "account_may_exist" => "account_may_exist",
            [fault] if fault.field == "AccountEmail" => "email_taken",
            [_] => "name_taken",
            _ => "email_and_name_taken",
        };
        let detail = faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join(" ");
        Self { faults, ..Self::new(409, code, "The e-mail or the account name is taken", detail) }
    }

    pub(crate) fn body_too_large(most_bytes: usize) -> Self {
        let detail = format!("A body has at most {most_bytes} bytes.");
        Self::new(413, "body_too_large", "The body is too large", detail)
    }

    pub(crate) fn idempotency_key_reused(header: &str) -> Self {
        let detail = format!("This {header} came before with another body.");
        Self::new(422, "idempotency_key_reused", "The idempotency key was used before", detail)
    }

    pub(crate) fn no_such_route() -> Self {
        Self::new(404, "no_such_route", "There is no such route", "The path is not one of this API's.")
    }

    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(404, "not_found", "Not found", detail)
    }

    pub(crate) fn token_expired() -> Self {
        Self::new(401, "token_expired", "The token has expired", "Sign in again, and repeat the call.")
    }

    pub(crate) fn not_overdue() -> Self {
        let detail = "The request has no overdue operation; only the outcome of one can be stated.";
        Self::new(409, "not_overdue", "The request is not overdue", detail)
    }

    pub(crate) fn operation_running() -> Self {
        let detail = "Control Tower still works on the operation.";
        Self::new(409, "operation_running", "The operation is running", detail)
    }

    pub(crate) fn account_exists(id: &AccountId) -> Self {
        let detail = format!("The account {id} has the e-mail of this request.");
        Self::new(409, "account_exists", "An account exists", detail)
    }

    pub(crate) fn account_mismatch(id: &AccountId) -> Self {
        let detail = format!("The organization has no account {id} with the e-mail of this request.");
        Self::new(422, "account_mismatch", "The account is not this request's", detail)
    }

    /// The answer; `request_id` names it to both sides.
    pub(crate) fn answer(self, request_id: &str) -> Response<Body> {
        if let Some(error) = &self.error {
            let (kind, chain) = (error.kind().name(), error.chain());
            match error.kind().severity() {
                Severity::Info => {
                    tracing::info!(request_id, kind, error = chain, "the request was not served")
                }
                Severity::Warn => {
                    tracing::warn!(request_id, kind, error = chain, "the request was not served")
                }
                Severity::Error => {
                    tracing::error!(request_id, kind, error = chain, "the request was not served")
                }
            }
        }
        let mut body = json!({
            "type": format!("urn:account-factory:problem:{}", self.code),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": format!("urn:account-factory:request:{request_id}"),
            "code": self.code,
        });
        if !self.faults.is_empty() {
            body["errors"] = json!(self.faults);
        }
        let mut answer = answer(self.status, "application/problem+json", &body);
        if let Some(seconds) = self.retry_after_seconds {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (code, title, retry_after_seconds) = match error.kind() {
            Kind::Invalid => ("invalid_request", "The request is not valid", None),
            Kind::NotFound => ("not_found", "Not found", None),
            Kind::Conflict => ("conflict", "The request conflicts with another", None),
            Kind::Denied => ("denied", "This is not allowed", None),
            Kind::Busy => ("busy", "Too much at once", Some(5)),
            Kind::Throttled => ("throttled", "Too many calls", Some(5)),
            Kind::Transient => ("unavailable", "Not available just now", Some(2)),
            Kind::AccessDenied | Kind::Misconfigured | Kind::Internal => {
                ("internal", "An internal error", None)
            }
        };
        let detail = if error.kind().is_ours() {
            "Something went wrong on our side; operators find it by the instance.".to_owned()
        } else {
            error.to_string()
        };
        let status = error.kind().http_status();
        Self { retry_after_seconds, error: Some(Box::new(error)), ..Self::new(status, code, title, detail) }
    }
}

//! Answers and errors as the protocol writes them.

use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::EngineError;

/// An error with the name that the SDKs know it by.
#[derive(Debug)]
pub(super) struct WireError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl WireError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    pub(super) fn unknown_operation(message: impl Into<String>) -> Self {
        Self::new("UnknownOperationException", message)
    }

    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }
}

impl From<EngineError> for WireError {
    fn from(error: EngineError) -> Self {
        let code = match &error {
            EngineError::InvalidName(_) => "InvalidName",
            EngineError::InvalidInput(_) => "InvalidExecutionInput",
            EngineError::ExecutionAlreadyExists { .. } => "ExecutionAlreadyExists",
            EngineError::ExecutionDoesNotExist { .. } => "ExecutionDoesNotExist",
            EngineError::StateMachineDoesNotExist { .. } => "StateMachineDoesNotExist",
            EngineError::InvalidArn(_) => "InvalidArn",
            EngineError::InvalidToken(_) => "InvalidToken",
            EngineError::Options(_)
            | EngineError::OldDefinition { .. }
            | EngineError::Store(_)
            | EngineError::NoRuntime(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request could not be answered");
                return Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    code: "InternalFailure",
                    message: "The executions cannot be read or written.".to_owned(),
                };
            }
        };
        Self::new(code, error.to_string())
    }
}

pub(super) fn answer(result: Result<Value, WireError>) -> Response {
    let (status, body) = match result {
        Ok(body) => (StatusCode::OK, body),
        Err(WireError { status, code, message }) => (status, json!({ "__type": code, "message": message })),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/x-amz-json-1.0".to_owned()),
        (HeaderName::from_static("x-amzn-requestid"), uuid::Uuid::new_v4().to_string()),
    ];
    (status, headers, Json(body)).into_response()
}

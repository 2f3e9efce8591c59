//! An error of an execution, as a catcher receives it and as the execution ends with it.

use serde_json::{Value, json};

use crate::tasks::TaskFailure;

/// An error, under the names that the language gives its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failure {
    /// Its name.
    pub error: Option<String>,
    /// Its explanation.
    pub cause: Option<String>,
}

impl Failure {
    /// An error of that name and explanation.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: Some(error.into()), cause: Some(cause.into()) }
    }

    pub(crate) fn name(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    pub(crate) fn output(&self) -> Value {
        json!({ "Error": self.name(), "Cause": self.cause.as_deref().unwrap_or_default() })
    }
}

impl From<TaskFailure> for Failure {
    /// The cause is the JSON that Lambda answers a failed invocation with.
    fn from(failure: TaskFailure) -> Self {
        let cause = json!({ "errorMessage": failure.message, "errorType": failure.error_type });
        Self::new(failure.error_type, cause.to_string())
    }
}

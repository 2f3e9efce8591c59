//! Why the engine refuses something.

use crate::definition::DefinitionError;
use crate::store::StoreError;

/// What an engine cannot or will not do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A name that breaks the rule for names.
    #[error("Invalid Name: '{0}' (1 to 80 characters of 0-9, A-Z, a-z, - and _)")]
    InvalidName(String),
    /// An input that is not JSON, or too much of it.
    #[error("Invalid State Machine Execution Input: {0}")]
    InvalidInput(String),
    /// The name belongs to an execution that has closed, or that runs with another input.
    #[error("Execution Already Exists: '{arn}'")]
    ExecutionAlreadyExists {
        /// Whose name it is.
        arn: String,
    },
    /// There is no such execution.
    #[error("Execution Does Not Exist: '{arn}'")]
    ExecutionDoesNotExist {
        /// The ARN that was asked for.
        arn: String,
    },
    /// This engine runs another state machine.
    #[error("State Machine Does Not Exist: '{arn}'")]
    StateMachineDoesNotExist {
        /// The ARN that was asked for.
        arn: String,
    },
    /// Not an ARN of an execution or state machine.
    #[error("Invalid Arn: '{0}'")]
    InvalidArn(String),
    /// Not a token that a page of executions came with.
    #[error("Invalid Token: '{0}'")]
    InvalidToken(String),
    /// An option that makes no sense.
    #[error("the engine's options: {0}")]
    Options(&'static str),
    /// The definition an unfinished execution was started with is no longer understood.
    #[error("the execution '{execution}' was started with a definition that this program refuses")]
    OldDefinition {
        /// The execution.
        execution: String,
        /// Why the definition is refused.
        #[source]
        source: DefinitionError,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine was opened outside a Tokio runtime.
    #[error("an engine needs a Tokio runtime")]
    NoRuntime(#[from] tokio::runtime::TryCurrentError),
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

//! What invokes a function.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

/// Invokes the functions that a definition's tasks name.
pub trait Tasks: Send + Sync + 'static {
    /// Invokes one function. It may be invoked again with the same payload: after a failure that is
    /// retried, and when the process died while it ran. Dropping the future gives the invocation up.
    fn invoke(
        &self,
        function: &str,
        payload: Value,
    ) -> impl Future<Output = Result<Value, TaskFailure>> + Send;
}

/// A failed invocation, as Lambda reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFailure {
    /// What `ErrorEquals` is compared with.
    pub error_type: String,
    /// What a person reads.
    pub message: String,
}

impl TaskFailure {
    /// A failure of that type, with that message.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), message: message.into() }
    }
}

type Invoked = Pin<Box<dyn Future<Output = Result<Value, TaskFailure>> + Send>>;

/// [`Tasks`] without its type, so that the engine has none either.
pub(crate) trait AnyTasks: Send + Sync {
    fn invoke_boxed(self: Arc<Self>, function: String, payload: Value) -> Invoked;
}

impl<T: Tasks> AnyTasks for T {
    fn invoke_boxed(self: Arc<Self>, function: String, payload: Value) -> Invoked {
        Box::pin(async move { self.invoke(&function, payload).await })
    }
}

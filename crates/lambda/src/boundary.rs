//! Maps handler errors to Lambda errors. A failure is logged here, and only here.

use std::future::Future;
use std::pin::Pin;

use accounts_core::{Kind, Result};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

/// Answers invocations with `handle` until Lambda ends the process.
///
/// # Errors
/// If the Runtime API cannot be reached.
pub async fn serve<F, Fut>(handle: F) -> std::result::Result<(), lambda_runtime::Error>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<Value>>,
{
    // Boxed, because the types of the SDK's futures inside those of the runtime are deeper than the compiler
    // follows.
    type Boxed<'a, T> = Pin<Box<dyn Future<Output = std::result::Result<T, Diagnostic>> + 'a>>;
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| -> Boxed<'_, Value> {
        Box::pin(answer(handle(event.payload)))
    }))
    .await
}

/// The answer of one invocation as Lambda reports it.
///
/// # Errors
/// The error's kind as `errorType` and its sentence as `errorMessage`; the cause goes to the log alone.
pub async fn answer(answer: impl Future<Output = Result<Value>>) -> std::result::Result<Value, Diagnostic> {
    answer.await.map_err(|error| diagnose(&error))
}

/// Logs an error with its causes, and translates it for the caller.
pub fn diagnose(error: &accounts_core::Error) -> Diagnostic {
    use accounts_core::Loudness;
    let (kind, chain) = (error.kind().name(), error.chain());
    match error.kind().loudness() {
        Loudness::Info => tracing::info!(kind, error = chain, "the invocation failed"),
        Loudness::Warn => tracing::warn!(kind, error = chain, "the invocation failed"),
        Loudness::Error => tracing::error!(kind, error = chain, "the invocation failed"),
    }
    let error_message = match error.kind() {
        Kind::Internal => "An internal error; operators find it in the log.".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic { error_type: kind.to_owned(), error_message }
}

#[cfg(test)]
mod tests {
    use accounts_core::Error;

    use super::*;

    #[test]
    fn the_kind_is_the_error_type_and_the_cause_stays_in_the_log() {
        let error = Error::new(Kind::Busy, "The landing zone is busy.").caused_by("10.0.0.1 said so");
        let diagnostic = diagnose(&error);
        assert_eq!(diagnostic.error_type, "Busy");
        assert_eq!(diagnostic.error_message, "The landing zone is busy.");
    }

    #[test]
    fn an_internal_error_shows_nothing_of_itself() {
        let diagnostic = diagnose(&Error::new(Kind::Internal, "slot table is upside down"));
        assert_eq!(diagnostic.error_type, "Internal");
        assert!(!diagnostic.error_message.contains("upside"));
    }
}

//! The log of a function.

/// Starts the log: lines for people, or JSON where the function's logging format is JSON
/// (`AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL`; Lambda developer guide, "Advanced logging controls").
pub fn init() {
    lambda_runtime::tracing::init_default_subscriber();
}

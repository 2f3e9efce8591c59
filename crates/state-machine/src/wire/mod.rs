//! The service's own protocol, AWS JSON 1.0, so that its SDKs and its command line can look inside.

mod answer;
mod operations;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;

use crate::Engine;
use answer::WireError;

/// More than any input may be, so that an input that is too large gets an answer that says so.
const BODY_LIMIT: usize = 1024 * 1024;

const TARGET: &str = "AWSStepFunctions.";

impl Engine {
    /// Answers StartExecution, StopExecution, DescribeExecution, ListExecutions and
    /// DescribeStateMachine, all posted to `/`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", post(serve))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(self.clone())
    }
}

async fn serve(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer::answer(respond(&engine, &headers, body))
}

fn respond(
    engine: &Engine,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<serde_json::Value, WireError> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(TARGET)).ok_or_else(|| {
        WireError::unknown_operation(format!(
            "the header X-Amz-Target must name an operation of {TARGET}, it is {}",
            target.unwrap_or("missing")
        ))
    })?;
    let body = body.map_err(|refused| WireError::serialization(refused.body_text()))?;
    operations::run(engine, operation, &body)
}

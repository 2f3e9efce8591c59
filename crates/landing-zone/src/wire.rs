//! The AWS JSON 1.1 protocol: which operation a request means, and how its answer is written.

mod action;
pub(crate) mod error;
mod json;
mod organizations;
mod parameters;
mod portfolio;
mod products;
mod provision;
mod provisioned_products;
mod record;
mod service_catalog;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::store::Store;
use crate::wire::action::Action;
use crate::wire::error::{Exception, Failure, Refusal};
use crate::wire::json::without_nulls;
use crate::wire::parameters::Parameters;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// A service that is simulated.
struct Service {
    /// Its name in the header `X-Amz-Target`.
    target: &'static str,
    /// What it calls a missing or ill-typed parameter.
    fault: Exception,
    action: fn(&str) -> Option<Action>,
}

const SERVICES: [Service; 2] = [
    Service {
        target: "AWSOrganizationsV20161128",
        fault: Exception::Validation,
        action: organizations::action,
    },
    Service {
        target: "AWS242ServiceCatalogService",
        fault: Exception::InvalidParameters,
        action: service_catalog::action,
    },
];

pub(crate) fn router(store: Arc<Store>) -> Router {
    Router::new()
        .route("/", post(call))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_route)
        .with_state(store)
}

async fn call(
    State(store): State<Arc<Store>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let request_id = Uuid::new_v4();
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            let refusal = Exception::Validation.because(rejection.body_text());
            return respond(request_id, rejection.status(), error_body(&refusal));
        }
    };

    let answered = {
        let target = target.clone();
        tokio::task::spawn_blocking(move || answer(&target, &body, &store)).await
    };
    match answered {
        Ok(Ok(Ok(value))) => respond(request_id, StatusCode::OK, value),
        Ok(Ok(Err(refusal))) => {
            tracing::debug!(%target, exception = refusal.exception.name(), "landing zone refuses");
            respond(request_id, StatusCode::BAD_REQUEST, error_body(&refusal))
        }
        Ok(Err(cause)) => internal(request_id, &target, &cause),
        Err(panic) => internal(request_id, &target, &panic),
    }
}

async fn no_such_route(method: Method, uri: Uri) -> Response {
    let refusal = Exception::UnknownOperation
        .because(format!("The landing zone answers POST / only, not {method} {}", uri.path()));
    respond(Uuid::new_v4(), StatusCode::NOT_FOUND, error_body(&refusal))
}

fn internal(request_id: Uuid, target: &str, cause: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(%request_id, target, cause, "the landing zone failed");
    let message = format!("Internal error in request {request_id}");
    let body = json!({"__type": "InternalFailure", "message": message, "Message": message});
    respond(request_id, StatusCode::INTERNAL_SERVER_ERROR, body)
}

/// Both spellings of the message: clients differ in which they read.
fn error_body(refusal: &Refusal) -> Value {
    without_nulls(json!({
        "__type": refusal.exception.name(),
        "message": refusal.message,
        "Message": refusal.message,
        "Reason": refusal.exception.reason(),
    }))
}

fn respond(request_id: Uuid, status: StatusCode, body: Value) -> Response {
    let headers =
        [(header::CONTENT_TYPE, CONTENT_TYPE.to_owned()), (X_AMZN_REQUEST_ID, request_id.to_string())];
    (status, headers, Json(body)).into_response()
}

const X_AMZN_REQUEST_ID: header::HeaderName = header::HeaderName::from_static("x-amzn-requestid");

/// Answers a call by its `X-Amz-Target` and body, in one transaction. A refusal too is kept, with what it
/// counted. The body of a call without parameters may be empty.
pub(crate) fn answer(target: &str, body: &[u8], store: &Store) -> rusqlite::Result<Result<Value, Refusal>> {
    let (service, action) = match find(target) {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let value = match read(body, service.fault) {
        Ok(value) => value,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let parameters = match Parameters::top(&value, service.fault) {
        Ok(parameters) => parameters,
        Err(refusal) => return Ok(Err(refusal)),
    };
    store.run(|session| match action(&parameters, session) {
        Ok(value) => Ok(Ok(without_nulls(value))),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(Failure::Store(cause)) => Err(cause),
    })
}

fn find(target: &str) -> Result<(&'static Service, Action), Refusal> {
    let Some((service, name)) = target.split_once('.') else {
        return Err(Exception::UnknownOperation
            .because(format!("The header X-Amz-Target names no operation: '{target}'")));
    };
    SERVICES
        .iter()
        .find(|known| known.target == service)
        .and_then(|known| Some((known, (known.action)(name)?)))
        .ok_or_else(|| {
            Exception::UnknownOperation
                .because(format!("The simulated landing zone does not know the operation {target}"))
        })
}

fn read(body: &[u8], fault: Exception) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body)
        .map_err(|cause| fault.because(format!("The request is not valid JSON: {cause}")))
}

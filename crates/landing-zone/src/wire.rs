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
use crate::texts;
use crate::wire::action::Action;
use crate::wire::error::{Exception, Failure, Refusal};
use crate::wire::json::without_nulls;
use crate::wire::parameters::Parameters;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// A service that is simulated.
struct Service {
    /// Its name in the header `X-Amz-Target`.
    target: &'static str,
    /// The prefix of its actions in IAM's policies.
    iam: &'static str,
    /// What it calls a missing or ill-typed parameter.
    fault: Exception,
    action: fn(&str) -> Option<Action>,
}

const SERVICES: [Service; 2] = [
    Service {
        target: "AWSOrganizationsV20161128",
        iam: "organizations",
        fault: Exception::Validation,
        action: organizations::action,
    },
    Service {
        target: "AWS242ServiceCatalogService",
        iam: "servicecatalog",
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

/// The status and the body of an answer, without a server.
pub(crate) fn answer_directly(target: &str, body: &[u8], store: &Store) -> (u16, Value) {
    match answer(target, body, store) {
        Ok(Ok(value)) => (200, value),
        Ok(Err(refusal)) => (400, error_body(&refusal)),
        Err(cause) => {
            tracing::error!(target, cause = &cause as &dyn std::error::Error, "the landing zone failed");
            (500, json!({"__type": "InternalFailure", "message": "Internal error"}))
        }
    }
}

/// Answers a call by its `X-Amz-Target` and body, and counts it. What a refused call wrote (that it was refused)
/// is kept.
pub(crate) fn answer(target: &str, body: &[u8], store: &Store) -> rusqlite::Result<Result<Value, Refusal>> {
    match carry_out(target, body, store) {
        Ok(value) => Ok(Ok(without_nulls(value))),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(Failure::Store(cause)) => Err(cause),
    }
}

fn carry_out(target: &str, body: &[u8], store: &Store) -> Result<Value, Failure> {
    let (service, name, action) = find(target)?;
    store.control().count_call(name);
    // As in AWS a call is authorized before its parameters are checked.
    if store.control().conditions().denied_actions.contains(name) {
        return Err(Exception::AccessDenied.because(texts::access_denied(service.iam, name)).into());
    }
    let value = read(body, service.fault)?;
    let parameters = Parameters::top(&value, service.fault)?;
    // The inner result is no reason to roll back.
    store.run(|session| match action(&parameters, session) {
        Err(Failure::Store(cause)) => Err(cause),
        answer => Ok(answer),
    })?
}

fn find(target: &str) -> Result<(&'static Service, &str, Action), Refusal> {
    let Some((service, name)) = target.split_once('.') else {
        return Err(Exception::UnknownOperation
            .because(format!("The header X-Amz-Target names no operation: '{target}'")));
    };
    SERVICES
        .iter()
        .find(|known| known.target == service)
        .and_then(|known| Some((known, name, (known.action)(name)?)))
        .ok_or_else(|| {
            Exception::UnknownOperation
                .because(format!("The simulated landing zone does not know the operation {target}"))
        })
}

/// The body of a call without parameters may be empty.
fn read(body: &[u8], fault: Exception) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body)
        .map_err(|cause| fault.because(format!("The request is not valid JSON: {cause}")))
}

//! The AWS JSON 1.1 protocol: which operation a request means, and how its answer is written.

pub(crate) mod error;
mod organizations;
mod parameters;
mod portfolio;
mod provision;
mod service_catalog;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::LandingZone;
use crate::store::Session;
use crate::wire::error::{Exception, Failure, Refusal};
use crate::wire::parameters::Parameters;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const ORGANIZATIONS: &str = "AWSOrganizationsV20161128";
const SERVICE_CATALOG: &str = "AWS242ServiceCatalogService";

pub(crate) fn router(zone: LandingZone) -> Router {
    Router::new()
        .route("/", post(call))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_route)
        .with_state(zone)
}

async fn call(
    State(zone): State<LandingZone>,
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
        tokio::task::spawn_blocking(move || zone.answer(&target, &body)).await
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

/// Answers one call inside its transaction; the body of a call without parameters may be empty.
pub(crate) fn dispatch(target: &str, body: &[u8], session: &Session<'_>) -> Result<Value, Failure> {
    let unknown = |message: String| Err(Exception::UnknownOperation.because(message).into());
    let Some((service, operation)) = target.split_once('.') else {
        return unknown(format!("The header X-Amz-Target names no operation: '{target}'"));
    };
    let (fault, answer): (_, fn(&str, &Parameters<'_>, &Session<'_>) -> _) = match service {
        ORGANIZATIONS => (Exception::Validation, organizations::answer),
        SERVICE_CATALOG => (Exception::InvalidParameters, service_catalog::answer),
        _ => return unknown(format!("The simulated landing zone does not know the operation {target}")),
    };
    let value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body)
            .map_err(|cause| fault.because(format!("The request is not valid JSON: {cause}")))?
    };
    let value = answer(operation, &Parameters::top(&value, fault)?, session)?;
    Ok(without_nulls(value))
}

/// Absent members are left out on the wire, not sent as null.
fn without_nulls(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(|member| *member = without_nulls(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_nulls(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

/// A timestamp as JSON 1.1 has it: seconds since 1970, with a fraction.
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

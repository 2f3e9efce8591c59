//! The front door: what API Gateway does in the cloud, in front of the same authorizer and the same api.

use std::sync::Arc;
use std::time::Duration;

use accounts_lambda::routes::Permission;
use accounts_lambda::{Diagnostic, into_lambda_result, routes};
use accounts_landing_zone::LandingZone;
use api::Api;
use authorizer::Authorizer;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, header};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::functions::catch_panic;
use crate::http_event;
use crate::tokens::{Group, Issuer};

/// Where the authorizer finds the key.
pub(crate) const JWKS_PATH: &str = "/local/jwks.json";

/// The largest payload of an HTTP API, in bytes (API Gateway developer guide, "Quotas for HTTP APIs").
const LARGEST_PAYLOAD: usize = 10 * 1024 * 1024;

/// How long a body may take (the integration timeout of an HTTP API).
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.to_string() == "length limit exceeded")
}

/// What the front door needs before the functions are there.
#[derive(Clone)]
pub(crate) struct Gateway {
    issuer: Arc<Issuer>,
    landing_zone: LandingZone,
}

#[derive(Clone)]
struct Front {
    api: Arc<Api>,
    authorizer: Arc<Authorizer>,
}

impl Gateway {
    pub(crate) const fn new(issuer: Arc<Issuer>, landing_zone: LandingZone) -> Self {
        Self { issuer, landing_zone }
    }

    /// The public key of this installation.
    pub(crate) fn jwks(&self) -> Router {
        let jwks = self.issuer.jwks();
        Router::new().route(JWKS_PATH, get(move || async move { axum::Json(jwks) }))
    }

    /// The API, and what is there only on one machine.
    pub(crate) fn router(&self, api: Api, authorizer: Authorizer) -> Router {
        let front = Front { api: Arc::new(api), authorizer: Arc::new(authorizer) };
        Router::new()
            .route("/local/token", get(token))
            .with_state(Arc::clone(&self.issuer))
            .merge(self.landing_zone.report_router())
            .merge(self.jwks())
            .fallback_service(Router::new().fallback(api_route).with_state(front))
    }
}

#[derive(Deserialize)]
struct TokenQuery {
    group: Option<String>,
}

/// `GET /local/token?group=…`.
async fn token(State(issuer): State<Arc<Issuer>>, Query(query): Query<TokenQuery>) -> Response<Body> {
    let group = query.group.unwrap_or_default();
    let Some(group) = Group::of_name(&group) else {
        return problem(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The parameter group has to be Administrators or Readers.",
        );
    };
    match issuer.token(group) {
        Ok(token) => json_answer(StatusCode::OK, "application/json", &json!({"token": token})),
        Err(error) => {
            tracing::error!(%error, "no token can be made");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", "No token can be made.")
        }
    }
}

/// Any other path: one of the API's routes, or none.
async fn api_route(State(front): State<Front>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Some(found) = routes::find(parts.method.as_str(), parts.uri.path()) else {
        return problem(StatusCode::NOT_FOUND, "no_such_route", "Not Found");
    };
    let mut event = match http_event::of(&parts, &found) {
        Ok(event) => event,
        Err(error) => return problem(StatusCode::BAD_REQUEST, "invalid_request", &error.to_string()),
    };
    if found.route.permission != Permission::Open {
        match authorize(&front, &parts, &event).await {
            Ok(context) => event["requestContext"]["authorizer"] = json!({"lambda": context}),
            Err(denied) => return denied,
        }
    }
    let body = match tokio::time::timeout(LONGEST_REQUEST, to_bytes(body, LARGEST_PAYLOAD)).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) if is_too_large(&error) => {
            return problem(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "Request Entity Too Large");
        }
        Ok(Err(_)) => return problem(StatusCode::BAD_REQUEST, "invalid_request", "The body is cut off."),
        Err(_) => return problem(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body took too long."),
    };
    let (body, is_base64) = match std::str::from_utf8(&body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (STANDARD.encode(&body), true),
    };
    event["body"] = json!(body);
    event["isBase64Encoded"] = json!(is_base64);
    let text = event.to_string();
    let answer = catch_panic(async move {
        let request = lambda_http::request::from_str(&text).map_err(|error| Diagnostic {
            error_type: "Runtime.MarshalError".to_owned(),
            error_message: error.to_string(),
        })?;
        Ok(front.api.handle(request).await)
    });
    match answer.await {
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            Response::from_parts(parts, Body::from(body.to_vec()))
        }
        Err(failed) => {
            tracing::error!(error = failed.error_message, "the api failed");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal Server Error")
        }
    }
}

/// What the authorizer says. API Gateway answers 401 itself where the identity source is missing, 403 where
/// the authorizer denies, and 500 where it fails.
async fn authorize(front: &Front, parts: &Parts, event: &Value) -> Result<Value, Response<Body>> {
    let identity =
        parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if identity.is_empty() {
        return Err(problem(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized"));
    }
    let mut question = event.clone();
    question["type"] = json!("REQUEST");
    question["identitySource"] = json!([identity, event["routeKey"]]);
    question["routeArn"] = json!(format!(
        "arn:aws:execute-api:us-east-1:000000000000:local/$default/{}{}",
        parts.method,
        parts.uri.path()
    ));
    let authorizer = Arc::clone(&front.authorizer);
    let decision = catch_panic(async move { into_lambda_result(authorizer.handle(question)).await }).await;
    match decision {
        Ok(decision) if decision["isAuthorized"] == json!(true) => Ok(decision["context"].clone()),
        Ok(_) => Err(problem(StatusCode::FORBIDDEN, "forbidden", "Forbidden")),
        Err(_) => Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal Server Error")),
    }
}

/// An answer of the gateway itself: the API's form, with the `message` that API Gateway would send.
fn problem(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let body = json!({
        "type": format!("urn:account-factory:problem:{code}"),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": message,
        "instance": format!("urn:account-factory:request:{}", uuid::Uuid::new_v4()),
        "code": code,
        "message": message,
    });
    json_answer(status, "application/problem+json", &body)
}

fn json_answer(status: StatusCode, content_type: &'static str, body: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    answer
}

//! The front door: what API Gateway does in the cloud, in front of the same authorizer and the same api.

use std::sync::Arc;
use std::time::Duration;

use accounts_lambda::{Diagnostic, answer};
use accounts_landing_zone::LandingZone;
use api::Api;
use authorizer::Authorizer;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::functions::contained;
use crate::tokens::{Group, Issuer};

/// Where the authorizer finds the key.
pub(crate) const JWKS_PATH: &str = "/local/jwks.json";

/// The routes of the API, and whether the authorizer stands before them.
const ROUTES: [(&str, bool); 3] =
    [("POST /createAccount", true), ("GET /getAccount", true), ("GET /health", false)];

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
    let route_key = format!("{} {}", request.method(), request.uri().path());
    let Some((_, guarded)) = ROUTES.into_iter().find(|(route, _)| *route == route_key) else {
        return problem(StatusCode::NOT_FOUND, "no_such_route", "Not Found");
    };
    if request.headers().values().any(|value| value.to_str().is_err()) {
        return problem(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "A header holds what is not visible ASCII.",
        );
    }
    let (parts, body) = request.into_parts();
    let mut event = event(&route_key, &parts);
    if guarded {
        match authorize(&front, &route_key, &parts.headers, &event).await {
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
    let answered = contained(async move {
        let request = lambda_http::request::from_str(&text).map_err(|error| Diagnostic {
            error_type: "Runtime.MarshalError".to_owned(),
            error_message: error.to_string(),
        })?;
        Ok(front.api.handle(request).await)
    });
    match answered.await {
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
async fn authorize(
    front: &Front,
    route_key: &str,
    headers: &HeaderMap,
    event: &Value,
) -> Result<Value, Response<Body>> {
    let identity =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if identity.is_empty() {
        return Err(problem(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized"));
    }
    let mut question = event.clone();
    question["type"] = json!("REQUEST");
    question["identitySource"] = json!([identity, route_key]);
    question["routeArn"] =
        json!(format!("arn:aws:execute-api:us-east-1:000000000000:local/$default/{route_key}"));
    let authorizer = Arc::clone(&front.authorizer);
    let decision = contained(async move { answer(authorizer.handle(question)).await }).await;
    match decision {
        Ok(decision) if decision["isAuthorized"] == json!(true) => Ok(decision["context"].clone()),
        Ok(_) => Err(problem(StatusCode::FORBIDDEN, "forbidden", "Forbidden")),
        Err(_) => Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal Server Error")),
    }
}

/// The event that an HTTP API sends (payload format 2.0).
fn event(route_key: &str, parts: &axum::http::request::Parts) -> Value {
    let mut headers = serde_json::Map::new();
    for name in parts.headers.keys() {
        let values: Vec<_> =
            parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        headers.insert(name.to_string(), json!(values.join(",")));
    }
    // A gateway says itself how it was reached; what a client writes there is not passed on.
    headers.insert("host".to_owned(), json!("localhost"));
    headers.insert("x-forwarded-proto".to_owned(), json!("http"));
    let path = parts.uri.path();
    json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "requestId": accounts_core::RequestId::random().to_string(),
            "routeKey": route_key,
            "stage": "$default",
            "time": accounts_lambda::now().to_string(),
            "timeEpoch": accounts_lambda::now().as_ms(),
            "http": {
                "method": parts.method.as_str(), "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent").cloned().unwrap_or_default(),
            },
        },
        "isBase64Encoded": false,
    })
}

/// An answer of the gateway itself: the API's form, with the `message` that API Gateway would send.
fn problem(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let body = json!({
        "type": format!("urn:account-factory:problem:{code}"),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": message,
        "instance": format!("urn:account-factory:request:{}", accounts_core::RequestId::random()),
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

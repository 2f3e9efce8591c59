//! `api`: the HTTP API. Takes requests in (`POST /createAccount`), shows them (`GET /getAccount`), and says
//! that it is alive (`GET /health`). Who may call is for the authorizer.
//!
//! Settings: `DYNAMO_TABLE` (`AccountsTable`), `METRICS_NAMESPACE` (none).

mod create;
mod get;
mod problem;

use accounts_aws::{Requests, Sdk};
use accounts_lambda::{Metrics, SettingError, Settings};
use lambda_http::http::{Method, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use serde_json::json;

use problem::Problem;

/// The function.
#[derive(Debug)]
pub struct Api {
    requests: Requests,
    metrics: Metrics,
}

impl Api {
    /// Builds the clients, and opens the first connection.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub async fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let requests = Requests::new(sdk, settings.table());
        requests.warm_up().await;
        Ok(Self { requests, metrics: settings.metrics() })
    }

    /// Answers a request. A failure is an answer too: `application/problem+json` (RFC 9457).
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let path = request.uri().path();
        let answer = match (request.method(), path) {
            (&Method::POST, create::PATH) => self.create(&request).await,
            (&Method::GET, get::PATH) => self.get(&request).await,
            (&Method::GET, "/health") => {
                Ok(json_answer(200, &json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})))
            }
            (_, create::PATH) => Err(Problem::method_not_allowed("POST")),
            (_, get::PATH | "/health") => Err(Problem::method_not_allowed("GET")),
            _ => Err(Problem::no_such_route()),
        };
        answer.unwrap_or_else(|problem| problem.answer(&request_id(&request)))
    }
}

/// The id by which client and log speak of the same request: API Gateway's own.
fn request_id(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn json_answer(status: u16, body: &serde_json::Value) -> Response<Body> {
    answer(status, "application/json", body)
}

fn answer(status: u16, content_type: &'static str, body: &serde_json::Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = lambda_http::http::StatusCode::from_u16(status)
        .unwrap_or(lambda_http::http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}

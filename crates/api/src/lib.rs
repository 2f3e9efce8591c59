//! `api`: the HTTP API. Accepts requests, shows accounts and requests, takes operators' statements about overdue
//! operations, and says that it is alive. The routes are [`accounts_lambda::routes`]; who may call is for the authorizer.
//!
//! Settings: `DYNAMO_TABLE` (`AccountsTable`), `METRICS_NAMESPACE` (none).

mod caller;
mod create;
mod get;
mod problem;
mod requests;
mod resolve;

use std::sync::OnceLock;

use accounts_aws::{Clock, ControlTower, Organization, Sdk, Table};
use accounts_core::{Error, Kind, RequestId, Timestamp};
use accounts_lambda::routes::{self, Permission, Route};
use accounts_lambda::{Metrics, SettingError, Settings};
use lambda_http::http::header;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use serde_json::{Value, json};

use problem::Problem;

/// The largest body, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// The function.
#[derive(Debug)]
pub struct Api {
    table: Table,
    clock: Clock,
    metrics: Metrics,
    sdk: Sdk,
    organization: OnceLock<Organization>,
    backend: OnceLock<ControlTower>,
    request_ids: fn(Timestamp) -> RequestId,
}

impl Api {
    /// Builds the client of the table, and opens the first connection. The clients that only operators' statements need
    /// are built when they are needed.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub async fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let table = Table::new(sdk, settings.table());
        table.warm_up().await;
        Ok(Self {
            clock: sdk.clock(),
            table,
            metrics: settings.metrics(),
            sdk: sdk.clone(),
            organization: OnceLock::new(),
            backend: OnceLock::new(),
            request_ids: RequestId::generate,
        })
    }

    /// The same, with another source of request ids: those of a simulation repeat with its seed.
    #[must_use]
    pub fn with_request_ids(mut self, source: fn(Timestamp) -> RequestId) -> Self {
        self.request_ids = source;
        self
    }

    /// Answers a request. A failure is an answer too: `application/problem+json` (RFC 9457).
    pub async fn handle(&self, request: Request) -> Response<Body> {
        self.answer(&request).await.unwrap_or_else(|problem| problem.answer(&request_id(&request)))
    }

    async fn answer(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let route = route_of(request)?;
        if route.permission == Permission::Open {
            return Ok(json_answer(200, &json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})));
        }
        let caller = caller::caller(request, self.clock.now())?;
        match route.operation_id {
            "createAccount" => self.create(request, caller).await,
            "getAccount" => self.get(request).await,
            "getRequest" => self.request(request).await,
            "listAccountRequests" => self.history(request).await,
            "resolveRequest" => self.resolve(request, caller).await,
            _ => Err(Problem::no_such_route()),
        }
    }

    fn organization(&self) -> &Organization {
        self.organization.get_or_init(|| Organization::new(&self.sdk))
    }

    fn backend(&self) -> &ControlTower {
        self.backend.get_or_init(|| ControlTower::new(&self.sdk))
    }
}

/// The route that the gateway chose.
fn route_of(request: &Request) -> Result<&'static Route, Problem> {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let chosen = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.route_key.as_deref().and_then(routes::by_key),
        _ => None,
    };
    chosen.or_else(|| routes::find(method, path).map(|found| found.route)).ok_or_else(Problem::no_such_route)
}

/// The id by which client and log name the same call: API Gateway's own.
fn request_id(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The body, if it is not too large.
fn body_of(request: &Request) -> Result<&[u8], Problem> {
    let body: &[u8] = request.body();
    if body.len() > LARGEST_BODY { Err(Problem::body_too_large(LARGEST_BODY)) } else { Ok(body) }
}

/// A value as clients see it.
fn shown(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| {
        Problem::from(Error::new(Kind::Internal, "The answer cannot be written.").caused_by(error))
    })
}

fn json_answer(status: u16, body: &Value) -> Response<Body> {
    answer(status, "application/json", body)
}

fn answer(status: u16, content_type: &'static str, body: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = lambda_http::http::StatusCode::from_u16(status)
        .unwrap_or(lambda_http::http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}

//! What lies between the functions and the services, and counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What was used, by service and kind.
pub(crate) type Used = BTreeMap<(&'static str, String), f64>;

/// Counts until it is read.
#[derive(Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<Used>>);

impl Meter {
    pub(crate) fn add(&self, service: &'static str, kind: impl Into<String>, count: f64) {
        *self.lock().entry((service, kind.into())).or_default() += count;
    }

    /// What was used since the last look.
    pub(crate) fn take(&self) -> Used {
        std::mem::take(&mut self.lock())
    }

    /// Counts the calls of a service by their action.
    pub(crate) fn before(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), count))
    }

    /// A DynamoDB that passes every call on to this address, and asks it what each has consumed.
    pub(crate) fn dynamodb(&self, address: &str) -> Router {
        let (http, address, meter) = (reqwest::Client::new(), address.to_owned(), self.clone());
        Router::new().fallback(async move |mut headers: HeaderMap, body: Bytes| {
            let action = target(&headers).1;
            let mut call: Value = serde_json::from_slice(&body).expect("JSON");
            call["ReturnConsumedCapacity"] = json!("TOTAL");
            for header in ["host", "content-length"] {
                headers.remove(header);
            }
            let sent = http.post(&address).headers(headers).body(call.to_string()).send();
            let answer = sent.await.expect("an answer");
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.bytes().await.expect("a body");
            meter.consumed(&action, &call, &serde_json::from_slice(&body).expect("JSON"));
            (status, headers, body).into_response()
        })
    }

    fn consumed(&self, action: &str, call: &Value, answer: &Value) {
        let consumed = &answer["ConsumedCapacity"];
        let units = |one: &Value| one["CapacityUnits"].as_f64().unwrap_or_default();
        let total: f64 = match consumed {
            Value::Array(tables) => tables.iter().map(units).sum(),
            one => units(one),
        };
        self.add("DynamoDB", action, 1.0);
        let reads = ["GetItem", "Query"].contains(&action);
        self.add("DynamoDB", if reads { "read units" } else { "write units" }, total);
        if !answer["CancellationReasons"].is_null() {
            // DynamoDB charges for a transaction that it cancels; the answer does not say how much.
            let parts = call["TransactItems"].as_array().map_or(0, Vec::len);
            self.add("DynamoDB", "write units", 2.0 * f64::from(u32::try_from(parts).expect("a few")));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn count(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let (service, action) = target(&parts.headers);
    meter.add(service, action, 1.0);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// The service and the action of a call.
fn target(headers: &HeaderMap) -> (&'static str, String) {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (prefix, action) = target.split_once('.').unwrap_or(("", "Publish"));
    let service = [
        ("DynamoDB", "DynamoDB"),
        ("Organizations", "Organizations"),
        ("ServiceCatalog", "Service Catalog"),
        ("StepFunctions", "Step Functions"),
    ];
    let found = service.into_iter().find(|(part, _)| prefix.contains(part));
    (found.map_or("SNS", |(_, service)| service), action.to_owned())
}

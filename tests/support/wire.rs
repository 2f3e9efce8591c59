//! What lies between the functions and the services: it counts calls, and makes them go wrong.
//!
//! A rule matches calls by action (or any call that writes), optionally by a text in their body, and applies to the
//! n-th such call, or to several. What it does to them is the [`Fault`].

mod rules;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use rules::{Fault, Rule};
pub use rules::{Held, On};

/// The actions that change something outside the functions.
pub const WRITES: [&str; 8] = [
    "TransactWriteItems",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "ProvisionProduct",
    "TagResource",
    "StartExecution",
    "Publish",
];

/// The wire of one workbench; its clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Wire(Arc<Mutex<Traffic>>);

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The action, as in `GetItem`.
    pub action: String,
}

/// A service behind the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// DynamoDB.
    DynamoDb,
    /// Step Functions.
    StepFunctions,
    /// Organizations and Service Catalog.
    LandingZone,
    /// SNS.
    Sns,
}

#[derive(Debug, Default)]
struct Traffic {
    calls: Vec<Call>,
    rules: Vec<Rule>,
}

impl Wire {
    /// A rule for calls of this action.
    pub fn on(&self, action: &str) -> On<'_> {
        self.on_any(&[action])
    }

    /// A rule for every call that writes.
    pub fn on_write(&self) -> On<'_> {
        self.on_any(&WRITES)
    }

    fn on_any(&self, actions: &[&str]) -> On<'_> {
        On::new(self, actions)
    }

    /// From now on nothing goes wrong.
    pub fn clear(&self) {
        self.traffic().rules.clear();
    }

    /// The calls since the last look, in order.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.traffic().calls)
    }

    /// The actions that wrote since the last look, in order.
    pub fn take_writes(&self) -> Vec<String> {
        let writes = |call: &Call| WRITES.contains(&call.action.as_str());
        self.take().into_iter().filter(writes).map(|call| call.action).collect()
    }

    /// How often each action was called since the last look.
    pub fn take_counts(&self) -> BTreeMap<Call, usize> {
        let mut counts = BTreeMap::new();
        for call in self.take() {
            *counts.entry(call).or_default() += 1;
        }
        counts
    }

    /// How often this action was called since the last look.
    pub fn count(&self, action: &str) -> usize {
        self.traffic().calls.iter().filter(|call| call.action == action).count()
    }

    /// A service behind this wire.
    pub(crate) fn before(&self, service: Service, router: Router) -> Router {
        router.layer(from_fn_with_state((self.clone(), service), pass))
    }

    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.0.lock().expect("a lock")
    }

    fn add(&self, rule: Rule) {
        self.traffic().rules.push(rule);
    }

    /// Notes a call, and says what goes wrong with it.
    fn note(&self, call: Call, body: &str) -> Option<Fault> {
        let mut traffic = self.traffic();
        let mut fault = None;
        for rule in &mut traffic.rules {
            fault = fault.or_else(|| rule.fault_of(&call.action, body));
        }
        traffic.calls.push(call);
        fault
    }
}

async fn pass(State((wire, service)): State<(Wire, Service)>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let action = action(service, &parts.headers);
    let fault = wire.note(Call { service, action }, &String::from_utf8_lossy(&body));
    let lost = || StatusCode::BAD_GATEWAY.into_response();
    let run = |body: Bytes| next.run(Request::from_parts(parts, Body::from(body)));
    match fault {
        None => run(body).await,
        Some(Fault::Answer(status, text)) => (status, text).into_response(),
        Some(Fault::LoseAnswer) => {
            run(body).await;
            lost()
        }
        Some(Fault::Hold(gate)) => {
            if gate.pass().await {
                run(body).await
            } else {
                lost()
            }
        }
        Some(Fault::HoldAnswer(gate)) => {
            let answer = run(body).await;
            if gate.pass().await { answer } else { lost() }
        }
    }
}

fn action(service: Service, headers: &HeaderMap) -> String {
    if service == Service::Sns {
        return "Publish".to_owned();
    }
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// A router that passes every call on to this address.
pub(crate) fn forward(address: &str) -> Router {
    let (http, address) = (crate::client::http(), address.to_owned());
    Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
        let mut headers = headers;
        headers.remove("host");
        let answer = http.post(&address).headers(headers).body(body).send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.bytes().await.expect("a body")).into_response()
    })
}

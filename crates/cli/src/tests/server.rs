//! A small HTTP server with a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::Value;

/// One answer of the script.
pub(super) struct Answer {
    status: u16,
    retry_after: Option<&'static str>,
    body: String,
}

/// An answer with this status and body.
pub(super) fn answer(status: u16, body: &Value) -> Answer {
    text(status, body.to_string())
}

/// An answer whose body may be anything.
pub(super) fn text(status: u16, body: impl Into<String>) -> Answer {
    Answer { status, retry_after: None, body: body.into() }
}

impl Answer {
    /// The same answer with a `Retry-After`.
    pub(super) fn after(self, retry_after: &'static str) -> Self {
        Self { retry_after: Some(retry_after), ..self }
    }
}

/// What arrived.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) key: String,
    pub(super) authorization: String,
    pub(super) body: Bytes,
}

#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
}

/// The server; it ends with the test's runtime.
pub(super) struct Server {
    pub(super) address: String,
    script: Arc<Script>,
}

impl Server {
    /// A server that gives these answers in turn, and 418 when it has no more.
    pub(super) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let script = Arc::new(Script::default());
        script.answers.lock().expect("no test panics here").extend(answers);
        let router = Router::new().fallback(respond).with_state(Arc::clone(&script));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, script }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.script.requests.lock().expect("no test panics here").clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.line).collect()
    }
}

async fn respond(
    State(script): State<Arc<Script>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name: &str| {
        headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
    };
    script.requests.lock().expect("no test panics here").push(Request {
        line: format!("{method} {uri}"),
        key: header("idempotency-key"),
        authorization: header("authorization"),
        body,
    });
    let next = script.answers.lock().expect("no test panics here").pop_front();
    let next = next.unwrap_or_else(|| text(418, ""));
    let mut response = Response::builder().status(next.status);
    if let Some(retry_after) = next.retry_after {
        response = response.header("retry-after", retry_after);
    }
    response.body(Body::from(next.body)).expect("a good answer")
}

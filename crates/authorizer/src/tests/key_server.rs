//! An HTTP server of keys that counts how often it is asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};

#[derive(Default)]
struct Inner {
    asked: AtomicUsize,
    answer: Mutex<(u16, String)>,
}

/// The server; it ends with the test's runtime.
pub(super) struct KeyServer {
    pub(super) url: String,
    inner: Arc<Inner>,
}

impl KeyServer {
    /// A server that answers so until it is told otherwise.
    pub(super) async fn answering(status: u16, body: impl Into<String>) -> Self {
        let inner = Arc::new(Inner { answer: Mutex::new((status, body.into())), ..Inner::default() });
        let router = Router::new().fallback(respond).with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/jwks.json", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Has it answer so from now on. An address as the body of a redirection is where it leads.
    pub(super) fn answer(&self, status: u16, body: impl Into<String>) {
        *self.inner.answer.lock().expect("no test panics here") = (status, body.into());
    }

    /// How often it was asked for the keys.
    pub(super) fn asked(&self) -> usize {
        self.inner.asked.load(Ordering::SeqCst)
    }
}

async fn respond(State(inner): State<Arc<Inner>>) -> (StatusCode, HeaderMap, String) {
    inner.asked.fetch_add(1, Ordering::SeqCst);
    // Long enough for requests that come together to find each other.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let (status, body) = inner.answer.lock().expect("no test panics here").clone();
    let mut headers = HeaderMap::new();
    if (300..400).contains(&status) && body.starts_with("http") {
        headers.insert(LOCATION, body.parse().expect("an address"));
    }
    (StatusCode::from_u16(status).expect("a status"), headers, body)
}

//! What the log says of a caller, and what it does not.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::key_server::KeyServer;
use super::{CLIENT, Time, access, authorizer, event, ours, with};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics here").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The claims of somebody whose every claim names them.
fn jean(groups: &[&str]) -> Value {
    let members = json!({
        "sub": "subject@example.com",
        "name": "Jean Example",
        "email": "email@example.com",
        "username": "username@example.com",
    });
    with(access(groups), &members)
}

/// The lines that are written when this token is shown to `POST /createAccount`.
async fn lines(token: &str) -> Vec<Value> {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::DEBUG);
    let subscriber = subscriber.with_writer(move || writer.clone()).finish();
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let mut event = event("POST /createAccount", token);
    event["requestContext"] = json!({"requestId": "AbCdEfGhIjKlMnO="});

    let capture = tracing::subscriber::set_default(subscriber);
    authorizer.handle(event).await.expect("there are keys");
    drop(capture);

    let text = String::from_utf8(buffer.0.lock().expect("no test panics here").clone()).expect("a text");
    for secret in ["@", "Jean", "Example", "username", token] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["target"] == "authorizer").map(|line| line["fields"].clone()).collect()
}

#[tokio::test]
async fn a_denial_is_logged_with_the_request_and_its_reason_and_names_no_person() {
    let lines = lines(&ours().token(&jean(&["Readers"]))).await;
    assert_eq!(
        lines,
        [json!({
            "message": "denied",
            "request_id": "AbCdEfGhIjKlMnO=",
            "route": "POST /createAccount",
            "reason": "the caller may not use this route",
            "kid": "rsa-1",
            "client": CLIENT,
            "subject": "9bc3ae0d5e4c0547",
        })]
    );
}

#[tokio::test]
async fn a_permission_is_logged_with_the_request_and_names_no_person() {
    let lines = lines(&ours().token(&jean(&["Administrators"]))).await;
    assert_eq!(
        lines,
        [json!({
            "message": "allowed",
            "request_id": "AbCdEfGhIjKlMnO=",
            "route": "POST /createAccount",
            "client": CLIENT,
        })]
    );
}

#[tokio::test]
async fn a_token_that_proves_nothing_is_logged_without_what_it_claims() {
    let header = json!({"alg": "RS256", "kid": "k".repeat(1000)});
    let lines = lines(&ours().rs256(&header, &jean(&["Readers"]))).await;
    assert_eq!((&lines[0]["reason"], lines.len()), (&json!("the issuer has no such key"), 1));
    assert_eq!(lines[0]["kid"], "k".repeat(64));
}

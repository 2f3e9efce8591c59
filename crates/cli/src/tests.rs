//! The client against a real HTTP server that answers from a script.

mod create;
mod get;
mod request;
mod requests;
mod resolve;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clap::Parser;
use serde_json::{Value, json};

use crate::{Arguments, Backoff, Console, Exit, Progress, run};
use server::Server;

/// What a call of the client left behind.
struct Called {
    exit: Exit,
    output: String,
    errors: String,
}

impl Called {
    /// The one JSON document on the standard output.
    fn document(&self) -> Value {
        serde_json::from_str(&self.output).expect("exactly one JSON document")
    }
}

const TOKEN: &str = "a-very-secret-token";

fn quick() -> Backoff {
    let moment = Duration::from_millis(5);
    Backoff {
        max_attempts: 4,
        max_attempts_while_waiting: 6,
        initial_delay: moment,
        max_delay: moment,
        max_retry_after: Duration::from_secs(5),
        initial_poll_interval: moment,
        max_poll_interval: moment,
    }
}

async fn call_with(address: &str, token: &str, input: &str, words: &[&str]) -> Called {
    let line = ["accounts", "--address", address, "--token", token].into_iter().chain(words.iter().copied());
    let arguments = Arguments::try_parse_from(line).expect("a good command line");
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let console = Console {
        input: Box::new(input.as_bytes()),
        output: Box::new(&mut output),
        errors: Box::new(&mut errors),
        progress: Progress::hidden(),
    };
    let exit = run(arguments, console, quick()).await;
    let text = |bytes| String::from_utf8(bytes).expect("the client writes text");
    let called = Called { exit, output: text(output), errors: text(errors) };
    let shown = |text: &str| !token.trim().is_empty() && text.contains(token);
    assert!(!shown(&called.output) && !shown(&called.errors), "the token is shown");
    called
}

async fn call_at(address: &str, input: &str, words: &[&str]) -> Called {
    call_with(address, TOKEN, input, words).await
}

async fn call(server: &Server, words: &[&str]) -> Called {
    call_at(&server.address, r#"{"AccountEmail": "User@example.com"}"#, words).await
}

fn item(request_id: &str, status: &str) -> Value {
    json!({
        "AccountEmail": "user@example.com",
        "AccountName": "my-new-account",
        "OrgUnit": "Engineering/Platform/Dev",
        "RequestID": request_id,
        "Status": status,
        "Tags": [{"Key": "env", "Value": "dev"}],
    })
}

fn problem(status: u16, code: &str) -> Value {
    json!({"type": "about:blank", "title": "No", "status": status, "detail": "It cannot be done.",
        "instance": "/createAccount#1", "code": code})
}

#[tokio::test]
async fn an_api_that_is_not_there_is_exit_5_and_says_where_it_was_looked_for() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    for output in ["text", "json"] {
        let called =
            call_at(&address, "{}", &["get", "--email", "a+b@example.com", "--output", output]).await;
        assert_eq!(called.exit, Exit::Unreachable);
        assert!(called.errors.contains(&format!("cannot reach the API at {address}: ")), "{}", called.errors);
        if output == "json" {
            assert_eq!(called.document()["code"], "client.unreachable");
        } else {
            assert_eq!(called.output, "");
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_up_to_the_maximum() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let accepted = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            drop(connection);
        }
    });
    let called = call_at(&address, "{}", &["get", "--id", "1"]).await;
    assert_eq!(called.exit, Exit::Unreachable);
    assert!(accepted.load(Ordering::Relaxed) >= quick().max_attempts, "{accepted:?}");
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_wrong_usage_and_is_not_shown() {
    let server = Server::answering([]).await;
    let called = call_with(&server.address, "bad\ntoken", "{}", &["get", "--id", "1"]).await;
    assert_eq!(called.exit, Exit::Usage);
    assert!(called.errors.contains("the token holds characters"), "{}", called.errors);
    assert!(!called.errors.contains("bad"), "{}", called.errors);
    assert_eq!(server.requests(), []);
}

#[tokio::test]
async fn a_client_for_https_finds_its_crypto_provider_and_the_roots_of_this_machine() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("https://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let called = call_at(&address, "{}", &["get", "--id", "1"]).await;
    assert_eq!(called.exit, Exit::Unreachable, "{}", called.errors);
}

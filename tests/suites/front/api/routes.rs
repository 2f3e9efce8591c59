//! Which routes there are, and which are not.

use accounts_tests::{Client, LocalFleet, body};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{assert_problem, fleet};

#[tokio::test(flavor = "multi_thread")]
async fn health_is_open_and_tells_the_version() {
    let fleet = fleet().await;
    let health = Client::send(fleet.bare(Method::GET, "/health")).await;
    assert_eq!(health.status, 200);
    assert_eq!(health.body, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_route_or_method_is_not_found_with_and_without_a_token() {
    let fleet = fleet().await;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/getAccount/"),
        (Method::GET, "/getaccount"),
        (Method::GET, "//getAccount"),
        (Method::GET, "/%67etAccount"),
        (Method::GET, "/createAccount"),
        (Method::POST, "/getAccount"),
        (Method::GET, "/requests"),
        (Method::GET, "/requests/"),
        (Method::POST, "/requests/0b8f2c3e-0000-7000-8000-000000000001"),
        (Method::GET, "/requests/0b8f2c3e-0000-7000-8000-000000000001/"),
        (Method::GET, "/requests/0b8f2c3e-0000-7000-8000-000000000001/resolve"),
        (Method::POST, "/requests//resolve"),
        (Method::GET, "/accounts"),
        (Method::GET, "/accounts/user@example.com"),
        (Method::GET, "/accounts//requests"),
        (Method::GET, "/accounts/a/b@example.com/requests"),
        (Method::POST, "/accounts/user@example.com/requests"),
        (Method::PUT, "/createAccount"),
        (Method::DELETE, "/getAccount?accountEmail=user@example.com"),
        (Method::POST, "/health"),
        (Method::GET, "/$default"),
        (Method::GET, "/local"),
    ] {
        for request in [fleet.request(method.clone(), path), fleet.bare(method.clone(), path)] {
            assert_problem(&Client::send(request).await, 404, "no_such_route");
        }
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_methods_are_no_error_of_ours() {
    let fleet = fleet().await;
    for method in ["HEAD", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get", "X"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        for path in [
            "/createAccount",
            "/getAccount",
            "/requests/0b8f2c3e-0000-7000-8000-000000000001",
            "/requests/0b8f2c3e-0000-7000-8000-000000000001/resolve",
            "/accounts/user@example.com/requests",
            "/health",
            "/",
            "/local/token",
            "/local/landing-zone",
        ] {
            let request = fleet.request(method.clone(), path).json(&body("user@example.com", "my-account"));
            let status = request.send().await.expect("an answer").status().as_u16();
            assert!((200..500).contains(&status), "{method} {path}: {status}");
        }
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new(), "an odd method created something");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_headers_are_no_error_of_ours() {
    let fleet = fleet().await;
    for host in ["a b", "[::1", "%", "<x>", "exa\u{e9}mple", "h:99999999", "", "user@host:1", "a/b?c#d"] {
        let status = status_of(&fleet, &format!("Host: {host}\r\n")).await;
        assert!((200..500).contains(&status), "Host: {host}: {status}");
    }
    for header in [
        "X-Forwarded-Proto: ht tp",
        "X-Forwarded-Host: a b",
        "X-Forwarded-Port: many",
        "Cookie: =;;=",
        "Content-Type: \u{ff}",
        "X-Amzn-Trace-Id: ;;;",
        "Expect: 100-continue",
        "Content-Encoding: gzip",
    ] {
        let status = status_of(&fleet, &format!("Host: localhost\r\n{header}\r\n")).await;
        assert!((200..500).contains(&status), "{header}: {status}");
    }
}

/// The status that a read with these headers is answered, sent as no client library would.
async fn status_of(fleet: &LocalFleet, headers: &str) -> u16 {
    let address = fleet.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let token = fleet.token();
    let request = format!(
        "GET /getAccount?accountEmail=user@example.com HTTP/1.1\r\n{headers}\
         Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("{headers}: {answer}"))
}

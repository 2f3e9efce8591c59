//! Requests that say two things at once, sent as no client library would.

use std::time::Duration;

use accounts_local::Group;
use accounts_tests::{LocalFleet, Pace, body};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The statuses of all answers to these bytes, up to the end of the connection.
async fn statuses(fleet: &LocalFleet, bytes: &str) -> Vec<u16> {
    let address = fleet.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(bytes.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    // A server may close a connection that it no longer understands before all was read.
    let end = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(end.is_ok(), "the connection stays open after {bytes:?}");
    let text = String::from_utf8_lossy(&answer);
    let status = |answer: &str| answer.get(..3).and_then(|status| status.parse().ok());
    text.split("HTTP/1.1 ").skip(1).filter_map(status).collect()
}

/// A request to make an account, with these lines among its headers.
fn create(line: &str, headers: &str) -> String {
    let body = body("user@example.com", "my-account").to_string();
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_two_tokens_or_hides_one_creates_nothing() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let (admin, reader) = (fleet.token(), fleet.client_of(Group::Readers).token().to_owned());
    let reads = format!("Authorization: Bearer {reader}\r\n");
    for (name, headers) in [
        ("a reader's token, then an administrator's", format!("{reads}Authorization: Bearer {admin}\r\n")),
        ("an administrator's token, then a reader's", format!("Authorization: Bearer {admin}\r\n{reads}")),
        ("an administrator's token twice", format!("Authorization: Bearer {admin}\r\n").repeat(2)),
        (
            "names in two spellings",
            format!("authorization: Bearer {admin}\r\nAUTHORIZATION: Bearer {admin}\r\n"),
        ),
        ("two tokens with a comma", format!("Authorization: Bearer {reader}, Bearer {admin}\r\n")),
        (
            "a password, then a token",
            format!("Authorization: Basic eDp5\r\nAuthorization: Bearer {admin}\r\n"),
        ),
        ("a space before the colon", format!("Authorization : Bearer {admin}\r\n")),
        ("a line that is folded", format!("Authorization: Bearer\r\n {admin}\r\n")),
        ("the token behind a bare line feed", format!("X-Note: x\nProxy-Authorization: Bearer {admin}\r\n")),
        ("the header of a proxy", format!("{reads}X-Forwarded-Authorization: Bearer {admin}\r\n")),
        ("a header that calls it a read", format!("{reads}X-HTTP-Method-Override: GET\r\n")),
        ("a header that calls it another path", format!("{reads}X-Original-URL: /getAccount\r\n")),
        ("a header with the groups", format!("{reads}X-Groups: Administrators\r\n")),
        (
            "a header with the verdict",
            format!("{reads}X-Amzn-Authorizer: {{\"groups\":\"Administrators\"}}\r\n"),
        ),
        ("a header that becomes one of the connection", format!("{reads}Connection: Authorization\r\n")),
        ("a trailer", format!("{reads}Trailer: Authorization\r\nTE: trailers\r\n")),
    ] {
        let answers = statuses(&fleet, &create("POST /createAccount", &headers)).await;
        assert!(answers.len() == 1 && (400..500).contains(&answers[0]), "{name}: {answers:?}");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
    let good = create("POST /createAccount", &format!("Authorization: Bearer {admin}\r\n"));
    assert_eq!(statuses(&fleet, &good).await, [201], "the same request with one token is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_and_a_path_in_other_words_make_no_read_a_write() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let admin = format!("Authorization: Bearer {}\r\n", fleet.token());
    for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let answers =
            statuses(&fleet, &create("GET /createAccount", &format!("{admin}{header}: POST\r\n"))).await;
        assert!(answers.len() == 1 && (400..500).contains(&answers[0]), "{header}: {answers:?}");
    }
    for line in [
        "post /createAccount",
        "POST /createaccount",
        "POST /createAccount/",
        "POST //createAccount",
        "POST /./createAccount",
        "POST /x/../createAccount",
        "POST /%63reateAccount",
        "POST /createAccount%20",
        "POST /createAccount%00",
        "POST /createAccount;x=1",
        "POST \\createAccount",
        "GET /createAccount",
        "PUT /createAccount",
    ] {
        let answers = statuses(&fleet, &create(line, &admin)).await;
        assert!(answers.iter().all(|status| (400..500).contains(status)), "{line}: {answers:?}");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_the_body_of_another_is_no_request_with_its_token() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let admin = format!("Authorization: Bearer {}\r\n", fleet.token());
    let hidden = create("POST /createAccount", "");
    let read = "/getAccount?accountEmail=user@example.com HTTP/1.1\r\nHost: localhost\r\n";
    for lengths in [
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
    ] {
        let answers = statuses(&fleet, &format!("GET {read}{admin}{lengths}{hidden}")).await;
        assert!(answers.iter().all(|status| (400..500).contains(status)), "{lengths:?}: {answers:?}");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

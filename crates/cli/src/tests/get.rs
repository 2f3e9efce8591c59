//! `accounts get`.

use serde_json::json;

use super::server::{Server, answer, text};
use super::{TOKEN, call, call_with, item, problem};
use crate::Exit;

#[tokio::test]
async fn by_email_the_plus_is_encoded_and_the_token_is_sent() {
    let server = Server::answering([answer(200, &item("r1", "Failed"))]).await;
    let called = call(&server, &["get", "--email", "a+b&c@example.com"]).await;
    assert_eq!(called.exit, Exit::Done, "a Failed request was found: that is what get was asked");
    assert_eq!(server.lines(), ["GET /getAccount?accountEmail=a%2Bb%26c%40example.com"]);
    assert_eq!(server.requests()[0].authorization, format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn by_id_text_shows_a_few_readable_lines() {
    let server = Server::answering([answer(200, &item("r1", "Valid"))]).await;
    let called = call(&server, &["get", "--id", "123456789012"]).await;
    assert_eq!(server.lines(), ["GET /getAccount?accountId=123456789012"]);
    assert_eq!(
        called.output,
        "user@example.com: Valid\n  account name  my-new-account\n  org unit      Engineering/Platform/Dev\n  \
         request id    r1\n  tags          env=dev\n"
    );
    assert_eq!(called.errors, "");
}

#[tokio::test]
async fn an_open_account_shows_queue_parking_overdue_and_caller_in_words() {
    let mut open = item("r1", "Requested");
    open["QueuePosition"] = json!("100+");
    open["ParkedUntil"] = json!("2026-11-22T05:48:05.400Z");
    open["OverdueSince"] = json!("2026-11-22T04:00:00Z");
    open["RequestedBy"] = json!({"Subject": "s-1", "ClientId": "portal", "Name": "Jean Dupont"});
    let server = Server::answering([answer(200, &open)]).await;
    let called = call(&server, &["get", "--id", "123456789012"]).await;
    for line in [
        "  waits         behind the first 100 in the queue\n",
        "  parked        until 2026-11-22 05:48:05 UTC, then it waits in the queue again\n",
        "  overdue       since 2026-11-22 04:00:00 UTC: its end is not known; it is still followed\n",
        "  requested by  Jean Dupont (client portal)\n",
    ] {
        assert!(called.output.contains(line), "{line}{}", called.output);
    }
}

#[tokio::test]
async fn a_caller_without_a_name_is_shown_by_its_subject() {
    let mut stored = item("r1", "Provisioned");
    stored["RequestedBy"] = json!({"Subject": "s-1", "ClientId": "s-1"});
    let server = Server::answering([answer(200, &stored)]).await;
    let called = call(&server, &["get", "--id", "123456789012"]).await;
    assert!(called.output.contains("  requested by  s-1 (client s-1)\n"), "{}", called.output);
}

#[tokio::test]
async fn json_is_the_stored_item_whole() {
    let mut stored = item("r1", "Provisioned");
    stored["SomethingNew"] = json!({"deep": [1, 2.5]});
    let server = Server::answering([answer(200, &stored)]).await;
    let called = call(&server, &["get", "--id", "1", "--output", "json"]).await;
    assert_eq!(called.document(), stored);
}

#[tokio::test]
async fn each_refusal_has_its_exit_code_and_in_json_its_problem_document() {
    for (status, exit) in [
        (400, Exit::Refused),
        (401, Exit::Refused),
        (403, Exit::Refused),
        (404, Exit::NotFound),
        (409, Exit::Refused),
        (413, Exit::Refused),
        (422, Exit::Refused),
        (429, Exit::Unreachable),
        (500, Exit::Unreachable),
        (503, Exit::Unreachable),
    ] {
        let body = problem(status, "some-code");
        let server = Server::answering((0..9).map(|_| answer(status, &body))).await;
        let called = call(&server, &["--output", "json", "get", "--id", "1"]).await;
        assert_eq!((called.exit, called.document()), (exit, body), "{status}");
        assert!(called.errors.starts_with(&format!("error: {status} some-code: It cannot be done.")));
    }
}

#[tokio::test]
async fn the_gateways_own_body_is_understood_and_a_missing_token_gets_a_hint() {
    let server = Server::answering([text(401, r#"{"message":"Unauthorized"}"#)]).await;
    let called = call_with(&server.address, " ", "", &["get", "--id", "1"]).await;
    assert_eq!(called.exit, Exit::Refused);
    assert_eq!(
        called.errors,
        "error: 401: Unauthorized\nnote: no token was shown; give one by --token or ACCOUNTS_TOKEN\n"
    );
    assert_eq!(server.requests()[0].authorization, "");
}

#[tokio::test]
async fn a_success_that_is_no_item_is_not_the_api() {
    for body in ["", "<html>", "{}", "[]", r#"{"AccountEmail": 1}"#] {
        let server = Server::answering([text(200, body)]).await;
        let called = call(&server, &["get", "--id", "1", "--output", "json"]).await;
        assert_eq!(called.exit, Exit::Unreachable, "{body}");
        assert_eq!(called.document()["code"], "client.not-the-api", "{body}");
        assert_eq!(server.requests().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn the_token_does_not_follow_a_redirect() {
    let server = Server::answering([text(302, "")]).await;
    let called = call(&server, &["get", "--id", "1"]).await;
    assert_eq!(called.exit, Exit::Unreachable);
    assert_eq!(server.requests().len(), 1);
}

//! `accounts requests`.

use std::ops::Range;

use serde_json::{Value, json};

use super::server::{Answer, Server, answer, text};
use super::{call, item, problem};
use crate::Exit;

fn numbered(numbers: Range<usize>) -> Vec<Value> {
    numbers.map(|number| item(&format!("r{number}"), "Failed")).collect()
}

fn page(numbers: Range<usize>, cursor: Option<&str>) -> Answer {
    let mut page = json!({"Requests": numbered(numbers)});
    if let Some(cursor) = cursor {
        page["NextCursor"] = json!(cursor);
    }
    answer(200, &page)
}

#[tokio::test]
async fn an_email_in_the_path_is_percent_encoded_and_an_id_stays_as_it_is() {
    for (account, encoded) in
        [("a+b/c@example.com", "a%2Bb%2Fc%40example.com"), ("123456789012", "123456789012")]
    {
        let server = Server::answering([page(0..1, None)]).await;
        assert_eq!(call(&server, &["requests", account]).await.exit, Exit::Done);
        assert_eq!(server.lines(), [format!("GET /accounts/{encoded}/requests?limit=20")]);
    }
}

#[tokio::test]
async fn all_follows_the_cursor_to_the_last_page_and_json_is_one_document() {
    let server =
        Server::answering([page(0..100, Some("c+1")), page(100..100, Some("c2")), page(100..130, None)])
            .await;
    let called = call(&server, &["requests", "a@example.com", "--all", "--output", "json"]).await;
    assert_eq!((called.exit, called.document()), (Exit::Done, json!({"Requests": numbered(0..130)})));
    let first = "GET /accounts/a%40example.com/requests?limit=100";
    assert_eq!(
        server.lines(),
        [first.to_owned(), format!("{first}&cursor=c%2B1"), format!("{first}&cursor=c2")]
    );
    assert_eq!(called.errors, "");
}

#[tokio::test]
async fn a_limit_above_one_page_takes_several_and_says_that_there_are_older_ones() {
    let server = Server::answering([page(0..100, Some("c1")), page(100..150, Some("c2"))]).await;
    let called = call(&server, &["requests", "a@example.com", "--limit", "150", "--output", "json"]).await;
    let expected = json!({"Requests": numbered(0..150), "NextCursor": "c2"});
    assert_eq!((called.exit, called.document()), (Exit::Done, expected));
    assert_eq!(server.lines()[1], "GET /accounts/a%40example.com/requests?limit=50&cursor=c1");
    assert_eq!(called.errors, "note: there are older requests; list them by --all or a higher --limit\n");
}

#[tokio::test]
async fn text_is_a_table_with_a_line_for_each_request() {
    let mut open = item("r2", "InProgress");
    open["Kind"] = json!("Create");
    open["CreatedAt"] = json!("2026-11-22T05:48:05.400Z");
    open["OverdueSince"] = json!("2026-11-22T09:48:05.400Z");
    let mut failed = open.clone();
    failed["RequestID"] = json!("request-1");
    failed["Status"] = json!("Failed");
    failed["ErrorMessage"] = json!("No such\nunit.");
    let server = Server::answering([answer(200, &json!({"Requests": [open, failed]}))]).await;
    let called = call(&server, &["requests", "a@example.com"]).await;
    assert_eq!(
        called.output,
        "REQUEST ID  KIND    STATUS                CREATED                  ERROR\n\
         r2          Create  InProgress (overdue)  2026-11-22 05:48:05 UTC\n\
         request-1   Create  Failed                2026-11-22 05:48:05 UTC  No such unit.\n"
    );
}

#[tokio::test]
async fn a_cursor_that_leads_to_itself_ends_the_call() {
    let server = Server::answering((0..9).map(|_| page(0..1, Some("c")))).await;
    let called = call(&server, &["requests", "a@example.com", "--all"]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Unreachable, 2));
}

#[tokio::test]
async fn a_success_that_is_no_page_is_not_the_api() {
    for body in ["{}", r#"{"Requests": {}}"#, r#"{"Requests": [{"RequestID": "r1"}]}"#] {
        let server = Server::answering([text(200, body)]).await;
        let called = call(&server, &["requests", "a@example.com", "--output", "json"]).await;
        assert_eq!(
            (called.exit, &called.document()["code"]),
            (Exit::Unreachable, &json!("client.not-the-api"))
        );
    }
}

#[tokio::test]
async fn a_page_that_is_not_answered_at_once_is_asked_for_again() {
    let server = Server::answering([page(0..1, Some("c")), text(503, ""), page(1..2, None)]).await;
    let called = call(&server, &["requests", "a@example.com", "--all", "--output", "json"]).await;
    assert_eq!(called.document(), json!({"Requests": numbered(0..2)}));
}

#[tokio::test]
async fn an_unknown_account_is_exit_4_and_says_how_to_ask() {
    let server = Server::answering([answer(404, &problem(404, "not_found"))]).await;
    let called = call(&server, &["requests", "a@example.com"]).await;
    assert_eq!(called.exit, Exit::NotFound);
    assert!(
        called.errors.contains("note: ask by the e-mail address that was first requested"),
        "{}",
        called.errors
    );
}

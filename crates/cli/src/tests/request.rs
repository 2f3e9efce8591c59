//! `accounts request`.

use serde_json::{Value, json};

use super::server::{Server, answer};
use super::{call, item, problem};
use crate::Exit;

const ID: &str = "01990000-0000-7000-8000-000000000001";

fn request(status: &str) -> Value {
    let mut request = item(ID, status);
    request["Kind"] = json!("Create");
    request
}

#[tokio::test]
async fn it_is_asked_for_by_its_id_and_a_failed_one_is_found_too() {
    let server = Server::answering([answer(200, &request("Failed"))]).await;
    let called = call(&server, &["request", &ID.to_uppercase(), "--output", "json"]).await;
    assert_eq!((called.exit, called.document()), (Exit::Done, request("Failed")));
    assert_eq!(server.lines(), [format!("GET /requests/{ID}")]);
}

#[tokio::test]
async fn text_shows_its_kind_why_it_is_parked_and_each_operation() {
    let mut parked = request("Requested");
    parked["ParkedUntil"] = json!("2026-11-22T05:48:05Z");
    parked["ParkReason"] = json!("the portfolio is missing");
    parked["Operations"] = json!([
        {"Number": 1, "State": "Ended", "Handle": {"RecordId": "rec-1"},
            "Outcome": {"Result": "Failed", "Reason": "no such unit", "ResolvedReason": "seen"}},
        {"Number": 2, "State": "Beginning"},
    ]);
    let server = Server::answering([answer(200, &parked)]).await;
    let called = call(&server, &["request", ID]).await;
    for line in [
        "  kind          Create\n",
        "  parked        until 2026-11-22 05:48:05 UTC, then it waits in the queue again; the portfolio is missing\n",
        "  operation 1   Ended, record rec-1: Failed, no such unit; stated by an operator: seen\n",
        "  operation 2   Beginning\n",
    ] {
        assert!(called.output.contains(line), "{line}{}", called.output);
    }
}

#[tokio::test]
async fn an_unknown_request_is_exit_4_and_says_how_to_list_them() {
    let server = Server::answering([answer(404, &problem(404, "not_found"))]).await;
    let called = call(&server, &["request", ID]).await;
    assert_eq!(called.exit, Exit::NotFound);
    assert!(called.errors.starts_with("error: 404 not_found: It cannot be done.\n"), "{}", called.errors);
    assert!(called.errors.contains("accounts requests ACCOUNT"), "{}", called.errors);
}

#[tokio::test]
async fn a_refused_token_and_a_missing_right_say_what_is_needed() {
    for (status, words) in [(401, "get a new token"), (403, "the group Readers or Administrators")] {
        let server = Server::answering([answer(status, &problem(status, "x"))]).await;
        let called = call(&server, &["request", ID]).await;
        assert_eq!(called.exit, Exit::Refused);
        assert!(called.errors.contains(words), "{}", called.errors);
    }
}

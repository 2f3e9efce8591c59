//! `accounts resolve`.

use serde_json::{Value, json};

use super::server::{Answer, Server, answer, text};
use super::{Called, call, item, problem};
use crate::Exit;

const ID: &str = "01990000-0000-7000-8000-000000000001";

async fn resolve(answers: impl IntoIterator<Item = Answer>, words: &[&str]) -> (Server, Called) {
    let server = Server::answering(answers).await;
    let called = call(&server, &[&["resolve", ID, "--reason", "seen in AWS"], words].concat()).await;
    (server, called)
}

fn sent(server: &Server) -> Value {
    serde_json::from_slice(&server.requests()[0].body).expect("a JSON body")
}

#[tokio::test]
async fn an_account_that_exists_is_stated_with_its_id_and_the_reason() {
    let (server, called) = resolve(
        [answer(202, &item(ID, "InProgress"))],
        &["--account-exists", "123456789012", "--output", "json"],
    )
    .await;
    assert_eq!((called.exit, called.document()), (Exit::Done, item(ID, "InProgress")));
    assert_eq!(server.lines(), [format!("POST /requests/{ID}/resolve")]);
    assert_eq!(
        sent(&server),
        json!({"Outcome": "AccountExists", "AccountId": "123456789012", "Reason": "seen in AWS"})
    );
    assert_eq!(
        called.errors,
        format!("note: the workflow ends the request now; follow it by: accounts request {ID}\n")
    );
}

#[tokio::test]
async fn that_there_is_no_account_is_stated_with_the_reason() {
    let (server, called) = resolve([answer(202, &item(ID, "Failed"))], &["--no-account"]).await;
    assert_eq!((called.exit, called.errors.as_str()), (Exit::Done, ""));
    assert_eq!(sent(&server), json!({"Outcome": "NoAccount", "Reason": "seen in AWS"}));
}

#[tokio::test]
async fn each_refusal_shows_its_code_and_what_to_do_next() {
    for (status, code, exit, words) in [
        (403, "denied", Exit::Refused, "a token of the group Administrators"),
        (404, "not_found", Exit::NotFound, "accounts requests ACCOUNT"),
        (409, "not_overdue", Exit::Refused, "only an overdue operation can be resolved"),
        (409, "operation_running", Exit::Refused, "wait for its end"),
        (409, "account_exists", Exit::Refused, "--account-exists ACCOUNT_ID"),
        (422, "account_mismatch", Exit::Refused, "the account that has the request's e-mail"),
    ] {
        let (server, called) = resolve([answer(status, &problem(status, code))], &["--no-account"]).await;
        assert_eq!((called.exit, server.requests().len()), (exit, 1), "{code}");
        assert!(
            called.errors.starts_with(&format!("error: {status} {code}: It cannot be done.\n")),
            "{code}"
        );
        let note = called.errors.lines().last().unwrap_or_default();
        assert!(note.starts_with("note: ") && note.contains(words), "{code}: {note}");
    }
}

#[tokio::test]
async fn a_fault_of_a_field_is_named() {
    let mut body = problem(400, "invalid_request");
    body["errors"] = json!([{"field": "AccountId", "code": "invalid_format", "message": "Twelve digits."}]);
    let (_, called) = resolve([answer(400, &body)], &["--account-exists", "12"]).await;
    assert_eq!(called.exit, Exit::Refused);
    assert!(called.errors.contains("\n  AccountId: Twelve digits. (invalid_format)\n"), "{}", called.errors);
}

#[tokio::test]
async fn what_is_not_answered_is_sent_again() {
    let (server, called) =
        resolve([text(503, ""), answer(202, &item(ID, "InProgress"))], &["--no-account"]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Done, 2));
    assert_eq!(server.requests()[0].body, server.requests()[1].body);
}

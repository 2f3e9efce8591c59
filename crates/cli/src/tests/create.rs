//! `accounts create`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::server::{Answer, Server, answer, text};
use super::{Called, call, call_at, item, problem};
use crate::Exit;

async fn create(answers: impl IntoIterator<Item = Answer>, words: &[&str]) -> (Server, Called) {
    let server = Server::answering(answers).await;
    let words = [&["create", "--input", "-"], words].concat();
    let called = call(&server, &words).await;
    (server, called)
}

#[tokio::test]
async fn the_input_is_sent_as_it_is_and_the_new_item_shown() {
    let (server, called) = create([answer(201, &item("r1", "Requested"))], &["--output", "json"]).await;
    assert_eq!((called.exit, called.document()), (Exit::Done, item("r1", "Requested")));
    assert_eq!(server.lines(), ["POST /createAccount"]);
    assert_eq!(server.requests()[0].body, r#"{"AccountEmail": "User@example.com"}"#);
    assert_eq!(called.errors, "");
}

#[tokio::test]
async fn each_attempt_of_a_call_carries_the_same_key_and_each_call_another() {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let busy = [answer(429, &problem(429, "busy")), text(503, ""), text(500, "")];
        let (server, called) =
            create(busy.into_iter().chain([answer(201, &item("r1", "Requested"))]), &[]).await;
        assert_eq!(called.exit, Exit::Done);
        let sent: Vec<_> = server.requests().into_iter().map(|request| request.key).collect();
        assert_eq!(sent.len(), 4);
        assert!(sent.iter().all(|key| key.len() == 36 && *key == sent[0]), "{sent:?}");
        keys.extend(sent.into_iter().next());
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_key_from_the_command_line_is_the_one_that_is_sent() {
    let (server, _) = create([answer(201, &item("r1", "Requested"))], &["--idempotency-key", "mine"]).await;
    assert_eq!(server.requests()[0].key, "mine");
}

#[tokio::test]
async fn retry_after_is_waited_out() {
    let begun = Instant::now();
    let (server, called) =
        create([text(503, "").after("1"), answer(201, &item("r1", "Requested"))], &[]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Done, 2));
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_retry_after_above_the_maximum_ends_the_call_at_once() {
    let (server, called) = create([answer(429, &problem(429, "busy")).after("3600")], &[]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Unreachable, 1));
}

#[tokio::test]
async fn the_attempts_are_bounded() {
    let (server, called) = create((0..20).map(|_| text(503, "")), &[]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Unreachable, 4));
    assert_eq!(called.errors, "error: 503: Service Unavailable\n");
}

#[tokio::test]
async fn a_refusal_is_not_retried_and_names_every_field() {
    let mut body = problem(400, "invalid-request");
    body["errors"] = json!([
        {"field": "OrgUnit", "code": "missing", "message": "OrgUnit is required."},
        {"field": "Tags[0].Key", "code": "too-long", "message": "At most 128 characters."},
    ]);
    let (server, called) = create([answer(400, &body)], &[]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Refused, 1));
    assert_eq!(called.output, "");
    assert_eq!(
        called.errors,
        "error: 400 invalid-request: It cannot be done.\n  OrgUnit: OrgUnit is required. (missing)\n  \
         Tags[0].Key: At most 128 characters. (too-long)\n  instance: /createAccount#1\n"
    );
}

#[tokio::test]
async fn input_that_is_unreadable_or_no_json_is_wrong_usage_and_nothing_is_sent() {
    let server = Server::answering([]).await;
    let missing = call(&server, &["create", "--input", "/no/such/file.json"]).await;
    assert_eq!(missing.exit, Exit::Usage);
    assert!(missing.errors.starts_with("error: cannot read /no/such/file.json: "), "{}", missing.errors);
    for input in ["", "{", "{} {}", "AccountEmail=x"] {
        let called = call_at(&server.address, input, &["create", "--input", "-", "--output", "json"]).await;
        assert_eq!(called.exit, Exit::Usage, "{input}");
        assert_eq!(called.document()["code"], "client.input-not-json", "{input}");
    }
    assert_eq!(server.requests(), []);
}

#[tokio::test]
async fn wait_follows_the_request_by_its_id_until_it_is_provisioned() {
    let statuses = ["Requested", "Valid", "InProgress", "Provisioned"];
    let polls = statuses.map(|status| answer(200, &item("r1", status)));
    let (server, called) = create(
        [answer(201, &item("r1", "Requested"))].into_iter().chain(polls),
        &["--wait", "--output", "json"],
    )
    .await;
    assert_eq!((called.exit, called.document()), (Exit::Done, item("r1", "Provisioned")));
    assert_eq!(server.lines()[1..], ["GET /requests/r1"; 4]);
}

#[tokio::test]
async fn wait_ends_with_exit_1_and_the_reason_when_the_request_fails() {
    let mut failed = item("r1", "Failed");
    failed["ErrorMessage"] = json!("The e-mail address is in use.");
    let answers = || [answer(201, &item("r1", "Requested")), answer(200, &failed)];
    let (_, called) = create(answers(), &["--wait"]).await;
    assert_eq!(called.exit, Exit::RequestFailed);
    assert!(called.output.starts_with("user@example.com: Failed\n"), "{}", called.output);
    assert_eq!(called.errors, "error: the request has failed: The e-mail address is in use.\n");
    let (_, called) = create(answers(), &["--wait", "--output", "json"]).await;
    assert_eq!((called.exit, called.document()), (Exit::RequestFailed, failed));
}

#[tokio::test]
async fn wait_goes_on_when_a_parked_request_goes_back_to_requested() {
    let mut parked = item("r1", "Requested");
    parked["ParkedUntil"] = json!("2026-11-22T05:48:05Z");
    let polls = ["Valid", "InProgress"].map(|status| answer(200, &item("r1", status)));
    let again = ["Requested", "InProgress", "Provisioned"].map(|status| answer(200, &item("r1", status)));
    let (server, called) = create(
        [answer(201, &item("r1", "Requested"))]
            .into_iter()
            .chain(polls)
            .chain([answer(200, &parked)])
            .chain(again),
        &["--wait"],
    )
    .await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Done, 7));
}

#[tokio::test]
async fn wait_ends_with_exit_1_when_the_request_is_cancelled_and_with_0_when_it_is_done() {
    let end = |status| [answer(201, &item("r1", "Requested")), answer(200, &item("r1", status))];
    let (_, called) = create(end("Cancelled"), &["--wait"]).await;
    assert_eq!(called.exit, Exit::RequestFailed);
    assert_eq!(called.errors, "error: the request was cancelled: no reason is given\n");
    let (_, called) = create(end("Done"), &["--wait"]).await;
    assert_eq!((called.exit, called.errors.as_str()), (Exit::Done, ""));
}

#[tokio::test]
async fn a_failure_after_which_an_account_may_exist_says_that_an_operator_has_to_look() {
    let mut failed = item("r1", "Failed");
    failed["AccountMayExist"] = json!(true);
    let (_, called) =
        create([answer(201, &item("r1", "Requested")), answer(200, &failed)], &["--wait"]).await;
    assert_eq!(called.exit, Exit::RequestFailed);
    assert!(called.errors.contains("an operator has to look: accounts request r1"), "{}", called.errors);
}

#[tokio::test]
async fn wait_takes_no_other_request_for_the_one_it_follows() {
    let (_, called) =
        create([answer(201, &item("r1", "Requested")), answer(200, &item("r2", "Provisioned"))], &["--wait"])
            .await;
    assert_eq!(called.exit, Exit::Unreachable);
}

#[tokio::test]
async fn a_taken_email_says_how_to_see_the_account() {
    let (_, called) = create([answer(409, &problem(409, "email_taken"))], &[]).await;
    assert_eq!(called.exit, Exit::Refused);
    assert!(
        called.errors.ends_with("note: see the account by: accounts get --email EMAIL\n"),
        "{}",
        called.errors
    );
}

#[tokio::test]
async fn wait_gives_up_in_time_with_exit_6_and_the_last_that_was_known() {
    let mut running = item("r1", "InProgress");
    running["OverdueSince"] = json!("2026-11-22T05:48:05Z");
    let polls = (0..10_000).map(|_| answer(200, &running));
    let (_, called) = create(
        [answer(201, &item("r1", "Requested"))].into_iter().chain(polls),
        &["--wait", "--timeout-seconds", "0.2", "--output", "json"],
    )
    .await;
    assert_eq!((called.exit, called.document()), (Exit::StillRunning, running.clone()));
    let words = "the request is still InProgress, overdue since 2026-11-22 05:48:05 UTC and goes on";
    assert!(called.errors.contains(words), "{}", called.errors);
    assert!(called.errors.contains("accounts request r1"), "{}", called.errors);
}

#[tokio::test]
async fn wait_outlasts_a_short_outage_and_says_that_the_request_goes_on_after_a_long_one() {
    let outage = |length| (0..length).map(|_| text(503, ""));
    let created = || [answer(201, &item("r1", "Requested"))].into_iter();
    let (_, called) =
        create(created().chain(outage(5)).chain([answer(200, &item("r1", "Provisioned"))]), &["--wait"])
            .await;
    assert_eq!(called.exit, Exit::Done);
    let (_, called) = create(created().chain(outage(50)), &["--wait"]).await;
    assert_eq!(called.exit, Exit::Unreachable);
    assert!(called.errors.contains("note: the request was accepted"), "{}", called.errors);
}

#[tokio::test]
async fn a_request_that_is_final_when_it_is_created_is_not_asked_for_again() {
    let (server, called) = create([answer(201, &item("r1", "Provisioned"))], &["--wait"]).await;
    assert_eq!((called.exit, server.requests().len()), (Exit::Done, 1));
}

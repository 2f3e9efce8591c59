//! When the keys are fetched, counted at a real server.

use std::time::Duration;

use accounts_core::Kind;
use accounts_lambda::Settings;
use futures::future::join_all;
use serde_json::json;

use super::key_server::KeyServer;
use super::{CLIENT, NOW, POOL, Time, access, authorizer, event, foreign, is_allowed, ours, with};
use crate::Authorizer;

const GET: &str = "GET /getAccount";
const HOUR: Duration = Duration::from_secs(3600);

/// A good token that outlives the longest test.
fn good() -> String {
    ours().token(&with(access(&["Readers"]), &json!({"exp": NOW + 1_000_000})))
}

fn of_unknown_key(number: usize) -> String {
    ours().rs256(&json!({"alg": "RS256", "kid": format!("unknown-{number}")}), &access(&["Readers"]))
}

#[tokio::test]
async fn the_keys_are_fetched_once_at_the_start_and_then_kept() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    assert_eq!(server.asked(), 1);
    for _ in 0..10 {
        assert!(is_allowed(&authorizer, GET, &good()).await);
    }
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn unknown_keys_cause_no_more_than_one_fetch_a_minute_whatever_is_sent() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    for minute in 0..3 {
        for number in 0..20 {
            assert!(!is_allowed(&authorizer, GET, &of_unknown_key(number)).await);
        }
        assert_eq!(server.asked(), 1 + minute, "after {minute} minutes");
        time.pass(Duration::from_secs(59));
        assert!(!is_allowed(&authorizer, GET, &of_unknown_key(99)).await);
        assert_eq!(server.asked(), 1 + minute, "a second early");
        time.pass(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn the_pause_between_fetches_is_a_setting() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let settings = Settings::from_pairs([
        ("ISSUER", POOL),
        ("AUDIENCE", CLIENT),
        ("JWKS_URL", &server.url),
        ("JWKS_REFRESH_SECONDS", "5"),
    ]);
    let authorizer = Authorizer::with_clock(&settings, time.clock()).await.expect("good settings");
    time.pass(Duration::from_secs(5));
    assert!(!is_allowed(&authorizer, GET, &of_unknown_key(1)).await);
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_key_that_the_issuer_adds_is_found_within_the_minute() {
    let server = KeyServer::answering(200, foreign().jwks().replace("-1\"", "-0\"")).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(200, ours().jwks());
    assert!(!is_allowed(&authorizer, GET, &good()).await);
    time.pass(Duration::from_secs(60));
    assert!(is_allowed(&authorizer, GET, &good()).await);
}

#[tokio::test]
async fn a_key_that_the_issuer_withdraws_is_forgotten_within_the_hour() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(200, ours().jwks().replace("rsa-1", "rsa-2"));
    assert!(is_allowed(&authorizer, GET, &good()).await);
    time.pass(HOUR);
    assert!(!is_allowed(&authorizer, GET, &good()).await);
}

#[tokio::test]
async fn tokens_that_cannot_be_good_cause_no_fetch() {
    let server = KeyServer::answering(503, "").await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let asked = server.asked();
    let header = json!({"alg": "HS256", "kid": "rsa-1"});
    for token in ["", "a.b.c", &ours().hs256(&header, &access(&["Administrators"]))] {
        assert!(!is_allowed(&authorizer, GET, token).await);
    }
    assert!(!is_allowed(&authorizer, "GET /unknown", &good()).await);
    assert_eq!(server.asked(), asked);
}

#[tokio::test]
async fn requests_that_miss_together_cause_one_fetch() {
    let server = KeyServer::answering(503, "").await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    server.answer(200, ours().jwks());
    let asked = server.asked();
    let token = good();
    let answers = join_all((0..50).map(|_| is_allowed(&authorizer, GET, &token))).await;
    assert!(answers.into_iter().all(|allowed| allowed));
    assert_eq!(server.asked(), asked + 1);
}

#[tokio::test]
async fn requests_that_fail_together_cause_one_fetch_too() {
    let server = KeyServer::answering(503, "").await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let asked = server.asked();
    let token = good();
    let answers = join_all((0..50).map(|_| authorizer.handle(event(GET, &token)))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|e| e.kind() == Kind::Transient)));
    assert_eq!(server.asked(), asked + 1);
}

#[tokio::test]
async fn without_any_keys_the_answer_is_an_error_and_never_permission() {
    let too_large = format!("{}{}", ours().jwks(), " ".repeat(64 * 1024));
    for (status, body) in [
        (503, ours().jwks()),
        (302, ours().jwks()),
        (200, String::new()),
        (200, r#"{"keys": []}"#.to_owned()),
        (200, too_large),
    ] {
        let server = KeyServer::answering(status, body).await;
        let time = Time::begin();
        let authorizer = authorizer(&server, &time).await;
        let error = authorizer.handle(event(GET, &good())).await.expect_err("there are no keys");
        assert_eq!(error.kind(), Kind::Transient);
        assert!(std::error::Error::source(&error).is_some(), "the log learns why");

        server.answer(200, ours().jwks());
        time.pass(Duration::from_secs(1));
        assert!(is_allowed(&authorizer, GET, &good()).await, "the issuer is well again");
    }
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_again_are_used_for_a_day() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(503, "");
    time.pass(2 * HOUR);
    for _ in 0..5 {
        assert!(is_allowed(&authorizer, GET, &good()).await);
    }
    assert_eq!(server.asked(), 2, "one failed fetch, and then a pause");
    time.pass(22 * HOUR);
    let error = authorizer.handle(event(GET, &good())).await.expect_err("the keys are too old");
    assert_eq!(error.kind(), Kind::Transient);
}

/// The kind of the error that keeps the question from being answered; none if there is a verdict.
async fn error_of(authorizer: &Authorizer, token: &str) -> Option<Kind> {
    authorizer.handle(event(GET, token)).await.err().map(|error| error.kind())
}

#[tokio::test]
async fn an_unknown_key_is_an_error_while_the_keys_cannot_be_fetched_again() {
    let server = KeyServer::answering(200, ours().jwks().replace("rsa-1", "rsa-0")).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(503, "");
    time.pass(Duration::from_secs(60));
    let error =
        authorizer.handle(event(GET, &good())).await.expect_err("nobody knows whether there is a key");
    assert_eq!(error.kind(), Kind::Transient);
    assert!(std::error::Error::source(&error).is_some(), "the log learns why");

    server.answer(200, ours().jwks());
    assert_eq!(error_of(&authorizer, &good()).await, Some(Kind::Transient), "no fetch was due yet");
    time.pass(Duration::from_secs(60));
    assert!(is_allowed(&authorizer, GET, &good()).await, "the issuer is well again, and the key was there");
}

#[tokio::test]
async fn unknown_keys_cause_no_more_than_one_fetch_a_minute_also_while_fetches_fail() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(503, "");
    for minute in 1..4 {
        time.pass(Duration::from_secs(60));
        for number in 0..20 {
            assert_eq!(error_of(&authorizer, &of_unknown_key(number)).await, Some(Kind::Transient));
        }
        assert_eq!(server.asked(), 1 + minute, "after {minute} minutes");
        assert!(is_allowed(&authorizer, GET, &good()).await, "a key at hand is used meanwhile");
    }
}

#[tokio::test]
async fn unknown_keys_that_miss_together_while_the_fetch_fails_are_all_errors() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(503, "");
    time.pass(Duration::from_secs(60));
    let tokens: Vec<_> = (0..50).map(of_unknown_key).collect();
    let errors = join_all(tokens.iter().map(|token| error_of(&authorizer, token))).await;
    assert_eq!(errors, [Some(Kind::Transient); 50]);
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_fetch_given_up_on_the_way_proves_no_key_unknown() {
    let server = KeyServer::answering(200, ours().jwks().replace("rsa-1", "rsa-0")).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(200, ours().jwks());
    time.pass(Duration::from_secs(60));
    let moment = Duration::from_millis(1);
    let given_up = tokio::time::timeout(moment, authorizer.handle(event(GET, &good()))).await;
    assert!(given_up.is_err(), "the key server takes longer than that");
    assert_eq!(error_of(&authorizer, &good()).await, Some(Kind::Transient));
}

#[tokio::test]
async fn requests_that_miss_a_new_key_together_all_find_it() {
    let server = KeyServer::answering(200, ours().jwks().replace("rsa-1", "rsa-0")).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(200, ours().jwks());
    time.pass(Duration::from_secs(60));
    let token = good();
    let answers = join_all((0..50).map(|_| is_allowed(&authorizer, GET, &token))).await;
    assert!(answers.into_iter().all(|allowed| allowed));
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_request_given_up_on_the_way_does_not_keep_the_others_from_the_keys() {
    let server = KeyServer::answering(503, "").await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(200, ours().jwks());
    let moment = Duration::from_millis(1);
    let given_up = tokio::time::timeout(moment, authorizer.handle(event(GET, &good()))).await;
    assert!(given_up.is_err(), "the key server takes longer than that");
    time.pass(Duration::from_secs(1));
    assert!(is_allowed(&authorizer, GET, &good()).await);
}

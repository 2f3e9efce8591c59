//! Attacks over time: a flood of invented key ids, also while keys rotate; an issuer that is down; and verdicts
//! that are used again.

use std::sync::OnceLock;
use std::time::Duration;

use accounts_core::Kind;
use futures::FutureExt;
use futures::future::{join, join_all};
use serde_json::{Value, json};

use super::key_server::KeyServer;
use super::{NOW, Time, access, authorizer, event, foreign, is_allowed, ours, with};
use crate::Authorizer;

const GET: &str = "GET /getAccount";

/// The pause between two fetches of keys, in seconds.
const COOLING: u64 = 60;

/// How long the issuer signs with a key, and how long its tokens live, in seconds.
const KEY_PERIOD: u64 = 600;
const TOKEN_LIFE: u64 = 300;

const LEEWAY: u64 = 30;

/// The keys that an issuer publishes so many seconds after the beginning: each from a cooling period before the
/// first token that is signed with it to the end of the last one.
fn published(second: u64) -> String {
    let set: Value = serde_json::from_str(&ours().jwks()).expect("JSON");
    let is_published = |period: &u64| {
        let (first, end) = (period * KEY_PERIOD, (period + 1) * KEY_PERIOD + TOKEN_LIFE + LEEWAY);
        (first.saturating_sub(COOLING)..end).contains(&second)
    };
    let periods = (0..=second / KEY_PERIOD + 1).filter(is_published);
    let keys = periods.map(|period| with(set["keys"][0].clone(), &json!({"kid": format!("key-{period}")})));
    json!({"keys": keys.collect::<Vec<_>>()}).to_string()
}

/// A token that was issued so many seconds after the beginning.
fn issued(second: u64) -> String {
    let header = json!({"alg": "RS256", "kid": format!("key-{}", second / KEY_PERIOD)});
    ours().rs256(&header, &with(access(&["Readers"]), &json!({"exp": NOW + second + TOKEN_LIFE})))
}

/// Tokens by fifty keys that no issuer has.
fn invented() -> &'static [String] {
    static TOKENS: OnceLock<Vec<String>> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let header = |number| json!({"alg": "RS256", "kid": format!("invented-{number}")});
        (0..50).map(|number| foreign().rs256(&header(number), &access(&["Administrators"]))).collect()
    })
}

/// The kind of the error that keeps the question from being answered; none if there is a verdict.
async fn error_of(authorizer: &Authorizer, token: &str) -> Option<Kind> {
    authorizer.handle(event(GET, token)).await.err().map(|error| error.kind())
}

async fn keys_rotate(flood: &[String]) {
    let server = KeyServer::answering(200, published(0)).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    // Every 25 seconds for an hour.
    for second in (0..3600_u64).step_by(25) {
        server.answer(200, published(second));
        for token in flood {
            assert!(!is_allowed(&authorizer, GET, token).await, "an invented key after {second} s");
        }
        for age in [0, 100, TOKEN_LIFE + LEEWAY - 1] {
            let Some(birth) = second.checked_sub(age) else { continue };
            assert!(is_allowed(&authorizer, GET, &issued(birth)).await, "{age} s old after {second} s");
        }
        let most = 1 + second / COOLING;
        assert!(server.asked() as u64 <= most, "{} fetches in {second} s", server.asked());
        time.pass(Duration::from_secs(25));
    }
}

#[tokio::test]
async fn keys_rotate_without_a_refused_valid_token() {
    keys_rotate(&[]).await;
}

#[tokio::test]
async fn keys_rotate_without_a_refused_valid_token_also_in_a_flood_of_invented_keys() {
    keys_rotate(&invented()[..5]).await;
}

#[tokio::test]
async fn a_flood_that_waits_for_the_keys_makes_no_caller_of_a_cached_key_wait() {
    let server = KeyServer::answering(200, published(0)).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    time.pass(Duration::from_secs(COOLING));
    let flood = join_all(invented().iter().map(|token| is_allowed(&authorizer, GET, token)));
    let caller = async {
        let answer = authorizer.handle(event(GET, &issued(0))).now_or_never().expect("it is served at once");
        answer.expect("the key is at hand")["isAuthorized"] == true
    };
    let (flood, caller) = join(flood, caller).await;
    assert!(caller);
    assert_eq!(flood, [false; 50]);
    assert_eq!(server.asked(), 2, "one fetch at the start, and one for the whole flood");
}

#[tokio::test]
async fn while_the_issuer_is_down_nobody_new_gets_in_and_callers_whose_key_is_cached_are_served() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(503, "");
    let cached = ours().token(&with(access(&["Readers"]), &json!({"exp": NOW + 1_000_000})));
    let new = ours().rs256(&json!({"alg": "RS256", "kid": "rsa-2"}), &access(&["Administrators"]));
    let forged = foreign().token(&access(&["Administrators"]));
    let expired = ours().token(&with(access(&["Administrators"]), &json!({"exp": NOW - 60})));
    for quarter in 1..96 {
        time.pass(Duration::from_secs(15 * 60));
        assert!(is_allowed(&authorizer, GET, &cached).await, "after {quarter} quarters of an hour");
        for token in invented()[..5].iter().chain([&new]) {
            assert_eq!(error_of(&authorizer, token).await, Some(Kind::Transient));
        }
        for token in [&forged, &expired] {
            assert!(!is_allowed(&authorizer, GET, token).await);
        }
        assert!(server.asked() as u64 <= 1 + quarter, "one fetch at the start, and one for each flood");
    }

    server.answer(200, ours().jwks().replace("rsa-1", "rsa-2"));
    time.pass(Duration::from_secs(COOLING));
    let new = ours().rs256(
        &json!({"alg": "RS256", "kid": "rsa-2"}),
        &with(access(&["Administrators"]), &json!({"exp": NOW + 1_000_000})),
    );
    assert!(
        !is_allowed(&authorizer, GET, &cached).await,
        "the issuer is up again, and has withdrawn the key"
    );
    assert!(is_allowed(&authorizer, GET, &new).await, "nobody needs to wait for the new one");
}

#[tokio::test]
async fn a_flood_after_a_fetch_that_failed_causes_none_before_the_cooling_period_is_over() {
    let server = KeyServer::answering(200, published(0)).await;
    let time = Time::begin();
    let authorizer = authorizer(&server, &time).await;
    server.answer(503, "");
    time.pass(Duration::from_secs(COOLING));
    for second in 0..COOLING {
        for token in &invented()[..2] {
            assert_eq!(error_of(&authorizer, token).await, Some(Kind::Transient), "after {second} s");
        }
        assert_eq!(server.asked(), 2, "one fetch at the start, and one {second} s ago that failed");
        time.pass(Duration::from_secs(1));
    }
    assert_eq!(error_of(&authorizer, &invented()[0]).await, Some(Kind::Transient));
    assert_eq!(server.asked(), 3, "the cooling period is over");
}

#[tokio::test]
async fn keys_from_where_the_issuer_redirects_to_are_not_fetched() {
    let elsewhere = KeyServer::answering(200, foreign().jwks()).await;
    for status in [301, 302, 303, 307, 308] {
        let server = KeyServer::answering(status, elsewhere.url.clone()).await;
        let authorizer = authorizer(&server, &Time::begin()).await;
        let forged = foreign().token(&access(&["Administrators"]));
        assert_eq!(error_of(&authorizer, &forged).await, Some(Kind::Transient), "{status}");
    }
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn a_verdict_never_outlives_its_token_whenever_it_is_given() {
    for life in [20.0, 20.001, 20.5, 20.999] {
        #[allow(clippy::cast_precision_loss)]
        let exp = NOW as f64 + life;
        let end = exp + 30.0;
        let server = KeyServer::answering(200, ours().jwks()).await;
        let time = Time::begin();
        let authorizer = authorizer(&server, &time).await;
        let token = ours().token(&with(access(&["Readers"]), &json!({"exp": exp})));
        let mut given = 0;
        for second in 0..60 {
            let answer = authorizer.handle(event(GET, &token)).await.expect("there are keys");
            let now = f64::from(second) + f64::from(u32::try_from(NOW).expect("it is small"));
            assert_eq!(answer["isAuthorized"] == true, now < end, "{second} s, and the token lives {life} s");
            if answer["isAuthorized"] == true {
                let expires_at = answer["context"]["expiresAt"].as_f64().expect("a number");
                assert!(expires_at <= end && expires_at > end - 1.0, "{expires_at} for {end}");
                given += 1;
            }
            time.pass(Duration::from_secs(1));
        }
        assert!(given >= 50, "{given} verdicts");
    }
}

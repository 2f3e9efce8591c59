//! Which tokens prove anything.

use accounts_local::{Fleet, Group};
use accounts_tests::{Client, LocalFleet, Pace, body, settings};
use reqwest::Method;
use serde_json::json;

use super::Forge;
use crate::api::assert_problem;

/// What a read with this Authorization header is answered.
async fn status_with(fleet: &LocalFleet, authorization: &str) -> u16 {
    let request = fleet.bare(Method::GET, "/getAccount?accountEmail=nobody@example.com");
    let answer = Client::send(request.header("Authorization", authorization)).await;
    match answer.status {
        401 => assert_problem(&answer, 401, "unauthorized"),
        403 => assert_problem(&answer, 403, "forbidden"),
        _ => assert_problem(&answer, 404, "not_found"),
    }
    answer.status
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_bearer_token_is_refused() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let good = fleet.token();
    let cut = &good[..good.len() - 1];
    let long = "x".repeat(20_000);
    for authorization in [
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "bearer x",
        "Bearer ..",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Basic dXNlcjpwYXNz",
        "Bearer null",
        "Bearer e30.e30.e30",
        good,
        &format!("Token {good}"),
        &format!("Bearer{good}"),
        &format!("Bearer {cut}"),
        &format!("Bearer {good}x"),
        &format!("Bearer {good} {good}"),
        &format!("Bearer {long}"),
    ] {
        let status = status_with(&fleet, authorization).await;
        assert!([401, 403].contains(&status), "{status} for {authorization:.40}");
    }
    for authorization in [format!("Bearer {good}"), format!("bearer {good}")] {
        assert_eq!(status_with(&fleet, &authorization).await, 404, "a good token is refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_installation_is_refused() {
    let (fleet, other) =
        tokio::join!(LocalFleet::start_apart(Pace::FAST), LocalFleet::start_apart(Pace::FAST));
    assert_ne!(fleet.token(), other.token());
    for (fleet, token) in [(&fleet, other.token()), (&other, fleet.token())] {
        let stranger = Client::new(fleet.address().to_owned(), token.to_owned());
        assert_problem(&stranger.get("nobody@example.com").await, 403, "forbidden");
        assert_problem(&stranger.create(&body("user@example.com", "my-account")).await, 403, "forbidden");
    }
    // Neither does the right name on it help, with the wrong key behind it.
    let forged = Forge::of(&fleet).with_key_of(&Forge::of(&other)).token(&json!({}));
    assert_eq!(status_with(&fleet, &format!("Bearer {forged}")).await, 403);
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_claims_are_not_as_they_must_be_is_refused() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let forge = Forge::of(&fleet);
    let now = accounts_lambda::now().as_ms() / 1000;
    for (changes, status) in [
        (json!({}), 404),
        (json!({"exp": now + 60}), 404),
        (json!({"cognito:groups": ["Readers"]}), 404),
        (json!({"cognito:groups": ["Everyone", "Readers"]}), 404),
        (json!({"exp": now - 60}), 403),
        (json!({"exp": null}), 403),
        (json!({"exp": "tomorrow"}), 403),
        (json!({"nbf": now + 3600}), 403),
        (json!({"iss": "https://accounts-local.invalid/other"}), 403),
        (json!({"iss": null}), 403),
        (json!({"client_id": "another-client"}), 403),
        (json!({"client_id": null}), 403),
        (json!({"token_use": "refresh"}), 403),
        (json!({"token_use": "id"}), 403),
        (json!({"token_use": null}), 403),
        (json!({"sub": ""}), 403),
        (json!({"cognito:groups": []}), 403),
        (json!({"cognito:groups": null}), 403),
        (json!({"cognito:groups": null, "scope": "accounts/write"}), 403),
        (json!({"cognito:groups": ["administrators", "Everyone"]}), 403),
        (json!({"cognito:groups": "Administrators"}), 403),
    ] {
        let token = forge.token(&changes);
        assert_eq!(status_with(&fleet, &format!("Bearer {token}")).await, status, "{changes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_nobody_signed_is_refused() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let forge = Forge::of(&fleet);
    let signature = fleet.token().rsplit('.').next().expect("a signature").as_bytes().to_vec();
    for (header, signature) in [
        (forge.header_with("alg", &json!("none")), vec![]),
        (forge.header_with("alg", &json!("None")), vec![]),
        (forge.header_with("alg", &json!("none")), signature.clone()),
        (forge.header_with("alg", &json!("HS256")), vec![0; 32]),
        (forge.header_with("alg", &json!("ES256")), vec![0; 64]),
        (forge.header_with("alg", &json!("RS256")), vec![]),
        (forge.header_with("alg", &json!("RS256")), vec![0; 256]),
        (forge.header_with("kid", &json!("another")), vec![0; 256]),
        (forge.header_with("crit", &json!(["exp"])), signature),
    ] {
        let token = forge.with_signature(&header, &signature);
        assert_eq!(status_with(&fleet, &format!("Bearer {token}")).await, 403, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_outlive_a_restart_on_the_same_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let fleet = Fleet::start(settings(folder.path(), Pace::FAST)).await.expect("a fleet");
    let token = fleet.token(Group::Administrators).expect("a token");
    let client = Client::new(fleet.address(), token.clone());
    assert_eq!(client.create(&body("user@example.com", "my-account")).await.status, 201);
    fleet.stop().await;

    let fleet = Fleet::start(settings(folder.path(), Pace::FAST)).await.expect("the fleet again");
    let client = Client::new(fleet.address(), token);
    assert_eq!(client.get("user@example.com").await.status, 200);
    assert_eq!(client.ended("user@example.com").await["Status"], "Provisioned");
    fleet.stop().await;
}

//! The authorizer with real signatures and a real key server.

mod corpus;
mod fetching;
mod garbage;
mod issuer;
mod key_server;
mod log;
mod rights;
mod rules;
mod under_attack;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use accounts_lambda::Settings;
use serde_json::{Value, json};

use crate::{Authorizer, Clock};
use issuer::Issuer;
use key_server::KeyServer;

const POOL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example";
const CLIENT: &str = "1example23456789";

/// Some moment, in seconds since 1970; nothing here reads the real clock.
const NOW: u64 = 1_800_000_000;

/// A clock that a test moves.
#[derive(Clone)]
struct Time(Arc<AtomicU64>);

impl Time {
    fn begin() -> Self {
        Self(Arc::new(AtomicU64::new(NOW)))
    }

    fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::new(move || at(seconds.load(Ordering::SeqCst)))
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The issuer that the authorizer trusts. Making its keys takes a while, so all tests share them.
fn ours() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| Issuer::new("rsa-1", "ec-1"))
}

/// Another one, with keys of the same names.
fn foreign() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| Issuer::new("rsa-1", "ec-1"))
}

fn settings(jwks_url: &str) -> Settings {
    let clients = format!("another-client,{CLIENT}");
    Settings::from_pairs([("ISSUER", POOL), ("AUDIENCE", &clients), ("JWKS_URL", jwks_url)])
}

async fn authorizer(server: &KeyServer, time: &Time) -> Authorizer {
    Authorizer::with_clock(&settings(&server.url), time.clock()).await.expect("good settings")
}

fn event(route: &str, token: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeKey": route,
        "headers": {"authorization": format!("Bearer {token}")},
    })
}

/// The fleet on one machine answers on several threads.
fn for_any_thread<T: Send>(future: T) -> T {
    future
}

async fn is_allowed(authorizer: &Authorizer, route: &str, token: &str) -> bool {
    let answer = for_any_thread(authorizer.handle(event(route, token))).await.expect("there are keys");
    let allowed = answer["isAuthorized"].as_bool().expect("a simple response");
    assert_eq!(allowed, answer.get("context").is_some(), "a context comes with permission only");
    allowed
}

/// The claims of a person's access token.
fn access(groups: &[&str]) -> Value {
    json!({
        "iss": POOL,
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "username": "jean",
        "client_id": CLIENT,
        "token_use": "access",
        "scope": "openid",
        "cognito:groups": groups,
        "iat": NOW - 10,
        "exp": NOW + 3600,
    })
}

/// The claims of a person's id token.
fn id(groups: &[&str]) -> Value {
    json!({
        "iss": POOL,
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "cognito:username": "jean",
        "aud": CLIENT,
        "token_use": "id",
        "cognito:groups": groups,
        "iat": NOW - 10,
        "exp": NOW + 3600,
    })
}

/// The claims of a token that a machine got by its client's credentials.
fn machine(scope: &str) -> Value {
    json!({
        "iss": POOL,
        "sub": CLIENT,
        "client_id": CLIENT,
        "token_use": "access",
        "scope": scope,
        "iat": NOW - 10,
        "exp": NOW + 3600,
    })
}

/// These claims with other members; null takes one away.
fn with(mut claims: Value, members: &Value) -> Value {
    let claims_of = claims.as_object_mut().expect("claims are an object");
    for (name, value) in members.as_object().expect("members are an object") {
        if value.is_null() {
            claims_of.remove(name);
        } else {
            claims_of.insert(name.clone(), value.clone());
        }
    }
    claims
}

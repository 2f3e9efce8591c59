//! The corpus of attacks, in tables by subject. Each case is a good event, which is shown to be allowed first,
//! with one thing changed, and the verdict on it: a denial for the reason that it names, an error, or permission.
//! `rules` has the plain case of each rule; these are the cases beside it.

mod algorithms;
mod claims;
mod clients;
mod encodings;
mod events;
mod groups;
mod headers;
mod issuers;
mod keys;
mod routes;
mod scopes;
mod sizes;
mod times;

use std::collections::HashSet;

use accounts_core::Kind;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::key_server::KeyServer;
use super::{Time, access, authorizer, event, ours, with};
use crate::event::Request;
use crate::token::Denial;
use crate::{Authorizer, Stop};

const CREATE: &str = "POST /createAccount";
const GET: &str = "GET /getAccount";

/// What the authorizer says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    Denied(Denial),
    /// No verdict: the gateway caches nothing.
    Error(Kind),
}

/// A token of our issuer, and the route that it opens.
struct Good {
    route: &'static str,
    algorithm: Algorithm,
    claims: Value,
}

/// The one thing in which an event is not the good one. Changed headers and claims are signed by our issuer, so that
/// the signature is no reason to deny them.
enum Change {
    /// Members of the token's header, in place of the good ones; null takes one away.
    Header(Value),
    /// The token's header as a text.
    HeaderText(fn(&str) -> String),
    /// Claims, in place of the good ones; null takes one away.
    Claims(Value),
    /// The claims as a text.
    ClaimsText(fn(&str) -> String),
    /// The claims as bytes.
    ClaimsBytes(fn(&str) -> Vec<u8>),
    /// The encoded header and claims.
    Message(fn(&str) -> String),
    /// How the signature is made from the encoded header and claims.
    Signature(fn(&str) -> String),
    /// A header, and the signature that an attacker can make for it.
    Forged(Value, fn(&str) -> String),
    /// The whole token, after it was signed.
    Token(fn(&str) -> String),
    /// The value of the Authorization header, made from the token.
    Authorization(fn(&str) -> String),
    /// The route that the gateway chose.
    Route(&'static str),
    /// The event of the gateway.
    Event(fn(&mut Value)),
}

/// What differs, in words; what differs, for the machine; what is said of it.
type Case = (&'static str, Change, Verdict);

/// Cases that differ from the same good event.
struct Table {
    good: Good,
    cases: Vec<Case>,
}

impl Good {
    /// An administrator, who may use every route.
    fn administrator() -> Self {
        Self { route: CREATE, algorithm: Algorithm::RS256, claims: access(&["Administrators"]) }
    }

    fn header(&self) -> Value {
        match self.algorithm {
            Algorithm::ES256 => json!({"alg": "ES256", "kid": "ec-1"}),
            _ => json!({"alg": "RS256", "kid": "rsa-1"}),
        }
    }

    fn token(&self) -> String {
        self.signed(&self.header().to_string(), self.claims.to_string())
    }

    fn event(&self) -> Value {
        event(self.route, &self.token())
    }

    fn signed(&self, header: &str, claims: impl AsRef<[u8]>) -> String {
        self.sealed(&message(header, claims))
    }

    fn sealed(&self, message: &str) -> String {
        format!("{message}.{}", ours().signature(message, self.algorithm))
    }

    /// The event with one thing changed.
    fn changed(&self, change: &Change) -> Value {
        let (header, claims) = (self.header().to_string(), self.claims.to_string());
        let token = match change {
            Change::Header(members) => self.signed(&with(self.header(), members).to_string(), claims),
            Change::HeaderText(text) => self.signed(&text(&header), claims),
            Change::Claims(members) => self.signed(&header, with(self.claims.clone(), members).to_string()),
            Change::ClaimsText(text) => self.signed(&header, text(&claims)),
            Change::ClaimsBytes(bytes) => self.signed(&header, bytes(&claims)),
            Change::Message(text) => self.sealed(&text(&message(&header, claims))),
            Change::Signature(signature) => {
                let message = message(&header, claims);
                format!("{message}.{}", signature(&message))
            }
            Change::Forged(members, signature) => {
                let message = message(&with(self.header(), members).to_string(), claims);
                format!("{message}.{}", signature(&message))
            }
            Change::Token(text) => text(&self.token()),
            Change::Authorization(_) | Change::Route(_) | Change::Event(_) => self.token(),
        };
        let mut event = event(self.route, &token);
        match change {
            Change::Authorization(text) => event["headers"]["authorization"] = json!(text(&token)),
            Change::Route(route) => event["routeKey"] = json!(route),
            Change::Event(edit) => edit(&mut event),
            _ => {}
        }
        event
    }
}

/// The part of a token that is signed.
fn message(header: &str, claims: impl AsRef<[u8]>) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

async fn verdict(authorizer: &Authorizer, event: &Value) -> Verdict {
    let answer = authorizer.handle(event.clone()).await;
    let verdict = match Request::of(event) {
        Err(error) => Verdict::Error(error.kind()),
        Ok(request) => match authorizer.decide(&request).await {
            Ok(_) => Verdict::Allowed,
            Err(Stop::Denied { denial, .. }) => Verdict::Denied(denial),
            Err(Stop::Failed(error)) => Verdict::Error(error.kind()),
        },
    };
    match (&answer, verdict) {
        (Ok(answer), Verdict::Allowed) => assert_eq!(answer["isAuthorized"], true),
        (Ok(answer), Verdict::Denied(_)) => assert_eq!(answer, &json!({"isAuthorized": false})),
        (Err(error), Verdict::Error(kind)) => assert_eq!(error.kind(), kind),
        _ => panic!("{answer:?} is no answer for {verdict:?}"),
    }
    verdict
}

/// Shows that the good events are allowed, and that the verdict on each case is the one that it names.
async fn judge(tables: Vec<Table>) {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let mut wrong = Vec::new();
    for Table { good, cases } in tables {
        let event = good.event();
        assert_eq!(verdict(&authorizer, &event).await, Verdict::Allowed, "the good event: {event}");
        for (name, change, expected) in cases {
            let changed = good.changed(&change);
            assert_ne!(changed, event, "{name}: nothing is changed");
            let found = verdict(&authorizer, &changed).await;
            if found != expected {
                wrong.push(format!("{name}: {found:?}, and not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_holds_more_than_five_hundred_cases_and_none_twice() {
    let tables = [
        algorithms::tables(),
        claims::tables(),
        clients::tables(),
        encodings::tables(),
        events::tables(),
        groups::tables(),
        headers::tables(),
        issuers::tables(),
        keys::tables(),
        routes::tables(),
        scopes::tables(),
        sizes::tables(),
        times::tables(),
    ];
    let cases = tables.iter().flatten().flat_map(|table| &table.cases);
    let names: Vec<_> = cases.map(|(name, ..)| *name).collect();
    let mut seen = HashSet::new();
    let twice: Vec<_> = names.iter().filter(|name| !seen.insert(**name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(names.len() > 500, "{}", names.len());
}

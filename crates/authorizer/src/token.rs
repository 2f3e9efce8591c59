//! What a token proves: a pure function of the token, the keys, the time and what is expected.

use std::time::SystemTime;

use accounts_lambda::routes::Permission;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use thiserror::Error;

use crate::clock::unix_seconds;
use crate::keys::KeySet;
use crate::routes::Role;

/// How far the issuer's clock and this one may be apart.
const LEEWAY_SECONDS: f64 = 30.0;

/// The longest name of a caller, in characters.
const LONGEST_NAME: usize = 256;

/// The end of the year 9999, in seconds since 1970. No token needs to live longer, and no reader has to understand
/// a larger number.
const LATEST_EXPIRY: f64 = 253_402_300_799.0;

/// Longer than any header that the gateway lets through.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Why a caller is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Denial {
    #[error("the route is not in the table of routes")]
    UnknownRoute,
    #[error("there is no token")]
    NoToken,
    #[error("the Authorization header is not of the Bearer scheme")]
    NotBearer,
    #[error("the token is no signed JSON web token")]
    Malformed,
    #[error("the token is signed neither with RS256 nor with ES256")]
    Algorithm,
    #[error("the token names extensions that must be understood")]
    Critical,
    #[error("the issuer has no such key")]
    UnknownKey,
    #[error("the key is for another algorithm than the token's")]
    KeyMismatch,
    #[error("the signature is not the key's")]
    Signature,
    #[error("a claim is missing or of the wrong type")]
    Claims,
    #[error("the token comes from another issuer")]
    Issuer,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token is neither an access token nor an id token")]
    TokenUse,
    #[error("the token was made for another client")]
    Client,
    #[error("the caller may not use this route")]
    NotAllowed,
}

/// What a good token has to say.
#[derive(Clone, Debug)]
pub(crate) struct Expectations {
    /// Who issued it.
    pub(crate) issuer: String,
    /// For which clients.
    pub(crate) clients: Vec<String>,
}

/// Who shows the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) subject: String,
    pub(crate) client_id: String,
    pub(crate) roles: Vec<Role>,
    /// What a person is called; a machine has no name.
    pub(crate) name: Option<String>,
    /// When the token expires, leeway included, in seconds since 1970.
    pub(crate) expires_at: u64,
}

impl Caller {
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.has(permission))
    }

    /// Tells callers apart in the log without naming them.
    pub(crate) fn subject_hash(&self) -> String {
        accounts_lambda::subject_hash(&self.subject)
    }
}

/// A token that could be good: nothing of it is proved yet.
pub(crate) struct Token<'a> {
    message: &'a str,
    claims: &'a str,
    signature: &'a str,
    algorithm: Algorithm,
    kid: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Whether there is one, of whatever value: null names no extensions, and is no list of them either.
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    token_use: String,
    client_id: Option<String>,
    username: Option<String>,
    /// For people to read only: one that is no text makes no token bad.
    #[serde(default)]
    name: Value,
    #[serde(default)]
    email: Value,
    aud: Option<Audience>,
    #[serde(rename = "cognito:groups")]
    groups: Option<Vec<String>>,
    scope: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl<'a> Token<'a> {
    /// Takes a token apart, as far as it has to be to know by which key it claims to be signed.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Denial> {
        if text.len() > LONGEST_TOKEN {
            return Err(Denial::Malformed);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(Denial::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(Denial::Malformed)?;
        let header: Header = decode(header).ok_or(Denial::Malformed)?;
        let algorithm = match header.alg.as_str() {
            "RS256" => Algorithm::RS256,
            "ES256" => Algorithm::ES256,
            _ => return Err(Denial::Algorithm),
        };
        if header.crit {
            return Err(Denial::Critical);
        }
        let kid = header.kid.ok_or(Denial::UnknownKey)?;
        Ok(Self { message, claims, signature, algorithm, kid })
    }

    /// The id of the key that it claims to be signed by.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Who shows it, if it proves that.
    pub(crate) fn check(
        &self,
        keys: &KeySet,
        now: SystemTime,
        expectations: &Expectations,
    ) -> Result<Caller, Denial> {
        let key = keys.get(&self.kid).ok_or(Denial::UnknownKey)?;
        if key.algorithm() != self.algorithm {
            return Err(Denial::KeyMismatch);
        }
        if !key.has_signed(self.message, self.signature) {
            return Err(Denial::Signature);
        }
        decode::<Claims>(self.claims).ok_or(Denial::Claims)?.check(unix_seconds(now), expectations)
    }
}

impl Claims {
    fn check(self, now: f64, expectations: &Expectations) -> Result<Caller, Denial> {
        if self.iss != expectations.issuer {
            return Err(Denial::Issuer);
        }
        if now >= self.exp + LEEWAY_SECONDS {
            return Err(Denial::Expired);
        }
        if self.nbf.is_some_and(|not_before| now + LEEWAY_SECONDS < not_before) {
            return Err(Denial::NotYetValid);
        }
        if self.sub.is_empty() {
            return Err(Denial::Claims);
        }
        let client_id = self.client(&expectations.clients)?;
        let (roles, name, expires_at) = (self.roles(), self.name(), self.expires_at());
        Ok(Caller { subject: self.sub, client_id, roles, name, expires_at })
    }

    /// What the person is called: on one line, and of bounded length, for people may edit their own names.
    fn name(&self) -> Option<String> {
        if self.is_of_a_machine() {
            return None;
        }
        [self.name.as_str(), self.email.as_str(), self.username.as_deref()]
            .into_iter()
            .flatten()
            .map(|text| {
                let words = text.split(|c: char| c.is_whitespace() || c.is_control());
                let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                line.chars().take(LONGEST_NAME).collect::<String>()
            })
            .find(|name| !name.is_empty())
    }

    /// When the token expires, rounded down to a second: what is cached until then never outlives it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn expires_at(&self) -> u64 {
        (self.exp + LEEWAY_SECONDS).clamp(0.0, LATEST_EXPIRY) as u64
    }

    /// The client that the token was made for, which is one of ours.
    fn client(&self, ours: &[String]) -> Result<String, Denial> {
        let named: &[String] = match self.token_use.as_str() {
            "access" => self.client_id.as_slice(),
            "id" => match &self.aud {
                Some(Audience::One(client)) => std::slice::from_ref(client),
                Some(Audience::Many(clients)) => clients,
                None => &[],
            },
            _ => return Err(Denial::TokenUse),
        };
        named.iter().find(|client| ours.contains(client)).cloned().ok_or(Denial::Client)
    }

    /// Groups make a person's roles; scopes make a machine's. The scopes of a person's token say what the
    /// client may ask for in their name, not what they are, and must not lift a Reader.
    fn roles(&self) -> Vec<Role> {
        if self.is_of_a_machine() {
            Role::of_scopes(self.scope.as_deref().unwrap_or_default().split(' '))
        } else {
            Role::of_groups(self.groups.iter().flatten().map(String::as_str))
        }
    }

    /// Whether the client got the token by its own credentials: it is then its own subject.
    fn is_of_a_machine(&self) -> bool {
        self.token_use == "access"
            && self.groups.is_none()
            && self.username.is_none()
            && self.client_id.as_ref() == Some(&self.sub)
    }
}

/// Reads an object. From a list, serde would take the values of a struct's members in their order.
fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    let is_object = json.trim_ascii_start().starts_with(b"{");
    if is_object { serde_json::from_slice(&json).ok() } else { None }
}

fn is_there<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(value).map(|_| true)
}

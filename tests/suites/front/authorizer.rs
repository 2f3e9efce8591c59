//! Who may do what, through the front door.

mod local_tokens;
mod rights;
mod smuggling;
mod tokens;

use accounts_tests::LocalFleet;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// Makes tokens as a fleet's issuer does, with its own key, or nearly so.
pub(crate) struct Forge {
    key: EncodingKey,
    header: Value,
    claims: Value,
}

/// What a token claims.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

impl Forge {
    /// A forge that has the key of this fleet.
    pub(crate) fn of(fleet: &LocalFleet) -> Self {
        let key = EncodingKey::from_rsa_der(&fleet.signing_key());
        Self { key, header: part(fleet.token(), 0), claims: claims(fleet.token()) }
    }

    /// The same claims, signed by the key of another fleet.
    fn with_key_of(mut self, other: &Self) -> Self {
        self.key = other.key.clone();
        self
    }

    /// A token of an administrator, with some claims changed, and those that are null left out.
    pub(crate) fn token(&self, changes: &Value) -> String {
        let kid = self.header["kid"].as_str().map(str::to_owned);
        let header = Header { kid, ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &self.changed(changes), &self.key).expect("a token")
    }

    /// A token with this header, signed with nothing but these bytes.
    fn with_signature(&self, header: &Value, signature: &[u8]) -> String {
        let [header, claims] = [header, &self.claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn changed(&self, changes: &Value) -> Value {
        let mut claims = self.claims.clone();
        for (name, value) in changes.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("claims").retain(|_, value| !value.is_null());
        claims
    }

    /// The header of a good token, with one member changed.
    fn header_with(&self, name: &str, value: &Value) -> Value {
        let mut header = self.header.clone();
        header[name] = json!(value);
        header
    }
}

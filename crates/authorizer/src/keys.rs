//! The keys of the issuer (a JSON web key set).

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// Cognito publishes two, others a handful.
const MOST_KEYS: usize = 32;

/// 2048 bits; with less, RS256 proves little (RFC 7518, 3.3).
const SHORTEST_MODULUS: usize = 256;
const LONGEST_MODULUS: usize = 512;
const LONGEST_EXPONENT: usize = 4;

/// The keys of an issuer that this function can use, by their ids.
#[derive(Debug)]
pub(crate) struct KeySet(HashMap<String, Key>);

/// A public key and the one algorithm that it is for.
#[derive(Debug)]
pub(crate) struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why a document holds no keys.
#[derive(Debug, Error)]
pub(crate) enum KeySetError {
    #[error("it is no JSON web key set")]
    Malformed(#[source] serde_json::Error),
    #[error("it holds {0} keys, and at most {MOST_KEYS} are accepted")]
    TooMany(usize),
    #[error("it holds no key for RS256 or ES256")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The keys in a document. Those that this function has no use for are passed over: an issuer may publish
    /// keys for other purposes.
    pub(crate) fn of(document: &[u8]) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_slice(document).map_err(KeySetError::Malformed)?;
        if document.keys.len() > MOST_KEYS {
            return Err(KeySetError::TooMany(document.keys.len()));
        }
        let mut keys = HashMap::new();
        for jwk in document.keys {
            let Ok(jwk) = Jwk::deserialize(jwk) else { continue };
            if let Some(key) = jwk.key() {
                keys.entry(jwk.kid).or_insert(key);
            }
        }
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// The key of this id.
    pub(crate) fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }
}

impl Key {
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether the signature over the message was made with the private half of this key.
    pub(crate) fn has_signed(&self, message: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &self.key, self.algorithm)
            .unwrap_or(false)
    }
}

impl Jwk {
    fn key(&self) -> Option<Key> {
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let (algorithm, key) = match self.kty.as_str() {
            "RSA" => (Algorithm::RS256, self.rsa()?),
            "EC" => (Algorithm::ES256, self.p256()?),
            _ => return None,
        };
        let named = self.alg.as_deref().unwrap_or(match algorithm {
            Algorithm::ES256 => "ES256",
            _ => "RS256",
        });
        (named.parse().ok() == Some(algorithm)).then_some(Key { algorithm, key })
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let (modulus, exponent) = (number(self.n.as_deref()?)?, number(self.e.as_deref()?)?);
        let usable = (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&modulus.len())
            && (1..=LONGEST_EXPONENT).contains(&exponent.len());
        usable.then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
    }

    fn p256(&self) -> Option<DecodingKey> {
        let (x, y) = (self.x.as_deref()?, self.y.as_deref()?);
        let is_coordinate = |text| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        if self.crv.as_deref() != Some("P-256") || !is_coordinate(x) || !is_coordinate(y) {
            return None;
        }
        DecodingKey::from_ec_components(x, y).ok()
    }
}

/// A number without leading zeros.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(bytes: usize) -> Value {
        json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": "AQAB"})
    }

    fn ec() -> Value {
        let coordinate = URL_SAFE_NO_PAD.encode([7; 32]);
        json!({"kty": "EC", "crv": "P-256", "x": coordinate, "y": coordinate})
    }

    fn with(mut jwk: Value, members: &Value) -> Value {
        for (name, value) in members.as_object().into_iter().flatten() {
            jwk[name] = value.clone();
        }
        jwk
    }

    fn read(keys: &[Value]) -> Result<KeySet, KeySetError> {
        KeySet::of(json!({"keys": keys}).to_string().as_bytes())
    }

    #[test]
    fn each_key_is_for_the_algorithm_of_its_kind() {
        let set = read(&[with(rsa(256), &json!({"kid": "r"})), with(ec(), &json!({"kid": "e"}))]);
        let set = set.expect("two good keys");
        assert_eq!(set.get("r").map(Key::algorithm), Some(Algorithm::RS256));
        assert_eq!(set.get("e").map(Key::algorithm), Some(Algorithm::ES256));
        assert!(set.get("other").is_none());
    }

    #[test]
    fn of_two_keys_of_one_id_the_first_one_counts() {
        let keys = [with(rsa(256), &json!({"kid": "same"})), with(ec(), &json!({"kid": "same"}))];
        for (set, expected) in
            [(read(&keys), Algorithm::RS256), (read(&[keys[1].clone(), keys[0].clone()]), Algorithm::ES256)]
        {
            assert_eq!(set.expect("a good key").get("same").map(Key::algorithm), Some(expected));
        }
    }

    #[test]
    fn keys_for_anything_else_are_passed_over() {
        let good = with(rsa(256), &json!({"kid": "good"}));
        for bad in [
            rsa(256),
            with(rsa(256), &json!({"kid": "bad", "use": "enc"})),
            with(rsa(256), &json!({"kid": "bad", "alg": "RS512"})),
            with(rsa(256), &json!({"kid": "bad", "alg": "HS256"})),
            with(rsa(256), &json!({"kid": "bad", "alg": "ES256"})),
            with(rsa(256), &json!({"kid": "bad", "e": ""})),
            with(rsa(128), &json!({"kid": "bad"})),
            with(rsa(1024), &json!({"kid": "bad"})),
            with(ec(), &json!({"kid": "bad", "crv": "P-384"})),
            with(ec(), &json!({"kid": "bad", "x": "AQ"})),
            with(ec(), &json!({"kid": "bad", "alg": "RS256"})),
            json!({"kid": "bad", "kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}),
            json!("bad"),
        ] {
            let set = read(&[bad.clone(), good.clone()]).expect("one good key");
            assert_eq!(set.0.len(), 1, "{bad}");
            assert!(matches!(read(&[bad]), Err(KeySetError::NoUsableKey)));
        }
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let keys: Vec<_> = (0..33).map(|n| with(rsa(256), &json!({"kid": n.to_string()}))).collect();
        assert!(read(&keys[..32]).is_ok());
        assert!(matches!(read(&keys), Err(KeySetError::TooMany(33))));
    }

    #[test]
    fn what_is_no_key_set_is_malformed() {
        for text in ["", "<html>", "[]", "{}", r#"{"keys": {}}"#] {
            assert!(matches!(KeySet::of(text.as_bytes()), Err(KeySetError::Malformed(_))), "{text}");
        }
    }
}

//! An issuer of tokens, honest or not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use p256::pkcs8::EncodePrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};

/// One RSA key and one on P-256.
pub(super) struct Issuer {
    rsa_kid: &'static str,
    ec_kid: &'static str,
    rsa_public: RsaPublicKey,
    rsa: EncodingKey,
    ec: EncodingKey,
    jwks: Value,
}

impl Issuer {
    pub(super) fn new(rsa_kid: &'static str, ec_kid: &'static str) -> Self {
        let rsa = RsaPrivateKey::new(&mut OsRng, 2048).expect("an RSA key");
        let rsa_public = rsa.to_public_key();
        let ec = p256::ecdsa::SigningKey::random(&mut OsRng);
        let point = ec.verifying_key().to_encoded_point(false);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let jwks = json!({"keys": [
            {"kty": "RSA", "kid": rsa_kid, "alg": "RS256", "use": "sig",
                "n": text(&rsa_public.n().to_bytes_be()), "e": text(&rsa_public.e().to_bytes_be())},
            {"kty": "EC", "kid": ec_kid, "alg": "ES256", "use": "sig", "crv": "P-256",
                "x": text(point.x().expect("not infinity")), "y": text(point.y().expect("not infinity"))},
        ]});
        Self {
            rsa_kid,
            ec_kid,
            rsa_public,
            rsa: EncodingKey::from_rsa_der(rsa.to_pkcs1_der().expect("DER").as_bytes()),
            ec: EncodingKey::from_ec_der(ec.to_pkcs8_der().expect("DER").as_bytes()),
            jwks,
        }
    }

    /// Its key set, as it would publish it.
    pub(super) fn jwks(&self) -> String {
        self.jwks.to_string()
    }

    /// A token as Cognito signs them.
    pub(super) fn token(&self, claims: &Value) -> String {
        self.rs256(&json!({"alg": "RS256", "kid": self.rsa_kid}), claims)
    }

    /// A token signed with the key on P-256.
    pub(super) fn ec_token(&self, claims: &Value) -> String {
        self.es256(&json!({"alg": "ES256", "kid": self.ec_kid}), claims)
    }

    /// Signed with the RSA key, whatever the header says.
    pub(super) fn rs256(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, &self.rsa, Algorithm::RS256)
    }

    /// Signed with the RSA key, with claims that no JSON library would write.
    pub(super) fn rs256_of_text(&self, header: &Value, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        sealed(&format!("{}.{}", part(&header.to_string()), part(claims)), &self.rsa, Algorithm::RS256)
    }

    /// Signed with the key on P-256, whatever the header says.
    pub(super) fn es256(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, &self.ec, Algorithm::ES256)
    }

    /// The signature over this text, by the key that is for the algorithm.
    pub(super) fn signature(&self, message: &str, algorithm: Algorithm) -> String {
        let key = if algorithm == Algorithm::ES256 { &self.ec } else { &self.rsa };
        sign(message.as_bytes(), key, algorithm).expect("a signature")
    }

    /// Signed with HMAC, the text of the public RSA key being the secret.
    pub(super) fn hs256(&self, header: &Value, claims: &Value) -> String {
        let pem = self.rsa_public.to_public_key_pem(LineEnding::LF).expect("PEM");
        signed(header, claims, &EncodingKey::from_secret(pem.as_bytes()), Algorithm::HS256)
    }
}

/// The part of a token that is signed.
pub(super) fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    sealed(&message(header, claims), key, algorithm)
}

fn sealed(message: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let signature = sign(message.as_bytes(), key, algorithm).expect("a signature");
    format!("{message}.{signature}")
}

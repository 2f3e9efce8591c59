//! How a token is signed, and how it says that it is.

use super::Change::{Forged, Header, HeaderText, Signature as SignedBy};
use super::Verdict::{Allowed, Denied};
use super::*;
use jsonwebtoken::Algorithm::{ES256, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use p256::ecdsa::Signature;

fn hmac(message: &str, secret: &str, algorithm: Algorithm) -> String {
    sign(message.as_bytes(), &EncodingKey::from_secret(secret.as_bytes()), algorithm).expect("a signature")
}

/// The good signature with the key on P-256, in its two numbers.
fn numbers(message: &str) -> (Vec<u8>, Vec<u8>) {
    let bytes = URL_SAFE_NO_PAD.decode(ours().signature(message, ES256)).expect("base64");
    (bytes[..32].to_vec(), bytes[32..].to_vec())
}

fn of_numbers(r: &[u8], s: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode([r, s].concat())
}

pub(super) fn tables() -> Vec<Table> {
    let rsa = Good::administrator();
    let p256 = Good { algorithm: ES256, ..Good::administrator() };
    vec![Table { good: rsa, cases: of_rsa() }, Table { good: p256, cases: of_p256() }]
}

fn of_rsa() -> Vec<Case> {
    let alg = |alg: &str| json!({"alg": alg});
    let (algorithm, signature) = (Denied(Denial::Algorithm), Denied(Denial::Signature));
    let malformed = Denied(Denial::Malformed);
    vec![
        ("signed with RS384, as it says", Forged(alg("RS384"), |m| ours().signature(m, RS384)), algorithm),
        ("signed with RS512, as it says", Forged(alg("RS512"), |m| ours().signature(m, RS512)), algorithm),
        ("signed with PS256, as it says", Forged(alg("PS256"), |m| ours().signature(m, PS256)), algorithm),
        ("signed with PS384, as it says", Forged(alg("PS384"), |m| ours().signature(m, PS384)), algorithm),
        ("signed with PS512, as it says", Forged(alg("PS512"), |m| ours().signature(m, PS512)), algorithm),
        ("signed with PS256 and named RS256", SignedBy(|m| ours().signature(m, PS256)), signature),
        ("signed with RS384 and named RS256", SignedBy(|m| ours().signature(m, RS384)), signature),
        ("signed with RS512 and named RS256", SignedBy(|m| ours().signature(m, RS512)), signature),
        (
            "HMAC with the key set as the secret",
            Forged(alg("HS256"), |m| hmac(m, &ours().jwks(), HS256)),
            algorithm,
        ),
        ("HMAC with the key id as the secret", Forged(alg("HS256"), |m| hmac(m, "rsa-1", HS256)), algorithm),
        ("HMAC without a secret", Forged(alg("HS256"), |m| hmac(m, "", HS256)), algorithm),
        (
            "HS384 with the key set as the secret",
            Forged(alg("HS384"), |m| hmac(m, &ours().jwks(), HS384)),
            algorithm,
        ),
        (
            "HS512 with the key set as the secret",
            Forged(alg("HS512"), |m| hmac(m, &ours().jwks(), HS512)),
            algorithm,
        ),
        (
            "HMAC with the key set as the secret, named RS256",
            SignedBy(|m| hmac(m, &ours().jwks(), HS256)),
            signature,
        ),
        ("alg none in mixed case", Forged(alg("nOnE"), |_| String::new()), algorithm),
        ("alg with a space behind", Header(alg("RS256 ")), algorithm),
        ("alg with a space in front", Header(alg(" RS256")), algorithm),
        ("alg with a zero byte behind", Header(alg("RS256\0")), algorithm),
        ("alg in mixed case", Header(alg("Rs256")), algorithm),
        ("alg in full-width letters", Header(alg("ＲＳ256")), algorithm),
        ("two algorithms in one text", Header(alg("RS256,none")), algorithm),
        ("an algorithm of encryption", Header(alg("RSA-OAEP")), algorithm),
        ("alg dir", Header(alg("dir")), algorithm),
        ("no alg", Header(json!({"alg": null})), malformed),
        ("alg is null", HeaderText(|h| h.replace(r#""RS256""#, "null")), malformed),
        ("alg is a number", Header(json!({"alg": 256})), malformed),
        ("alg is a list", Header(json!({"alg": ["RS256"]})), malformed),
        ("alg is an object", Header(json!({"alg": {"name": "RS256"}})), malformed),
        ("alg is a boolean", Header(json!({"alg": false})), malformed),
        ("alg stands twice, none first", HeaderText(|h| h.replacen('{', r#"{"alg":"none","#, 1)), malformed),
        ("alg stands twice, none last", HeaderText(|h| h.replacen('}', r#","alg":"none"}"#, 1)), malformed),
        (
            "alg stands twice, escaped once",
            HeaderText(|h| h.replacen('{', r#"{"\u0061lg":"none","#, 1)),
            malformed,
        ),
        ("none under another name than alg", Header(json!({"Alg": "none"})), Allowed),
    ]
}

fn of_p256() -> Vec<Case> {
    let alg = |alg: &str| json!({"alg": alg});
    let (algorithm, signature) = (Denied(Denial::Algorithm), Denied(Denial::Signature));
    vec![
        ("named ES384", Header(alg("ES384")), algorithm),
        ("named ES512", Header(alg("ES512")), algorithm),
        ("named ES256K", Header(alg("ES256K")), algorithm),
        ("named RS256", Header(alg("RS256")), Denied(Denial::KeyMismatch)),
        ("signed with RSA and named ES256", SignedBy(|m| ours().signature(m, RS256)), signature),
        ("both numbers are zero", SignedBy(|_| of_numbers(&[0; 32], &[0; 32])), signature),
        ("the first number is zero", SignedBy(|m| of_numbers(&[0; 32], &numbers(m).1)), signature),
        ("the second number is zero", SignedBy(|m| of_numbers(&numbers(m).0, &[0; 32])), signature),
        (
            "both numbers are as large as can be",
            SignedBy(|_| of_numbers(&[0xff; 32], &[0xff; 32])),
            signature,
        ),
        ("the numbers are exchanged", SignedBy(|m| of_numbers(&numbers(m).1, &numbers(m).0)), signature),
        ("the second number is missing", SignedBy(|m| of_numbers(&numbers(m).0, &[])), signature),
        (
            "a zero byte before each number",
            SignedBy(|m| {
                of_numbers(
                    &[&[0], numbers(m).0.as_slice()].concat(),
                    &[&[0], numbers(m).1.as_slice()].concat(),
                )
            }),
            signature,
        ),
        (
            "the numbers in DER",
            SignedBy(|m| {
                let (r, s) = numbers(m);
                let signature = Signature::from_slice(&[r, s].concat()).expect("two numbers");
                URL_SAFE_NO_PAD.encode(signature.to_der())
            }),
            signature,
        ),
    ]
}

#[tokio::test]
async fn only_the_two_algorithms_prove_anything_and_only_by_their_own_signatures() {
    judge(tables()).await;
}

//! Each rule that a token has to keep, as a token that keeps all others.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::issuer::message;
use super::{CLIENT, NOW, POOL, access, at, foreign, id, ours, with};
use crate::keys::KeySet;
use crate::token::{Caller, Denial, Expectations, Token};

fn check(token: &str) -> Result<Caller, Denial> {
    let keys = KeySet::of(ours().jwks().as_bytes()).expect("our keys");
    let expectations = Expectations {
        issuer: POOL.to_owned(),
        clients: vec!["another-client".to_owned(), CLIENT.to_owned()],
    };
    Token::parse(token)?.check(&keys, at(NOW), &expectations)
}

fn denial(token: &str) -> Option<Denial> {
    check(token).err()
}

fn denial_of(claims: &Value, members: &Value) -> Option<Denial> {
    denial(&ours().token(&with(claims.clone(), members)))
}

#[test]
fn a_token_that_keeps_every_rule_names_its_caller() {
    for token in [
        ours().token(&access(&["Readers"])),
        ours().ec_token(&access(&["Readers"])),
        ours().token(&id(&["Readers"])),
    ] {
        let caller = check(&token).expect("a good token");
        assert_eq!((caller.client_id.as_str(), caller.roles), (CLIENT, vec![crate::Role::Readers]));
    }
}

#[test]
fn an_expired_token_is_denied_and_one_without_an_end_too() {
    for (exp, expected) in [
        (json!(NOW + 1), None),
        (json!(NOW - 29), None),
        (json!(NOW - 30), Some(Denial::Expired)),
        (json!(NOW - 86_400), Some(Denial::Expired)),
        (json!(0), Some(Denial::Expired)),
        (json!(-1e300), Some(Denial::Expired)),
        (json!("2100-01-01"), Some(Denial::Claims)),
        (json!(null), Some(Denial::Claims)),
    ] {
        assert_eq!(denial_of(&access(&[]), &json!({"exp": exp})), expected, "{exp}");
    }
}

#[test]
fn a_token_that_is_not_valid_yet_is_denied() {
    for (nbf, expected) in [
        (json!(NOW - 10), None),
        (json!(NOW + 30), None),
        (json!(NOW + 31), Some(Denial::NotYetValid)),
        (json!("soon"), Some(Denial::Claims)),
    ] {
        assert_eq!(denial_of(&access(&[]), &json!({"nbf": nbf})), expected, "{nbf}");
    }
}

#[test]
fn a_token_of_another_issuer_is_denied() {
    for issuer in ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other", "", &format!("{POOL}/")] {
        assert_eq!(denial_of(&access(&[]), &json!({"iss": issuer})), Some(Denial::Issuer), "{issuer}");
    }
    assert_eq!(denial_of(&access(&[]), &json!({"iss": null})), Some(Denial::Claims));
}

#[test]
fn a_foreign_key_is_denied_also_under_the_name_of_ours() {
    assert_eq!(denial(&foreign().token(&access(&[]))), Some(Denial::Signature));
    assert_eq!(denial(&foreign().ec_token(&access(&[]))), Some(Denial::Signature));
    let other = json!({"alg": "RS256", "kid": "rsa-2"});
    assert_eq!(denial(&foreign().rs256(&other, &access(&[]))), Some(Denial::UnknownKey));
}

#[test]
fn a_token_is_denied_that_names_no_key() {
    let token = ours().rs256(&json!({"alg": "RS256"}), &access(&[]));
    assert_eq!(denial(&token), Some(Denial::UnknownKey));
}

#[test]
fn alg_none_is_denied_in_every_spelling() {
    for alg in ["none", "None", "NONE", ""] {
        let header = json!({"alg": alg, "kid": "rsa-1"});
        for signature in ["", "AAAA"] {
            let token = format!("{}.{signature}", message(&header, &access(&[])));
            assert_eq!(denial(&token), Some(Denial::Algorithm), "{token}");
        }
    }
    let unsigned = format!("{}.", message(&json!({"alg": "RS256", "kid": "rsa-1"}), &access(&[])));
    assert_eq!(denial(&unsigned), Some(Denial::Signature));
}

#[test]
fn hmac_with_the_public_key_as_its_secret_is_denied() {
    let header = |alg: &str| json!({"alg": alg, "kid": "rsa-1"});
    assert_eq!(denial(&ours().hs256(&header("HS256"), &access(&[]))), Some(Denial::Algorithm));
    assert_eq!(denial(&ours().hs256(&header("RS256"), &access(&[]))), Some(Denial::Signature));
}

#[test]
fn other_algorithms_are_denied_even_where_the_key_could_do_them() {
    for alg in ["RS384", "RS512", "PS256", "ES384", "EdDSA", "rs256"] {
        let token = ours().rs256(&json!({"alg": alg, "kid": "rsa-1"}), &access(&[]));
        assert_eq!(denial(&token), Some(Denial::Algorithm), "{alg}");
    }
}

#[test]
fn the_header_cannot_turn_a_key_to_another_algorithm() {
    let crossed = ours().es256(&json!({"alg": "ES256", "kid": "rsa-1"}), &access(&[]));
    assert_eq!(denial(&crossed), Some(Denial::KeyMismatch));
    let crossed = ours().rs256(&json!({"alg": "RS256", "kid": "ec-1"}), &access(&[]));
    assert_eq!(denial(&crossed), Some(Denial::KeyMismatch));
}

#[test]
fn extensions_that_must_be_understood_are_not() {
    let header = json!({"alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": false});
    assert_eq!(denial(&ours().rs256(&header, &access(&[]))), Some(Denial::Critical));
}

#[test]
fn only_access_tokens_and_id_tokens_are_accepted() {
    for token_use in ["refresh", "Access", ""] {
        assert_eq!(denial_of(&access(&[]), &json!({"token_use": token_use})), Some(Denial::TokenUse));
    }
    assert_eq!(denial_of(&access(&[]), &json!({"token_use": null})), Some(Denial::Claims));
}

#[test]
fn an_access_token_is_for_one_of_our_clients_by_its_client_id() {
    for (members, expected) in [
        (json!({"client_id": "another-client"}), None),
        (json!({"client_id": "stranger"}), Some(Denial::Client)),
        (json!({"client_id": null}), Some(Denial::Client)),
        (json!({"client_id": null, "aud": CLIENT}), Some(Denial::Client)),
        (json!({"client_id": [CLIENT]}), Some(Denial::Claims)),
    ] {
        assert_eq!(denial_of(&access(&[]), &members), expected, "{members}");
    }
}

#[test]
fn an_id_token_is_for_one_of_our_clients_by_its_audience() {
    for (members, expected) in [
        (json!({"aud": ["stranger", CLIENT]}), None),
        (json!({"aud": "stranger"}), Some(Denial::Client)),
        (json!({"aud": []}), Some(Denial::Client)),
        (json!({"aud": null}), Some(Denial::Client)),
        (json!({"aud": null, "client_id": CLIENT}), Some(Denial::Client)),
        (json!({"aud": {"client": CLIENT}}), Some(Denial::Claims)),
    ] {
        assert_eq!(denial_of(&id(&[]), &members), expected, "{members}");
    }
}

#[test]
fn groups_are_a_list_of_strings_or_the_token_is_denied() {
    for groups in [json!("Administrators"), json!({"Administrators": true}), json!([1]), json!([["Readers"]])]
    {
        let denied = denial_of(&access(&[]), &json!({"cognito:groups": groups}));
        assert_eq!(denied, Some(Denial::Claims), "{groups}");
    }
}

#[test]
fn a_claim_that_stands_twice_is_denied() {
    let claims = access(&["Readers"]).to_string().replacen('{', r#"{"iss":"https://elsewhere","#, 1);
    let header = json!({"alg": "RS256", "kid": "rsa-1"});
    let token = ours().rs256_of_text(&header, &claims);
    assert_eq!(denial(&token), Some(Denial::Claims));
}

#[test]
fn a_subject_is_required() {
    for sub in [json!(null), json!(""), json!(7)] {
        assert_eq!(denial_of(&access(&[]), &json!({"sub": sub})), Some(Denial::Claims), "{sub}");
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    let text = |text: &str| URL_SAFE_NO_PAD.encode(text);
    for token in [
        String::new(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "PLACEHOLDER.FOR.TOKEN".to_owned(),
        format!("{}.{}.", text("[]"), text("{}")),
        format!("{}.{}", text(r#"{"alg":"RS256"}"#), text("{}")),
        format!("{}=.{}.x", text(r#"{"alg":"RS256","kid":"rsa-1"}"#), text("{}")),
        "x".repeat(1 << 20),
    ] {
        assert_eq!(denial(&token), Some(Denial::Malformed), "{:.60}", token);
    }
}

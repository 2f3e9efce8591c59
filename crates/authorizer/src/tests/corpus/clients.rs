//! For whom a token was made, and for what.

use super::Change::{Claims, ClaimsText};
use super::Verdict::{Allowed, Denied};
use super::*;
use crate::tests::{CLIENT, id};

pub(super) fn tables() -> Vec<Table> {
    let with_id_token = Good { claims: id(&["Administrators"]), ..Good::administrator() };
    vec![
        Table { good: Good::administrator(), cases: of_access_tokens() },
        Table { good: with_id_token, cases: of_id_tokens() },
    ]
}

fn of_access_tokens() -> Vec<Case> {
    let for_client = |client: &str| Claims(json!({"client_id": client}));
    let used = |token_use: &str| Claims(json!({"token_use": token_use}));
    let (client, token_use) = (Denied(Denial::Client), Denied(Denial::TokenUse));
    vec![
        ("client_id is empty", for_client(""), client),
        ("client_id in upper case", for_client(&CLIENT.to_uppercase()), client),
        ("client_id without its last character", for_client(&CLIENT[..CLIENT.len() - 1]), client),
        ("client_id with one character more", for_client(&format!("{CLIENT}0")), client),
        ("client_id with another last character", for_client(&CLIENT.replace("789", "780")), client),
        ("client_id with a space behind", for_client(&format!("{CLIENT} ")), client),
        ("client_id with a space in front", for_client(&format!(" {CLIENT}")), client),
        ("client_id with a zero byte behind", for_client(&format!("{CLIENT}\0")), client),
        ("client_id with a Cyrillic letter", for_client(&CLIENT.replace('e', "\u{435}")), client),
        ("client_id with a digit of another script", for_client(&CLIENT.replace('9', "\u{669}")), client),
        ("client_id is the list of the settings", for_client(&format!("another-client,{CLIENT}")), client),
        ("client_id is a wildcard", for_client("*"), client),
        ("client_id is a pattern", for_client(".*"), client),
        ("client_id under another name", ClaimsText(|c| c.replace("client_id", "clientId")), client),
        (
            "another client, with ours as the party that it is for",
            Claims(json!({"client_id": "stranger", "azp": CLIENT})),
            client,
        ),
        (
            "an audience of strangers, which access tokens have no use for",
            Claims(json!({"aud": "stranger"})),
            Allowed,
        ),
        ("an access token that calls itself an id token", used("id"), client),
        ("token_use in upper case", used("ACCESS"), token_use),
        ("token_use with a space behind", used("access "), token_use),
        ("token_use with a space in front", used(" access"), token_use),
        ("token_use with a zero byte behind", used("access\0"), token_use),
        ("token_use with a Cyrillic letter", used("acc\u{435}ss"), token_use),
        ("token_use by the name of OAuth", used("access_token"), token_use),
        ("token_use names both", used("access,id"), token_use),
        ("token_use is null as a text", used("null"), token_use),
        ("token_use of a token to verify an address", used("verify"), token_use),
    ]
}

fn of_id_tokens() -> Vec<Case> {
    let aud = |aud: Value| Claims(json!({"aud": aud}));
    let (client, claims) = (Denied(Denial::Client), Denied(Denial::Claims));
    vec![
        ("aud is empty", aud(json!("")), client),
        ("aud in upper case", aud(json!(CLIENT.to_uppercase())), client),
        ("aud with a space behind", aud(json!(format!("{CLIENT} "))), client),
        ("aud without its last character", aud(json!(&CLIENT[..CLIENT.len() - 1])), client),
        ("aud names two clients in one text", aud(json!(format!("{CLIENT} another-client"))), client),
        ("aud is a list of strangers", aud(json!(["stranger", "attacker"])), client),
        ("aud is a list with an empty text", aud(json!([""])), client),
        ("aud is a list with null", aud(json!([null, CLIENT])), claims),
        ("aud is a list with a number", aud(json!([1, CLIENT])), claims),
        ("aud is a list in a list", aud(json!([[CLIENT]])), claims),
        ("aud is a number", aud(json!(1)), claims),
        ("aud is a boolean", aud(json!(true)), claims),
        (
            "aud stands twice in an id token",
            ClaimsText(|c| c.replacen('{', r#"{"aud":"stranger","#, 1)),
            claims,
        ),
        ("aud under another name", ClaimsText(|c| c.replace("\"aud\"", "\"Aud\"")), client),
        ("an id token that calls itself an access token", Claims(json!({"token_use": "access"})), client),
        (
            "an id token by the name of OpenID",
            Claims(json!({"token_use": "id_token"})),
            Denied(Denial::TokenUse),
        ),
    ]
}

#[tokio::test]
async fn a_token_is_for_exactly_one_of_our_clients_and_for_exactly_one_of_two_uses() {
    judge(tables()).await;
}

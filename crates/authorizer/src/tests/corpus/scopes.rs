//! What a machine may do: scopes, and who is a machine.

use super::Change::Claims;
use super::Verdict::{Allowed, Denied};
use super::*;
use crate::tests::{CLIENT, machine};

fn scope(scope: &str) -> Change {
    Claims(json!({"scope": scope}))
}

pub(super) fn tables() -> Vec<Table> {
    let (denied, claims) = (Denied(Denial::NotAllowed), Denied(Denial::Claims));
    let cases = vec![
        ("a scope that only reads", scope("accounts/read"), denied),
        ("a scope in upper case", scope("ACCOUNTS/WRITE"), denied),
        ("a scope without its last character", scope("accounts/writ"), denied),
        ("a scope with a slash behind", scope("accounts/write/"), denied),
        ("a scope with a colon", scope("accounts:write"), denied),
        ("a scope with a wildcard", scope("accounts/*"), denied),
        ("a scope that is the resource alone", scope("accounts"), denied),
        ("a scope that is percent-encoded", scope("accounts%2Fwrite"), denied),
        ("a scope with another slash", scope("accounts\u{2044}write"), denied),
        ("a scope with a Cyrillic letter", scope("\u{430}ccounts/write"), denied),
        ("a scope with a zero byte behind", scope("accounts/write\0"), denied),
        ("a scope by the name of a group", scope("Administrators"), denied),
        ("scopes with a comma between them", scope("accounts/write,accounts/read"), denied),
        ("scopes with a tab between them", scope("accounts/write\taccounts/read"), denied),
        ("scopes with a line break between them", scope("accounts/write\naccounts/read"), denied),
        ("scopes with a no-break space between them", scope("accounts/write\u{a0}accounts/read"), denied),
        ("scopes with two spaces between them", scope("openid  accounts/write"), Allowed),
        ("no scope", Claims(json!({"scope": null})), denied),
        (
            "scopes under the name of another issuer",
            Claims(json!({"scope": null, "scp": "accounts/write"})),
            denied,
        ),
        ("scopes are a list", Claims(json!({"scope": ["accounts/write"]})), claims),
        ("scopes are an object", Claims(json!({"scope": {"accounts/write": true}})), claims),
        ("scopes are a number", Claims(json!({"scope": 7})), claims),
        ("scopes are true", Claims(json!({"scope": true})), claims),
        ("a machine in no group, which is a person then", Claims(json!({"cognito:groups": []})), denied),
        (
            "a machine in a group, which is a person then",
            Claims(json!({"cognito:groups": ["Readers"]})),
            denied,
        ),
        ("a machine with a username", Claims(json!({"username": "jean"})), denied),
        ("a machine with an empty username", Claims(json!({"username": ""})), denied),
        ("a machine that is not its own subject", Claims(json!({"sub": "someone"})), denied),
        (
            "a machine whose subject is another of our clients",
            Claims(json!({"sub": "another-client"})),
            denied,
        ),
        ("a machine whose subject is in upper case", Claims(json!({"sub": CLIENT.to_uppercase()})), denied),
        ("a machine with an id token", Claims(json!({"token_use": "id", "aud": CLIENT})), denied),
    ];
    let good = Good { claims: machine("accounts/write"), ..Good::administrator() };
    vec![Table { good, cases }]
}

#[tokio::test]
async fn a_machine_may_what_its_scopes_say_letter_by_letter_and_nobody_else_does() {
    judge(tables()).await;
}

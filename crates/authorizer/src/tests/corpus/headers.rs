//! What else the header of a token claims: keys of its own, extensions, and shapes that no header has.

use super::Change::{Forged, Header, HeaderText};
use super::Verdict::{Allowed, Denied};
use super::*;
use crate::tests::foreign;
use jsonwebtoken::Algorithm::RS256;

/// Members that bring the attacker's key with them, or say where it is.
fn own_keys() -> [(&'static str, &'static str, Value); 5] {
    let set: Value = serde_json::from_str(&foreign().jwks()).expect("JSON");
    let address = "https://attacker.example/keys";
    [
        ("the attacker's key in jwk", "jwk by the issuer itself", json!({"jwk": set["keys"][0]})),
        ("the attacker's key set at jku", "jku by the issuer itself", json!({"jku": address})),
        ("the attacker's certificate at x5u", "x5u by the issuer itself", json!({"x5u": address})),
        ("the attacker's certificate in x5c", "x5c by the issuer itself", json!({"x5c": ["TUlJQg=="]})),
        ("the attacker's thumbprint in x5t", "x5t by the issuer itself", json!({"x5t#S256": "AAAA"})),
    ]
}

pub(super) fn tables() -> Vec<Table> {
    let mut cases = vec![];
    for (forged, ignored, members) in own_keys() {
        cases.push((
            forged,
            Forged(members.clone(), |m| foreign().signature(m, RS256)),
            Denied(Denial::Signature),
        ));
        cases.push((ignored, Header(members), Allowed));
    }
    let critical = Denied(Denial::Critical);
    let malformed = Denied(Denial::Malformed);
    cases.extend([
        ("crit names a claim", Header(json!({"crit": ["exp"]})), critical),
        ("crit names the key id", Header(json!({"crit": ["kid"]})), critical),
        ("crit is an empty list", Header(json!({"crit": []})), critical),
        ("crit is a text", Header(json!({"crit": "exp"})), critical),
        ("crit is an object", Header(json!({"crit": {}})), critical),
        ("crit is false", Header(json!({"crit": false})), critical),
        ("crit is zero", Header(json!({"crit": 0})), critical),
        ("crit is null", HeaderText(|h| h.replacen('{', r#"{"crit":null,"#, 1)), critical),
        ("crit stands twice", HeaderText(|h| h.replacen('{', r#"{"crit":[],"crit":[],"#, 1)), malformed),
        ("crit under another name", Header(json!({"Crit": ["exp"]})), Allowed),
        (
            "the header is a list of its values",
            HeaderText(|_| r#"["RS256","rsa-1",[]]"#.to_owned()),
            malformed,
        ),
        (
            "the header is a list without crit",
            HeaderText(|_| r#"["RS256","rsa-1",null]"#.to_owned()),
            malformed,
        ),
        ("the header is a list of a header", HeaderText(|h| format!("[{h}]")), malformed),
        ("the header is a text", HeaderText(|h| json!(h).to_string()), malformed),
        ("the header is null", HeaderText(|_| "null".to_owned()), malformed),
        ("the header is empty", HeaderText(|_| String::new()), malformed),
        ("the header has no members", HeaderText(|_| "{}".to_owned()), malformed),
        ("two headers in one", HeaderText(|h| format!("{h}{h}")), malformed),
        ("the header begins with a byte order mark", HeaderText(|h| format!("\u{feff}{h}")), malformed),
        ("the header has single quotes", HeaderText(|h| h.replace('"', "'")), malformed),
        ("the header ends with a zero byte", HeaderText(|h| format!("{h}\0")), malformed),
        ("the header has spaces around it", HeaderText(|h| format!(" \n{h}\t ")), Allowed),
        ("typ of an access token", Header(json!({"typ": "at+jwt"})), Allowed),
        ("another issuer in the header", Header(json!({"iss": "https://attacker.example"})), Allowed),
        ("an expiry in the header", Header(json!({"exp": 0})), Allowed),
        (
            "a member that is nested deep",
            HeaderText(|h| h.replacen('{', &format!(r#"{{"x":{}{},"#, "[".repeat(500), "]".repeat(500)), 1)),
            Allowed,
        ),
    ]);
    vec![Table { good: Good::administrator(), cases }]
}

#[tokio::test]
async fn a_header_brings_no_key_and_no_extension_and_is_one_object() {
    judge(tables()).await;
}

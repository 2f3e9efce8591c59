//! By which key a token says that it is signed: tricks with the key id.

use super::Change::{Header, HeaderText};
use super::Verdict::{Allowed, Denied};
use super::*;

fn named(kid: &str) -> Change {
    Header(json!({"kid": kid}))
}

pub(super) fn tables() -> Vec<Table> {
    let unknown = Denied(Denial::UnknownKey);
    let malformed = Denied(Denial::Malformed);
    let cases = vec![
        ("kid is empty", named(""), unknown),
        ("kid in upper case", named("RSA-1"), unknown),
        ("kid with a space behind", named("rsa-1 "), unknown),
        ("kid with a space in front", named(" rsa-1"), unknown),
        ("kid with a zero byte behind", named("rsa-1\0"), unknown),
        ("kid with a line break behind", named("rsa-1\n"), unknown),
        ("kid without its last character", named("rsa-"), unknown),
        ("kid with one character more", named("rsa-11"), unknown),
        ("kid with a Cyrillic letter", named("rs\u{430}-1"), unknown),
        ("kid with another hyphen", named("rsa\u{2010}1"), unknown),
        ("kid with a character of no width", named("rsa-1\u{200b}"), unknown),
        ("kid is a path to an empty file", named("/dev/null"), unknown),
        ("kid climbs out of its folder", named("../../../../dev/null"), unknown),
        ("kid is an address", named("https://attacker.example/keys.json#rsa-1"), unknown),
        ("kid is a piece of SQL", named("x' UNION SELECT 'rsa-1"), unknown),
        ("kid is a piece of a shell", named("rsa-1; cat /etc/passwd"), unknown),
        ("kid is a wildcard", named("*"), unknown),
        ("kid names two keys", named("rsa-1,ec-1"), unknown),
        ("kid is percent-encoded", named("rsa%2D1"), unknown),
        ("kid is a member of every object", named("__proto__"), unknown),
        ("kid is very long", named(&"rsa-1".repeat(1000)), unknown),
        ("kid is null", HeaderText(|h| h.replace(r#""rsa-1""#, "null")), unknown),
        ("kid under another name", HeaderText(|h| h.replace("kid", "Kid")), unknown),
        ("kid is a number", Header(json!({"kid": 1})), malformed),
        ("kid is a boolean", Header(json!({"kid": true})), malformed),
        ("kid is a list", Header(json!({"kid": ["rsa-1"]})), malformed),
        ("kid is an object", Header(json!({"kid": {"id": "rsa-1"}})), malformed),
        (
            "kid stands twice, the good one last",
            HeaderText(|h| h.replacen('{', r#"{"kid":"x","#, 1)),
            malformed,
        ),
        ("kid stands twice, both good", HeaderText(|h| h.replacen('{', r#"{"kid":"rsa-1","#, 1)), malformed),
        ("kid of the key for the other algorithm", named("ec-1"), Denied(Denial::KeyMismatch)),
        ("kid with an escaped hyphen", HeaderText(|h| h.replace("rsa-1", r"rsa\u002d1")), Allowed),
    ];
    vec![Table { good: Good::administrator(), cases }]
}

#[tokio::test]
async fn a_key_is_found_by_exactly_its_id() {
    judge(tables()).await;
}

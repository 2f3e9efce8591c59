//! Who issued a token: names that are nearly ours.

use super::Change::Claims;
use super::Verdict::Denied;
use super::*;
use crate::tests::POOL;

fn of(issuer: &str) -> Change {
    Claims(json!({"iss": issuer}))
}

pub(super) fn tables() -> Vec<Table> {
    let denied = Denied(Denial::Issuer);
    let cases = vec![
        ("iss over http", of(&POOL.replace("https:", "http:")), denied),
        ("iss without its scheme", of(&POOL.replace("https://", "")), denied),
        ("iss with its scheme in upper case", of(&POOL.replace("https", "HTTPS")), denied),
        ("iss with its host in upper case", of(&POOL.replace("amazonaws.com", "AMAZONAWS.COM")), denied),
        ("iss with the port of https", of(&POOL.replace(".com/", ".com:443/")), denied),
        ("iss with a dot behind its host", of(&POOL.replace(".com/", ".com./")), denied),
        ("iss is the host alone", of("https://cognito-idp.eu-west-1.amazonaws.com"), denied),
        ("iss of another region", of(&POOL.replace("eu-west-1.", "eu-west-2.")), denied),
        (
            "iss with our host as the user of another",
            of(&POOL.replace(".com/", ".com@attacker.example/")),
            denied,
        ),
        ("iss with our host under another", of(&POOL.replace(".com/", ".com.attacker.example/")), denied),
        ("iss with a user", of(&POOL.replace("https://", "https://user@")), denied),
        ("iss with two slashes in its path", of(&POOL.replace(".com/", ".com//")), denied),
        ("iss with a dot in its path", of(&POOL.replace(".com/", ".com/./")), denied),
        ("iss with a folder more", of(&format!("{POOL}/other")), denied),
        ("iss with a query", of(&format!("{POOL}?")), denied),
        ("iss with a fragment", of(&format!("{POOL}#")), denied),
        ("iss with a space behind", of(&format!("{POOL} ")), denied),
        ("iss with a space in front", of(&format!(" {POOL}")), denied),
        ("iss with a line break behind", of(&format!("{POOL}\n")), denied),
        ("iss with a zero byte behind", of(&format!("{POOL}\0")), denied),
        ("iss with a byte order mark in front", of(&format!("\u{feff}{POOL}")), denied),
        ("iss with a character of no width", of(&POOL.replace("amazon", "ama\u{200b}zon")), denied),
        ("iss with a Cyrillic letter", of(&POOL.replace("amazon", "\u{430}mazon")), denied),
        ("iss with a full-width letter", of(&POOL.replace("amazon", "\u{ff41}mazon")), denied),
        ("iss is percent-encoded", of(&POOL.replace('_', "%5F")), denied),
        ("iss names two issuers", of(&format!("{POOL},https://attacker.example")), denied),
        ("iss is ours in quotes", of(&json!(POOL).to_string()), denied),
        ("iss is where its keys are", of(&format!("{POOL}/.well-known/jwks.json")), denied),
    ];
    vec![Table { good: Good::administrator(), cases }]
}

#[tokio::test]
async fn only_our_issuer_is_ours() {
    judge(tables()).await;
}

/// All names that differ from ours by a character: without it, with it twice, in the other case, or another one.
fn one_character_off() -> Vec<String> {
    let places = POOL.char_indices().flat_map(|(place, found)| {
        let put = |text: String| format!("{}{text}{}", &POOL[..place], &POOL[place + found.len_utf8()..]);
        let other_case =
            if found.is_lowercase() { found.to_ascii_uppercase() } else { found.to_ascii_lowercase() };
        let next = char::from_u32(u32::from(found) + 1).expect("a character");
        [
            put(String::new()),
            put(format!("{found}{found}")),
            put(other_case.to_string()),
            put(next.to_string()),
        ]
    });
    places.filter(|issuer| issuer != POOL).collect()
}

#[tokio::test]
async fn an_issuer_that_differs_by_one_character_anywhere_is_another() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let good = Good::administrator();
    assert_eq!(verdict(&authorizer, &good.event()).await, Verdict::Allowed);
    let issuers = one_character_off();
    assert!(issuers.len() > 3 * POOL.len());
    for issuer in issuers {
        let found = verdict(&authorizer, &good.changed(&of(&issuer))).await;
        assert_eq!(found, Denied(Denial::Issuer), "{issuer}");
    }
}

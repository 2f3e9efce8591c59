//! The claims as a document: types, doubles, and what is no JSON object.

use super::Change::{Claims, ClaimsBytes, ClaimsText};
use super::Verdict::{Allowed, Denied};
use super::*;

/// The claims with another member in front, whatever else they hold.
macro_rules! doubled {
    ($member:literal) => {
        ClaimsText(|claims| claims.replacen('{', concat!("{", $member, ","), 1))
    };
}

pub(super) fn tables() -> Vec<Table> {
    let cases = [of_types(), of_doubles(), of_documents()].into_iter().flatten().collect();
    vec![Table { good: Good::administrator(), cases }]
}

fn of_types() -> Vec<Case> {
    let denied = Denied(Denial::Claims);
    vec![
        ("iss is a list", Claims(json!({"iss": [crate::tests::POOL]})), denied),
        ("iss is an object", Claims(json!({"iss": {"url": crate::tests::POOL}})), denied),
        ("iss is a boolean", Claims(json!({"iss": true})), denied),
        ("iss is a number", Claims(json!({"iss": 1})), denied),
        ("sub is a list", Claims(json!({"sub": ["someone"]})), denied),
        ("sub is an object", Claims(json!({"sub": {"id": "someone"}})), denied),
        ("sub is a boolean", Claims(json!({"sub": false})), denied),
        ("exp is a number in quotes", Claims(json!({"exp": "1800003600"})), denied),
        ("exp is a boolean", Claims(json!({"exp": true})), denied),
        ("exp is a list", Claims(json!({"exp": [1_800_003_600]})), denied),
        ("exp is an object", Claims(json!({"exp": {"seconds": 1_800_003_600}})), denied),
        ("exp is an empty text", Claims(json!({"exp": ""})), denied),
        ("nbf is a boolean", Claims(json!({"nbf": true})), denied),
        ("nbf is a list", Claims(json!({"nbf": [0]})), denied),
        ("nbf is an object", Claims(json!({"nbf": {}})), denied),
        ("token_use is a list", Claims(json!({"token_use": ["access"]})), denied),
        ("token_use is a number", Claims(json!({"token_use": 1})), denied),
        ("token_use is a boolean", Claims(json!({"token_use": true})), denied),
        ("client_id is a number", Claims(json!({"client_id": 1})), denied),
        ("client_id is an object", Claims(json!({"client_id": {"id": crate::tests::CLIENT}})), denied),
        ("username is a list", Claims(json!({"username": ["jean"]})), denied),
        ("username is a number", Claims(json!({"username": 7})), denied),
        ("a claim that nobody reads is nested deep", nested("x", 500), Allowed),
        ("a name that is nested deeper than JSON is read", nested("name", 500), denied),
    ]
}

fn nested(claim: &'static str, depth: usize) -> Change {
    let value = (0..depth).fold(json!([]), |value, _| json!([value]));
    Claims(json!({ claim: value }))
}

fn of_doubles() -> Vec<Case> {
    let denied = Denied(Denial::Claims);
    vec![
        (
            "iss stands twice with one value",
            doubled!(r#""iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example""#),
            denied,
        ),
        ("iss stands twice, escaped once", doubled!(r#""i\u0073s":"https://attacker.example""#), denied),
        ("sub stands twice", doubled!(r#""sub":"someone""#), denied),
        ("exp stands twice", doubled!(r#""exp":1800009999"#), denied),
        ("nbf stands twice", doubled!(r#""nbf":0,"nbf":0"#), denied),
        ("token_use stands twice", doubled!(r#""token_use":"id""#), denied),
        ("client_id stands twice", doubled!(r#""client_id":"stranger""#), denied),
        ("aud stands twice", doubled!(r#""aud":"stranger","aud":"stranger""#), denied),
        ("username stands twice", doubled!(r#""username":"someone""#), denied),
        ("scope stands twice", doubled!(r#""scope":"accounts/read""#), denied),
        ("groups stand twice", doubled!(r#""cognito:groups":["Readers"]"#), denied),
        ("groups stand twice, null once", doubled!(r#""cognito:groups":null"#), denied),
        ("name stands twice", doubled!(r#""name":"a","name":"b""#), denied),
        ("a claim that nobody reads stands twice", doubled!(r#""jti":"a","jti":"b""#), Allowed),
        (
            "a claim in upper case beside the good one",
            doubled!(r#""ISS":"https://attacker.example""#),
            Allowed,
        ),
        ("a claim with a space in its name beside the good one", doubled!(r#""exp ":0"#), Allowed),
    ]
}

fn of_documents() -> Vec<Case> {
    let denied = Denied(Denial::Claims);
    vec![
        ("the claims are a list of their values", ClaimsText(as_list), denied),
        ("the claims are a list of claims", ClaimsText(|c| format!("[{c}]")), denied),
        ("the claims are a text", ClaimsText(|c| json!(c).to_string()), denied),
        ("the claims are null", ClaimsText(|_| "null".to_owned()), denied),
        ("the claims are true", ClaimsText(|_| "true".to_owned()), denied),
        ("the claims are empty", ClaimsText(|_| String::new()), denied),
        ("the claims have no members", ClaimsText(|_| "{}".to_owned()), denied),
        ("two documents of claims", ClaimsText(|c| format!("{c}{c}")), denied),
        ("something stands behind the claims", ClaimsText(|c| format!("{c}x")), denied),
        ("a zero byte stands behind the claims", ClaimsText(|c| format!("{c}\0")), denied),
        ("a byte order mark stands before the claims", ClaimsText(|c| format!("\u{feff}{c}")), denied),
        ("a comment stands in the claims", ClaimsText(|c| c.replacen('{', "{/**/", 1)), denied),
        ("a comma too many", ClaimsText(|c| c.replacen('}', ",}", 1)), denied),
        ("the last brace is missing", ClaimsText(|c| c.trim_end_matches('}').to_owned()), denied),
        ("single quotes", ClaimsText(|c| c.replace('"', "'")), denied),
        ("a text with half a surrogate pair", doubled!(r#""name":"\ud800""#), denied),
        ("a text that is not UTF-8", ClaimsBytes(|c| replaced(c, b"jean", b"\xff\xfe\xfd\xfc")), denied),
        ("an overlong encoding of a slash", ClaimsBytes(|c| replaced(c, b"jean", b"\xc0\xafxx")), denied),
        ("UTF-16", ClaimsBytes(|c| c.encode_utf16().flat_map(u16::to_le_bytes).collect()), denied),
        ("spaces around the claims", ClaimsText(|c| format!("\t{c}\r\n ")), Allowed),
        ("escaped names and texts that say the same", ClaimsText(|c| c.replace("iss", r"\u0069ss")), Allowed),
    ]
}

/// The values of the claims that are read, in the order in which the code lists them.
fn as_list(claims: &str) -> String {
    let claims: Value = serde_json::from_str(claims).expect("JSON");
    let names = ["iss", "sub", "exp", "nbf", "token_use", "client_id", "username", "name", "email", "aud"];
    let values = names.into_iter().chain(["cognito:groups", "scope"]).map(|name| claims[name].clone());
    Value::from_iter(values).to_string()
}

fn replaced(text: &str, from: &[u8; 4], to: &[u8; 4]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let place = bytes.windows(4).position(|window| window == from).expect("it is there");
    bytes[place..place + 4].copy_from_slice(to);
    bytes
}

#[tokio::test]
async fn claims_are_one_object_in_which_each_claim_is_of_its_type_and_stands_once() {
    judge(tables()).await;
}

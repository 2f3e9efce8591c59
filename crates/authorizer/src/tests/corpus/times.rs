//! When a token is valid: the leeway to a fraction of a second, and numbers that are no time.

use super::Change::{Claims, ClaimsText};
use super::Verdict::{Allowed, Denied};
use super::*;
use crate::tests::NOW;

macro_rules! exp {
    ($text:literal) => {
        ClaimsText(|claims| claims.replace("1800003600", $text))
    };
}

pub(super) fn tables() -> Vec<Table> {
    let (expired, early) = (Denied(Denial::Expired), Denied(Denial::NotYetValid));
    let claims = Denied(Denial::Claims);
    let cases = vec![
        ("exp is now", Claims(json!({"exp": NOW})), Allowed),
        ("exp is a tenth of a second within the leeway", exp!("1799999970.1"), Allowed),
        ("exp is a tenth of a second past the leeway", exp!("1799999969.9"), expired),
        ("exp is a second past the leeway", exp!("1799999969"), expired),
        ("exp is the smallest number above zero", exp!("5e-324"), expired),
        ("exp is minus zero", exp!("-0.0"), expired),
        ("exp is minus one", exp!("-1"), expired),
        ("exp is the smallest whole number", exp!("-9223372036854775808"), expired),
        ("exp in days", exp!("20833"), expired),
        ("exp with an exponent", exp!("18000036e2"), Allowed),
        ("exp is too large for any number", exp!("1e999"), claims),
        ("exp is too small for any number", exp!("-1e999"), claims),
        ("exp is not a number", exp!("NaN"), claims),
        ("exp is infinity", exp!("Infinity"), claims),
        ("exp in hexadecimal", exp!("0x6b49e010"), claims),
        ("exp with a zero in front", exp!("01800003600"), claims),
        ("exp with a plus in front", exp!("+1800003600"), claims),
        ("exp with separators", exp!("1_800_003_600"), claims),
        ("exp under another name", ClaimsText(|claims| claims.replace("\"exp\"", "\"Exp\"")), claims),
        ("nbf is now", Claims(json!({"nbf": NOW})), Allowed),
        ("nbf is a tenth of a second within the leeway", Claims(json!({"nbf": 1_800_000_029.9})), Allowed),
        ("nbf is a tenth of a second past the leeway", Claims(json!({"nbf": 1_800_000_030.1})), early),
        ("nbf is in an hour", Claims(json!({"nbf": NOW + 3600})), early),
        ("nbf in milliseconds", Claims(json!({"nbf": NOW * 1000})), early),
        ("nbf never comes", Claims(json!({"nbf": 1e300})), early),
        ("nbf is before 1970", Claims(json!({"nbf": -1})), Allowed),
        ("nbf is a number in quotes", Claims(json!({"nbf": "0"})), claims),
        ("exp is before nbf, and both are past", Claims(json!({"exp": 1, "nbf": 2})), expired),
        ("iat is in the future, which no rule forbids", Claims(json!({"iat": NOW + 3600})), Allowed),
        ("iat is a text, which nobody reads", Claims(json!({"iat": "now"})), Allowed),
    ];
    vec![Table { good: Good::administrator(), cases }]
}

#[tokio::test]
async fn a_token_is_valid_from_its_beginning_to_its_end_and_half_a_minute_around_them() {
    judge(tables()).await;
}

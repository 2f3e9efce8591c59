//! Tokens that are as long as may be, and longer.

use super::Change::{ClaimsText, HeaderText, Token};
use super::Verdict::{Allowed, Denied};
use super::*;

/// The claims with a member of so many characters that nobody reads.
macro_rules! padded {
    ($characters:literal) => {
        ClaimsText(|claims| claims.replacen('{', &format!(r#"{{"pad":"{}","#, "x".repeat($characters)), 1))
    };
}

/// The token with so many characters behind it that it has this length.
macro_rules! filled {
    ($length:literal) => {
        Token(|token| format!("{token}{}", "A".repeat($length - token.len())))
    };
}

pub(super) fn tables() -> Vec<Table> {
    let (signature, malformed) = (Denied(Denial::Signature), Denied(Denial::Malformed));
    let cases = vec![
        ("eight thousand characters of claims", padded!(8000), Allowed),
        ("eleven thousand characters of claims", padded!(11_000), Allowed),
        ("twelve thousand characters of claims, which are 16 KiB in a token", padded!(12_000), malformed),
        ("half a million characters of claims", padded!(500_000), malformed),
        (
            "half a million spaces in the header",
            HeaderText(|h| h.replacen('{', &format!("{{{}", " ".repeat(500_000)), 1)),
            malformed,
        ),
        ("a signature with which the token is as long as may be", filled!(16_384), signature),
        ("a signature with which the token is one character too long", filled!(16_385), malformed),
        ("ten megabytes of signature", filled!(10_485_760), malformed),
        ("ten thousand dots", Token(|_| ".".repeat(10_000)), malformed),
        (
            "ten thousand dots behind the token",
            Token(|token| format!("{token}{}", ".".repeat(10_000))),
            signature,
        ),
    ];
    vec![Table { good: Good::administrator(), cases }]
}

#[tokio::test]
async fn a_token_is_of_bounded_length() {
    judge(tables()).await;
}

//! Tags of an account.

use serde::{Deserialize, Serialize};

use crate::fault::Rule;

/// The most tags an account has (Organizations, "Quotas").
pub(crate) const MOST_TAGS: usize = 50;

/// A key and a value that the account is to carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// 1 to 128 letters, digits, white space and `_.:/=+-@`; not starting with `aws:`.
    pub key: String,
    /// 0 to 256 of the same characters.
    pub value: String,
}

/// Whether this is a tag's key.
pub(crate) fn check_key(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(("too_short", "A tag's key has at least one character.".to_owned()));
    }
    check(text, 128, "A tag's key")?;
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Err(("reserved", "Keys that start with aws: belong to AWS.".to_owned()));
    }
    Ok(())
}

/// Whether this is a tag's value.
pub(crate) fn check_value(text: &str) -> Result<(), Rule> {
    check(text, 256, "A tag's value")
}

fn check(text: &str, most: usize, what: &str) -> Result<(), Rule> {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    if !text.chars().all(allowed) {
        return Err((
            "invalid_characters",
            format!("{what} holds only letters, digits, blanks and _ . : / = + - @."),
        ));
    }
    if text.chars().count() > most {
        return Err(("too_long", format!("{what} has at most {most} characters.")));
    }
    Ok(())
}

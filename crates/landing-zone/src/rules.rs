//! The rules for names, e-mails, tokens and tags that the services declare (botocore's service models;
//! for e-mails the console's and Control Tower's documented limits).

use std::ops::RangeInclusive;

/// Account Factory's rule for an account name: 1-50 of `[ -;=?-~]`.
pub(crate) fn account_name(text: &str) -> Result<(), &'static str> {
    let allowed = |c: char| matches!(c, ' '..=';' | '=' | '?'..='~');
    if within(text, 1..=50) && text.chars().all(allowed) {
        Ok(())
    } else {
        Err("must be 1 to 50 printable ASCII characters, without < and >")
    }
}

/// The rule for an account's e-mail.
pub(crate) fn email(text: &str) -> Result<(), &'static str> {
    const FORBIDDEN: &str = "\"'()<>[]:;,\\|%&";
    if !text.is_ascii() {
        return Err("must be 7-bit ASCII");
    }
    if !within(text, 6..=64) {
        return Err("must have 6 to 64 characters");
    }
    let Some((local, domain)) = text.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
        return Err("must contain exactly one @");
    };
    let local_fits = !local.is_empty()
        && !local.starts_with('.')
        && !local.chars().any(|c| c.is_whitespace() || FORBIDDEN.contains(c));
    if !local_fits {
        return Err("has a local part that is empty, starts with a dot or holds a forbidden character");
    }
    let at_edge = |c| matches!(c, '.' | '-');
    let domain_fits = domain.contains('.')
        && !domain.starts_with(at_edge)
        && !domain.ends_with(at_edge)
        && domain.chars().all(|c| c.is_ascii_alphanumeric() || at_edge(c));
    if domain_fits {
        Ok(())
    } else {
        Err("has a domain that lacks a dot, holds a forbidden character, or starts or ends with - or .")
    }
}

/// Service Catalog's `ProvisionedProductName`: `[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}`.
pub(crate) fn product_name(text: &str) -> Result<(), &'static str> {
    if slug(text, "._-") { Ok(()) } else { Err("must match [a-zA-Z0-9][a-zA-Z0-9._-]{0,127}") }
}

/// Service Catalog's `IdempotencyToken`: `[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}`.
pub(crate) fn token(text: &str) -> Result<(), &'static str> {
    if slug(text, "_-") { Ok(()) } else { Err("must match [a-zA-Z0-9][a-zA-Z0-9_-]{0,127}") }
}

fn slug(text: &str, marks: &str) -> bool {
    within(text, 1..=128)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

/// `^\d{12}$`.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `^r-[0-9a-z]{4,32}$`.
pub(crate) fn is_root_id(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|rest| lower_case_id(rest, 4..=32))
}

/// `^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`.
pub(crate) fn is_unit_id(text: &str) -> bool {
    text.strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, unit)| lower_case_id(root, 4..=32) && lower_case_id(unit, 8..=32))
}

fn lower_case_id(text: &str, length: RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

/// The rule for a tag's key; the prefix `aws:` is reserved.
pub(crate) fn tag_key(text: &str) -> Result<(), &'static str> {
    if !within(text, 1..=128) || !text.chars().all(in_tag) {
        return Err("must be 1 to 128 letters, digits, spaces or _.:/=+-@");
    }
    let prefix: String = text.chars().take(4).collect();
    if prefix.eq_ignore_ascii_case("aws:") { Err("must not start with the reserved aws:") } else { Ok(()) }
}

/// The rule for a tag's value; Service Catalog wants at least one character, Organizations none.
pub(crate) fn tag_value(text: &str, at_least: usize) -> Result<(), &'static str> {
    if within(text, at_least..=256) && text.chars().all(in_tag) {
        Ok(())
    } else {
        Err("must be at most 256 (in Service Catalog 1 to 256) letters, digits, spaces or _.:/=+-@")
    }
}

fn in_tag(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

fn within(text: &str, length: RangeInclusive<usize>) -> bool {
    length.contains(&text.chars().count())
}

/// A `ManagedOrganizationalUnit`, as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UnitReference<'a> {
    /// `Name (ou-xxxx-xxxxxxxx)`.
    NameAndId { name: &'a str, id: &'a str },
    /// Anything else: the name of a top-level unit, or a mistake.
    Name(&'a str),
}

/// Reads a `ManagedOrganizationalUnit`. A unit's name may itself hold parentheses; the last ones count.
pub(crate) fn unit_reference(text: &str) -> UnitReference<'_> {
    text.strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .filter(|(_, id)| is_unit_id(id))
        .map_or(UnitReference::Name(text), |(name, id)| UnitReference::NameAndId { name, id })
}

//! One fault of one field.

use serde::Serialize;

/// What is wrong with one field of what a client sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: `AccountEmail`, `Tags[2].Key`.
    pub field: String,
    /// What, as a stable word for programs: `required`, `unknown_field`, `duplicate_field`, `wrong_type`,
    /// `too_short`, `too_long`, `too_many`, `invalid_characters`, `invalid_format`, `invalid_value`, `reserved`,
    /// `duplicate`, `malformed_json`, `taken`, `account_may_exist`.
    pub code: &'static str,
    /// What, as a sentence for people.
    pub message: String,
}

impl Fault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// Why a text is not the value it should be; the field is known only to the caller.
pub(crate) type Rule = (&'static str, String);

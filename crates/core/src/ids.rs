//! The ids of a request and of an account.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::Rule;
use crate::text::is_a_text;

/// The id of one request (a UUID). It names the execution, the provision token and every message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A request id made of this UUID.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// A fresh, random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id that this text is, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// The first eight characters, enough for a name that people read.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of an AWS account: twelve digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    /// The id that this text is.
    ///
    /// # Errors
    /// The code and message of the rule it breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(("invalid_format", "An account id is twelve digits.".to_owned()))
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

is_a_text!(AccountId);

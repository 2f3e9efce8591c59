//! The ids of a request and of an account.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;
use crate::fault::Rule;
use crate::text::is_a_text;

/// The id of one request: a UUIDv7, so that ids sort by the time of acceptance. It is part of the names of
/// executions, tokens and provisioned products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A request id made of this UUID.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// A new id for a request that is accepted now.
    pub fn generate(now: Timestamp) -> Self {
        let ms = u64::try_from(now.as_ms()).unwrap_or_default();
        let nanos = u32::try_from(ms % 1000).unwrap_or_default() * 1_000_000;
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, ms / 1000, nanos)))
    }

    /// When the request was accepted, to the millisecond; the epoch for an id of another version.
    pub fn created_at(&self) -> Timestamp {
        let (seconds, nanos) = self.0.get_timestamp().map_or((0, 0), |time| time.to_unix());
        let ms = i64::try_from(seconds).unwrap_or(i64::MAX / 1000) * 1000 + i64::from(nanos / 1_000_000);
        Timestamp::from_ms(ms)
    }

    /// The id that this text is, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// The id without hyphens, 32 characters.
    pub fn simple(&self) -> String {
        self.0.simple().to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_of_acceptance_and_carry_it() {
        let times = [0, 1, 999, 1_700_000_000_120, 1_700_000_000_121].map(Timestamp::from_ms);
        let ids = times.map(RequestId::generate);
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1] && pair[0].to_string() < pair[1].to_string()));
        assert_eq!(ids.map(|id| id.created_at()), times);
    }
}

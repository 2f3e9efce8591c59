//! Points in time, as the table and the API write them.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A point in time to the millisecond, in UTC. Written in ISO 8601 with a fixed width
/// (`2026-01-31T23:59:59.123Z`), so that the order of the texts is the order of the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

const LAST_MS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// The time this many milliseconds after the Unix epoch, within the years 1970 to 9999.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(0, LAST_MS))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// Seconds from an earlier time to this one; zero if that one is later.
    #[allow(clippy::cast_precision_loss)]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0).max(0) as f64 / 1000.0
    }

    /// This time and some seconds more.
    #[allow(clippy::cast_possible_truncation)]
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        Self::from_ms(self.0.saturating_add((seconds * 1000.0) as i64))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .map_err(|_| fmt::Error)
            .and_then(|time| time.format(&format).map_err(|_| fmt::Error))
            .and_then(|text| f.write_str(&text))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = OffsetDateTime::parse(&text, &Rfc3339).map_err(|error| format!("{text:?}: {error}"))?;
        i64::try_from(time.unix_timestamp_nanos() / 1_000_000)
            .map(Self::from_ms)
            .map_err(|error| format!("{text:?}: {error}"))
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_written_in_iso_8601_with_milliseconds() {
        assert_eq!(Timestamp::from_ms(1_700_000_000_120).to_string(), "2023-11-14T22:13:20.120Z");
    }

    proptest! {
        #[test]
        fn texts_are_in_the_order_of_their_times_and_read_back(a in 0..LAST_MS, b in 0..LAST_MS) {
            let (a, b) = (Timestamp::from_ms(a), Timestamp::from_ms(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(Timestamp::try_from(a.to_string()), Ok(a));
        }
    }
}

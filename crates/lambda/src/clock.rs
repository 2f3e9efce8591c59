//! The one clock of the functions.

use std::time::{SystemTime, UNIX_EPOCH};

use accounts_core::Timestamp;

/// What time it is.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

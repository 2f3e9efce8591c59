//! The one clock of a function.

use std::time::UNIX_EPOCH;

use accounts_core::Timestamp;
use aws_smithy_async::time::SharedTimeSource;

/// The clock of an [`Sdk`](crate::Sdk): by it requests are signed, and functions decide. That there is one alone lets
/// a simulation run both in its own time.
#[derive(Clone, Debug, Default)]
pub struct Clock(SharedTimeSource);

impl Clock {
    pub(crate) const fn new(source: SharedTimeSource) -> Self {
        Self(source)
    }

    /// What time it is; the epoch where the clock is before it.
    pub fn now(&self) -> Timestamp {
        let since_epoch = self.0.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

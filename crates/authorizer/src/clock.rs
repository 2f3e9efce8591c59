//! What time it is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the time comes from. The wall clock, also for the age of keys: between two invocations Lambda may
/// freeze the process, and a monotonic clock with it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Self::new(SystemTime::now)
    }

    /// A clock whose time is what `now` returns.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// How long ago that was. A moment in the future, which a clock that was set back makes, is long ago:
    /// whoever waits for time to pass must not wait for the difference as well.
    pub(crate) fn since(&self, moment: SystemTime) -> Duration {
        self.now().duration_since(moment).unwrap_or(Duration::MAX)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(..)")
    }
}

/// Seconds since 1970, as the claims of a token count them.
pub(crate) fn unix_seconds(moment: SystemTime) -> f64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

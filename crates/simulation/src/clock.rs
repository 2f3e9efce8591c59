//! The time of a run: tokio's paused clock, from a fixed start.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use accounts_core::Timestamp;
use tokio::time::Instant;

/// Waits so long, in whole milliseconds: tokio's timers have that resolution from the start of the runtime, whose fraction
/// of a millisecond would decide which of two sleeps ends first.
pub(crate) async fn sleep_seconds(seconds: f64) {
    tokio::time::sleep(whole_ms(seconds)).await;
}

/// A time in whole milliseconds, rounded up.
pub(crate) fn whole_ms(seconds: f64) -> Duration {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Duration::from_millis((seconds * 1000.0).ceil() as u64)
}

/// When every run starts: 2026-01-01T00:00:00Z, in seconds since 1970.
const START_SECONDS: u64 = 1_767_225_600;

/// The clock of one run. Its clones are the same one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VirtualClock {
    started: Instant,
}

impl VirtualClock {
    /// A clock that shows the start now. It has to be made inside the paused runtime.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.elapsed().as_secs_f64()
    }

    pub(crate) fn system_time(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(START_SECONDS) + self.elapsed()
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.ms())
    }

    fn ms(&self) -> i64 {
        let ms = self.system_time().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        i64::try_from(ms).unwrap_or(i64::MAX)
    }
}

impl accounts_landing_zone::Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        self.ms()
    }
}

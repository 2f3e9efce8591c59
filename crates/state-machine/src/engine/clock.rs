//! Wall-clock time, in which a deadline that outlives the process is kept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::store::Millis;

/// Now.
pub(super) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// That many seconds after now, never less than was asked for.
pub(super) fn after(seconds: f64) -> Millis {
    // A float converts to the nearest integer it has; 1e18 is past any date and adds without overflow.
    now() + (seconds * 1000.0).ceil().clamp(0.0, 1e18) as Millis
}

/// Waits until then.
pub(super) async fn sleep_until(deadline: Millis) {
    loop {
        let left = u64::try_from(deadline - now()).unwrap_or(0);
        if left == 0 {
            // A loop of waits that take no time must leave room for others.
            return tokio::task::yield_now().await;
        }
        // A machine that slept, or whose clock was set, is noticed within a minute.
        tokio::time::sleep(Duration::from_millis(left).min(Duration::from_secs(60))).await;
    }
}

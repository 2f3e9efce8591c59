//! How long to wait before something is tried again, and how often to poll. Every time is in seconds.

use crate::Timestamp;

/// The longest backoff of a parked request, as a multiple of the first one: six hours for the default minute.
const REQUEST_CAP: f64 = 360.0;

/// The longest pause of a pool, as a multiple of the first one: an hour for the default minute.
const POOL_CAP: f64 = 60.0;

/// The longest backoff between two executions of a slot holder, as a multiple of the first one.
const EXECUTION_CAP: f64 = 30.0;

/// The longest wait between two polls of an overdue operation, as a multiple of the poll.
const OVERDUE_CAP: f64 = 60.0;

/// How long a request is parked after its `setbacks`-th setback, counted from 0.
pub fn of_request(first_seconds: f64, setbacks: u32) -> f64 {
    doubled(first_seconds, setbacks, REQUEST_CAP)
}

/// How long a pool is paused for the `pauses`-th time, counted from 0.
pub fn of_pool(first_seconds: f64, pauses: u32) -> f64 {
    doubled(first_seconds, pauses, POOL_CAP)
}

/// How long a slot holder waits for its next execution after its `setbacks`-th setback, counted from 0.
pub fn of_execution(first_seconds: f64, setbacks: u32) -> f64 {
    doubled(first_seconds, setbacks, EXECUTION_CAP)
}

fn doubled(first_seconds: f64, times: u32, cap: f64) -> f64 {
    let factor = 2f64.powi(i32::try_from(times.min(30)).unwrap_or(30));
    first_seconds * factor.min(cap)
}

/// When operations are polled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polling {
    /// From the acceptance of an operation to the first poll.
    pub first_seconds: u32,
    /// Between two polls after that.
    pub seconds: u32,
    /// After this time an operation that has not ended is overdue.
    pub timeout_seconds: f64,
}

impl Polling {
    /// The wait before the next poll of an operation whose timeout counts from this time: from poll to poll, and
    /// longer and longer once it is overdue. (After its acceptance `first_seconds` are waited.)
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn wait_seconds(&self, counts_from: Timestamp, now: Timestamp) -> u32 {
        let overdue = (now.seconds_since(counts_from) - self.timeout_seconds).max(0.0);
        let longest = f64::from(self.seconds) * OVERDUE_CAP;
        f64::from(self.seconds).max((overdue / 10.0).min(longest)) as u32
    }

    /// Whether an operation whose timeout counts from this time is past it.
    pub fn is_overdue(&self, counts_from: Timestamp, now: Timestamp) -> bool {
        now.seconds_since(counts_from) > self.timeout_seconds
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLLING: Polling = Polling { first_seconds: 300, seconds: 60, timeout_seconds: 14_400.0 };

    fn at(seconds: f64) -> u32 {
        POLLING.wait_seconds(Timestamp::from_ms(0), Timestamp::from_ms(0).plus_seconds(seconds))
    }

    #[test]
    fn an_operation_is_polled_each_minute() {
        assert_eq!((at(0.0), at(1_000.0), at(14_400.0)), (60, 60, 60));
    }

    #[test]
    fn an_overdue_operation_is_polled_less_and_less_often_and_at_least_once_an_hour() {
        assert_eq!(at(14_400.0 + 6_000.0), 600);
        assert_eq!(at(14_400.0 + 1e7), 3_600);
        assert!(POLLING.is_overdue(Timestamp::from_ms(0), Timestamp::from_ms(14_400_001)));
        assert!(!POLLING.is_overdue(Timestamp::from_ms(0), Timestamp::from_ms(14_400_000)));
    }

    proptest! {
        #[test]
        fn a_backoff_grows_to_its_cap_and_never_beyond(first in 0.01f64..600.0, times in 0u32..1_000) {
            for (backoff, cap) in [
                (of_request as fn(f64, u32) -> f64, REQUEST_CAP),
                (of_pool, POOL_CAP),
                (of_execution, EXECUTION_CAP),
            ] {
                prop_assert!(backoff(first, times) >= first);
                prop_assert!(backoff(first, times) <= first * cap);
                prop_assert!(backoff(first, times + 1) >= backoff(first, times));
            }
        }
    }
}

//! Which error a retrier or catcher is for, and how long a retry waits.

use crate::definition::{Jitter, Retrier};

/// Ends an execution whatever its retriers and catchers say.
pub(crate) const RUNTIME: &str = "States.Runtime";
/// Data of more than [`DATA_LIMIT`] bytes; ends an execution just so.
pub(crate) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// A task, or a whole execution, took longer than it may.
pub(crate) const TIMEOUT: &str = "States.Timeout";
/// A result cannot be put where `ResultPath` says.
pub(crate) const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// No rule of a Choice applies and it has no `Default`.
pub(crate) const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";

/// The most that an input or a result may hold, in bytes of UTF-8.
pub(crate) const DATA_LIMIT: usize = 256 * 1024;

/// Whether this error cannot be retried or caught.
pub(crate) fn is_final(error: &str) -> bool {
    error == RUNTIME || error == DATA_LIMIT_EXCEEDED
}

/// Whether an `ErrorEquals` list is for this error.
pub(crate) fn matches(error_equals: &[String], error: &str) -> bool {
    !is_final(error)
        && error_equals.iter().any(|name| match name.as_str() {
            "States.ALL" => true,
            "States.TaskFailed" => error != TIMEOUT,
            name => name == error,
        })
}

/// The seconds before a retry, when this retrier has retried `done` times already. `random` is from 0
/// (inclusive) to 1 (exclusive).
pub(crate) fn delay(retrier: &Retrier, done: u32, random: f64) -> f64 {
    let exponent = i32::try_from(done).unwrap_or(i32::MAX);
    let full = retrier.interval_seconds as f64 * retrier.backoff_rate.powi(exponent);
    let full = full.min(retrier.max_delay_seconds.map_or(LONGEST_DELAY, |seconds| seconds as f64));
    match retrier.jitter {
        Jitter::None => full,
        Jitter::Full => full * random,
    }
}

/// A year: what the service lets an execution last, and so the longest a backoff can grow to matter.
const LONGEST_DELAY: f64 = 31_536_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier() -> Retrier {
        Retrier {
            error_equals: vec!["States.ALL".to_owned()],
            interval_seconds: 3,
            max_attempts: 3,
            backoff_rate: 2.0,
            max_delay_seconds: None,
            jitter: Jitter::None,
        }
    }

    #[test]
    fn a_delay_grows_by_the_rate_up_to_its_bound() {
        let bounded = Retrier { max_delay_seconds: Some(10), ..retrier() };

        assert_eq!([0, 1, 2].map(|done| delay(&retrier(), done, 0.5)), [3.0, 6.0, 12.0]);
        assert_eq!([0, 1, 2, 3_000_000].map(|done| delay(&bounded, done, 0.5)), [3.0, 6.0, 10.0, 10.0]);
        assert_eq!(delay(&retrier(), u32::MAX, 0.5), LONGEST_DELAY);
    }

    #[test]
    fn full_jitter_takes_any_part_of_the_bounded_delay() {
        let jittered = Retrier { jitter: Jitter::Full, max_delay_seconds: Some(10), ..retrier() };

        assert_eq!(delay(&jittered, 0, 0.0), 0.0);
        assert_eq!(delay(&jittered, 9, 0.5), 5.0);
    }

    #[test]
    fn the_wildcards_match_what_the_service_says_they_match() {
        let names = |name: &str| vec![name.to_owned()];

        for error in ["Invalid", "Lambda.Unknown", NO_CHOICE_MATCHED] {
            assert!(matches(&names("States.ALL"), error));
            assert!(matches(&names("States.TaskFailed"), error));
        }
        assert!(matches(&names("States.ALL"), TIMEOUT));
        assert!(!matches(&names("States.TaskFailed"), TIMEOUT));
        for error in [RUNTIME, DATA_LIMIT_EXCEEDED] {
            assert!(!matches(&names("States.ALL"), error));
            assert!(!matches(&names("States.TaskFailed"), error));
        }
        assert!(matches(&names("Busy"), "Busy"));
        assert!(!matches(&names("Busy"), "Bus"));
    }
}

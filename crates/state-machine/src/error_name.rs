//! The names of errors, and which of them a retrier or catcher is for.

/// Ends an execution whatever its retriers and catchers say.
pub(crate) const RUNTIME: &str = "States.Runtime";
/// An input or a result is larger than the service takes; ends an execution just so.
pub(crate) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// A task, or a whole execution, took longer than it may.
pub(crate) const TIMEOUT: &str = "States.Timeout";
/// A result cannot be put where `ResultPath` says.
pub(crate) const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// No rule of a Choice applies and it has no `Default`.
pub(crate) const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// Every error that can be retried or caught.
pub(crate) const ALL: &str = "States.ALL";
/// Every such error but [`TIMEOUT`].
pub(crate) const TASK_FAILED: &str = "States.TaskFailed";

/// Whether this error cannot be retried or caught.
pub(crate) fn is_final(error: &str) -> bool {
    error == RUNTIME || error == DATA_LIMIT_EXCEEDED
}

/// Whether an `ErrorEquals` list is for this error.
pub(crate) fn matches(error_equals: &[String], error: &str) -> bool {
    !is_final(error)
        && error_equals.iter().any(|name| match name.as_str() {
            ALL => true,
            TASK_FAILED => error != TIMEOUT,
            name => name == error,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

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

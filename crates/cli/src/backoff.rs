//! Exponential backoff with jitter between attempts, and the interval between polls.

use std::time::Duration;

/// How often a call is retried, after which delays, and how often `--wait` polls.
#[derive(Clone, Debug)]
pub struct Backoff {
    /// How often a request is sent at most.
    pub max_attempts: u32,
    /// How often one poll of `--wait` is sent at most: enough to outlast a restart of the API.
    pub max_attempts_while_waiting: u32,
    /// The delay after the first attempt; each one after it is twice as long.
    pub initial_delay: Duration,
    /// The longest delay between two attempts that this client chooses itself.
    pub max_delay: Duration,
    /// The longest delay that `Retry-After` may ask for; the client gives up rather than retry too early.
    pub max_retry_after: Duration,
    /// The delay before the first poll.
    pub initial_poll_interval: Duration,
    /// The longest delay between two polls.
    pub max_poll_interval: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            max_attempts_while_waiting: 20,
            initial_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(120),
            initial_poll_interval: Duration::from_secs(1),
            max_poll_interval: Duration::from_secs(5),
        }
    }
}

impl Backoff {
    /// The delay after this many attempts; none if the API asks for more time than `max_retry_after`.
    ///
    /// `jitter` is between 0 and 1: half of an own delay is left to it, so that clients rejected together do
    /// not retry together.
    pub(crate) fn delay(
        &self,
        attempts: u32,
        retry_after: Option<Duration>,
        jitter: f64,
    ) -> Option<Duration> {
        let doubled = self.initial_delay.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
        let own = doubled.min(self.max_delay).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        match retry_after {
            Some(asked) if asked > self.max_retry_after => None,
            // Not all at the very moment that was named.
            Some(asked) => Some((asked + own.min(asked / 4)).max(own)),
            None => Some(own),
        }
    }

    /// The delay before the next poll, after one of this length.
    pub(crate) fn next_poll_interval(&self, last: Duration) -> Duration {
        last.mul_f64(1.5).min(self.max_poll_interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_delays_double_up_to_the_longest_and_jitter_takes_at_most_half() {
        let backoff = Backoff::default();
        let delays = |jitter| {
            [1, 2, 3, 60].map(|attempts| backoff.delay(attempts, None, jitter).map(|p| p.as_millis()))
        };
        assert_eq!(delays(1.0), [Some(500), Some(1000), Some(2000), Some(10_000)]);
        assert_eq!(delays(0.0), [Some(250), Some(500), Some(1000), Some(5_000)]);
    }

    #[test]
    fn retry_after_is_never_undercut_and_above_the_maximum_there_is_no_next_attempt() {
        let backoff = Backoff::default();
        let asked = Duration::from_secs(30);
        assert!(backoff.delay(1, Some(asked), 0.0).is_some_and(|delay| delay >= asked));
        assert_eq!(backoff.delay(1, Some(Duration::ZERO), 1.0), backoff.delay(1, None, 1.0));
        assert_eq!(backoff.delay(1, Some(Duration::from_secs(3600)), 0.0), None);
    }

    #[test]
    fn polls_grow_from_one_second_to_five() {
        let backoff = Backoff::default();
        let mut delay = backoff.initial_poll_interval;
        for _ in 0..10 {
            delay = backoff.next_poll_interval(delay);
        }
        assert_eq!(delay, Duration::from_secs(5));
    }
}

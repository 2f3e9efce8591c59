//! How long to wait between tries and between polls.

use std::time::Duration;

/// The pace of a call: how often to try again, and how often to ask.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How often a request is sent at most.
    pub tries: u32,
    /// How often one poll of `--wait` is sent at most: enough to outlast a restart of the API.
    pub tries_while_waiting: u32,
    /// The pause after the first try; each one after it is twice as long.
    pub first_pause: Duration,
    /// The longest pause between two tries that this client chooses itself.
    pub longest_pause: Duration,
    /// The longest pause that `Retry-After` may ask for; the client gives up rather than come back too early.
    pub longest_retry_after: Duration,
    /// The pause before the first poll.
    pub first_poll: Duration,
    /// The longest pause between two polls.
    pub longest_poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            tries: 5,
            tries_while_waiting: 20,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
            longest_retry_after: Duration::from_secs(120),
            first_poll: Duration::from_secs(1),
            longest_poll: Duration::from_secs(5),
        }
    }
}

impl Pace {
    /// How long to pause after this many tries; none if the API asks for more time than there is patience.
    ///
    /// `chance` is between 0 and 1: half of an own pause is left to it, so that clients turned away together
    /// do not come back together.
    pub(crate) fn pause(&self, tries: u32, retry_after: Option<Duration>, chance: f64) -> Option<Duration> {
        let doubled = self.first_pause.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
        let own = doubled.min(self.longest_pause).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        match retry_after {
            Some(asked) if asked > self.longest_retry_after => None,
            // Not all at the very moment that was named.
            Some(asked) => Some((asked + own.min(asked / 4)).max(own)),
            None => Some(own),
        }
    }

    /// The pause before the next poll, after one of this length.
    pub(crate) fn next_poll(&self, last: Duration) -> Duration {
        last.mul_f64(1.5).min(self.longest_poll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pauses_double_up_to_the_longest_and_chance_takes_at_most_half() {
        let pace = Pace::default();
        let pauses =
            |chance| [1, 2, 3, 60].map(|tries| pace.pause(tries, None, chance).map(|p| p.as_millis()));
        assert_eq!(pauses(1.0), [Some(500), Some(1000), Some(2000), Some(10_000)]);
        assert_eq!(pauses(0.0), [Some(250), Some(500), Some(1000), Some(5_000)]);
    }

    #[test]
    fn retry_after_is_never_undercut_and_beyond_patience_there_is_no_next_try() {
        let pace = Pace::default();
        let asked = Duration::from_secs(30);
        assert!(pace.pause(1, Some(asked), 0.0).is_some_and(|pause| pause >= asked));
        assert_eq!(pace.pause(1, Some(Duration::ZERO), 1.0), pace.pause(1, None, 1.0));
        assert_eq!(pace.pause(1, Some(Duration::from_secs(3600)), 0.0), None);
    }

    #[test]
    fn polls_grow_from_one_second_to_five() {
        let pace = Pace::default();
        let mut pause = pace.first_poll;
        for _ in 0..10 {
            pause = pace.next_poll(pause);
        }
        assert_eq!(pause, Duration::from_secs(5));
    }
}

//! Whose turn it is: at most so many operations at once, the oldest request first, and nobody forgotten.

use crate::{AccountRequest, Status, Timestamp};

/// How many operations the landing zone is given at once, if nobody says otherwise. Control Tower works on
/// five account operations at a time ("Quotas for AWS Control Tower").
pub const DEFAULT_OPERATIONS_AT_ONCE: usize = 5;

/// The longest wait between two looks at the queue, in seconds.
pub const LONGEST_WAIT_SECONDS: u32 = 3600;

/// What a request does that waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It has a slot, taken just now: nothing was ever begun with it.
    Now,
    /// It has a slot from before: an earlier try took it, and may have begun something.
    Again,
    /// Look again in so many seconds.
    Later {
        /// How long to wait.
        wait_seconds: u32,
    },
}

/// Whose turn it is, given how many requests wait that are older (`ahead`), how many slots there are and how
/// many are free. A request that is far back looks less often: before it can come to the front, `ahead / slots`
/// operations have to end one after the other, and none of them ends within a poll. One that has waited long
/// (`waited_seconds`) looks less often too, a hundredth of its time apart, so that the history of its execution
/// (25,000 events, nine a look) outlasts any queue.
pub fn turn(ahead: usize, slots: usize, free: usize, poll_seconds: u32, waited_seconds: f64) -> Turn {
    if ahead < free {
        return Turn::Now;
    }
    let rounds = u32::try_from(ahead / slots.max(1)).unwrap_or(u32::MAX).max(1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let patience = (waited_seconds / 100.0) as u32;
    let wait_seconds = poll_seconds.saturating_mul(rounds).max(patience).min(LONGEST_WAIT_SECONDS);
    Turn::Later { wait_seconds }
}

/// The wait before the next look at an operation that has run for so many seconds: a poll, or a two-hundredth of that
/// time where it is longer. However short the poll and long the bound, the history of its execution (25,000 events,
/// nine a look) then outlasts it; one that overflowed would end the request in the middle.
pub fn next_look(poll_seconds: u32, ran_seconds: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let patience = (ran_seconds / 200.0) as u32;
    poll_seconds.max(patience).min(LONGEST_WAIT_SECONDS)
}

/// The rules of admission.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// How many operations the landing zone is given at once.
    pub slots: usize,
    /// The shortest time between two looks at the queue, in seconds.
    pub poll_seconds: u32,
    /// After how many seconds without a sign from its workflow a waiting request counts as gone. At least
    /// twice the longest wait ([`LONGEST_WAIT_SECONDS`]).
    pub gone_after_seconds: f64,
    /// After how many seconds an operation that nobody ended no longer holds its slot. Longer than the bound
    /// on the wait for an operation.
    pub slot_expires_after_seconds: f64,
}

impl Rules {
    /// Whether a request that holds a slot (or a place in the queue) has to give it up.
    pub fn has_lost_its_place(&self, request: &AccountRequest, now: Timestamp) -> bool {
        let silent_for =
            |since: Option<Timestamp>| now.seconds_since(since.unwrap_or(request.last_update_date));
        match request.status {
            Status::Requested | Status::Provisioned | Status::Failed => true,
            Status::Valid => silent_for(request.seen_at) > self.gone_after_seconds,
            Status::InProgress if request.record_id.is_none() => {
                silent_for(request.seen_at) > self.gone_after_seconds
            }
            Status::InProgress => silent_for(request.in_progress_since) > self.slot_expires_after_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_oldest_take_the_free_slots_and_the_next_one_waits() {
        assert_eq!(turn(0, 5, 1, 30, 0.0), Turn::Now);
        assert_eq!(turn(4, 5, 5, 30, 0.0), Turn::Now);
        assert_eq!(turn(5, 5, 5, 30, 0.0), Turn::Later { wait_seconds: 30 });
        assert_eq!(turn(0, 5, 0, 30, 0.0), Turn::Later { wait_seconds: 30 });
    }

    #[test]
    fn a_request_far_back_looks_less_often_and_at_least_once_an_hour() {
        assert_eq!(turn(195, 5, 0, 30, 0.0), Turn::Later { wait_seconds: 1170 });
        assert_eq!(turn(100_000, 5, 0, 30, 0.0), Turn::Later { wait_seconds: 3600 });
    }

    #[test]
    fn one_that_waits_for_days_looks_less_and_less_often() {
        assert_eq!(turn(0, 5, 0, 30, 1_000.0), Turn::Later { wait_seconds: 30 });
        assert_eq!(turn(0, 5, 0, 30, 86_400.0), Turn::Later { wait_seconds: 864 });
        let (mut waited, mut looks) = (0.0, 0);
        while waited < 365.0 * 86_400.0 {
            let Turn::Later { wait_seconds } = turn(0, 5, 0, 30, waited) else { unreachable!() };
            waited += f64::from(wait_seconds);
            looks += 1;
        }
        // An execution lasts a year at the most.
        assert!(looks < 25_000 / 2, "{looks} looks");
    }

    #[test]
    fn the_looks_at_an_operation_fit_into_the_history_however_long_it_runs() {
        assert_eq!(next_look(30, 0.0), 30);
        assert_eq!(next_look(30, 3_600.0), 30);
        assert_eq!(next_look(30, 14_400.0), 72);
        for poll_seconds in [1, 5, 30] {
            let (mut ran, mut looks) = (0.0, 0);
            while ran < 7.0 * 86_400.0 {
                ran += f64::from(next_look(poll_seconds, ran));
                looks += 1;
            }
            assert!(looks < 25_000 / 9, "{looks} looks, {poll_seconds} seconds apart at first");
        }
    }

    proptest! {
        #[test]
        fn no_more_than_the_free_slots_are_given_away(slots in 1usize..20, free in 0usize..20, poll in 0u32..600) {
            let now = (0..100).filter(|ahead| turn(*ahead, slots, free, poll, 0.0) == Turn::Now).count();
            prop_assert_eq!(now, free);
        }
    }
}

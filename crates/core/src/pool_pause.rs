//! The pause of a pool: a fault that would stop every request of it alike.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, backoff};

/// Why and until when no slot of a pool is given. It is removed by the next operation that begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PoolPause {
    /// No slot is given before this time. Every write is conditional on it.
    pub paused_until: Timestamp,
    /// Why.
    pub reason: String,
    /// How often it was paused since an operation last began.
    pub pauses: u32,
}

impl PoolPause {
    /// The pause after another fault. None while the pool is paused: the slot holders of a pool meet one fault
    /// together, and it counts once.
    pub fn after(previous: Option<&Self>, reason: &str, first_seconds: f64, now: Timestamp) -> Option<Self> {
        let pauses = match previous {
            Some(pause) if pause.paused_until > now => return None,
            Some(pause) => pause.pauses,
            None => 0,
        };
        Some(Self {
            paused_until: now.plus_seconds(backoff::of_pool(first_seconds, pauses)),
            reason: crate::text::shortened(reason),
            pauses: pauses.saturating_add(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_paused_longer_each_time_and_once_for_faults_at_the_same_time() {
        let at = |seconds| Timestamp::from_ms(0).plus_seconds(seconds);
        let first = PoolPause::after(None, "denied", 60.0, at(0.0));
        assert_eq!(first.as_ref().map(|pause| (pause.paused_until, pause.pauses)), Some((at(60.0), 1)));
        assert_eq!(PoolPause::after(first.as_ref(), "denied", 60.0, at(59.0)), None);
        let second = PoolPause::after(first.as_ref(), "denied", 60.0, at(60.0));
        assert_eq!(second.map(|pause| (pause.paused_until, pause.pauses)), Some((at(180.0), 2)));
    }
}

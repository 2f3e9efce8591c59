//! The issuer's keys, kept, and fetched again no more often than is good for the issuer.
//!
//! A verdict is cached by the gateway, an error is not. So a key that is not at hand is unknown only if a fetch
//! that succeeded within the last `refresh` did not contain it; where the fetch failed, or none may be made yet
//! after one that failed, the answer is an error. Fetches are `refresh` apart whether they succeed or fail, so no
//! flood of invented key ids reaches the issuer.
//!
//! | the key | the last successful fetch | a fetch may be made | answer |
//! | --- | --- | --- | --- |
//! | at hand | less than an hour ago | | these keys |
//! | at hand | less than a day ago | no, or it fails | these keys |
//! | not at hand | less than `refresh` ago | | these keys, without it: a denial |
//! | any other | | yes | fetch |
//! | any other | | no, or it fails | error |

use std::error::Error as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use accounts_core::{Error, Kind, Result};

use crate::clock::Clock;
use crate::download::{DownloadError, Jwks};
use crate::keys::KeySet;

/// When keys are fetched again even if nobody asks for another.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// How long keys are good while they cannot be fetched again.
const MAX_STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause between two tries while there are no keys at all.
const WITHOUT_KEYS: Duration = Duration::from_secs(1);

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct KeyCache {
    jwks: Jwks,
    clock: Clock,
    refresh: Duration,
    state: Mutex<State>,
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    last_try: Option<SystemTime>,
}

#[derive(Debug)]
struct Held {
    keys: Arc<KeySet>,
    since: SystemTime,
}

/// What the cache knows about a key id.
enum Lookup {
    /// These keys decide: the key is among them, or they were fetched so recently that it does not exist.
    Decided(Arc<KeySet>),
    /// Only a fetch can tell, and one may be made.
    FetchDue,
    /// Only a fetch can tell, and none may be made yet: the last one failed.
    Unavailable,
}

impl KeyCache {
    /// An empty cache; once it holds keys, it fetches no two times within `refresh`.
    pub(crate) fn new(jwks: Jwks, clock: Clock, refresh: Duration) -> Self {
        Self { jwks, clock, refresh, state: Mutex::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// Fetches the keys before the first request. Should that fail, the first request tries again.
    pub(crate) async fn prefetch(&self) {
        if let Err(error) = self.fetch().await {
            log(&error, "the keys of the issuer could not be fetched at the start");
            self.state().last_try = None;
        }
    }

    /// The keys that decide about a token of this key id. If it is not among them, a successful fetch within
    /// the last `refresh` did not contain it.
    ///
    /// # Errors
    /// `Transient`, if nobody can say now whether the issuer has published such a key.
    pub(crate) async fn deciding(&self, kid: &str) -> Result<Arc<KeySet>> {
        if let Lookup::Decided(keys) = self.look_up(kid) {
            return Ok(keys);
        }
        let _only = self.fetching.lock().await;
        // Whoever held the lock may have fetched for all that waited.
        match self.look_up(kid) {
            Lookup::Decided(keys) => Ok(keys),
            Lookup::Unavailable => Err(unavailable()),
            Lookup::FetchDue => match (self.fetch().await, self.look_up(kid)) {
                (Ok(keys), _) => Ok(keys),
                (Err(error), Lookup::Decided(keys)) => {
                    log(&error, "the keys of the issuer could not be fetched again; those at hand are used");
                    Ok(keys)
                }
                (Err(error), _) => Err(unavailable().caused_by(error)),
            },
        }
    }

    fn look_up(&self, kid: &str) -> Lookup {
        let state = self.state();
        let age = |held: &Held| self.clock.since(held.since);
        let pause = if state.held.is_some() { self.refresh } else { WITHOUT_KEYS };
        let fetch_is_due = state.last_try.is_none_or(|last| self.clock.since(last) >= pause);

        let held = state.held.as_ref().filter(|held| age(held) < MAX_STALE);
        match held {
            Some(held) if held.keys.get(kid).is_some() && (age(held) < MAX_AGE || !fetch_is_due) => {
                Lookup::Decided(Arc::clone(&held.keys))
            }
            // A fetch that succeeded is the last that was tried, or it is older than `refresh`.
            Some(held) if age(held) < self.refresh => Lookup::Decided(Arc::clone(&held.keys)),
            _ if fetch_is_due => Lookup::FetchDue,
            _ => Lookup::Unavailable,
        }
    }

    async fn fetch(&self) -> std::result::Result<Arc<KeySet>, DownloadError> {
        // Before, in case this future is dropped on the way; and after, as a fetch that fails may take longer
        // than the pause behind it.
        self.state().last_try = Some(self.clock.now());
        let fetched = self.jwks.download().await;
        let now = self.clock.now();
        let mut state = self.state();
        state.last_try = Some(now);
        let keys = Arc::new(fetched?);
        state.held = Some(Held { keys: Arc::clone(&keys), since: now });
        Ok(keys)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable() -> Error {
    Error::new(Kind::Transient, "The keys of the token's issuer cannot be fetched at the moment.")
}

/// For failures that the caller does not hear of.
fn log(error: &DownloadError, what: &str) {
    let mut error_chain = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        error_chain = format!("{error_chain}: {error}");
        cause = error.source();
    }
    tracing::warn!(error = error_chain, "{what}");
}

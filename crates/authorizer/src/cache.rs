//! The issuer's keys, kept, and fetched again no more often than is good for the issuer.

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

    /// The keys, with the one of this id among them if the issuer has published it.
    ///
    /// # Errors
    /// `Transient`, if there are no keys that are recent enough.
    pub(crate) async fn holding(&self, kid: &str) -> Result<Arc<KeySet>> {
        if !self.wants_fetch(kid) {
            return self.usable().ok_or_else(no_keys);
        }
        let _only = self.fetching.lock().await;
        // Whoever held the lock may have fetched for all that waited.
        if self.wants_fetch(kid)
            && self.may_fetch()
            && let Err(error) = self.fetch().await
        {
            return match self.usable() {
                Some(keys) => {
                    log(&error, "the keys of the issuer could not be fetched again; those at hand are used");
                    Ok(keys)
                }
                None => Err(no_keys().caused_by(error)),
            };
        }
        self.usable().ok_or_else(no_keys)
    }

    fn wants_fetch(&self, kid: &str) -> bool {
        self.state()
            .held
            .as_ref()
            .is_none_or(|held| held.keys.get(kid).is_none() || self.clock.since(held.since) >= MAX_AGE)
    }

    fn may_fetch(&self) -> bool {
        let state = self.state();
        let pause = if state.held.is_some() { self.refresh } else { WITHOUT_KEYS };
        state.last_try.is_none_or(|last| self.clock.since(last) >= pause)
    }

    fn usable(&self) -> Option<Arc<KeySet>> {
        let state = self.state();
        let held = state.held.as_ref().filter(|held| self.clock.since(held.since) < MAX_STALE)?;
        Some(Arc::clone(&held.keys))
    }

    async fn fetch(&self) -> std::result::Result<(), DownloadError> {
        // Before, in case this future is dropped on the way; and after, as a fetch that fails may take longer
        // than the pause behind it.
        self.state().last_try = Some(self.clock.now());
        let fetched = self.jwks.download().await;
        let now = self.clock.now();
        let mut state = self.state();
        state.last_try = Some(now);
        state.held = Some(Held { keys: Arc::new(fetched?), since: now });
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_keys() -> Error {
    Error::new(Kind::Transient, "The keys of the token's issuer cannot be had at the moment.")
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

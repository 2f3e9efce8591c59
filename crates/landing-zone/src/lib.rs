//! A simulated landing zone that speaks Organizations and Service Catalog on the wire.
//!
//! It keeps its organization and its accounts in one file and behaves towards a client as AWS Control
//! Tower's Account Factory does, its limits and failures included. Time moves its records: each call first
//! settles what has become due since the last, so nothing runs between calls and a killed process loses
//! nothing. Signatures are not checked.

mod catalogue;
mod clock;
mod directory;
mod misbehaviour;
mod operations;
mod organization;
mod paging;
mod plan;
mod report;
mod rules;
mod store;
pub mod texts;
mod wire;

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;

pub use crate::catalogue::PORTFOLIO_ID;
use crate::clock::{Clock, SystemClock};
pub use crate::misbehaviour::{Word, words};
pub use crate::operations::CONCURRENT_OPERATIONS;
pub use crate::organization::{NAME_MAX_CHARACTERS, NESTING_LIMIT, OrganizationTree, TreeError};
pub use crate::report::{Report, ReportError, ReportedAccount, ReportedTag};
pub use crate::store::OpenError;
use crate::store::Store;
use crate::wire::error::{Failure, Refusal};

/// How a landing zone behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long an account takes. Operations already accepted keep the time they were accepted with.
    pub provision_seconds: f64,
    /// The units that must exist. Those that a folder knows from before stay, with their ids.
    pub organization: OrganizationTree,
}

impl Default for Settings {
    /// Twenty seconds an account, and the default tree.
    fn default() -> Self {
        Self { provision_seconds: 20.0, organization: OrganizationTree::default() }
    }
}

/// A landing zone, open; its clones are the same one.
#[derive(Clone)]
pub struct LandingZone {
    store: Arc<Store>,
}

impl LandingZone {
    /// Opens the landing zone kept in `landing-zone.db` in this folder, or founds one there.
    pub fn open(folder: &Path, settings: Settings) -> Result<Self, OpenError> {
        Self::open_at(folder, settings, Arc::new(SystemClock))
    }

    pub(crate) fn open_at(
        folder: &Path,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let provision_seconds = settings.provision_seconds;
        let provision_ms = Duration::try_from_secs_f64(provision_seconds)
            .ok()
            .and_then(|time| i64::try_from(time.as_millis()).ok())
            .ok_or(OpenError::ProvisionSeconds(provision_seconds))?;
        let store = Store::open(folder, &settings.organization, provision_ms, clock)?;
        Ok(Self { store: Arc::new(store) })
    }

    /// The two services, at `POST /`.
    pub fn router(&self) -> Router {
        wire::router(self.clone())
    }

    /// `GET /local/landing-zone`: what was done so far, for people.
    pub fn report_router(&self) -> Router {
        report::router(self.clone())
    }

    /// What was done so far. It reads the file, so call it where blocking for a moment is fine.
    pub fn report(&self) -> Result<Report, ReportError> {
        Ok(self.store.run(report::report)?)
    }

    /// Answers a call by its `X-Amz-Target` and body. A refusal too is kept, with what it counted.
    pub(crate) fn answer(&self, target: &str, body: &[u8]) -> rusqlite::Result<Result<Value, Refusal>> {
        self.store.run(|session| match wire::dispatch(target, body, session) {
            Ok(value) => Ok(Ok(value)),
            Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
            Err(Failure::Store(cause)) => Err(cause),
        })
    }
}

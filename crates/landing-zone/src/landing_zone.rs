//! The handle by which a program opens, serves and reads a landing zone.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use crate::clock::{Clock, SystemClock};
use crate::organization::OrganizationTree;
use crate::report::{self, Report, ReportError};
use crate::store::{OpenError, Store};
use crate::wire;

/// How a landing zone behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long an account takes. Operations already accepted keep the time they were accepted with.
    pub provision_seconds: f64,
    /// The units that must exist. Those already stored in the folder stay, with their ids.
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
    pub(crate) store: Arc<Store>,
}

impl LandingZone {
    /// Opens the landing zone kept in `landing-zone.db` in this folder, or creates one there.
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
        wire::router(Arc::clone(&self.store))
    }

    /// `GET /local/landing-zone`: what was done so far, for people.
    pub fn report_router(&self) -> Router {
        report::router(Arc::clone(&self.store))
    }

    /// What was done so far. It reads the file, so call it where blocking for a moment is fine.
    pub fn report(&self) -> Result<Report, ReportError> {
        Ok(self.store.run(report::report)?)
    }
}

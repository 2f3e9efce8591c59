//! The handle by which a program opens, serves and reads a landing zone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;

use crate::clock::{Clock, SystemClock};
use crate::organization::OrganizationTree;
use crate::report::{self, Report, ReportError, ReportedOperation};
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
///
/// The methods after `report` change its conditions for tests and simulations, from the next call on. They are
/// kept in memory, shared by its clones, and gone when it is opened again.
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
        let store = Store::open(folder, &settings.organization, provision_ms(&settings)?, clock)?;
        Ok(Self { store: Arc::new(store) })
    }

    /// A new landing zone that is kept in memory alone, with another clock: for simulations.
    ///
    /// # Errors
    /// As [`LandingZone::open`].
    pub fn in_memory(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = Store::in_memory(&settings.organization, provision_ms(&settings)?, clock)?;
        Ok(Self { store: Arc::new(store) })
    }

    /// Answers one call without a server: the HTTP status and the body, by the call's `X-Amz-Target` and body.
    pub fn answer(&self, target: &str, body: &[u8]) -> (u16, Value) {
        wire::answer_directly(target, body, &self.store)
    }

    /// The operations that were accepted so far, in that order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn operations(&self) -> Result<Vec<ReportedOperation>, ReportError> {
        Ok(self.store.run(report::operations)?)
    }

    /// How many of the operations that were accepted have not ended.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn running_operations(&self) -> Result<usize, ReportError> {
        Ok(self.store.run(|session| session.open_operation_count())?)
    }

    /// The operation that was accepted with this token, if one was.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn operation_of_token(&self, token: &str) -> Result<Option<ReportedOperation>, ReportError> {
        Ok(self.store.run(|session| report::operation_of_token(session, token))?)
    }

    /// Ends an operation that has not ended, without an account, as AWS does when it is asked to.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn terminate(&self, record_id: &str) -> Result<(), ReportError> {
        Ok(self.store.run(|session| session.terminate(record_id))?)
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

    /// The name of an action of either service, as in `ProvisionProduct` or `ListAccounts`: from now on (or no
    /// longer) it answers `AccessDeniedException`, before its parameters are checked.
    pub fn set_denied(&self, action: &str, denied: bool) {
        let mut conditions = self.store.control().conditions();
        if denied {
            conditions.denied_actions.insert(action.to_owned());
        } else {
            conditions.denied_actions.remove(action);
        }
    }

    /// The id of the artifact that a launch should take: the one that is active and DEFAULT.
    pub fn default_artifact(&self) -> Option<String> {
        self.store.control().conditions().default_artifact().map(|artifact| artifact.id.clone())
    }

    /// Retires this artifact of the product, as an update of the landing zone does: calls with it are refused,
    /// unless their token was seen before. If no artifact is left that is active and DEFAULT, a new one is there
    /// at once.
    pub fn retire_artifact(&self, id: &str) {
        let now_ms = self.store.now_ms();
        self.store.control().conditions().retire_artifact(id, now_ms);
    }

    /// From now on (or no longer) the caller is no principal of the portfolio: ListLaunchPaths and
    /// ProvisionProduct do not find the product ([`crate::texts::no_launch_paths`]). The calls for administrators
    /// still do.
    pub fn set_product_missing(&self, missing: bool) {
        self.store.control().conditions().product_missing = missing;
    }

    /// Lets so many operations of somebody else run, until another number is set; 0 ends them. They count towards
    /// [`crate::CONCURRENT_OPERATIONS`], and are in no listing and in no number of the report.
    pub fn occupy(&self, operations: usize) {
        self.store.control().conditions().other_operations = operations;
    }

    /// From now on DescribeRecord does not find this record. The operation goes on, and its provisioned product
    /// and its token are still known.
    pub fn forget_record(&self, record_id: &str) {
        self.store.control().conditions().forgotten_records.insert(record_id.to_owned());
    }

    /// From now on (or no longer) SearchProvisionedProducts finds nothing, as it may for a while after a call.
    pub fn hide_products(&self, hidden: bool) {
        self.store.control().conditions().products_hidden = hidden;
    }

    /// How often each action was called since this landing zone was opened, refused and denied calls included;
    /// an action that was never called is absent.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.store.control().calls()
    }
}

fn provision_ms(settings: &Settings) -> Result<i64, OpenError> {
    let provision_seconds = settings.provision_seconds;
    Duration::try_from_secs_f64(provision_seconds)
        .ok()
        .and_then(|time| i64::try_from(time.as_millis()).ok())
        .ok_or(OpenError::ProvisionSeconds(provision_seconds))
}

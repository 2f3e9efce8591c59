//! The file that keeps everything, and the one transaction in which each call runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::clock::Clock;
use crate::control::Control;
use crate::organization::OrganizationTree;
use crate::session::Session;
use crate::{completion, directory};

const FILE_NAME: &str = "landing-zone.db";
/// What brings a file from one version to the next.
const STEPS: [&str; 2] = [include_str!("schema.sql"), include_str!("schema-2.sql")];
const SCHEMA_VERSION: usize = STEPS.len();
/// More than there are different statements, so that each is prepared once.
const CACHED_STATEMENTS: usize = 64;

/// Why a landing zone does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder can be neither found nor made.
    #[error("the data folder {0} cannot be created")]
    Folder(PathBuf, #[source] std::io::Error),
    /// SQLite refuses the file.
    #[error("the landing zone's file {0} cannot be opened")]
    Database(PathBuf, #[source] rusqlite::Error),
    /// The file was written by a newer version of this program.
    #[error("the landing zone's file {path} has version {version}, newer than {SCHEMA_VERSION}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: usize,
    },
    /// The time to provision is no length of time.
    #[error("the time to provision an account must be zero or more seconds, not {0}")]
    ProvisionSeconds(f64),
}

pub(crate) struct Store {
    connection: Mutex<Connection>,
    clock: Arc<dyn Clock>,
    provision_ms: i64,
    control: Control,
}

impl Store {
    pub(crate) fn open(
        folder: &Path,
        organization: &OrganizationTree,
        provision_ms: i64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder).map_err(|cause| OpenError::Folder(folder.to_owned(), cause))?;
        let path = folder.join(FILE_NAME);
        let connection = Connection::open(&path).map_err(|cause| OpenError::Database(path.clone(), cause))?;
        Self::open_connection(connection, path, organization, provision_ms, clock)
    }

    /// The same, kept in memory alone.
    pub(crate) fn in_memory(
        organization: &OrganizationTree,
        provision_ms: i64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let path = PathBuf::from(":memory:");
        let connection =
            Connection::open_in_memory().map_err(|cause| OpenError::Database(path.clone(), cause))?;
        Self::open_connection(connection, path, organization, provision_ms, clock)
    }

    fn open_connection(
        mut connection: Connection,
        path: PathBuf,
        organization: &OrganizationTree,
        provision_ms: i64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::Database(path.clone(), cause);
        configure(&connection).map_err(failed)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let version = prepare(&transaction, organization, clock.now_ms()).map_err(failed)?;
        if version > SCHEMA_VERSION {
            return Err(OpenError::Newer { path, version });
        }
        transaction.commit().map_err(failed)?;
        Ok(Self { connection: Mutex::new(connection), clock, provision_ms, control: Control::new() })
    }

    pub(crate) const fn control(&self) -> &Control {
        &self.control
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Settles what is due, then does `work`, all or nothing.
    pub(crate) fn run<T>(
        &self,
        work: impl FnOnce(&Session<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        // A panic rolled its transaction back, so the connection behind a poisoned lock is sound.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let conditions = self.control.conditions();
        let session = Session {
            sql: &transaction,
            now_ms: self.clock.now_ms(),
            provision_ms: self.provision_ms,
            conditions: &conditions,
        };
        completion::settle(&session)?;
        let result = work(&session)?;
        transaction.commit()?;
        Ok(result)
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // In WAL a killed process loses nothing at NORMAL; only a power failure may lose the last commits.
    connection.pragma_update(None, "synchronous", "NORMAL")
}

/// Returns the version the file had; a newer one is left as it is.
fn prepare(
    transaction: &Transaction<'_>,
    organization: &OrganizationTree,
    now_ms: i64,
) -> rusqlite::Result<usize> {
    let version: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in STEPS.iter().skip(version) {
        transaction.execute_batch(step)?;
    }
    if version == 0 {
        directory::create_organization(transaction, now_ms)?;
    }
    if version <= SCHEMA_VERSION {
        directory::add_missing_units(transaction, organization)?;
    }
    Ok(version)
}

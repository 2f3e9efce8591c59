//! The executions, one small row each, in SQLite.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::Failure;
use crate::history;
use crate::status::Status;
use crate::step::Position;

/// Milliseconds since 1970.
pub(crate) type Millis = i64;

/// What is known of an execution.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) seq: i64,
    pub(crate) name: String,
    pub(crate) input: String,
    pub(crate) status: Status,
    pub(crate) started: Millis,
    pub(crate) stopped: Option<Millis>,
    pub(crate) output: Option<String>,
    pub(crate) failure: Failure,
    pub(crate) events: u32,
}

/// An execution that has not ended, and where it stands.
#[derive(Debug)]
pub(crate) struct Unfinished {
    pub(crate) name: String,
    pub(crate) definition: i64,
    pub(crate) input: String,
    pub(crate) started: Millis,
    pub(crate) position: Option<Position>,
    pub(crate) wake: Option<Millis>,
}

/// How an execution ended, to be written down.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionEnd {
    pub(crate) status: Status,
    pub(crate) output: Option<String>,
    pub(crate) failure: Failure,
    /// How many events its history holds; where it was ended from outside, one more than when last saved.
    pub(crate) events: Option<u32>,
}

/// The database.
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

const SCHEMA_VERSION: i64 = 2;

const SCHEMA: &str = "
    CREATE TABLE definitions (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, created INTEGER NOT NULL);
    CREATE TABLE executions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        definition INTEGER NOT NULL REFERENCES definitions (id),
        input TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'RUNNING',
        started INTEGER NOT NULL,
        stopped INTEGER,
        state TEXT,
        data TEXT,
        retries TEXT,
        events INTEGER NOT NULL,
        wake INTEGER,
        output TEXT,
        error TEXT,
        cause TEXT
    );
    CREATE INDEX executions_by_status ON executions (status, seq);
    PRAGMA user_version = 2;
";

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite says no.
    #[error("the database of executions: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Another version of this crate made it.
    #[error("the database of executions has the schema version {found}, this program knows {SCHEMA_VERSION}")]
    Version {
        /// The version it has.
        found: i64,
    },
}

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A killed process loses nothing; a power cut may lose the last steps, which are then done again.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => connection.execute_batch(&format!("BEGIN IMMEDIATE; {SCHEMA} COMMIT;"))?,
            SCHEMA_VERSION => {}
            found => return Err(StoreError::Version { found }),
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // Each statement is a transaction of its own, so a panic in between leaves nothing half done.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number and the time of making of this definition, which is kept from now on.
    pub(crate) fn definition(&self, text: &str, now: Millis) -> rusqlite::Result<(i64, Millis)> {
        let connection = self.lock();
        connection.execute(
            "INSERT INTO definitions (text, created) VALUES (?1, ?2) ON CONFLICT (text) DO NOTHING",
            params![text, now],
        )?;
        connection.query_row("SELECT id, created FROM definitions WHERE text = ?1", [text], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    pub(crate) fn definition_text(&self, id: i64) -> rusqlite::Result<String> {
        self.lock().query_row("SELECT text FROM definitions WHERE id = ?1", [id], |row| row.get(0))
    }

    /// Writes a new execution down; false where the name is taken.
    pub(crate) fn insert(
        &self,
        name: &str,
        definition: i64,
        input: &str,
        now: Millis,
    ) -> rusqlite::Result<bool> {
        let changed = self
            .lock()
            .prepare_cached(
                "INSERT INTO executions (name, definition, input, started, events) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (name) DO NOTHING",
            )?
            .execute(params![name, definition, input, now, history::START])?;
        Ok(changed == 1)
    }

    /// Writes where an execution stands; false where it has ended meanwhile.
    pub(crate) fn save(
        &self,
        name: &str,
        position: &Position,
        wake: Option<Millis>,
    ) -> rusqlite::Result<bool> {
        let retries = serde_json::Value::from(position.retries.clone()).to_string();
        let changed = self
            .lock()
            .prepare_cached(
                "UPDATE executions SET state = ?2, data = ?3, retries = ?4, wake = ?5, events = ?6
                 WHERE name = ?1 AND status = 'RUNNING'",
            )?
            .execute(params![
                name,
                position.state,
                position.data.to_string(),
                retries,
                wake,
                position.events
            ])?;
        Ok(changed == 1)
    }

    /// Writes how an execution ended; false where it had ended before.
    pub(crate) fn finish(&self, name: &str, end: &ExecutionEnd, now: Millis) -> rusqlite::Result<bool> {
        let changed = self
            .lock()
            .prepare_cached(
                "UPDATE executions
                 SET status = ?2, output = ?3, error = ?4, cause = ?5, stopped = ?6, events = coalesce(?7, events + ?8),
                     data = NULL, retries = NULL, wake = NULL
                 WHERE name = ?1 AND status = 'RUNNING'",
            )?
            .execute(params![name, end.status, end.output, end.failure.error, end.failure.cause, now, end.events, history::END])?;
        Ok(changed == 1)
    }

    pub(crate) fn get(&self, name: &str) -> rusqlite::Result<Option<Record>> {
        self.lock()
            .prepare_cached(&format!("SELECT {RECORD} FROM executions WHERE name = ?1"))?
            .query_row([name], record)
            .optional()
    }

    /// The newest first, from before `before`.
    pub(crate) fn list(
        &self,
        status: Option<Status>,
        before: Option<i64>,
        limit: usize,
    ) -> rusqlite::Result<Vec<Record>> {
        let connection = self.lock();
        let before = before.unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        match status {
            Some(status) => connection
                .prepare_cached(&format!(
                    "SELECT {RECORD} FROM executions WHERE status = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
                ))?
                .query_map(params![status, before, limit], record)?
                .collect(),
            None => connection
                .prepare_cached(&format!(
                    "SELECT {RECORD} FROM executions WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2"
                ))?
                .query_map(params![before, limit], record)?
                .collect(),
        }
    }

    /// Every execution that has not ended, the oldest first.
    pub(crate) fn unfinished(&self) -> rusqlite::Result<Vec<Unfinished>> {
        self.lock()
            .prepare(
                "SELECT name, definition, input, started, state, data, retries, events, wake
                 FROM executions WHERE status = 'RUNNING' ORDER BY seq",
            )?
            .query_map([], |row| {
                Ok(Unfinished {
                    name: row.get(0)?,
                    definition: row.get(1)?,
                    input: row.get(2)?,
                    started: row.get(3)?,
                    position: position(row)?,
                    wake: row.get(8)?,
                })
            })?
            .collect()
    }
}

const RECORD: &str = "seq, name, input, status, started, stopped, output, error, cause, events";

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        seq: row.get(0)?,
        name: row.get(1)?,
        input: row.get(2)?,
        status: row.get(3)?,
        started: row.get(4)?,
        stopped: row.get(5)?,
        output: row.get(6)?,
        failure: Failure { error: row.get(7)?, cause: row.get(8)? },
        events: row.get(9)?,
    })
}

fn position(row: &Row<'_>) -> rusqlite::Result<Option<Position>> {
    let Some(state) = row.get::<_, Option<String>>(4)? else { return Ok(None) };
    Ok(Some(Position { state, data: json(row, 5)?, retries: json(row, 6)?, events: row.get(7)? }))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

//! Account operations: how they are kept and counted.

use rusqlite::{Params, Row, params};

use crate::paging::Window;
use crate::plan::{Outcome, Plan};
use crate::session::Session;

/// How many account operations Control Tower runs at once ("Quotas for AWS Control Tower").
pub const CONCURRENT_OPERATIONS: usize = 5;

/// The stage of an operation, once what is due is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Created,
    InProgress,
    InProgressInError,
    Succeeded,
    Tainted,
    Failed,
}

/// An accepted ProvisionProduct call: its record and its provisioned product.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) record_id: String,
    pub(crate) product_id: String,
    pub(crate) product_name: String,
    pub(crate) token: String,
    pub(crate) input: String,
    pub(crate) artifact_id: String,
    pub(crate) account_email: String,
    pub(crate) sso_user_email: String,
    /// A JSON list of `{"Key", "Value"}`.
    pub(crate) tags: String,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) stage: Stage,
    pub(crate) failure: Option<String>,
    pub(crate) account_id: Option<String>,
}

/// What is written down of a new operation.
pub(crate) struct NewOperation<'a> {
    pub(crate) record_id: &'a str,
    pub(crate) product_id: &'a str,
    pub(crate) product_name: &'a str,
    pub(crate) token: &'a str,
    pub(crate) input: &'a str,
    pub(crate) artifact_id: &'a str,
    pub(crate) account_name: &'a str,
    pub(crate) account_email: &'a str,
    pub(crate) sso_user_email: &'a str,
    pub(crate) parent_id: &'a str,
    pub(crate) tags: &'a str,
    pub(crate) plan: Plan,
}

/// By what operations are looked up; every one is unique but `All`.
pub(crate) enum By<'a> {
    All,
    Record(&'a str),
    Token(&'a str),
    Product(&'a str),
    ProductName(&'a str),
    Account(&'a str),
}

impl By<'_> {
    fn condition(&self) -> (&'static str, Option<&str>) {
        match self {
            By::All => ("", None),
            By::Record(id) => ("WHERE record_id = ?", Some(id)),
            By::Token(token) => ("WHERE token = ?", Some(token)),
            By::Product(id) => ("WHERE product_id = ?", Some(id)),
            By::ProductName(name) => ("WHERE product_name = ?", Some(name)),
            By::Account(id) => ("WHERE state = 'succeeded' AND account_id = ?", Some(id)),
        }
    }
}

impl Session<'_> {
    pub(crate) fn operations(&self, by: &By<'_>, window: &Window) -> rusqlite::Result<Vec<Operation>> {
        let (condition, value) = by.condition();
        let query = format!("SELECT * FROM operations {condition} ORDER BY position LIMIT ? OFFSET ?");
        match value {
            None => self.query_operations(&query, params![window.size, window.offset]),
            Some(value) => self.query_operations(&query, params![value, window.size, window.offset]),
        }
    }

    pub(crate) fn operation(&self, by: &By<'_>) -> rusqlite::Result<Option<Operation>> {
        Ok(self.operations(by, &Window::whole(1))?.pop())
    }

    pub(crate) fn operation_count(&self, by: &By<'_>) -> rusqlite::Result<usize> {
        let (condition, value) = by.condition();
        self.sql
            .prepare_cached(&format!("SELECT count(*) FROM operations {condition}"))?
            .query_row(rusqlite::params_from_iter(value), |row| row.get(0))
    }

    fn query_operations(&self, query: &str, values: impl Params) -> rusqlite::Result<Vec<Operation>> {
        self.sql.prepare_cached(query)?.query_map(values, |row| self.read_operation(row))?.collect()
    }

    fn read_operation(&self, row: &Row<'_>) -> rusqlite::Result<Operation> {
        let created_ms = row.get("created_ms")?;
        let progress_ms = row.get("progress_ms")?;
        let error_ms: Option<i64> = row.get("error_ms")?;
        let (stage, updated_ms) = match row.get_ref("state")?.as_str()? {
            "succeeded" => (Stage::Succeeded, row.get("end_ms")?),
            "tainted" => (Stage::Tainted, row.get("end_ms")?),
            "failed" => (Stage::Failed, row.get("end_ms")?),
            _ => match error_ms.filter(|at| *at <= self.now_ms) {
                Some(at) => (Stage::InProgressInError, at),
                None if progress_ms <= self.now_ms => (Stage::InProgress, progress_ms),
                None => (Stage::Created, created_ms),
            },
        };
        let ended = matches!(stage, Stage::Succeeded | Stage::Tainted | Stage::Failed);
        let in_error = stage == Stage::InProgressInError;
        Ok(Operation {
            record_id: row.get("record_id")?,
            product_id: row.get("product_id")?,
            product_name: row.get("product_name")?,
            token: row.get("token")?,
            input: row.get("input")?,
            artifact_id: row.get("artifact_id")?,
            account_email: row.get("account_email")?,
            sso_user_email: row.get("sso_user_email")?,
            tags: row.get("tags")?,
            created_ms,
            updated_ms,
            stage,
            failure: if ended || in_error { row.get("failure")? } else { None },
            account_id: row.get("account_id")?,
        })
    }

    pub(crate) fn open_operation_count(&self) -> rusqlite::Result<usize> {
        self.sql
            .prepare_cached("SELECT count(*) FROM operations WHERE state = 'open'")?
            .query_row([], |row| row.get(0))
    }

    pub(crate) fn email_in_flight(&self, email: &str) -> rusqlite::Result<bool> {
        self.sql
            .prepare_cached(
                "SELECT 1 FROM operations WHERE state = 'open' AND account_email = ? COLLATE NOCASE",
            )?
            .exists([email])
    }

    pub(crate) fn add_operation(&self, new: &NewOperation<'_>) -> rusqlite::Result<()> {
        let (outcome, failure) = match &new.plan.outcome {
            Outcome::Account => ("account", None),
            Outcome::AccountThenFailure => ("account then failure", None),
            Outcome::Failure(reason) => ("failure", Some(reason)),
        };
        self.sql
            .prepare_cached(
                "INSERT INTO operations (record_id, product_id, product_name, token, input, artifact_id,
                     account_name, account_email, sso_user_email, parent_id, tags, created_ms, progress_ms,
                     error_ms, end_ms, ending, failure, state)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')",
            )?
            .execute(params![
                new.record_id,
                new.product_id,
                new.product_name,
                new.token,
                new.input,
                new.artifact_id,
                new.account_name,
                new.account_email,
                new.sso_user_email,
                new.parent_id,
                new.tags,
                self.now_ms,
                new.plan.progress_ms,
                new.plan.error_ms,
                new.plan.end_ms,
                outcome,
                failure,
            ])?;
        self.sql
            .prepare_cached(
                "UPDATE installation SET peak_concurrent_operations = max(peak_concurrent_operations, ?)",
            )?
            .execute([self.open_operation_count()?])?;
        Ok(())
    }

    /// Ends an open operation without an account.
    pub(crate) fn terminate(&self, record_id: &str) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached(
                "UPDATE operations SET state = 'failed', failure = 'The operation was terminated.', end_ms = ?
                 WHERE record_id = ? AND state = 'open'",
            )?
            .execute(params![self.now_ms, record_id])?;
        Ok(())
    }

    /// Counts a call refused as busy.
    pub(crate) fn count_refused(&self) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("UPDATE installation SET refused_operations = refused_operations + 1")?
            .execute([])?;
        Ok(())
    }

    /// Whether the word spoils this call (refuses it or fails its record); if so, the call is counted.
    pub(crate) fn spoil(&self, account_name: &str, word: &str, spoiled_calls: u32) -> rusqlite::Result<bool> {
        let changed = self
            .sql
            .prepare_cached(
                "INSERT INTO spoiled_calls (account_name, word, calls) VALUES (?, ?, 1)
                 ON CONFLICT DO UPDATE SET calls = calls + 1 WHERE calls < ?",
            )?
            .execute(params![account_name.to_lowercase(), word, spoiled_calls])?;
        Ok(changed > 0)
    }
}

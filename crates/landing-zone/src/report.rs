//! What the landing zone has done so far, for people and tests to look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::operations::{By, Operation, Stage};
use crate::paging::Window;
use crate::session::Session;
use crate::store::Store;

/// The accounts Account Factory made, and how busy it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The accounts in the order in which they were made; the management account is not among them.
    pub accounts: Vec<ReportedAccount>,
    /// How many account operations were accepted so far, ended or not.
    pub operations: u64,
    /// The most operations that ever ran at once, over all restarts.
    pub peak_concurrent_operations: u64,
    /// How many ProvisionProduct calls were refused as busy; throttled ones and records that failed as
    /// busy do not count.
    pub refused_operations: u64,
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportedAccount {
    /// Twelve digits.
    pub id: String,
    /// The name, as it was asked for.
    pub name: String,
    /// The e-mail, as it was asked for.
    pub email: String,
    /// The path of its unit, `/` between names.
    pub organizational_unit: String,
    /// The tags on the account itself, by key.
    pub tags: Vec<ReportedTag>,
}

/// A tag of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportedTag {
    /// The tag's key.
    pub key: String,
    /// The tag's value.
    pub value: String,
}

/// An account operation that was accepted: one provisioned product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedOperation {
    /// Its record.
    pub record_id: String,
    /// The name of its provisioned product.
    pub product_name: String,
    /// The token it was accepted with.
    pub token: String,
    /// The e-mail of the account, as it was asked for.
    pub account_email: String,
    /// Whether it still runs.
    pub running: bool,
    /// Whether it ended well.
    pub succeeded: bool,
    /// The account that it made.
    pub account_id: Option<String>,
}

/// The store failed while a report was made.
#[derive(Debug, thiserror::Error)]
#[error("the landing zone's state cannot be read")]
pub struct ReportError(#[from] rusqlite::Error);

pub(crate) fn report(session: &Session<'_>) -> rusqlite::Result<Report> {
    let everything = Window::whole(session.account_count(None)?);
    let accounts = session
        .accounts(None, &everything)?
        .into_iter()
        .filter(|account| account.record_id.is_some())
        .map(|account| {
            let names: Vec<String> =
                session.lineage(&account.parent_id)?.into_iter().map(|unit| unit.name).collect();
            let tags = session.tags(&account.id)?;
            Ok(ReportedAccount {
                id: account.id,
                name: account.name,
                email: account.email,
                organizational_unit: names.join("/"),
                tags: tags.into_iter().map(|(key, value)| ReportedTag { key, value }).collect(),
            })
        })
        .collect::<rusqlite::Result<_>>()?;
    session.sql.query_row(
        "SELECT (SELECT count(*) FROM operations), peak_concurrent_operations, refused_operations
         FROM installation",
        [],
        |row| {
            Ok(Report {
                accounts,
                operations: row.get(0)?,
                peak_concurrent_operations: row.get(1)?,
                refused_operations: row.get(2)?,
            })
        },
    )
}

pub(crate) fn operations(session: &Session<'_>) -> rusqlite::Result<Vec<ReportedOperation>> {
    let everything = Window::whole(session.operation_count(&By::All)?);
    let operations = session.operations(&By::All, &everything)?;
    Ok(operations.into_iter().map(ReportedOperation::from).collect())
}

pub(crate) fn operation_of_token(
    session: &Session<'_>,
    token: &str,
) -> rusqlite::Result<Option<ReportedOperation>> {
    Ok(session.operation(&By::Token(token))?.map(ReportedOperation::from))
}

impl From<Operation> for ReportedOperation {
    fn from(operation: Operation) -> Self {
        Self {
            record_id: operation.record_id,
            product_name: operation.product_name,
            token: operation.token,
            account_email: operation.account_email,
            succeeded: operation.stage == Stage::Succeeded,
            running: !matches!(operation.stage, Stage::Succeeded | Stage::Tainted | Stage::Failed),
            account_id: operation.account_id,
        }
    }
}

/// What `GET /local/landing-zone` answers: the report, and how often each action was called since the start of
/// the process. The calls are not in [`Report`], so that reports of the same state are equal.
#[derive(Serialize)]
struct ReportWithCalls {
    #[serde(flatten)]
    report: Report,
    calls: BTreeMap<String, u64>,
}

/// The report at `GET /local/landing-zone`.
pub(crate) fn router(store: Arc<Store>) -> Router {
    let report = async move || {
        let store = Arc::clone(&store);
        match tokio::task::spawn_blocking(move || {
            let report = store.run(report)?;
            Ok::<_, rusqlite::Error>(ReportWithCalls { report, calls: store.control().calls() })
        })
        .await
        {
            Ok(Ok(page)) => Json(page).into_response(),
            Ok(Err(error)) => cannot_be_read(&error),
            Err(crash) => cannot_be_read(&crash),
        }
    };
    Router::new().route("/local/landing-zone", get(report))
}

fn cannot_be_read(cause: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(cause, "the landing zone cannot be read");
    (StatusCode::INTERNAL_SERVER_ERROR, "The landing zone cannot be read.\n").into_response()
}

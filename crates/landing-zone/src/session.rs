//! One call at one moment, inside its transaction. What is read and written for it is in `directory`,
//! `operations` and `completion`.

use rusqlite::Connection;

use crate::control::Conditions;

pub(crate) struct Session<'a> {
    pub(crate) sql: &'a Connection,
    pub(crate) now_ms: i64,
    pub(crate) provision_ms: i64,
    pub(crate) conditions: &'a Conditions,
}

//! The records of the table's stream that are on their way.

use std::collections::VecDeque;

use accounts_local::stream_filters::{DEPLOYED_FILTERS, FilterError, Filters};
use serde_json::Value;

/// The records on their way.
pub(crate) struct Records {
    pub(crate) filters: Filters,
    pub(crate) pending: VecDeque<Value>,
    pub(crate) delivering: bool,
    pub(crate) written: u64,
}

impl Records {
    pub(crate) fn new() -> Result<Self, FilterError> {
        Ok(Self {
            filters: Filters::parse(DEPLOYED_FILTERS)?,
            pending: VecDeque::new(),
            delivering: false,
            written: 0,
        })
    }
}

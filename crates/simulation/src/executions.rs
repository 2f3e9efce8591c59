//! The executions of a run.

use std::collections::BTreeMap;

use accounts_state_machine::Status;
use tokio::task::AbortHandle;

/// All executions, by name.
#[derive(Debug, Default)]
pub(crate) struct Executions(pub(crate) BTreeMap<String, Execution>);

/// One execution.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) input: String,
    pub(crate) status: Status,
    pub(crate) work: Option<AbortHandle>,
}

impl Executions {
    pub(crate) fn running(&self) -> usize {
        self.0.values().filter(|execution| execution.status == Status::Running).count()
    }
}

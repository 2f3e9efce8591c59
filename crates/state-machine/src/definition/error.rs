//! Why a definition is refused.

use std::fmt;

/// A definition that is refused: where, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}{fault}", Place(state.as_deref()))]
pub struct DefinitionError {
    state: Option<String>,
    #[source]
    fault: Fault,
}

/// What is wrong with a definition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// It is right, perhaps, but more than the stated subset.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// No interpreter could run it.
    #[error("{0}")]
    Wrong(String),
}

impl DefinitionError {
    pub(super) fn machine(fault: Fault) -> Self {
        Self { state: None, fault }
    }

    pub(super) fn state_of(state: &str, fault: Fault) -> Self {
        Self { state: Some(state.to_owned()), fault }
    }

    /// The state at fault; none where it is the machine itself.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What is wrong.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

struct Place<'a>(Option<&'a str>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(state) => write!(f, "state \"{state}\": "),
            None => f.write_str("state machine: "),
        }
    }
}

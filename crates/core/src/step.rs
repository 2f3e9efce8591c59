//! The steps of a request, the pools that limit them, and the backends that carry them out.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::named_enum;

named_enum! {
    /// What a caller can ask for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum RequestKind {
        /// A new account.
        Create,
    }
}

/// One part of what a request takes, carried out by one execution of the workflow. The list of steps is stored
/// when the request is accepted, so that a deployment cannot change what a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// By which backend.
    pub backend: BackendName,
    /// Which pool limits how many run at once.
    pub pool: Pool,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Creates the account.
    CreateAccount,
}

/// A backend, as a step stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BackendName {
    /// AWS Control Tower's Account Factory, through Service Catalog.
    ControlTower,
}

/// A pool limits how many steps of a sort run at once. A slot is one permit of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Pool {
    /// Account operations of Control Tower.
    #[serde(rename = "control-tower")]
    ControlTower,
}

/// How many account operations Control Tower runs at once ("Quotas for AWS Control Tower").
pub const DEFAULT_CONTROL_TOWER_SLOTS: u32 = 5;

impl Pool {
    /// Every pool.
    pub const ALL: [Self; 1] = [Self::ControlTower];

    /// The name, as keys and metrics have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ControlTower => "control-tower",
        }
    }

    /// The pool of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pool| pool.name() == name)
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_stored_by_its_name() {
        for pool in Pool::ALL {
            assert_eq!(serde_json::to_value(pool).ok(), Some(serde_json::json!(pool.name())));
            assert_eq!(Pool::of_name(pool.name()), Some(pool));
        }
    }
}

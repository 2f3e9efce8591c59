//! A simulated landing zone that speaks Organizations and Service Catalog on the wire.
//!
//! It keeps its organization and its accounts in one file and behaves towards a client as AWS Control
//! Tower's Account Factory does, its limits and failures included. Records change with time: each call first
//! completes the operations whose end has passed since the last, so nothing runs between calls and a killed
//! process loses nothing. Signatures are not checked.
//!
//! Modules, each of which imports only those named before it: `ids`, `clock`, `texts`, `rules`, `paging`,
//! `misbehaviour`, `catalogue`, `organization`, `plan`; `control`, the conditions that a test sets; `session`, one
//! call in its transaction; `directory` and `operations`, what it reads and writes; `completion`, how operations
//! end; `store`, the file; `report` and `wire`, what is served; `landing_zone`, the handle to all of it.

mod catalogue;
mod clock;
mod completion;
mod control;
mod directory;
mod ids;
mod landing_zone;
mod misbehaviour;
mod operations;
mod organization;
mod paging;
mod plan;
mod report;
mod rules;
mod session;
mod store;
pub mod texts;
mod wire;

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
mod tests;

pub use crate::catalogue::PORTFOLIO_ID;
pub use crate::clock::Clock;
pub use crate::landing_zone::{LandingZone, Settings};
pub use crate::misbehaviour::{Word, words};
pub use crate::operations::CONCURRENT_OPERATIONS;
pub use crate::organization::{NAME_MAX_CHARACTERS, NESTING_LIMIT, OrganizationTree, TreeError};
pub use crate::report::{Report, ReportError, ReportedAccount, ReportedOperation, ReportedTag};
pub use crate::store::OpenError;

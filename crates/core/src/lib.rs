//! The domain of the account factory: what a request is, which rules it keeps, how it moves from one status
//! to the next, what the functions tell each other, and which kinds of error there are.
//!
//! Nothing here knows AWS, HTTP or Lambda, and nothing here reads a clock: whoever calls brings the time.

mod acceptance;
pub mod admission;
mod backlog;
mod email;
mod ending;
mod error;
mod factory;
mod failure;
mod fault;
mod ids;
mod json;
mod message;
mod names;
mod new_account;
mod org_unit;
mod request;
mod status;
mod tag;
mod text;
mod timestamp;

pub use acceptance::{Acceptance, Claim, IdempotencyKey};
pub use backlog::{Backlog, OpenRequest, OpenRequests};
pub use email::Email;
pub use ending::Ending;
pub use error::{Error, Kind, Loudness, Result};
pub use factory::{AccountFactory, ManagedOrganizationalUnit, NotBegun, Operation, Order, Outcome};
pub use failure::{FailedStep, Failure, Finding};
pub use fault::Fault;
pub use ids::{AccountId, RequestId};
pub use message::{Start, Step};
pub use names::{AccountName, PersonName};
pub use new_account::NewAccount;
pub use org_unit::OrgUnit;
pub use request::{AccountRequest, Moved, PastFailure};
pub use status::{Move, Status};
pub use tag::Tag;
pub use timestamp::Timestamp;

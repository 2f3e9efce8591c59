//! The trait that a backend implements: what creates and changes accounts.

use crate::{AccountId, Error, Fields, Operation, Request, Result, Step};

/// Carries out steps. Every method may be called again at any time.
///
/// Native `async fn`s and static dispatch: a function is built with one backend and never boxes it.
#[allow(async_fn_in_trait)]
pub trait Backend {
    /// The steps that a request takes, made once at its acceptance. It needs no call of a service, so that
    /// acceptance depends on none.
    fn plan(request: &Request) -> Vec<Step>;

    /// The exact input of a new operation for a step. Everything that is looked up is looked up here, so that all
    /// attempts of the operation are called with the same. `last` is the request's last operation.
    ///
    /// # Errors
    /// Nothing was started. [`Kind::Misconfigured`](crate::Kind::Misconfigured) where something that operators
    /// set up is missing, or where the input of `last` was rejected in this admission and there is no other;
    /// [`Kind::AccessDenied`](crate::Kind::AccessDenied) where a permission is missing.
    async fn prepare(&self, step: &Step, request: &Request, last: Option<&Operation>) -> Result<Fields>;

    /// Makes one attempt, with one call that is not retried: a rejection then speaks of this attempt alone.
    ///
    /// # Errors
    /// Whether the attempt was rejected, or its answer is unknown.
    async fn begin(&self, operation: &Operation) -> Result<Begun, BeginError>;

    /// Looks for what an operation may have started: by its token, then by the account's e-mail.
    ///
    /// # Errors
    /// Nobody could look; that says nothing about the operation.
    async fn find(&self, operation: &Operation) -> Result<Found>;

    /// Asks about an operation that was accepted.
    ///
    /// # Errors
    /// Nobody could ask; that says nothing about the operation.
    async fn outcome(&self, operation: &Operation) -> Result<Progress>;
}

/// An attempt that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The backend works on it; this is how it names it.
    Handle(Fields),
}

/// An attempt that was not accepted, as far as is known.
#[derive(Debug)]
pub enum BeginError {
    /// The backend answered that it did not start anything.
    Rejected(Refusal, Error),
    /// The answer is missing, or says nothing about it.
    Unknown(Error),
}

/// Why an attempt was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another try with the same input may be accepted: the backend is busy, calls are throttled, or a permission
    /// is missing. The error's kind tells which.
    Retry,
    /// The stored input is no longer good: an artifact was retired, say.
    StaleInput(String),
    /// It will not be accepted, for this reason.
    Final(String),
}

/// What a lookup found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The operation, by its token.
    Operation(Fields),
    /// An account with the e-mail, and no operation with the token.
    Account(AccountId),
    /// Neither. That alone never proves that nothing was started.
    Nothing,
}

/// How far an accepted operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It has not ended.
    InProgress,
    /// The backend does not know it any more. That is unknown, not failed.
    Vanished,
    /// It ended.
    Ended(crate::OperationOutcome),
}

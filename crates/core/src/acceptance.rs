//! What becomes of a request at the door.

use crate::{AccountRequest, Status};

/// What the table said to a request that wanted to come in.
#[derive(Clone, Debug, PartialEq)]
pub enum Acceptance {
    /// It is in: written, with its claims on the e-mail and on the name.
    Accepted(Box<AccountRequest>),
    /// The same `Idempotency-Key` and body came before; this is the request as it was accepted then.
    Repeated(Box<AccountRequest>),
    /// The same `Idempotency-Key` came before with another body.
    KeyHasOtherBody,
    /// It is not in: these claims are somebody else's. Never empty.
    Taken(Vec<Claim>),
}

/// A claim that another request holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The e-mail has a request.
    Email {
        /// Where that request stands.
        status: Status,
        /// It failed, but an account may exist for it.
        account_may_exist: bool,
    },
    /// The account name is another request's.
    Name,
}

/// A client's `Idempotency-Key`, bound to who sent it and with which body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who sent it; two callers never share a key.
    pub caller: String,
    /// The key.
    pub key: String,
}

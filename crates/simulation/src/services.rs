//! The simulated services: each answers a call at once, and knows nothing of faults.

pub(crate) mod dynamodb;
pub(crate) mod embedded;
pub(crate) mod errors;
pub(crate) mod index;
pub(crate) mod sns;

use accounts_aws::WireAnswer;
use serde::Serialize;

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &impl Serialize) -> WireAnswer {
    match serde_json::to_vec(body) {
        Ok(body) => WireAnswer { status, body },
        Err(error) => WireAnswer { status: 500, body: error.to_string().into_bytes() },
    }
}

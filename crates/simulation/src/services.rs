//! The simulated services: each answers a call at once, and knows nothing of faults.

pub(crate) mod dynamodb;
pub(crate) mod errors;
pub(crate) mod index;
pub(crate) mod sns;

use accounts_aws::WireAnswer;
use serde_json::Value;

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &Value) -> WireAnswer {
    WireAnswer { status, body: body.to_string().into_bytes() }
}

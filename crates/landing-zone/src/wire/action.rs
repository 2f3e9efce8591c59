//! What every action of the two services is: parameters in, an answer out.

use serde_json::Value;

use crate::session::Session;
use crate::wire::error::Failure;
use crate::wire::parameters::Parameters;

pub(crate) type Answer = Result<Value, Failure>;
pub(crate) type Action = fn(&Parameters<'_>, &Session<'_>) -> Answer;

//! What an execution can be started with.

use serde_json::Value;

use super::error::EngineError;
use crate::flow::DATA_LIMIT;

/// Refuses a name that breaks the rule for names.
pub(super) fn check_name(name: &str) -> Result<(), EngineError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 80 || !name.chars().all(allowed) {
        return Err(EngineError::InvalidName(name.to_owned()));
    }
    Ok(())
}

/// Reads an input, and refuses what is too large or not JSON.
pub(super) fn parse(input: &str) -> Result<Value, EngineError> {
    if input.len() > DATA_LIMIT {
        let why = format!("{} bytes are more than {DATA_LIMIT}", input.len());
        return Err(EngineError::InvalidInput(why));
    }
    serde_json::from_str(input).map_err(|error| EngineError::InvalidInput(error.to_string()))
}

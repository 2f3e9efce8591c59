//! How data goes through a state: the paths and templates of its fields.

use serde_json::{Value, json};

use crate::definition::Selection;
use crate::error_name::{RESULT_PATH_MATCH_FAILURE, RUNTIME};
use crate::failure::Failure;
use crate::template::Template;

/// The most that an input or a result may hold, in bytes of UTF-8.
pub(crate) const DATA_LIMIT: usize = 256 * 1024;

/// The data as a template makes it anew, where there is one.
pub(crate) fn render(template: Option<&Template>, data: Value) -> Result<Value, Failure> {
    match template {
        Some(template) => template.render(&data).map_err(runtime),
        None => Ok(data),
    }
}

/// The part of the data that `InputPath` or `OutputPath` names; nothing is an empty object.
pub(crate) fn select(selection: &Selection, data: &Value, field: &str) -> Result<Value, Failure> {
    match selection {
        Selection::All => Ok(data.clone()),
        Selection::Nothing => Ok(json!({})),
        Selection::At(path) => path.get(data).cloned().ok_or_else(|| {
            runtime(format!("Invalid path '{}': the {field} leads nowhere in the data.", path.as_str()))
        }),
    }
}

/// The data with a result where `ResultPath` says.
pub(crate) fn put(selection: &Selection, data: &Value, result: Value) -> Result<Value, Failure> {
    match selection {
        Selection::All => Ok(result),
        Selection::Nothing => Ok(data.clone()),
        Selection::At(path) => path.put(data.clone(), result).ok_or_else(|| {
            let cause = format!("Unable to apply the ResultPath '{}' to the state's input.", path.as_str());
            Failure::new(RESULT_PATH_MATCH_FAILURE, cause)
        }),
    }
}

/// An error that ends an execution.
pub(crate) fn runtime(cause: String) -> Failure {
    Failure::new(RUNTIME, cause)
}

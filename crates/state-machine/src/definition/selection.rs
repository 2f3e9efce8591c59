//! The fields that hold a path: `InputPath`, `OutputPath`, `ResultPath`.

use serde_json::Value;

use super::error::DefinitionError;
use super::fields::Fields;
use crate::path::Path;

/// What a path field selects: a node, or nothing where it is `null`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Selection {
    All,
    Nothing,
    At(Path),
}

pub(super) fn selection(fields: &mut Fields<'_>, name: &'static str) -> Result<Selection, DefinitionError> {
    match fields.optional(name) {
        None => Ok(Selection::All),
        Some(Value::Null) => Ok(Selection::Nothing),
        Some(_) => Ok(fields.path(name)?.map_or(Selection::All, Selection::At)),
    }
}

pub(super) fn result_path(fields: &mut Fields<'_>) -> Result<Selection, DefinitionError> {
    let selection = selection(fields, "ResultPath")?;
    match &selection {
        Selection::At(path) if !path.is_fields_only() => {
            Err(fields.unsupported(format!("\"ResultPath\": an index, as in \"{}\",", path.as_str())))
        }
        _ => Ok(selection),
    }
}

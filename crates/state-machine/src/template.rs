//! Payload templates: what `Parameters` and `ResultSelector` hold.

use serde_json::{Map, Value};

use crate::path::Path;

/// A JSON value, some of whose fields are copied from the data by path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Template {
    Literal(Value),
    Path { field: String, path: Path },
    Object(Vec<(String, Template)>),
    Array(Vec<Template>),
}

impl Template {
    /// Reads a template: a field whose name ends in `.$` holds a path.
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::Object(fields) => Self::Object(
                fields
                    .iter()
                    .map(|(name, value)| match name.strip_suffix(".$") {
                        Some(plain) => Ok((plain.to_owned(), Self::path(name, value)?)),
                        None => Ok((name.clone(), Self::parse(value)?)),
                    })
                    .collect::<Result<_, String>>()?,
            ),
            Value::Array(items) => Self::Array(items.iter().map(Self::parse).collect::<Result<_, _>>()?),
            literal => Self::Literal(literal.clone()),
        })
    }

    fn path(field: &str, value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or_else(|| format!("\"{field}\" without a path in it"))?;
        Ok(Self::Path { field: field.to_owned(), path: Path::parse(text)? })
    }

    /// The value for this data, or which field's path leads nowhere.
    pub(crate) fn render(&self, data: &Value) -> Result<Value, String> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Path { field, path } => path.get(data).cloned().ok_or_else(|| {
                format!(
                    "The JSONPath '{}' specified for the field '{field}' could not be found in the input",
                    path.as_str()
                )
            })?,
            Self::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, template)| Ok((name.clone(), template.render(data)?)))
                    .collect::<Result<Map<_, _>, String>>()?,
            ),
            Self::Array(items) => {
                Value::Array(items.iter().map(|item| item.render(data)).collect::<Result<_, _>>()?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_replaced_at_any_depth_and_the_rest_is_kept() {
        let template = Template::parse(&json!({"x": 1, "list": [{"y.$": "$.a.b"}], "all.$": "$"})).unwrap();
        let data = json!({"a": {"b": [2]}});

        assert_eq!(template.render(&data).unwrap(), json!({"x": 1, "list": [{"y": [2]}], "all": data}));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_named_with_its_field() {
        let template = Template::parse(&json!({"y.$": "$.missing"})).unwrap();
        let why = template.render(&json!({})).unwrap_err();

        assert!(why.contains("$.missing") && why.contains("'y.$'"), "{why}");
    }

    #[test]
    fn intrinsic_functions_and_the_context_object_are_refused() {
        assert!(Template::parse(&json!({"y.$": "States.Format('{}', $)"})).is_err());
        assert!(Template::parse(&json!({"y.$": "$$.Execution.Id"})).is_err());
        assert!(Template::parse(&json!({"y.$": 5})).is_err());
    }
}

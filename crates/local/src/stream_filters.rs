//! The filters of the event source: which records of the stream invoke `stream-trigger`.
//!
//! The patterns are those that Terraform deploys. They are read by the rules of Lambda (developer guide, "Control which
//! events Lambda sends to your function"), as far as the deployed ones need them: an object names the fields that a
//! record has to have, a list the values that a field may have (a text, true, false, or `{"prefix": "…"}`). One filter
//! that matches is enough. Whatever else a pattern says is refused, so that nothing is filtered otherwise here than in
//! the cloud.

use serde_json::{Map, Value};

/// The filters that are deployed.
pub const DEPLOYED_FILTERS: &str = include_str!("../../../infra/stream-filters.json");

/// Filters of which one has to match.
#[derive(Debug, PartialEq, Eq)]
pub struct Filters(Vec<Pattern>);

/// What a value has to be.
#[derive(Debug, PartialEq, Eq)]
enum Pattern {
    /// An object that has these fields, each as its pattern says.
    Fields(Vec<(String, Pattern)>),
    /// One of these.
    OneOf(Vec<Allowed>),
}

/// A value that a field may have.
#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    Text(String),
    Bool(bool),
    Prefix(String),
}

/// Why filters are refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// They are no JSON.
    #[error("the filters are no JSON: {0}")]
    Json(String),
    /// They are no list.
    #[error("the filters are no list of at least one pattern")]
    NoList,
    /// They use what is not read here.
    #[error("at {path}: {what} is not known here")]
    Unknown {
        /// Where.
        path: String,
        /// What.
        what: String,
    },
}

impl Filters {
    /// Reads a JSON list of patterns.
    ///
    /// # Errors
    /// What of them is not understood.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| FilterError::Json(error.to_string()))?;
        let patterns = value.as_array().filter(|patterns| !patterns.is_empty()).ok_or(FilterError::NoList)?;
        let pattern = |(index, value): (usize, &Value)| match value {
            Value::Object(fields) => Pattern::fields(fields, &format!("filter {index}")),
            other => Err(unknown(&format!("filter {index}"), other)),
        };
        patterns.iter().enumerate().map(pattern).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this record invokes the function.
    pub fn let_through(&self, record: &Value) -> bool {
        self.0.iter().any(|pattern| pattern.matches(record))
    }
}

impl Pattern {
    fn fields(fields: &Map<String, Value>, path: &str) -> Result<Self, FilterError> {
        if fields.is_empty() {
            return Err(unknown(path, &Value::Object(fields.clone())));
        }
        let field = |(name, value): (&String, &Value)| {
            let path = format!("{path}.{name}");
            if name.starts_with('$') {
                return Err(FilterError::Unknown { path, what: name.clone() });
            }
            let pattern = match value {
                Value::Object(fields) => Self::fields(fields, &path)?,
                Value::Array(values) if !values.is_empty() => Self::OneOf(
                    values.iter().map(|value| Allowed::read(value, &path)).collect::<Result<_, _>>()?,
                ),
                other => return Err(unknown(&path, other)),
            };
            Ok((name.clone(), pattern))
        };
        fields.iter().map(field).collect::<Result<_, _>>().map(Self::Fields)
    }

    /// A list in a record matches where one of its elements does.
    fn matches(&self, value: &Value) -> bool {
        if let Value::Array(elements) = value {
            return elements.iter().any(|element| self.matches(element));
        }
        match self {
            Self::Fields(fields) => fields
                .iter()
                .all(|(name, pattern)| value.get(name).is_some_and(|value| pattern.matches(value))),
            Self::OneOf(allowed) => allowed.iter().any(|allowed| allowed.is(value)),
        }
    }
}

impl Allowed {
    fn read(value: &Value, path: &str) -> Result<Self, FilterError> {
        match value {
            Value::String(text) => Ok(Self::Text(text.clone())),
            Value::Bool(truth) => Ok(Self::Bool(*truth)),
            Value::Object(operators) => match operators.get("prefix") {
                Some(Value::String(prefix)) if operators.len() == 1 => Ok(Self::Prefix(prefix.clone())),
                _ => Err(unknown(path, value)),
            },
            other => Err(unknown(path, other)),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(expected), Value::String(text)) => expected == text,
            (Self::Bool(expected), Value::Bool(truth)) => expected == truth,
            (Self::Prefix(prefix), Value::String(text)) => text.starts_with(prefix),
            _ => false,
        }
    }
}

fn unknown(path: &str, value: &Value) -> FilterError {
    FilterError::Unknown { path: path.to_owned(), what: value.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn filters(patterns: &Value) -> Filters {
        Filters::parse(&patterns.to_string()).unwrap()
    }

    fn record(event: &str, email: &str, record: &str) -> Value {
        json!({"eventName": event, "dynamodb": {"Keys": {"AccountEmail": {"S": email}, "Record": {"S": record}}}})
    }

    #[test]
    fn the_deployed_filters_let_through_inserted_requests_and_released_slots_alone() {
        let deployed = Filters::parse(DEPLOYED_FILTERS).unwrap();
        for (event, email, sort, passes) in [
            ("INSERT", "user@example.com", "REQUEST#1", true),
            ("REMOVE", "SLOT#control-tower", "1", true),
            ("MODIFY", "user@example.com", "REQUEST#1", false),
            ("REMOVE", "user@example.com", "REQUEST#1", false),
            ("INSERT", "user@example.com", "ACCOUNT", false),
            ("INSERT", "user@example.com", "OPERATION#1#001", false),
            ("INSERT", "REQUESTID#1", "KEY", false),
            ("INSERT", "SLOT#control-tower", "1", false),
            ("REMOVE", "slot#control-tower", "1", false),
            ("REMOVE", "NAME#mine", "CLAIM", false),
        ] {
            let record = record(event, email, sort);
            assert_eq!(deployed.let_through(&record), passes, "{record}");
        }
    }

    #[test]
    fn every_field_of_a_pattern_has_to_match_and_one_value_of_each_is_enough() {
        let filters = filters(&json!([{"a": ["x", {"prefix": "y"}], "b": {"c": [true]}}]));
        for (event, passes) in [
            (json!({"a": "x", "b": {"c": true}, "more": 1}), true),
            (json!({"a": "yes", "b": {"c": true}}), true),
            (json!({"a": "x", "b": {"c": false}}), false),
            (json!({"a": "x", "b": {"c": "true"}}), false),
            (json!({"a": "xy", "b": {"c": true}}), false),
            (json!({"a": "x", "b": true}), false),
            (json!({"a": "x"}), false),
            (json!({"b": {"c": true}}), false),
            (json!({"a": null, "b": {"c": true}}), false),
            (json!({"a": ["z", "x"], "b": [{"c": true}]}), true),
            (json!({"a": [], "b": {"c": true}}), false),
            (json!("x"), false),
        ] {
            assert_eq!(filters.let_through(&event), passes, "{event}");
        }
    }

    #[test]
    fn one_filter_of_several_is_enough() {
        let filters = filters(&json!([{"a": ["x"]}, {"b": ["y"]}]));
        assert!(filters.let_through(&json!({"a": "x"})) && filters.let_through(&json!({"b": "y"})));
        assert!(!filters.let_through(&json!({"a": "y", "b": "x"})));
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_place() {
        for (patterns, place) in [
            (json!([{"a": [{"suffix": "x"}]}]), "filter 0.a"),
            (json!([{"a": [{"prefix": "x", "suffix": "y"}]}]), "filter 0.a"),
            (json!([{"a": [{"prefix": 1}]}]), "filter 0.a"),
            (json!([{"a": [{"exists": true}]}]), "filter 0.a"),
            (json!([{"a": [{"anything-but": ["x"]}]}]), "filter 0.a"),
            (json!([{"a": [{"numeric": ["=", 1]}]}]), "filter 0.a"),
            (json!([{"a": [1]}]), "filter 0.a"),
            (json!([{"a": [null]}]), "filter 0.a"),
            (json!([{"a": []}]), "filter 0.a"),
            (json!([{"a": "x"}]), "filter 0.a"),
            (json!([{"a": {}}]), "filter 0.a"),
            (json!([{"b": ["x"]}, {"a": {"b": [["x"]]}}]), "filter 1.a.b"),
            (json!([{"$or": [{"a": ["x"]}]}]), "filter 0.$or"),
            (json!([{}]), "filter 0"),
            (json!(["x"]), "filter 0"),
        ] {
            let error = Filters::parse(&patterns.to_string()).unwrap_err();
            assert!(error.to_string().starts_with(&format!("at {place}: ")), "{patterns}: {error}");
        }
    }

    #[test]
    fn what_is_no_list_of_patterns_is_refused() {
        for text in ["[]", "{}", "null", "\"x\""] {
            assert_eq!(Filters::parse(text), Err(FilterError::NoList), "{text}");
        }
        assert!(matches!(Filters::parse("[{"), Err(FilterError::Json(_))));
    }
}

//! Reference paths: `$`, `$.a.b`, `$.a[0]`.

use serde_json::{Map, Value};

/// A path to one node of a JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
}

impl Path {
    /// Reads a path, or says why it is none of the subset.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| Err(format!("the path \"{text}\" ({why})"));

        if text.starts_with("$$") {
            return refused("the context object");
        }
        if text.starts_with("States.") {
            return refused("an intrinsic function");
        }
        let Some(mut rest) = text.strip_prefix('$') else {
            return refused("a path starts with \"$\"");
        };

        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
                let (name, left) = after.split_at(end);
                if name.is_empty() {
                    return refused("only \"$\", \"$.field\" and \"$.field[0]\" are known");
                }
                steps.push(Step::Field(name.to_owned()));
                rest = left;
            } else if let Some((index, left)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
                match index.parse() {
                    Ok(index) if !steps.is_empty() => steps.push(Step::Index(index)),
                    _ => return refused("only \"$\", \"$.field\" and \"$.field[0]\" are known"),
                }
                rest = left;
            } else {
                return refused("only \"$\", \"$.field\" and \"$.field[0]\" are known");
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// The path as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a result can be put here although nothing is here yet.
    pub(crate) fn is_fields_only(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Field(_)))
    }

    /// The node this path leads to.
    pub(crate) fn get<'a>(&self, data: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(data, |node, step| match step {
            Step::Field(name) => node.as_object()?.get(name),
            Step::Index(index) => node.as_array()?.get(*index),
        })
    }

    /// `data` with `value` at this path; what is missing on the way is made. `None` where something on
    /// the way is no object.
    pub(crate) fn put(&self, mut data: Value, value: Value) -> Option<Value> {
        let mut node = &mut data;
        for step in &self.steps {
            let (Step::Field(name), Value::Object(fields)) = (step, node) else { return None };
            node = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
        }
        *node = value;
        Some(data)
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_fields_and_indexes() {
        let data = json!({"a": {"b": [10, {"c-d": null}]}});
        let get = |path: &str| Path::parse(path).unwrap().get(&data).cloned();

        assert_eq!(get("$"), Some(data.clone()));
        assert_eq!(get("$.a.b[0]"), Some(json!(10)));
        assert_eq!(get("$.a.b[1].c-d"), Some(Value::Null));
        assert_eq!(get("$.a.x"), None);
        assert_eq!(get("$.a.b[2]"), None);
        assert_eq!(get("$.a.b.c"), None);
    }

    #[test]
    fn a_result_is_put_where_nothing_was_but_not_into_a_scalar() {
        let put = |path: &str, data| Path::parse(path).unwrap().put(data, json!(1));

        assert_eq!(put("$", json!("old")), Some(json!(1)));
        assert_eq!(put("$.a.b", json!({"x": 0})), Some(json!({"a": {"b": 1}, "x": 0})));
        assert_eq!(put("$.a.b", json!({"a": "text"})), None);
        assert_eq!(put("$.a", json!([1])), None);
    }

    #[test]
    fn anything_else_is_refused_with_its_text() {
        for text in
            ["", "a", "$$.Execution.Name", "$.a.", "$..a", "$.a[*]", "$[0]", "$['a']", "$.a[-1]", "$a"]
        {
            let why = Path::parse(text).unwrap_err();
            assert!(why.contains(text), "{why}");
        }
        assert!(Path::parse("States.UUID()").unwrap_err().contains("intrinsic function"));
    }
}

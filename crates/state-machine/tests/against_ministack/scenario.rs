//! What is run on both sides, and what is compared of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What a function does at one invocation.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Ok(Value),
    Error(&'static str),
    /// It takes longer than a second.
    Slow,
}

impl Answer {
    /// As the scripted function reads it.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Ok(answer) => json!({ "answer": answer }),
            Self::Error(error) => json!({ "error": error, "message": message(error) }),
            Self::Slow => json!({ "sleep": 2.5, "answer": null }),
        }
    }
}

/// What an error of that name says, quotes and letters beyond ASCII included.
pub(crate) fn message(error: &str) -> String {
    format!("\"{error}\" as scripted – so")
}

/// Per function what it does, invocation by invocation; the last one repeats.
pub(crate) type Script = BTreeMap<String, Vec<Answer>>;

/// One execution to run on both sides.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// The execution's name, and the script's.
    pub(crate) id: String,
    /// Which state machine.
    pub(crate) machine: &'static str,
    pub(crate) input: Value,
    pub(crate) script: Script,
}

/// What an execution did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observed {
    pub(crate) status: String,
    pub(crate) output: Option<Value>,
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<Value>,
    pub(crate) states: Vec<String>,
    /// Each invocation with its payload, in order.
    pub(crate) invocations: Vec<(String, Value)>,
}

impl Observed {
    /// Leaves out what differs by right: how the JSON inside a `Cause` is written, the request id and the
    /// stack trace that a runtime may add to it, and the words an interpreter has for its own errors.
    pub(crate) fn normalised(mut self) -> Self {
        self.output = self.output.map(normalised);
        self.cause = self.cause.map(|text| cause(text, self.error.as_deref()));
        for (_, payload) in &mut self.invocations {
            *payload = normalised(payload.take());
        }
        self
    }
}

fn normalised(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            if let Some(text) = fields.get_mut("Cause").map(Value::take) {
                let text = cause(text, fields.get("Error").and_then(Value::as_str));
                fields.insert("Cause".to_owned(), text);
            }
            fields.into_iter().map(|(name, value)| (name, normalised(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(normalised).collect(),
        other => other,
    }
}

fn cause(text: Value, error: Option<&str>) -> Value {
    if error.is_some_and(|error| error.starts_with("States.")) {
        return json!("(the interpreter's own words)");
    }
    let Some(Ok(mut fields)) = text.as_str().map(serde_json::from_str::<Map<String, Value>>) else {
        return text;
    };
    for added in ["requestId", "stackTrace", "trace"] {
        fields.remove(added);
    }
    fields.into()
}

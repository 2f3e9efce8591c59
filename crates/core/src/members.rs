//! Reads the members of a JSON object and gathers every fault of them.

use crate::fault::{Fault, Rule};
use crate::json::Json;

/// The members of an object, taken out one by one; what is wrong with them gathers in `faults`.
pub(crate) struct Members {
    /// What stands before a field's name: nothing, or `Tags[0].`.
    prefix: String,
    members: Vec<(String, Json)>,
    pub(crate) faults: Vec<Fault>,
}

impl Members {
    /// The members of a body that has to be a JSON object with these fields and no others.
    ///
    /// # Errors
    /// One fault with an empty `field`, where it is no JSON object at all.
    pub(crate) fn of_body(body: &[u8], known: &[&str]) -> Result<Self, Vec<Fault>> {
        match serde_json::from_slice(body) {
            Ok(Json::Object(members)) => Ok(Self::new("", members, known)),
            Ok(other) => {
                let message = format!("The body is {}; it has to be a JSON object.", other.kind());
                Err(vec![Fault::new("", "wrong_type", message)])
            }
            Err(error) => {
                Err(vec![Fault::new("", "malformed_json", format!("The body is not JSON: {error}."))])
            }
        }
    }

    pub(crate) fn new(prefix: &str, members: Vec<(String, Json)>, known: &[&str]) -> Self {
        let mut faults = Vec::new();
        let mut kept: Vec<(String, Json)> = Vec::new();
        for (name, value) in members {
            let field = format!("{prefix}{name}");
            if !known.contains(&name.as_str()) {
                let message = known.iter().find(|known| known.eq_ignore_ascii_case(&name)).map_or_else(
                    || "There is no such field.".to_owned(),
                    |known| format!("Did you mean {known}?"),
                );
                faults.push(Fault::new(field, "unknown_field", message));
            } else if kept.iter().any(|(other, _)| *other == name) {
                faults.push(Fault::new(field, "duplicate_field", "The field stands more than once."));
            } else {
                kept.push((name, value));
            }
        }
        Self { prefix: prefix.to_owned(), members: kept, faults }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        let at = self.members.iter().position(|(other, _)| other == name)?;
        Some(self.members.swap_remove(at).1)
    }

    pub(crate) fn fault(&mut self, name: &str, (code, message): Rule) {
        self.faults.push(Fault::new(format!("{}{name}", self.prefix), code, message));
    }

    pub(crate) fn text<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Rule>) -> Option<T> {
        match self.take(name) {
            None => self.fault(name, ("required", "The field is missing.".to_owned())),
            Some(Json::Text(text)) => match parse(&text) {
                Ok(value) => return Some(value),
                Err(rule) => self.fault(name, rule),
            },
            Some(other) => {
                self.fault(
                    name,
                    ("wrong_type", format!("The field is {}; it has to be a string.", other.kind())),
                );
            }
        }
        None
    }
}

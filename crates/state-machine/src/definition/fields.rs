//! Reads the fields of one JSON object, and knows in the end which of them nobody read.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::{DefinitionError, Fault};
use crate::path::Path;

/// Where in the definition an object stands.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    state: Option<String>,
    part: String,
}

impl Scope {
    pub(super) fn machine() -> Self {
        Self { state: None, part: String::new() }
    }

    pub(super) fn state(name: &str) -> Self {
        Self { state: Some(name.to_owned()), part: String::new() }
    }

    /// A part of this scope, such as `Retry[0]`.
    pub(super) fn part(&self, part: impl std::fmt::Display) -> Self {
        Self { state: self.state.clone(), part: format!("{}{part}: ", self.part) }
    }

    fn error(&self, fault: Fault) -> DefinitionError {
        match &self.state {
            Some(state) => DefinitionError::state_of(state, fault),
            None => DefinitionError::machine(fault),
        }
    }

    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> DefinitionError {
        self.error(Fault::Wrong(format!("{}{what}", self.part)))
    }

    pub(super) fn unsupported(&self, what: impl std::fmt::Display) -> DefinitionError {
        self.error(Fault::Unsupported(format!("{}{what}", self.part)))
    }
}

/// One JSON object of the definition.
pub(super) struct Fields<'a> {
    pub(super) scope: Scope,
    object: &'a Map<String, Value>,
    read: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(scope: Scope, value: &'a Value) -> Result<Self, DefinitionError> {
        match value.as_object() {
            Some(object) => Ok(Self { scope, object, read: BTreeSet::new() }),
            None => Err(scope.wrong("an object is expected")),
        }
    }

    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> DefinitionError {
        self.scope.wrong(what)
    }

    pub(super) fn unsupported(&self, what: impl std::fmt::Display) -> DefinitionError {
        self.scope.unsupported(what)
    }

    pub(super) fn optional(&mut self, name: &'static str) -> Option<&'a Value> {
        self.read.insert(name);
        self.object.get(name)
    }

    pub(super) fn required(&mut self, name: &'static str) -> Result<&'a Value, DefinitionError> {
        self.optional(name).ok_or_else(|| self.wrong(format!("\"{name}\" is missing")))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<&'a str>, DefinitionError> {
        self.optional(name)
            .map(|value| value.as_str().ok_or_else(|| self.wrong(format!("\"{name}\" must be text"))))
            .transpose()
    }

    pub(super) fn required_text(&mut self, name: &'static str) -> Result<&'a str, DefinitionError> {
        self.required(name)?;
        Ok(self.text(name)?.unwrap_or_default())
    }

    pub(super) fn whole(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, DefinitionError> {
        let Some(value) = self.optional(name) else { return Ok(None) };
        match value.as_u64() {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self.wrong(format!(
                "\"{name}\" must be a whole number from {} to {}",
                range.start(),
                range.end()
            ))),
        }
    }

    pub(super) fn list(&mut self, name: &'static str) -> Result<Option<&'a [Value]>, DefinitionError> {
        match self.optional(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(format!("\"{name}\" must be an array"))),
        }
    }

    pub(super) fn path(&mut self, name: &'static str) -> Result<Option<Path>, DefinitionError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let path = Path::parse(text);
        path.map(Some).map_err(|what| self.unsupported(format!("\"{name}\": {what}")))
    }

    /// The first field that nobody asked for so far, these aside.
    pub(super) fn unread(&self, expected: &[&str]) -> Option<&'a str> {
        let known = |name: &str| self.read.contains(name) || expected.contains(&name);
        self.object.keys().map(String::as_str).find(|name| !known(name))
    }

    /// Refuses the first field that nobody asked for.
    pub(super) fn finish(self) -> Result<(), DefinitionError> {
        match self.unread(&[]) {
            Some(name) => Err(self.unsupported(format!("the field \"{name}\""))),
            None => Ok(()),
        }
    }
}

//! A state machine as its file says it, checked once.

mod check;
mod choice;
mod error;
mod fields;
mod policy;
mod selection;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use error::{DefinitionError, Fault};
pub use policy::{Catcher, Jitter, Retrier};
pub(crate) use selection::Selection;
pub use state::State;
pub(crate) use state::{Kind, LONGEST_WAIT, Next, Task, WaitTime};

use fields::{Fields, Scope};

/// A state machine of the stated subset.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    text: String,
    start_at: String,
    timeout_seconds: Option<u64>,
    states: BTreeMap<String, State>,
}

impl Definition {
    /// Reads a definition and refuses what is wrong or not supported, naming the state and the thing.
    ///
    /// `${name}` in `FunctionName` stands for the function of that name, as in a Terraform template; a
    /// plain function name and a Lambda ARN are understood as well.
    pub fn parse(text: &str) -> Result<Self, DefinitionError> {
        let json: Value =
            serde_json::from_str(text).map_err(|error| DefinitionError::machine(Fault::Json(error)))?;
        let mut fields = Fields::new(Scope::machine(), &json)?;

        fields.text("Comment")?;
        if let Some(version) = fields.text("Version")?
            && version != "1.0"
        {
            return Err(fields.unsupported(format!("the Version \"{version}\"")));
        }
        if let Some(language) = fields.text("QueryLanguage")?
            && language != "JSONPath"
        {
            return Err(fields.unsupported(format!("the QueryLanguage \"{language}\"")));
        }
        let start_at = fields.required_text("StartAt")?.to_owned();
        let timeout_seconds = fields.whole("TimeoutSeconds", 1..=99_999_999)?;
        let states = fields
            .required("States")?
            .as_object()
            .ok_or_else(|| fields.wrong("\"States\" must be an object"))?
            .iter()
            .map(|(name, state)| Ok((name.clone(), State::parse(name, state)?)))
            .collect::<Result<BTreeMap<_, _>, DefinitionError>>()?;
        fields.finish()?;

        check::targets(&start_at, &states)?;
        Ok(Self { text: text.to_owned(), start_at, timeout_seconds, states })
    }

    /// The text this definition was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The state an execution begins with.
    pub fn start_at(&self) -> &str {
        &self.start_at
    }

    /// How long an execution may last.
    pub fn timeout_seconds(&self) -> Option<u64> {
        self.timeout_seconds
    }

    /// Every state, by name.
    pub fn states(&self) -> impl Iterator<Item = (&str, &State)> {
        self.states.iter().map(|(name, state)| (name.as_str(), state))
    }

    /// The state of that name.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.get(name)
    }

    /// The names of the functions that tasks invoke.
    pub fn functions(&self) -> BTreeSet<&str> {
        self.states.values().filter_map(State::function).collect()
    }
}

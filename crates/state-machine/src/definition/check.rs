//! Whether the states of a definition hang together.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{DefinitionError, Fault};
use super::state::State;

/// Refuses a start or a target that does not exist, and a state that nothing leads to.
pub(super) fn targets(start_at: &str, states: &BTreeMap<String, State>) -> Result<(), DefinitionError> {
    if !states.contains_key(start_at) {
        return Err(DefinitionError::machine(Fault::Wrong(format!(
            "\"StartAt\" names the state \"{start_at}\", which does not exist"
        ))));
    }
    for (name, state) in states {
        if let Some(gone) = state.targets().into_iter().find(|target| !states.contains_key(*target)) {
            let fault = Fault::Wrong(format!("it leads to the state \"{gone}\", which does not exist"));
            return Err(DefinitionError::state_of(name, fault));
        }
    }

    let mut reached = BTreeSet::new();
    let mut open = vec![start_at];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(states.get(name).into_iter().flat_map(State::targets));
        }
    }
    match states.keys().find(|name| !reached.contains(name.as_str())) {
        Some(name) => Err(DefinitionError::state_of(name, Fault::Wrong("no state leads to it".to_owned()))),
        None => Ok(()),
    }
}

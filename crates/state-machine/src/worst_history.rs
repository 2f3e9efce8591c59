//! The longest history that an execution of a definition can have.

use crate::definition::{Definition, Kind, Retrier, State};
use crate::error_name::{ALL, TASK_FAILED, TIMEOUT, matches};
use crate::history::{ANSWERED, END, ENTERED, EXITED, INVOKED, START};

/// An upper bound of the history events of one execution, when each state is entered at most as often as
/// `visits` says. It does not stop at [`HISTORY_LIMIT`](crate::HISTORY_LIMIT): a definition whose executions
/// are never cut off there has a bound of at most that.
///
/// A visit of a task counts with every retry that its retriers can make: each retrier counts its own
/// attempts, and one for whose every error an earlier retrier is asked never retries.
pub fn worst_history(definition: &Definition, visits: impl Fn(&str) -> u32) -> u64 {
    let states =
        definition.states().map(|(name, state)| u64::from(visits(name)).saturating_mul(visit(state)));
    states.fold(u64::from(START + END), u64::saturating_add)
}

/// The most events of one visit of a state.
fn visit(state: &State) -> u64 {
    match &state.kind {
        Kind::Task(task) => {
            let attempts = retries(&task.retriers).saturating_add(1);
            attempts.saturating_mul(u64::from(INVOKED + ANSWERED)).saturating_add(u64::from(ENTERED + EXITED))
        }
        Kind::Wait(_) | Kind::Choice { .. } | Kind::Pass { .. } | Kind::Succeed => {
            u64::from(ENTERED + EXITED)
        }
        Kind::Fail { .. } => u64::from(ENTERED),
    }
}

/// The most retries of one visit of a task.
fn retries(retriers: &[Retrier]) -> u64 {
    let asked = |index: usize| {
        let earlier = &retriers[..index];
        retriers[index].error_equals.iter().any(|error| !covered(error, earlier))
    };
    let attempts = retriers.iter().enumerate().filter(|(index, _)| asked(*index));
    attempts.map(|(_, retrier)| u64::from(retrier.max_attempts)).fold(0, u64::saturating_add)
}

/// Whether one of these retriers is asked for every error that this name stands for.
fn covered(name: &str, retriers: &[Retrier]) -> bool {
    let named =
        |wanted: &str| retriers.iter().any(|retrier| retrier.error_equals.iter().any(|e| e == wanted));
    match name {
        TASK_FAILED => named(TASK_FAILED),
        ALL => named(TASK_FAILED) && named(TIMEOUT),
        error => retriers.iter().any(|retrier| matches(&retrier.error_equals, error)),
    }
}

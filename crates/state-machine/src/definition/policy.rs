//! What a task does about errors: `Retry` and `Catch`.

use serde_json::Value;

use super::error::DefinitionError;
use super::fields::{Fields, Scope};
use super::selection::{Selection, result_path};
use crate::error_name;

/// Retries some errors of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrier {
    /// The errors it is for.
    pub error_equals: Vec<String>,
    /// The seconds before the first retry.
    pub interval_seconds: u64,
    /// How often it retries; 0 is never.
    pub max_attempts: u32,
    /// What each further retry multiplies the wait by.
    pub backoff_rate: f64,
    /// The longest wait between two retries.
    pub max_delay_seconds: Option<u64>,
    /// Whether waits are random.
    pub jitter: Jitter,
}

/// Whether the wait before a retry is random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// It is what the backoff says.
    None,
    /// It is any part of that.
    Full,
}

impl Retrier {
    /// The seconds before a retry, when this retrier has retried `done` times already. `random` is from 0
    /// (inclusive) to 1 (exclusive).
    pub(crate) fn delay(&self, done: u32, random: f64) -> f64 {
        let exponent = i32::try_from(done).unwrap_or(i32::MAX);
        let full = self.interval_seconds as f64 * self.backoff_rate.powi(exponent);
        let full = full.min(self.max_delay_seconds.map_or(LONGEST_DELAY, |seconds| seconds as f64));
        match self.jitter {
            Jitter::None => full,
            Jitter::Full => full * random,
        }
    }
}

/// A year: what the service lets an execution last, and so the longest a backoff can grow to matter.
const LONGEST_DELAY: f64 = 31_536_000.0;

/// Goes on elsewhere after some errors of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Catcher {
    /// The errors it is for.
    pub error_equals: Vec<String>,
    /// The state to go on with.
    pub next: String,
    pub(crate) result_path: Selection,
}

/// The reserved names that an error can bear and a retrier or catcher can ask for.
const KNOWN_ERRORS: &[&str] = &[
    "States.ALL",
    "States.NoChoiceMatched",
    "States.Permissions",
    "States.ResultPathMatchFailure",
    "States.TaskFailed",
    "States.Timeout",
];

pub(super) fn retriers(fields: &mut Fields<'_>) -> Result<Vec<Retrier>, DefinitionError> {
    let items = fields.list("Retry")?.unwrap_or_default();
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let scope = fields.scope.part(format_args!("Retry[{index}]"));
            retrier(scope, item, index + 1 == items.len())
        })
        .collect()
}

fn retrier(scope: Scope, item: &Value, last: bool) -> Result<Retrier, DefinitionError> {
    let mut fields = Fields::new(scope, item)?;
    fields.text("Comment")?;
    let error_equals = error_equals(&mut fields, last)?;
    let interval_seconds = fields.whole("IntervalSeconds", 1..=99_999_999)?.unwrap_or(1);
    let max_attempts = fields.whole("MaxAttempts", 0..=99_999_999)?.unwrap_or(3);
    let max_delay_seconds = fields.whole("MaxDelaySeconds", 1..=31_622_399)?;
    if max_delay_seconds.is_some_and(|most| most <= interval_seconds) {
        return Err(fields.wrong("\"MaxDelaySeconds\" must be greater than \"IntervalSeconds\""));
    }
    let backoff_rate = match fields.optional("BackoffRate") {
        None => 2.0,
        Some(rate) => rate
            .as_f64()
            .filter(|rate| *rate >= 1.0)
            .ok_or_else(|| fields.wrong("\"BackoffRate\" must be a number of at least 1.0"))?,
    };
    let jitter = match fields.text("JitterStrategy")? {
        None | Some("NONE") => Jitter::None,
        Some("FULL") => Jitter::Full,
        Some(other) => return Err(fields.unsupported(format!("the JitterStrategy \"{other}\""))),
    };
    fields.finish()?;
    Ok(Retrier {
        error_equals,
        interval_seconds,
        max_attempts: u32::try_from(max_attempts).unwrap_or(u32::MAX),
        backoff_rate,
        max_delay_seconds,
        jitter,
    })
}

pub(super) fn catchers(fields: &mut Fields<'_>) -> Result<Vec<Catcher>, DefinitionError> {
    let items = fields.list("Catch")?.unwrap_or_default();
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let scope = fields.scope.part(format_args!("Catch[{index}]"));
            let mut fields = Fields::new(scope, item)?;
            fields.text("Comment")?;
            let catcher = Catcher {
                error_equals: error_equals(&mut fields, index + 1 == items.len())?,
                next: fields.required_text("Next")?.to_owned(),
                result_path: result_path(&mut fields)?,
            };
            fields.finish()?;
            Ok(catcher)
        })
        .collect()
}

fn error_equals(fields: &mut Fields<'_>, last: bool) -> Result<Vec<String>, DefinitionError> {
    let names = fields
        .list("ErrorEquals")?
        .filter(|names| !names.is_empty())
        .ok_or_else(|| fields.wrong("\"ErrorEquals\" must name an error"))?
        .iter()
        .map(|name| name.as_str().map(str::to_owned).ok_or_else(|| fields.wrong("an error's name is text")))
        .collect::<Result<Vec<_>, _>>()?;
    for name in &names {
        if error_name::is_final(name) {
            return Err(fields.wrong(format!("{name} is never retried or caught")));
        }
        if name.starts_with("States.") && !KNOWN_ERRORS.contains(&name.as_str()) {
            return Err(fields.unsupported(format!("the error name \"{name}\"")));
        }
    }
    if names.iter().any(|name| name == error_name::ALL) && (names.len() > 1 || !last) {
        return Err(fields.wrong("States.ALL must stand alone and last"));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier() -> Retrier {
        Retrier {
            error_equals: vec!["States.ALL".to_owned()],
            interval_seconds: 3,
            max_attempts: 3,
            backoff_rate: 2.0,
            max_delay_seconds: None,
            jitter: Jitter::None,
        }
    }

    #[test]
    fn a_delay_grows_by_the_rate_up_to_its_maximum() {
        let limited = Retrier { max_delay_seconds: Some(10), ..retrier() };

        assert_eq!([0, 1, 2].map(|done| retrier().delay(done, 0.5)), [3.0, 6.0, 12.0]);
        assert_eq!([0, 1, 2, 3_000_000].map(|done| limited.delay(done, 0.5)), [3.0, 6.0, 10.0, 10.0]);
        assert_eq!(retrier().delay(u32::MAX, 0.5), LONGEST_DELAY);
    }

    #[test]
    fn full_jitter_takes_any_part_of_the_limited_delay() {
        let jittered = Retrier { jitter: Jitter::Full, max_delay_seconds: Some(10), ..retrier() };

        assert_eq!(jittered.delay(0, 0.0), 0.0);
        assert_eq!(jittered.delay(9, 0.5), 5.0);
    }
}

//! Settings from the environment, with the variable's name in every error.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use crate::{Metrics, Output};

/// Where the settings of a function come from.
#[derive(Clone)]
pub struct Settings {
    variables: HashMap<String, String>,
    /// Where metrics go instead of stdout.
    metrics_to: Option<Output>,
}

/// A setting that stops the cold start.
#[derive(PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(String),
    /// It is set to something that it cannot be.
    #[error("the environment variable {name} is {value:?}: {reason}")]
    Unusable {
        /// The variable.
        name: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The variables' names: their values may be anything.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// The sentence: Rust's `main` shows an error that ends it by `Debug`.
impl std::fmt::Debug for SettingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Settings {
    /// The settings in the environment of this process.
    pub fn from_env() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::from_pairs(std::env::vars_os().filter_map(text))
    }

    /// These settings, for a function that shares its process with others.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, metrics_to: None }
    }

    /// The same settings, for a function whose metrics go there instead of stdout.
    #[must_use]
    pub fn with_metrics_to(self, output: Output) -> Self {
        Self { metrics_to: Some(output), ..self }
    }

    /// `METRICS_NAMESPACE`: the namespace of the functions' own metrics; none are written if it is not set.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(self.optional("METRICS_NAMESPACE"), self.metrics_to.clone())
    }

    /// The value of a variable that has to be set.
    ///
    /// # Errors
    /// [`SettingError::Missing`] if it is not, or is empty.
    pub fn required(&self, name: &str) -> Result<String, SettingError> {
        self.optional(name).ok_or_else(|| SettingError::Missing(name.to_owned()))
    }

    /// The value of a variable that may be missing; an empty one is.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The value of a variable, or `default` if it is not set or empty.
    pub fn or(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or(default).to_owned()
    }

    /// The value of a variable that is a number, or `default` if it is not set or empty.
    ///
    /// # Errors
    /// [`SettingError::Unusable`] if it is no such number.
    pub fn number<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> Result<T, SettingError> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        value.parse().map_err(|error: T::Err| SettingError::Unusable {
            name: name.to_owned(),
            value: value.to_owned(),
            reason: error.to_string(),
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_setting_is_named() {
        let settings = Settings::from_pairs([("EMPTY", " ")]);
        for name in ["SFN_ARN", "EMPTY"] {
            assert_eq!(settings.required(name), Err(SettingError::Missing(name.to_owned())));
        }
        assert_eq!(
            settings.required("SFN_ARN").map_err(|error| error.to_string()),
            Err("the environment variable SFN_ARN is not set".to_owned())
        );
    }

    #[test]
    fn a_number_has_a_default_and_an_unusable_one_is_named_with_its_value() {
        let settings = Settings::from_pairs([("POLL_SECONDS", "soon"), ("SLOTS", "7")]);
        assert_eq!(settings.number("OTHER", 5_u32), Ok(5));
        assert_eq!(settings.number("SLOTS", 5_u32), Ok(7));
        let error = settings.number("POLL_SECONDS", 5_u32).map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("the environment variable POLL_SECONDS is \"soon\": invalid digit found in string".to_owned())
        );
    }
}

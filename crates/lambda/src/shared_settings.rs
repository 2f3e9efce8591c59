//! The settings that several functions share, each read in one place.

use accounts_core::admission::LONGEST_WAIT_SECONDS;

use crate::{SettingError, Settings};

impl Settings {
    /// `DYNAMO_TABLE`: the table of the requests; `AccountsTable` if it is not set.
    pub fn table(&self) -> String {
        self.or("DYNAMO_TABLE", "AccountsTable")
    }

    /// `TOPIC_ARN`: the topic of those who want to know how requests end; nobody is told if it is not set.
    pub fn topic(&self) -> Option<String> {
        self.optional("TOPIC_ARN")
    }

    /// `POLL_SECONDS`: the workflow's wait between two looks; 30 if it is not set.
    ///
    /// # Errors
    /// If it is no whole number, or longer than the longest wait.
    pub fn poll_seconds(&self) -> Result<u32, SettingError> {
        let seconds = self.number("POLL_SECONDS", 30)?;
        if (1..=LONGEST_WAIT_SECONDS).contains(&seconds) {
            return Ok(seconds);
        }
        Err(SettingError::Unusable {
            name: "POLL_SECONDS".to_owned(),
            value: seconds.to_string(),
            reason: format!("it has to be 1 to {LONGEST_WAIT_SECONDS}"),
        })
    }

    /// `WAIT_BOUND_SECONDS`: how long the landing zone may work on one account; 4 hours if it is not set.
    /// Twenty-minute limits were exceeded in the wild (idealo/terraform-provider-controltower #227).
    ///
    /// # Errors
    /// If it is no number above zero.
    pub fn wait_bound_seconds(&self) -> Result<f64, SettingError> {
        let seconds: f64 = self.number("WAIT_BOUND_SECONDS", 4.0 * 3600.0)?;
        if seconds > 0.0 && seconds.is_finite() {
            return Ok(seconds);
        }
        Err(SettingError::Unusable {
            name: "WAIT_BOUND_SECONDS".to_owned(),
            value: seconds.to_string(),
            reason: "it has to be above zero".to_owned(),
        })
    }
}

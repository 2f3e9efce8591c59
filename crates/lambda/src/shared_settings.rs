//! The settings that several functions share, each read in one place. Times are in seconds.

use accounts_core::backoff::Polling;

use crate::{SettingError, Settings};

/// The longest wait between two polls.
const LONGEST_POLL_SECONDS: u32 = 3600;

impl Settings {
    /// `DYNAMO_TABLE`: the table; `AccountsTable` if it is not set.
    pub fn table(&self) -> String {
        self.or("DYNAMO_TABLE", "AccountsTable")
    }

    /// `TOPIC_ARN`: the topic to which the ends of requests are published; nothing is published if it is not set.
    pub fn topic(&self) -> Option<String> {
        self.optional("TOPIC_ARN")
    }

    /// `FIRST_POLL_SECONDS` (300): from the acceptance of an operation to its first poll; `POLL_SECONDS` (60): between
    /// two polls after that; `OPERATION_TIMEOUT_SECONDS` (4 hours): after it an operation is overdue. Twenty-minute
    /// limits were exceeded in the wild (idealo/terraform-provider-controltower #227).
    ///
    /// # Errors
    /// If one is no number, or out of its range.
    pub fn polling(&self) -> Result<Polling, SettingError> {
        Ok(Polling {
            first_seconds: self.poll_of("FIRST_POLL_SECONDS", 300)?,
            seconds: self.poll_of("POLL_SECONDS", 60)?,
            timeout_seconds: self.positive("OPERATION_TIMEOUT_SECONDS", 4.0 * 3600.0)?,
        })
    }

    /// `ATTEMPT_EXPIRY_SECONDS` (1200): after it an attempt that was not answered can no longer arrive. It has to be at
    /// least the timeout of `provision` and the validity of a signed request together.
    ///
    /// # Errors
    /// If it is no number above zero.
    pub fn attempt_expiry_seconds(&self) -> Result<f64, SettingError> {
        self.positive("ATTEMPT_EXPIRY_SECONDS", 1200.0)
    }

    /// `BACKOFF_SECONDS` (60): the first backoff of a parked request, of a paused pool, and of a request whose
    /// execution gave up; each grows with every time.
    ///
    /// # Errors
    /// If it is no number above zero.
    pub fn backoff_seconds(&self) -> Result<f64, SettingError> {
        self.positive("BACKOFF_SECONDS", 60.0)
    }

    fn poll_of(&self, name: &str, default: u32) -> Result<u32, SettingError> {
        let seconds = self.number(name, default)?;
        if (1..=LONGEST_POLL_SECONDS).contains(&seconds) {
            return Ok(seconds);
        }
        Err(unusable(name, &seconds.to_string(), &format!("it has to be 1 to {LONGEST_POLL_SECONDS}")))
    }

    fn positive(&self, name: &str, default: f64) -> Result<f64, SettingError> {
        let seconds: f64 = self.number(name, default)?;
        if seconds > 0.0 && seconds.is_finite() {
            return Ok(seconds);
        }
        Err(unusable(name, &seconds.to_string(), "it has to be above zero"))
    }
}

fn unusable(name: &str, value: &str, reason: &str) -> SettingError {
    SettingError::Unusable { name: name.to_owned(), value: value.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_out_of_its_range_is_named() {
        let named = |name: &str, value: &str| {
            let settings = Settings::from_pairs([(name, value)]);
            let error = settings.polling().err().or_else(|| settings.backoff_seconds().err());
            error.is_some_and(|error| error.to_string().contains(name))
        };
        assert!(named("POLL_SECONDS", "0") && named("FIRST_POLL_SECONDS", "3601"));
        assert!(named("OPERATION_TIMEOUT_SECONDS", "0") && named("BACKOFF_SECONDS", "-1"));
        assert!(named("BACKOFF_SECONDS", "inf"));
        assert_eq!(Settings::from_pairs::<&str, &str>([]).polling().map(|polling| polling.seconds), Ok(60));
    }
}

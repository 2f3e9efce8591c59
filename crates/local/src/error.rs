//! Why a fleet does not start, or cannot go on.

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// What could not be done, and why.
#[derive(Debug)]
pub struct LocalError {
    what: String,
    source: Box<dyn Error + Send + Sync>,
}

impl LocalError {
    /// `what` could not be done because of `source`.
    pub(crate) fn new(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.into(), source: source.into() }
    }

    /// What could not be done, and every cause of it, in one line for the log.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        text
    }

    /// Prints the error, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        match writeln!(std::io::stderr(), "accounts-local: {}", self.chain()) {
            Ok(()) => ExitCode::from(1),
            Err(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for LocalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Adds to an error what could not be done because of it.
pub(crate) trait OrLocal<T> {
    /// `what`, as in "the table could not be opened".
    fn or_local(self, what: impl Into<String>) -> Result<T, LocalError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> OrLocal<T> for Result<T, E> {
    fn or_local(self, what: impl Into<String>) -> Result<T, LocalError> {
        self.map_err(|error| LocalError::new(what, error))
    }
}

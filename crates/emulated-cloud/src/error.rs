//! What keeps an emulated cloud from coming up, or from doing what it is told.

use std::error::Error;

/// What could not be done, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct CloudError {
    what: String,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

impl CloudError {
    /// `what` could not be done because of `cause`.
    pub fn new(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.into(), cause: cause.into() }
    }

    /// The whole story in one text: what could not be done, and every cause of it.
    pub fn story(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        text
    }
}

/// Says what was being done when an error came.
pub(crate) trait While<T> {
    /// `what`, as in "the packages cannot be written".
    fn or_cloud(self, what: impl Into<String>) -> Result<T, CloudError>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> While<T> for Result<T, E> {
    fn or_cloud(self, what: impl Into<String>) -> Result<T, CloudError> {
        self.map_err(|error| CloudError::new(what, error))
    }
}

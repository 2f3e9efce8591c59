//! The kinds of error, and what each means to a client, to the workflow and to the log.

use std::error::Error as StdError;
use std::fmt;

use crate::text::named_enum;

/// A result of this domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

named_enum! {
    /// What kind of thing went wrong. Callers branch on the kind alone.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Kind {
        /// What was sent breaks a rule. Sending it again changes nothing.
        Invalid,
        /// What was asked for is not there.
        NotFound,
        /// Something else holds what was asked for, or the step is already done.
        Conflict,
        /// The caller is not known, or may not do this.
        Denied,
        /// The backend works on something else now and said so: nothing was started.
        Busy,
        /// A service answered that there were too many calls: nothing was started.
        Throttled,
        /// AWS refuses the role of a function: a permission is missing.
        AccessDenied,
        /// Something that operators set up is missing: a product, its portfolio, a launch path.
        Misconfigured,
        /// It may have failed only this time, and whether anything was started is unknown.
        Transient,
        /// A fault of ours, or an answer that no rule foresees.
        Internal,
    }
}

/// The log level of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Part of normal work.
    Info,
    /// Worth a look when it grows.
    Warn,
    /// Somebody has to look.
    Error,
}

impl Kind {
    /// The kind of that name, if there is one.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The HTTP status of an answer that reports this kind.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Denied => 403,
            Self::Busy | Self::Throttled => 429,
            Self::Transient => 503,
            Self::AccessDenied | Self::Misconfigured | Self::Internal => 500,
        }
    }

    /// Whether it is a fault of the deployment, which a client can do nothing about and is not shown.
    pub const fn is_ours(self) -> bool {
        match self {
            Self::AccessDenied | Self::Misconfigured | Self::Internal => true,
            Self::Invalid | Self::NotFound | Self::Conflict | Self::Denied => false,
            Self::Busy | Self::Throttled | Self::Transient => false,
        }
    }

    /// Whether it would fail every request of a pool alike, so that the pool is paused.
    pub const fn pauses_pool(self) -> bool {
        match self {
            Self::Throttled | Self::AccessDenied | Self::Misconfigured => true,
            Self::Invalid | Self::NotFound | Self::Conflict | Self::Denied => false,
            Self::Busy | Self::Transient | Self::Internal => false,
        }
    }

    /// Its level in the log.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Invalid | Self::NotFound | Self::Conflict | Self::Busy => Severity::Info,
            Self::Denied | Self::Throttled | Self::Transient => Severity::Warn,
            Self::AccessDenied | Self::Misconfigured | Self::Internal => Severity::Error,
        }
    }
}

/// An error with a public message (`Display`), which a client may read, and a private cause (`source`), which
/// goes to the log and is never shown to a client.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    context: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind; `context` is a sentence that a client may read.
    pub fn new(kind: Kind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    /// The same error with what caused it, for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of error this is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence and every cause behind it, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.context.clone();
        let mut next = self.source();
        while let Some(cause) = next {
            text.truncate(text.trim_end_matches('.').len());
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::of_name("States.ALL"), None);
    }

    #[test]
    fn the_cause_is_in_the_chain_and_not_in_the_sentence() {
        let error = Error::new(Kind::Transient, "The table did not answer.")
            .caused_by(std::io::Error::other("connection reset"));
        assert_eq!(error.to_string(), "The table did not answer.");
        assert_eq!(error.chain(), "The table did not answer: connection reset");
    }
}

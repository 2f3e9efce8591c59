//! Everything that can keep a call from its result.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::item::Item;
use crate::problem::Problem;

/// Why a call did not do what was asked. No text of it holds the token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be read.
    #[error("cannot read {name}")]
    Input {
        /// Which input.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// The input is no JSON.
    #[error("{name} is not JSON")]
    NotJson {
        /// Which input.
        name: String,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// A value that no HTTP header can carry. What it is stays unsaid: it may be the token.
    #[error("the {0} holds characters that an HTTP header cannot carry")]
    Header(&'static str),
    /// The HTTP client cannot be set up, for want of root certificates for instance.
    #[error("cannot speak HTTP from here")]
    Setup(#[source] reqwest::Error),
    /// Nothing answered, or the connection broke.
    #[error("cannot reach the API at {address}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        source: reqwest::Error,
    },
    /// A success that this client cannot read.
    #[error("{address} answers with success, but not as an account factory does")]
    NotTheApi {
        /// Where.
        address: String,
    },
    /// The API, or the gateway before it, says no.
    #[error("{}", .0.sentence())]
    Problem(Problem),
    /// The request that was waited for ended Failed or Cancelled.
    #[error("{}", .0.failure())]
    Failed(Item),
    /// The time to wait ran out.
    #[error("the request is still {} and goes on; the time to wait for it ran out", .0.status_line())]
    StillRunning(Item),
}

impl Error {
    /// The exit code that says so.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Input { .. } | Self::NotJson { .. } | Self::Header(_) | Self::Setup(_) => Exit::Usage,
            Self::Unreachable { .. } | Self::NotTheApi { .. } => Exit::Unreachable,
            Self::Problem(problem) => Exit::of_status(problem.status()),
            Self::Failed(_) => Exit::RequestFailed,
            Self::StillRunning(_) => Exit::StillRunning,
        }
    }

    /// Whether the same call may well succeed a little later. Each of them is safe to send again: it only reads,
    /// or carries a key, or (`resolve`) is accepted once.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Problem(problem) => matches!(problem.status(), 408 | 425 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// What is written in JSON: the item where there is one, or a problem document.
    pub(crate) fn document(&self) -> Value {
        match self {
            Self::Failed(item) | Self::StillRunning(item) => item.document(),
            Self::Problem(problem) => problem.document(),
            Self::Input { .. } => self.own_problem("input-unreadable"),
            Self::NotJson { .. } => self.own_problem("input-not-json"),
            Self::Header(_) => self.own_problem("header-invalid"),
            Self::Setup(_) => self.own_problem("setup"),
            Self::Unreachable { .. } => self.own_problem("unreachable"),
            Self::NotTheApi { .. } => self.own_problem("not-the-api"),
        }
    }

    /// A problem document of this client's own; its codes begin with `client.`.
    fn own_problem(&self, code: &str) -> Value {
        json!({
            "type": "about:blank",
            "title": self.to_string(),
            "detail": self.chain(),
            "code": format!("client.{code}"),
        })
    }

    /// The sentence and every cause behind it.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

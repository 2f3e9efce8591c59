//! What the exit code says.

use std::process::ExitCode;

/// How a call of the client ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The request ended Failed or Cancelled.
    RequestFailed = 1,
    /// The command line is wrong, or a file or stream on this side does not work.
    Usage = 2,
    /// The API understood and refused.
    Refused = 3,
    /// The API knows no such account or request.
    NotFound = 4,
    /// The API was not reached, or did not do its work.
    Unreachable = 5,
    /// The time to wait ran out first.
    StillRunning = 6,
}

impl Exit {
    /// Every exit code, in order.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::RequestFailed,
        Self::Usage,
        Self::Refused,
        Self::NotFound,
        Self::Unreachable,
        Self::StillRunning,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for `--help`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::RequestFailed => "the request ended Failed or Cancelled (create --wait)",
            Self::Usage => "wrong usage, unreadable input, or an output that cannot be written",
            Self::Refused => {
                "refused by the API: invalid, not signed in, not allowed, taken, not overdue, too large"
            }
            Self::NotFound => "not found",
            Self::Unreachable => {
                "the API could not be reached or did not answer as it should, also when tried again"
            }
            Self::StillRunning => "not final yet when the time of --wait ran out; the request goes on",
        }
    }

    /// The exit code for an answer of the API that is not a success.
    pub const fn of_status(status: u16) -> Self {
        match status {
            404 => Self::NotFound,
            408 | 425 | 429 => Self::Unreachable,
            400..=499 => Self::Refused,
            _ => Self::Unreachable,
        }
    }

    /// The table of all exit codes, for `--help`.
    pub fn table() -> String {
        Self::ALL.into_iter().fold("Exit codes:".to_owned(), |table, exit| {
            format!("{table}\n  {}  {}", exit.code(), exit.meaning())
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_the_contract_has_its_exit_code() {
        for status in [400, 401, 403, 409, 413, 415, 422] {
            assert_eq!(Exit::of_status(status), Exit::Refused, "{status}");
        }
        assert_eq!(Exit::of_status(404), Exit::NotFound);
        for status in [302, 429, 500, 502, 503, 504] {
            assert_eq!(Exit::of_status(status), Exit::Unreachable, "{status}");
        }
    }

    #[test]
    fn the_codes_count_from_zero_and_the_help_names_each() {
        let table = Exit::table();
        for (number, exit) in Exit::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(exit.code()), number);
            assert!(table.contains(&format!("  {number}  {}", exit.meaning())), "{table}");
        }
    }
}

//! The requests that have not ended, and what their number and age say.

use serde::Deserialize;

use crate::{Start, Status, Timestamp};

/// A request that has not ended, as far as the index of the statuses tells.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OpenRequest {
    /// Which request.
    #[serde(flatten)]
    pub start: Start,
    /// Where it stands.
    pub status: Status,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the landing zone began to work on it; operations that were turned away do not make it younger.
    #[serde(default)]
    pub begun_at: Option<Timestamp>,
}

impl OpenRequest {
    /// Since when somebody waits for its next move: for the landing zone since that began, otherwise since it
    /// was accepted.
    fn waits_since(&self) -> Timestamp {
        match self.status {
            Status::InProgress => self.begun_at.unwrap_or(self.created_at),
            _ => self.created_at,
        }
    }
}

/// The requests that have not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenRequests {
    /// Those that can be read.
    pub requests: Vec<OpenRequest>,
    /// How many cannot; the log names them.
    pub unreadable: usize,
}

/// How many requests stand at a status that is not final, and how long the oldest of them has waited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backlog {
    /// Where they stand.
    pub status: Status,
    /// How many they are.
    pub requests: usize,
    /// The age of the oldest, in seconds; zero where there is none.
    pub oldest_seconds: f64,
}

impl Backlog {
    /// The backlog of every status that is not final, empty ones included.
    pub fn of(open: &[OpenRequest], now: Timestamp) -> Vec<Self> {
        let of_status = |status| {
            let ages: Vec<_> = open
                .iter()
                .filter(|request| request.status == status)
                .map(|request| now.seconds_since(request.waits_since()))
                .collect();
            let oldest_seconds = ages.iter().copied().fold(0.0, f64::max);
            Self { status, requests: ages.len(), oldest_seconds }
        };
        Status::ALL.into_iter().filter(|status| !status.is_final()).map(of_status).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, RequestId};

    fn open(status: Status, created: i64, begun_at: Option<i64>) -> OpenRequest {
        let account_email = Email::parse("user@example.com").expect("an e-mail");
        OpenRequest {
            start: Start { request_id: RequestId::random(), account_email },
            status,
            created_at: Timestamp::from_ms(created * 1000),
            begun_at: begun_at.map(|since| Timestamp::from_ms(since * 1000)),
        }
    }

    #[test]
    fn each_open_status_has_its_number_and_the_age_of_its_oldest_and_an_empty_one_has_zeros() {
        let requests = [
            open(Status::Requested, 90, None),
            open(Status::Requested, 40, None),
            open(Status::InProgress, 10, Some(80)),
            open(Status::InProgress, 20, Some(70)),
        ];
        let found: Vec<_> = Backlog::of(&requests, Timestamp::from_ms(100_000))
            .into_iter()
            .map(|backlog| (backlog.status, backlog.requests, backlog.oldest_seconds))
            .collect();
        let expected = [(Status::Requested, 2, 60.0), (Status::Valid, 0, 0.0), (Status::InProgress, 2, 30.0)];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_in_progress_whose_begin_is_not_known_counts_from_its_acceptance() {
        let requests = [open(Status::InProgress, 10, None)];
        let backlogs = Backlog::of(&requests, Timestamp::from_ms(100_000));
        assert_eq!(backlogs.iter().map(|backlog| backlog.oldest_seconds).sum::<f64>(), 90.0);
    }
}

//! The statuses of accounts and of requests, and how they move.
//!
//! What happens to a request is a [`RequestEvent`]. [`RequestStatus::on`] and [`AccountStatus::on`] are total
//! functions: every status answers every event.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::RequestKind;
use crate::text::named_enum;

named_enum! {
    /// The status of an account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum AccountStatus {
        /// Its first request was accepted.
        Requested,
        /// That request was validated.
        Valid,
        /// An operation of the backend creates it.
        InProgress,
        /// It exists. Final for its `Create` request.
        Provisioned,
        /// Its request ended without a usable account.
        Failed,
    }
}

named_enum! {
    /// The status of a request.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub enum RequestStatus {
        /// Accepted; it waits for a slot, is parked, or was just admitted.
        Requested,
        /// Admitted and validated.
        Valid,
        /// An operation of it may be running in the backend.
        InProgress,
        /// Its account exists. Final, for a `Create`.
        Provisioned,
        /// It was carried out. Final, for every other kind.
        Done,
        /// It ended without what was asked for; the reason is kept. Final.
        Failed,
        /// It was withdrawn; the reason is kept. Final.
        Cancelled,
    }
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestEvent {
    /// `validate` found nothing against it.
    Validated,
    /// The intent to start an operation was stored.
    Began,
    /// Nothing was started, and the request gave its slot back.
    Parked,
    /// The last step was carried out.
    Completed,
    /// It cannot be carried out.
    Failed,
    /// It was withdrawn.
    Cancelled,
}

/// What an event means in a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition<S> {
    /// The status becomes this one.
    To(S),
    /// The event was applied before; nothing changes.
    Unchanged,
    /// The event cannot happen in this status.
    Refused,
}

impl AccountStatus {
    /// What an event of its `Create` request means for the account.
    pub const fn on(self, event: RequestEvent) -> Transition<Self> {
        use RequestEvent::{Began, Cancelled, Completed, Failed, Parked, Validated};
        match (self, event) {
            (Self::Requested, Validated) => Transition::To(Self::Valid),
            (Self::Valid, Began) => Transition::To(Self::InProgress),
            (Self::Valid | Self::InProgress, Parked) => Transition::To(Self::Requested),
            (Self::InProgress, Completed) => Transition::To(Self::Provisioned),
            (Self::Requested | Self::Valid | Self::InProgress, Failed | Cancelled) => {
                Transition::To(Self::Failed)
            }
            (Self::Valid | Self::InProgress, Validated) | (Self::InProgress, Began) => Transition::Unchanged,
            (Self::Requested, Parked)
            | (Self::Provisioned, Completed)
            | (Self::Failed, Failed | Cancelled) => Transition::Unchanged,
            (Self::Requested, Began | Completed) | (Self::Valid, Completed) => Transition::Refused,
            (Self::Provisioned, Validated | Began | Parked | Failed | Cancelled) => Transition::Refused,
            (Self::Failed, Validated | Began | Parked | Completed) => Transition::Refused,
        }
    }
}

impl RequestStatus {
    /// Whether no event moves it any more.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Requested | Self::Valid | Self::InProgress => false,
            Self::Provisioned | Self::Done | Self::Failed | Self::Cancelled => true,
        }
    }

    /// The final status of a request of this kind that was carried out.
    pub const fn completed(kind: RequestKind) -> Self {
        match kind {
            RequestKind::Create => Self::Provisioned,
        }
    }

    /// What an event means for a request of this kind.
    pub fn on(self, event: RequestEvent, kind: RequestKind) -> Transition<Self> {
        use RequestEvent::{Began, Cancelled, Completed, Failed, Parked, Validated};
        match (self, event) {
            (Self::Requested, Validated) => Transition::To(Self::Valid),
            (Self::Valid, Began) => Transition::To(Self::InProgress),
            (Self::Valid | Self::InProgress, Parked) => Transition::To(Self::Requested),
            (Self::InProgress, Completed) => Transition::To(Self::completed(kind)),
            (Self::Requested | Self::Valid | Self::InProgress, Failed) => Transition::To(Self::Failed),
            (Self::Requested | Self::Valid | Self::InProgress, Cancelled) => Transition::To(Self::Cancelled),
            (Self::Valid | Self::InProgress, Validated) | (Self::InProgress, Began) => Transition::Unchanged,
            (Self::Requested, Parked) | (Self::Failed, Failed) | (Self::Cancelled, Cancelled) => {
                Transition::Unchanged
            }
            (Self::Provisioned | Self::Done, Completed) if self == Self::completed(kind) => {
                Transition::Unchanged
            }
            (Self::Requested, Began | Completed) | (Self::Valid, Completed) => Transition::Refused,
            (Self::Provisioned | Self::Done | Self::Failed | Self::Cancelled, _) => Transition::Refused,
        }
    }
}

impl fmt::Display for AccountStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for RequestStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [RequestEvent; 6] = [
        RequestEvent::Validated,
        RequestEvent::Began,
        RequestEvent::Parked,
        RequestEvent::Completed,
        RequestEvent::Failed,
        RequestEvent::Cancelled,
    ];

    fn any_event() -> impl Strategy<Value = RequestEvent> {
        proptest::sample::select(EVENTS.to_vec())
    }

    #[test]
    fn a_create_goes_from_requested_to_provisioned() {
        let events = [RequestEvent::Validated, RequestEvent::Began, RequestEvent::Completed];
        let statuses = [RequestStatus::Valid, RequestStatus::InProgress, RequestStatus::Provisioned];
        let mut at = RequestStatus::Requested;
        for (event, expected) in events.into_iter().zip(statuses) {
            assert_eq!(at.on(event, RequestKind::Create), Transition::To(expected));
            at = expected;
        }
    }

    #[test]
    fn a_parked_request_is_requested_again_and_a_final_one_is_never_parked() {
        for status in RequestStatus::ALL {
            let expected = match status {
                RequestStatus::Requested => Transition::Unchanged,
                RequestStatus::Valid | RequestStatus::InProgress => Transition::To(RequestStatus::Requested),
                _ => Transition::Refused,
            };
            assert_eq!(status.on(RequestEvent::Parked, RequestKind::Create), expected, "{status}");
        }
    }

    proptest! {
        #[test]
        fn no_event_moves_a_final_request_and_a_repeated_event_changes_nothing(
            events in proptest::collection::vec(any_event(), 0..30)
        ) {
            let mut at = RequestStatus::Requested;
            for event in events {
                let before = at;
                if let Transition::To(next) = at.on(event, RequestKind::Create) {
                    at = next;
                    prop_assert_eq!(at.on(event, RequestKind::Create), Transition::Unchanged);
                }
                prop_assert!(!before.is_final() || at == before, "{before} is final");
            }
        }

        #[test]
        fn the_account_follows_its_create_request(events in proptest::collection::vec(any_event(), 0..30)) {
            let (mut request, mut account) = (RequestStatus::Requested, AccountStatus::Requested);
            for event in events {
                match (request.on(event, RequestKind::Create), account.on(event)) {
                    (Transition::To(next), Transition::To(follows)) => (request, account) = (next, follows),
                    (Transition::Unchanged, Transition::Unchanged) | (Transition::Refused, Transition::Refused) => {}
                    // A cancelled request leaves a Failed account, which knows no difference.
                    (Transition::Refused, Transition::Unchanged) => prop_assert_eq!(account, AccountStatus::Failed),
                    (of_request, of_account) => prop_assert!(false, "{of_request:?} but {of_account:?}"),
                }
                let same = request.name() == account.name()
                    || (request == RequestStatus::Cancelled && account == AccountStatus::Failed);
                prop_assert!(same, "{request} but {account}");
            }
        }
    }
}

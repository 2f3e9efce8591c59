//! The status of a request and how it moves.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a request stands. It moves forward only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Accepted and written; nobody has looked at the organization yet.
    Requested,
    /// The organization has room for it; it waits for its turn.
    Valid,
    /// The landing zone works on it.
    InProgress,
    /// The account exists and is known. Final.
    Provisioned,
    /// It has ended without a usable account; the reason is kept. Final.
    Failed,
}

/// What asking for a move means where a request stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It is the next step.
    Forward,
    /// The request is there already, or further: the step was done before.
    Done,
    /// The request has ended otherwise, or has not come far enough.
    Refused,
}

impl Status {
    /// Every status, in the order of the way.
    pub const ALL: [Self; 5] =
        [Self::Requested, Self::Valid, Self::InProgress, Self::Provisioned, Self::Failed];

    /// The name, as the table and the API write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Valid => "Valid",
            Self::InProgress => "InProgress",
            Self::Provisioned => "Provisioned",
            Self::Failed => "Failed",
        }
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Requested | Self::Valid | Self::InProgress => false,
            Self::Provisioned | Self::Failed => true,
        }
    }

    /// What moving to `next` means for a request that stands here.
    pub const fn step_to(self, next: Self) -> Move {
        use Status::{Failed, InProgress, Provisioned, Requested, Valid};
        match (self, next) {
            (Requested, Valid) | (Valid, InProgress) | (InProgress, Provisioned) => Move::Forward,
            (Requested | Valid | InProgress, Failed) => Move::Forward,
            (Requested, Requested) | (Valid, Requested | Valid) => Move::Done,
            (InProgress, Requested | Valid | InProgress) => Move::Done,
            (Provisioned, Requested | Valid | InProgress | Provisioned) | (Failed, Failed) => Move::Done,
            (Requested, InProgress | Provisioned) | (Valid, Provisioned) => Move::Refused,
            (Provisioned, Failed) | (Failed, Requested | Valid | InProgress | Provisioned) => Move::Refused,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_status() -> impl Strategy<Value = Status> {
        proptest::sample::select(Status::ALL.to_vec())
    }

    #[test]
    fn the_way_leads_from_requested_to_provisioned() {
        for pair in Status::ALL[..4].windows(2) {
            assert_eq!(pair[0].step_to(pair[1]), Move::Forward);
        }
    }

    #[test]
    fn a_request_that_is_not_final_can_fail_and_one_that_is_cannot() {
        for status in Status::ALL {
            let expected = match status {
                Status::Failed => Move::Done,
                Status::Provisioned => Move::Refused,
                _ => Move::Forward,
            };
            assert_eq!(status.step_to(Status::Failed), expected, "{status}");
        }
    }

    proptest! {
        #[test]
        fn any_order_of_steps_moves_forward_only_and_a_repeated_step_changes_nothing(
            steps in proptest::collection::vec(any_status(), 0..20)
        ) {
            let rank = |status: Status| Status::ALL.iter().position(|other| *other == status);
            let mut at = Status::Requested;
            for next in steps {
                let before = at;
                if at.step_to(next) == Move::Forward {
                    at = next;
                }
                prop_assert!(rank(at) >= rank(before));
                prop_assert!(!before.is_final() || at == before, "{before} is final");
                prop_assert!(at.step_to(next) != Move::Forward, "{next} twice");
            }
        }
    }
}

use proptest::prelude::*;

use super::accepted;
use crate::{
    AccountId, BackendName, Fields, MAX_UNANSWERED, Operation, OperationEvent, OperationOutcome,
    OperationState, Rejection, Timestamp,
};

const EXPIRY: f64 = 1200.0;

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_ms(1_700_000_000_000).plus_seconds(seconds)
}

fn beginning() -> Operation {
    Operation::first_attempt(&accepted().request, BackendName::ControlTower, Fields::new(), at(0.0))
}

fn rejection(stale_input: bool) -> Rejection {
    Rejection { reason: "no".into(), stale_input }
}

#[test]
fn an_unanswered_attempt_never_proves_that_nothing_was_started() {
    let operation = beginning();
    assert!(!operation.nothing_started());
    assert!(operation.rejected(1, None).unwrap().nothing_started());
    let second = operation.next_attempt(1, at(1.0), EXPIRY).unwrap();
    assert!(!second.rejected(2, None).unwrap().nothing_started(), "the first is unanswered");
    assert!(!second.accepted(Fields::new(), at(2.0)).unwrap().nothing_started());
}

#[test]
fn a_rejection_is_final_only_when_no_other_attempt_can_arrive() {
    let two = beginning().next_attempt(1, at(10.0), EXPIRY).unwrap();
    let rejected = two.rejected(2, Some(rejection(false))).unwrap();
    assert_eq!(rejected.conclusion(None, at(EXPIRY), EXPIRY), None, "the first can still arrive");
    let rejected_for_good = OperationOutcome::Rejected { reason: "no".into() };
    assert_eq!(rejected.conclusion(None, at(EXPIRY + 1.0), EXPIRY), Some(rejected_for_good.clone()));
    let alone = beginning().rejected(1, Some(rejection(false))).unwrap();
    assert_eq!(alone.conclusion(None, at(0.0), EXPIRY), Some(rejected_for_good));
    assert_eq!(beginning().conclusion(None, at(EXPIRY + 1.0), EXPIRY), None, "nothing was rejected");
}

#[test]
fn an_account_that_a_lookup_finds_ends_an_unanswered_operation_once_no_attempt_can_arrive() {
    let id = AccountId::parse("123456789012").unwrap();
    assert_eq!(beginning().conclusion(Some(&id), at(EXPIRY), EXPIRY), None);
    let Some(OperationOutcome::Failed { account_may_exist, .. }) =
        beginning().conclusion(Some(&id), at(EXPIRY + 1.0), EXPIRY)
    else {
        unreachable!()
    };
    assert!(account_may_exist);
}

#[test]
fn repeated_attempts_do_not_put_the_timeout_off() {
    let mut operation = beginning();
    for minute in 1..400u32 {
        let now = at(60.0 * f64::from(minute));
        operation = operation.next_attempt(1, now, EXPIRY).unwrap_or(operation);
    }
    assert_eq!(operation.timeout_counts_from(), at(0.0));
    let last = operation.attempts;
    let answered = operation.rejected(last, None).unwrap();
    assert_eq!(answered.timeout_counts_from(), at(0.0), "others are unanswered");
    assert_eq!(beginning().rejected(1, None).unwrap().unanswered_since, None);
}

#[test]
fn an_account_that_a_lookup_finds_may_be_ours_only_if_an_attempt_is_unanswered() {
    let id = AccountId::parse("123456789012").unwrap();
    let alone = beginning().rejected(1, Some(rejection(false))).unwrap();
    assert!(matches!(alone.conclusion(Some(&id), at(1.0), EXPIRY), Some(OperationOutcome::Rejected { .. })));
    let two = beginning().next_attempt(1, at(1.0), EXPIRY).unwrap();
    let rejected = two.rejected(2, Some(rejection(false))).unwrap();
    let Some(OperationOutcome::Failed { account_may_exist, account_id, .. }) =
        rejected.conclusion(Some(&id), at(EXPIRY + 2.0), EXPIRY)
    else {
        unreachable!()
    };
    assert_eq!((account_may_exist, account_id), (true, Some(id)));
}

#[test]
fn a_stale_input_ends_the_operation_and_not_the_request() {
    let stale = beginning().rejected(1, Some(rejection(true))).unwrap();
    assert!(matches!(stale.conclusion(None, at(1.0), EXPIRY), Some(OperationOutcome::InputRejected { .. })));
}

#[test]
fn an_acceptance_overrides_a_rejection_and_no_answer_overrides_an_acceptance() {
    let two = beginning().next_attempt(1, at(1.0), EXPIRY).unwrap();
    let rejected = two.rejected(1, Some(rejection(false))).unwrap();
    let begun = rejected.accepted(Fields::new(), at(2.0)).unwrap();
    assert_eq!((begun.state, begun.rejection.clone()), (OperationState::Begun, None));
    assert_eq!(begun.rejected(2, Some(rejection(false))), None);
    assert_eq!(begun.accepted(Fields::new(), at(3.0)), None);
}

#[test]
fn an_answer_is_stored_once() {
    let answered = beginning().rejected(1, None).unwrap();
    assert_eq!(answered.rejected(1, Some(rejection(false))), None);
}

#[test]
fn no_attempt_is_made_after_a_rejection_that_may_be_final() {
    let rejected = beginning().rejected(1, Some(rejection(false))).unwrap();
    assert_eq!(rejected.next_attempt(1, at(1.0), EXPIRY), None);
}

#[test]
fn unanswered_attempts_are_bounded_and_an_old_one_makes_room_once_it_cannot_arrive() {
    let mut operation = beginning();
    for number in 1..MAX_UNANSWERED {
        operation = operation.next_attempt(1, at(f64::from(u32::try_from(number).unwrap())), EXPIRY).unwrap();
    }
    assert_eq!(operation.unanswered.len(), MAX_UNANSWERED);
    assert_eq!(operation.next_attempt(1, at(20.0), EXPIRY), None);
    let later = operation.next_attempt(1, at(EXPIRY + 2.0), EXPIRY).unwrap();
    assert_eq!((later.unanswered.len(), later.unanswered[0].number, later.attempts), (10, 2, 11));
}

#[test]
fn a_token_is_the_same_for_every_attempt_and_another_for_the_next_operation() {
    let first = beginning();
    assert_eq!(first.next_attempt(2, at(1.0), EXPIRY).unwrap().token, first.token);
    let mut request = accepted().request;
    request.operation = 1;
    let second = Operation::first_attempt(&request, BackendName::ControlTower, Fields::new(), at(1.0));
    assert_ne!(second.token, first.token);
    assert!(second.token.len() <= 128);
}

#[test]
fn an_operation_is_the_same_only_if_number_state_attempts_and_handle_are() {
    let seen = beginning();
    let rejected = Operation { rejection: Some(rejection(false)), version: 7, ..seen.clone() };
    assert!(rejected.is_same_as(&seen), "what else is stored of it makes no other operation");
    for other in [
        Operation { number: 2, ..seen.clone() },
        Operation { state: OperationState::Begun, ..seen.clone() },
        Operation { attempts: 2, ..seen.clone() },
        Operation { handle: Some(Fields::new()), ..seen.clone() },
    ] {
        assert!(!other.is_same_as(&seen), "{other:?}");
    }
}

#[test]
fn a_rejection_stays_when_another_attempt_is_answered_without_one() {
    let two = beginning().next_attempt(1, at(1.0), EXPIRY).unwrap();
    let rejected = two.rejected(2, Some(rejection(false))).unwrap();
    assert_eq!(rejected.rejected(1, None).unwrap().rejection, Some(rejection(false)));
}

#[test]
fn what_was_accepted_or_has_ended_is_neither_attempted_nor_concluded_nor_ended_again() {
    let id = AccountId::parse("123456789012").unwrap();
    let rejected = beginning().rejected(1, Some(rejection(false))).unwrap();
    let outcome = OperationOutcome::Rejected { reason: "no".into() };
    let ended = rejected.ended(outcome.clone(), at(1.0)).unwrap();
    let begun = beginning().accepted(Fields::new(), at(1.0)).unwrap();
    let ended_unanswered = beginning().ended(outcome.clone(), at(1.0)).unwrap();
    for operation in [&ended, &ended_unanswered, &begun] {
        assert_eq!(operation.next_attempt(1, at(2.0), EXPIRY), None);
        assert_eq!(operation.conclusion(Some(&id), at(EXPIRY + 2.0), EXPIRY), None);
        assert_eq!(operation.rejected(1, None), None);
    }
    assert_eq!(ended.ended(outcome, at(2.0)), None);
}

proptest! {
    #[test]
    fn an_operation_moves_forward_only(
        events in proptest::collection::vec(
            proptest::sample::select(vec![OperationEvent::Attempted, OperationEvent::Accepted, OperationEvent::Ended]),
            0..20,
        )
    ) {
        let rank = |state| OperationState::ALL.iter().position(|other| *other == state);
        let mut at = OperationState::Beginning;
        for event in events {
            let before = at;
            if let Some(next) = at.on(event) {
                at = next;
            }
            prop_assert!(rank(at) >= rank(before));
            prop_assert!(before != OperationState::Ended || at == OperationState::Ended);
        }
    }
}

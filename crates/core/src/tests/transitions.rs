use proptest::prelude::*;

use super::accepted;
use crate::transition::{Statement, admit, notified, readmit, restart, unpark, watched};
use crate::{
    AccountId, AccountStatus, BackendName, Change, Disposition, Ending, ExecutionRef, Fields, Kind,
    OperationOutcome, OperationState, Placement, Pool, Rejection, RequestId, RequestStatus, Resolution,
    SlotChange, Snapshot, Timestamp, Unit,
};

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_ms(1_700_000_000_000).plus_seconds(seconds)
}

/// The snapshot after a change.
fn apply(snapshot: &Snapshot, change: Change) -> Snapshot {
    Snapshot {
        account: change.account.unwrap_or_else(|| snapshot.account.clone()),
        request: change.request.unwrap_or_else(|| snapshot.request.clone()),
        operation: change.operation.or_else(|| snapshot.operation.clone()),
    }
}

fn admitted() -> Snapshot {
    let snapshot = accepted();
    let change = admit(&snapshot.request, 3, at(1.0)).unwrap();
    assert_eq!(change.slot, SlotChange::Take(Pool::ControlTower, 3));
    apply(&snapshot, change)
}

fn valid() -> Snapshot {
    let unit = Unit { id: "ou-ab12-abcd1234".into(), name: "Dev".into() };
    let snapshot = admitted();
    apply(&snapshot, snapshot.validated(Some(unit), at(2.0)).unwrap())
}

fn beginning() -> Snapshot {
    let snapshot = valid();
    apply(&snapshot, snapshot.begin(BackendName::ControlTower, Fields::new(), at(3.0)).unwrap())
}

fn begun() -> Snapshot {
    let snapshot = beginning();
    let operation = snapshot.operation.as_ref().unwrap().accepted(Fields::new(), at(4.0)).unwrap();
    apply(&snapshot, Snapshot::operation_changed(operation))
}

fn ended(outcome: OperationOutcome) -> Snapshot {
    let snapshot = begun();
    let operation = snapshot.operation.as_ref().unwrap().ended(outcome, at(5.0)).unwrap();
    apply(&snapshot, Snapshot::operation_changed(operation))
}

fn succeeded() -> OperationOutcome {
    OperationOutcome::Succeeded { account_id: AccountId::parse("123456789012").unwrap() }
}

#[test]
fn a_request_waits_then_holds_a_slot_and_then_is_nowhere() {
    assert_eq!(accepted().request.placement(), Placement::Waiting(Pool::ControlTower));
    assert_eq!(admitted().request.placement(), Placement::Holding(Pool::ControlTower, 3));
    let end = ended(succeeded());
    let done = apply(&end, end.complete(None, false, at(6.0)).unwrap());
    assert_eq!(done.request.placement(), Placement::Nowhere);
    let told = apply(&end, end.complete(None, true, at(6.0)).unwrap());
    assert_eq!(told.request.placement(), Placement::Unnotified(at(6.0)));
    let noted = notified(&told.request, at(7.0)).unwrap().request.unwrap();
    assert_eq!((noted.placement(), noted.notified_at), (Placement::Nowhere, Some(at(7.0))));
    assert_eq!(notified(&noted, at(8.0)), None);
}

#[test]
fn every_write_counts_the_version_up() {
    let versions = [accepted(), admitted(), valid(), beginning()].map(|snapshot| snapshot.request.version);
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(begun().operation.unwrap().version, 2);
}

#[test]
fn only_a_waiting_request_is_admitted() {
    assert_eq!(admit(&admitted().request, 4, at(2.0)), None);
    let parked = apply(&valid(), valid().park("busy", 60.0, None, at(3.0)).unwrap());
    assert_eq!(admit(&parked.request, 4, at(4.0)), None);
}

#[test]
fn each_admission_and_each_execution_is_another_fence() {
    let first = admitted();
    let fence = ExecutionRef::of(&first.request);
    assert!(first.is_current(&fence));
    let next = apply(&first, restart(&first.request, at(2.0)).unwrap());
    assert!(!next.is_current(&fence));
    let parked = apply(&valid(), valid().park("busy", 60.0, None, at(3.0)).unwrap());
    let unparked = unpark(&parked.request, at(100.0)).unwrap().request.unwrap();
    let again = admit(&unparked, 1, at(101.0)).unwrap().request.unwrap();
    assert_eq!((again.admission, again.execution, again.slot), (2, 1, Some(1)));
}

#[test]
fn a_parked_request_is_requested_again_keeps_its_age_and_comes_back_when_it_is_due() {
    let snapshot = beginning();
    let rejected = snapshot.operation.as_ref().unwrap().rejected(1, None).unwrap();
    let snapshot = apply(&snapshot, Snapshot::operation_changed(rejected));
    assert_eq!(snapshot.disposition(), Disposition::Park);
    let change = snapshot.park("busy", 60.0, None, at(10.0)).unwrap();
    assert_eq!(change.slot, SlotChange::Release(Pool::ControlTower, 3));
    let parked = apply(&snapshot, change);
    assert_eq!(
        (parked.request.status, parked.account.status),
        (RequestStatus::Requested, AccountStatus::Requested)
    );
    assert_eq!(parked.request.placement(), Placement::Parked(Pool::ControlTower, at(70.0)));
    assert_eq!(unpark(&parked.request, at(69.0)), None);
    let back = unpark(&parked.request, at(70.0)).unwrap().request.unwrap();
    assert_eq!(back.placement(), Placement::Waiting(Pool::ControlTower));
    assert_eq!((back.created_at, back.setbacks), (parked.request.created_at, 1));
}

#[test]
fn a_parked_request_of_a_paused_pool_waits_at_least_as_long_as_the_pool() {
    let parked = valid().park("denied", 60.0, Some(at(500.0)), at(10.0)).unwrap().request.unwrap();
    assert_eq!(parked.parked_until, Some(at(500.0)));
}

#[test]
fn what_may_be_running_keeps_its_slot() {
    for snapshot in [beginning(), begun()] {
        assert_eq!(snapshot.disposition(), Disposition::Hold);
        let change = snapshot.hold(60.0, at(10.0)).unwrap();
        assert_eq!(change.slot, SlotChange::Check(Pool::ControlTower, 3));
        let held = change.request.unwrap();
        assert_eq!((held.status, held.resume_at), (RequestStatus::InProgress, Some(at(70.0))));
        assert_eq!(restart(&held, at(69.0)), None);
        assert_eq!(restart(&held, at(70.0)).unwrap().request.unwrap().execution, 2);
    }
}

#[test]
fn the_table_decides_how_a_request_ends() {
    let reason = || "why".to_owned();
    assert_eq!(valid().disposition(), Disposition::Park);
    assert!(matches!(ended(succeeded()).disposition(), Disposition::Complete(_)));
    assert_eq!(ended(OperationOutcome::Busy { reason: reason() }).disposition(), Disposition::Park);
    assert_eq!(ended(OperationOutcome::InputRejected { reason: reason() }).disposition(), Disposition::Park);
    let failed = OperationOutcome::Failed { reason: reason(), account_may_exist: true, account_id: None };
    for (outcome, may_exist) in [(failed, true), (OperationOutcome::Rejected { reason: reason() }, false)] {
        let Disposition::Fail(ending) = ended(outcome).disposition() else { unreachable!() };
        assert_eq!((ending.reason, ending.account_may_exist), (reason(), may_exist));
    }
    let mut last = ended(OperationOutcome::Busy { reason: reason() });
    last.operation.as_mut().unwrap().number = crate::MAX_OPERATIONS;
    assert!(matches!(last.disposition(), Disposition::Fail(_)));
    let rejected = valid().rejected_by_validation(reason(), at(3.0)).unwrap();
    assert!(matches!(apply(&valid(), rejected).disposition(), Disposition::Fail(_)));
}

#[test]
fn a_rejection_that_is_not_concluded_is_held_not_parked() {
    let snapshot = beginning();
    let rejection = Rejection { reason: "no".into(), stale_input: false };
    let rejected = snapshot.operation.as_ref().unwrap().rejected(1, Some(rejection)).unwrap();
    let snapshot = apply(&snapshot, Snapshot::operation_changed(rejected));
    assert_eq!(snapshot.disposition(), Disposition::Hold);
}

#[test]
fn a_failure_frees_the_name_unless_an_account_may_exist() {
    let outcome = |account_may_exist| OperationOutcome::Failed {
        reason: "no".into(),
        account_may_exist,
        account_id: None,
    };
    for may_exist in [false, true] {
        let snapshot = ended(outcome(may_exist));
        let Disposition::Fail(ending) = snapshot.disposition() else { unreachable!() };
        let change = snapshot.fail(&ending, false, at(6.0)).unwrap();
        assert_eq!(change.releases_name, !may_exist);
        assert_eq!(change.slot, SlotChange::Release(Pool::ControlTower, 3));
        let failed = apply(&snapshot, change);
        assert_eq!(failed.account.can_be_requested_again(), !may_exist);
        assert_eq!(failed.request.account_may_exist, may_exist);
    }
}

#[test]
fn an_account_that_was_not_made_completes_nothing() {
    assert_eq!(begun().complete(None, false, at(6.0)).unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn an_operation_that_is_accepted_after_all_is_overdue_no_more_and_its_setbacks_are_over() {
    let held = apply(&beginning(), beginning().hold(60.0, at(9.0)).unwrap());
    let overdue = apply(&held, held.followed(true, at(10.0)).unwrap().unwrap());
    assert_eq!((overdue.request.overdue_since, overdue.request.setbacks), (Some(at(10.0)), 1));
    let operation = overdue.operation.as_ref().unwrap().accepted(Fields::new(), at(11.0)).unwrap();
    let begun = apply(&overdue, Snapshot::operation_changed(operation));
    let followed = begun.followed(false, at(12.0)).unwrap().unwrap().request.unwrap();
    assert_eq!((followed.overdue_since, followed.setbacks), (None, 0));
}

#[test]
fn an_operation_whose_acceptance_is_unknown_is_rejected_by_the_statement_that_there_is_no_account() {
    let resolution = Resolution { by: crate::Caller::default(), reason: "looked".into(), at: at(20.0) };
    let overdue = apply(&beginning(), beginning().followed(true, at(10.0)).unwrap().unwrap());
    let seen = overdue.operation.clone().unwrap();
    let resolved = overdue.resolve(&seen, &Statement::NoAccount("none".into()), resolution).unwrap();
    let resolved = apply(&overdue, resolved);
    let operation = resolved.operation.clone().unwrap();
    assert_eq!(operation.state, OperationState::Beginning, "an attempt can still arrive");
    assert_eq!(operation.next_attempt(1, at(21.0), 1200.0), None);
    assert_eq!(resolved.disposition(), Disposition::Hold);
    assert_eq!(operation.conclusion(None, at(100.0), 1200.0), None);
    assert!(operation.conclusion(None, at(1300.0), 1200.0).is_some());
}

#[test]
fn what_an_operator_states_about_an_operation_that_has_changed_is_refused() {
    let resolution = Resolution { by: crate::Caller::default(), reason: "looked".into(), at: at(20.0) };
    let overdue = apply(&beginning(), beginning().followed(true, at(10.0)).unwrap().unwrap());
    let seen = overdue.operation.clone().unwrap();
    let again = apply(&overdue, overdue.attempt(at(11.0), 1200.0).unwrap().unwrap());
    let statement = Statement::NoAccount("none".into());
    assert_eq!(again.resolve(&seen, &statement, resolution).unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn a_holder_that_lost_its_slot_is_admitted_again_wherever_it_stands() {
    let held = apply(&begun(), begun().hold(60.0, at(8.0)).unwrap());
    for snapshot in [valid(), beginning(), begun(), held] {
        let again = readmit(&snapshot.request, 5, at(9.0)).unwrap();
        assert_eq!(again.slot, SlotChange::Take(Pool::ControlTower, 5));
        let request = again.request.unwrap();
        assert_eq!((request.status, request.admission, request.slot), (snapshot.request.status, 2, Some(5)));
        assert_eq!(request.resume_at, None, "its execution starts now");
    }
    assert_eq!(readmit(&accepted().request, 5, at(9.0)), None);
}

#[test]
fn only_an_overdue_operation_is_resolved_and_its_execution_is_superseded() {
    let resolution = Resolution { by: crate::Caller::default(), reason: "looked".into(), at: at(20.0) };
    let snapshot = begun();
    let seen = snapshot.operation.clone().unwrap();
    let exists = Statement::AccountExists(AccountId::parse("123456789012").unwrap());
    assert_eq!(snapshot.resolve(&seen, &exists, resolution.clone()).unwrap_err().kind(), Kind::Conflict);
    let overdue = apply(&snapshot, snapshot.followed(true, at(10.0)).unwrap().unwrap());
    assert_eq!(overdue.followed(true, at(11.0)).unwrap(), None, "once");
    let resolved = apply(&overdue, overdue.resolve(&seen, &exists, resolution.clone()).unwrap());
    assert_eq!(resolved.request.execution, overdue.request.execution + 1);
    assert!(matches!(resolved.disposition(), Disposition::Complete(_)));
    assert_eq!(resolved.resolve(&seen, &exists, resolution.clone()).unwrap_err().kind(), Kind::Conflict);

    let absent = Statement::NoAccount("none".into());
    let resolved = apply(&overdue, overdue.resolve(&seen, &absent, resolution).unwrap());
    let Disposition::Fail(ending) = resolved.disposition() else { unreachable!() };
    let failed = apply(&resolved, resolved.fail(&ending, false, at(21.0)).unwrap());
    assert_eq!(failed.request.placement(), Placement::Watched(at(21.0)));
}

#[test]
fn a_request_that_has_ended_is_neither_moved_nor_ended_again() {
    let end = ended(succeeded());
    let done = apply(&end, end.complete(None, false, at(6.0)).unwrap());
    assert!(done.validated(None, at(7.0)).is_err());
    assert!(done.begin(BackendName::ControlTower, Fields::new(), at(7.0)).is_err());
    assert!(done.park("x", 1.0, None, at(7.0)).is_err());
    assert!(done.complete(None, false, at(7.0)).is_err());
    assert!(!done.is_current(&ExecutionRef::of(&done.request)));
    assert_eq!(done.disposition(), Disposition::Ended);
    assert_eq!(done.operation.unwrap().state, OperationState::Ended);
}

#[test]
fn a_request_without_a_slot_is_not_moved_by_an_execution() {
    let waiting = accepted();
    let ending = Ending { reason: "no".into(), account_may_exist: false, account_id: None };
    for refused in [
        waiting.validated(None, at(1.0)),
        waiting.rejected_by_validation("no".into(), at(1.0)),
        waiting.park("busy", 60.0, None, at(1.0)),
        waiting.hold(60.0, at(1.0)),
        waiting.fail(&ending, false, at(1.0)),
    ] {
        assert_eq!(refused.unwrap_err().kind(), Kind::Conflict);
    }
    assert_eq!(restart(&waiting.request, at(1.0)), None);
}

#[test]
fn nothing_is_begun_before_the_request_was_validated() {
    let begin = admitted().begin(BackendName::ControlTower, Fields::new(), at(2.0));
    assert_eq!(begin.unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn a_request_leaves_the_account_of_another_request_alone() {
    let mut snapshot = valid();
    snapshot.account.request_id = RequestId::generate(at(50.0));
    let change = snapshot.begin(BackendName::ControlTower, Fields::new(), at(51.0)).unwrap();
    assert_eq!((change.account, change.request.unwrap().status), (None, RequestStatus::InProgress));
}

#[test]
fn only_a_request_whose_account_an_operator_did_not_find_is_looked_at_again() {
    let exists = Resolution { by: crate::Caller::default(), reason: "looked".into(), at: at(5.0) };
    let mut found = ended(succeeded());
    found.operation.as_mut().unwrap().resolution = Some(exists);
    let provisioned = apply(&found, found.complete(None, false, at(6.0)).unwrap()).request;
    let rejected = ended(OperationOutcome::Rejected { reason: "no".into() });
    let Disposition::Fail(ending) = rejected.disposition() else { unreachable!() };
    let failed = apply(&rejected, rejected.fail(&ending, false, at(6.0)).unwrap()).request;
    for request in [provisioned, failed] {
        assert_eq!(request.placement(), Placement::Nowhere);
        assert_eq!(watched(&request, Some(at(9.0)), at(7.0)), None);
    }
}

proptest! {
    #[test]
    fn an_open_request_is_waiting_parked_or_holding_whatever_happens(
        choices in proptest::collection::vec(0u8..8, 0..40)
    ) {
        let mut snapshot = accepted();
        let mut now = at(0.0);
        for choice in choices {
            now = now.plus_seconds(500.0);
            let change = match choice {
                0 => admit(&snapshot.request, 1, now),
                1 => snapshot.validated(None, now).ok(),
                2 => snapshot.begin(BackendName::ControlTower, Fields::new(), now).ok(),
                3 => snapshot.park("x", 60.0, None, now).ok(),
                4 => snapshot.hold(60.0, now).ok(),
                5 => unpark(&snapshot.request, now),
                6 => restart(&snapshot.request, now),
                _ => snapshot.followed(true, now).ok().flatten(),
            };
            let before = snapshot.request.version;
            if let Some(change) = change {
                let writes_request = change.request.is_some();
                snapshot = apply(&snapshot, change);
                prop_assert_eq!(snapshot.request.version, before + u64::from(writes_request));
            }
            let placement = snapshot.request.placement();
            prop_assert!(
                matches!(placement, Placement::Waiting(_) | Placement::Parked(..) | Placement::Holding(..)),
                "{placement:?}"
            );
        }
    }
}

//! The slots and the queue before them.

use std::sync::Arc;

use accounts_core::admission::{Rules, Turn};
use accounts_core::{AccountRequest, Failure, Kind, ManagedOrganizationalUnit, Operation, Status, Timestamp};
use accounts_lambda::now;
use accounts_tests::Workbench;
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// One slot, and patience for a minute.
pub(super) const RULES: Rules =
    Rules { slots: 1, poll_seconds: 30, gone_after_seconds: 60.0, slot_expires_after_seconds: 600.0 };

const LATER: Turn = Turn::Later { wait_seconds: 30 };

fn ago(seconds: f64) -> Timestamp {
    now().minus_seconds(seconds)
}

/// A request that was accepted so many seconds ago and gave its last sign of life at `seen`.
async fn waiting(bench: &Workbench, name: &str, accepted: f64, seen: Timestamp) -> AccountRequest {
    valid(bench, name, ago(accepted), seen).await
}

async fn valid(bench: &Workbench, name: &str, accepted: Timestamp, seen: Timestamp) -> AccountRequest {
    let request = bench.accept_at(&format!("{name}@example.com"), name, accepted).await;
    let unit = ManagedOrganizationalUnit { id: "ou-abcd-12345678".to_owned(), name: "Dev".to_owned() };
    bench.requests.mark_valid(&request.start(), &unit, seen).await.expect("a move").request
}

async fn turn(bench: &Workbench, request: &AccountRequest, rules: &Rules) -> Turn {
    bench.requests.take_turn(request, rules, now()).await.expect("a turn")
}

fn holder(request: &AccountRequest) -> String {
    format!("{} {}", request.request_id, request.account_email)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_race_exactly_as_many_as_there_are_slots_come_in() {
    const RACERS: usize = 12;
    for slots in [1, 3] {
        let bench = Workbench::start(0.0).await;
        let accepted = now();
        let (start, mut racers) = (Arc::new(Barrier::new(RACERS)), JoinSet::new());
        for number in 0..RACERS {
            let request = valid(&bench, &format!("n{number}"), accepted, now()).await;
            let (requests, start) = (bench.requests.clone(), Arc::clone(&start));
            let rules = Rules { slots, ..RULES };
            racers.spawn(async move {
                start.wait().await;
                requests.take_turn(&request, &rules, now()).await.expect("a turn")
            });
        }
        let turns = racers.join_all().await;
        assert_eq!(turns.iter().filter(|turn| **turn == Turn::Now).count(), slots, "{turns:?}");
        assert_eq!(bench.table.holders().await.len(), slots);
    }
}

#[tokio::test]
async fn the_oldest_comes_first_whoever_asks_first() {
    let bench = Workbench::start(0.0).await;
    let old = waiting(&bench, "old", 2.0, now()).await;
    let new = waiting(&bench, "new", 1.0, now()).await;
    assert_eq!(turn(&bench, &new, &RULES).await, LATER);
    assert_eq!(turn(&bench, &old, &RULES).await, Turn::Now);
    assert_eq!(turn(&bench, &new, &RULES).await, LATER);
    bench.requests.release_slot(&old).await.expect("a release");
    let (start, unit) =
        (old.start(), Operation { record_id: "rec-1".to_owned(), provisioned_product_id: None });
    bench.requests.mark_in_progress(&start, &unit, now()).await.expect("a move");
    assert_eq!(turn(&bench, &new, &RULES).await, Turn::Now);
}

#[tokio::test]
async fn a_second_free_slot_goes_to_the_second_oldest_without_waiting_for_the_oldest() {
    let bench = Workbench::start(0.0).await;
    let rules = Rules { slots: 2, ..RULES };
    let _old = waiting(&bench, "old", 3.0, now()).await;
    let middle = waiting(&bench, "middle", 2.0, now()).await;
    let new = waiting(&bench, "new", 1.0, now()).await;
    assert_eq!(turn(&bench, &new, &rules).await, LATER);
    assert_eq!(turn(&bench, &middle, &rules).await, Turn::Now);
}

#[tokio::test]
async fn a_request_that_has_a_slot_keeps_it_and_takes_no_second_one() {
    let bench = Workbench::start(0.0).await;
    let request = waiting(&bench, "mine", 1.0, now()).await;
    for expected in [Turn::Now, Turn::Again, Turn::Again] {
        assert_eq!(turn(&bench, &request, &RULES).await, expected);
        assert_eq!(bench.table.holders().await, [holder(&request)]);
    }
}

#[tokio::test]
async fn a_request_whose_workflow_is_gone_holds_up_nobody() {
    let bench = Workbench::start(0.0).await;
    let gone = waiting(&bench, "gone", 200.0, ago(100.0)).await;
    let mine = waiting(&bench, "mine", 1.0, now()).await;
    assert_eq!(turn(&bench, &mine, &RULES).await, Turn::Now);
    bench.requests.release_slot(&mine).await.expect("a release");

    // One that comes back has its place again.
    assert_eq!(turn(&bench, &gone, &RULES).await, Turn::Now);
    assert_eq!(turn(&bench, &mine, &RULES).await, LATER);
}

#[tokio::test]
async fn a_slot_whose_request_is_gone_ended_or_never_was_is_taken_from_it() {
    let bench = Workbench::start(0.0).await;
    let ended = waiting(&bench, "ended", 9.0, now()).await;
    bench.requests.mark_failed(&ended.start(), &unbegun(), now()).await.expect("a move");
    let silent = waiting(&bench, "silent", 200.0, ago(100.0)).await;
    let expired = in_progress_since(&bench, "expired", ago(700.0)).await;
    let mut followed = ended.clone();
    followed.request_id = accounts_core::RequestId::random();

    let mine = waiting(&bench, "mine", 1.0, now()).await;
    let stranger = format!("{} nobody@example.com", accounts_core::RequestId::random());
    let garbage = "garbage".to_owned();
    let stale = [holder(&ended), holder(&silent), holder(&expired), holder(&followed), stranger, garbage];
    for holder in stale {
        bench.table.set_holders(std::slice::from_ref(&holder)).await;
        assert_eq!(turn(&bench, &mine, &RULES).await, Turn::Now, "{holder}");
        assert_eq!(bench.table.holders().await, [self::holder(&mine)]);
    }
}

#[tokio::test]
async fn a_slot_whose_request_is_alive_is_not_taken_from_it() {
    let bench = Workbench::start(0.0).await;
    let running = in_progress_since(&bench, "running", ago(500.0)).await;
    let beginning = waiting(&bench, "beginning", 9.0, ago(30.0)).await;
    let mine = waiting(&bench, "mine", 10.0, now()).await;
    for other in [running, beginning] {
        bench.table.set_holders(&[holder(&other)]).await;
        assert_eq!(turn(&bench, &mine, &RULES).await, LATER, "{}", other.account_name);
        assert_eq!(bench.table.holders().await, [holder(&other)]);
    }
}

#[tokio::test]
async fn a_slot_is_given_back_once_and_only_its_own() {
    let bench = Workbench::start(0.0).await;
    let rules = Rules { slots: 2, ..RULES };
    let mine = waiting(&bench, "mine", 2.0, now()).await;
    let other = waiting(&bench, "other", 1.0, now()).await;
    for request in [&mine, &other] {
        assert_eq!(turn(&bench, request, &rules).await, Turn::Now);
    }
    for _ in 0..2 {
        bench.requests.release_slot(&mine).await.expect("a release");
        assert_eq!(bench.table.holders().await, [holder(&other)]);
    }
    assert!(!bench.requests.holds_slot(&mine).await.expect("an answer"));
    assert!(bench.requests.holds_slot(&other).await.expect("an answer"));
}

#[tokio::test]
async fn a_request_that_was_followed_or_given_up_meanwhile_takes_no_slot() {
    let bench = Workbench::start(0.0).await;
    for (name, seen) in [("fresh", now()), ("old", ago(30.0))] {
        let mut followed = waiting(&bench, name, 1.0, seen).await;
        followed.request_id = accounts_core::RequestId::random();
        match bench.requests.take_turn(&followed, &RULES, now()).await {
            Ok(turn) => assert_eq!(turn, LATER, "{name}"),
            Err(error) => assert_eq!(error.kind(), Kind::Conflict, "{name}"),
        }
        assert_eq!(bench.table.holders().await, [""; 0], "{name}");
        let request = bench.stored(&format!("{name}@example.com")).await;
        bench.requests.mark_failed(&request.start(), &unbegun(), now()).await.expect("a move");
    }
    let given_up = waiting(&bench, "mine", 1.0, now()).await;
    bench.requests.mark_failed_unbegun(&given_up.start(), &unbegun(), now()).await.expect("a move");
    assert_eq!(turn(&bench, &given_up, &RULES).await, LATER);
    assert_eq!(bench.table.holders().await, [""; 0]);
}

#[tokio::test]
async fn a_request_that_has_a_slot_is_not_given_up_as_never_begun() {
    let bench = Workbench::start(0.0).await;
    let request = waiting(&bench, "mine", 1.0, now()).await;
    assert_eq!(turn(&bench, &request, &RULES).await, Turn::Now);
    let error = bench.requests.mark_failed_unbegun(&request.start(), &unbegun(), now()).await;
    assert_eq!(error.expect_err("an error").kind(), Kind::Transient);
    assert_eq!(bench.stored("mine@example.com").await.status, Status::Valid);
}

#[tokio::test]
async fn a_holder_that_cannot_be_read_keeps_its_slot_and_stops_nobody_else() {
    let bench = Workbench::start(0.0).await;
    let broken = waiting(&bench, "broken", 9.0, ago(100.0)).await;
    let silent = waiting(&bench, "silent", 9.0, ago(100.0)).await;
    bench.table.put(&json!({"AccountEmail": {"S": "broken@example.com"}, "Status": {"S": "Valid"}})).await;
    bench.table.set_holders(&[holder(&broken), holder(&silent)]).await;
    let mine = waiting(&bench, "mine", 1.0, now()).await;
    assert_eq!(turn(&bench, &mine, &Rules { slots: 2, ..RULES }).await, Turn::Now);
    let mut left = [holder(&broken), holder(&mine)];
    left.sort();
    assert_eq!(bench.table.holders().await, left);
}

#[tokio::test]
async fn one_that_holds_a_slot_is_not_also_ahead_in_the_queue() {
    let bench = Workbench::start(0.0).await;
    let rules = Rules { slots: 2, ..RULES };
    let beginning = waiting(&bench, "beginning", 9.0, now()).await;
    assert_eq!(turn(&bench, &beginning, &rules).await, Turn::Now);
    let mine = waiting(&bench, "mine", 1.0, now()).await;
    assert_eq!(turn(&bench, &mine, &rules).await, Turn::Now);
}

fn unbegun() -> Failure {
    Failure { reason: "none".to_owned(), account_may_exist: false, account_id: None }
}

async fn in_progress_since(bench: &Workbench, name: &str, since: Timestamp) -> AccountRequest {
    let request = waiting(bench, name, 1000.0, since).await;
    let operation = Operation { record_id: format!("rec-{name}"), provisioned_product_id: None };
    bench.requests.mark_in_progress(&request.start(), &operation, since).await.expect("a move").request
}

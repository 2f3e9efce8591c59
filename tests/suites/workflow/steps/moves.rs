//! Every move from every status: forward, done before, or refused, as the domain has it.

use accounts_core::{
    AccountId, AccountRequest, Failure, Kind, ManagedOrganizationalUnit, Move, Moved, Operation, Result,
    Status,
};
use accounts_lambda::now;
use accounts_tests::Workbench;
use serde_json::json;

const EMAIL: &str = "user@example.com";

/// The moves that there are; nothing moves to `Requested`.
const MOVES: [Status; 4] = [Status::Valid, Status::InProgress, Status::Provisioned, Status::Failed];

async fn make(bench: &Workbench, request: &AccountRequest, to: Status) -> Result<Moved> {
    let (requests, start) = (&bench.requests, request.start());
    match to {
        Status::Requested => unreachable!("nothing moves there"),
        Status::Valid => {
            let unit =
                ManagedOrganizationalUnit { id: "ou-abcd-12345678".to_owned(), name: "Dev".to_owned() };
            requests.mark_valid(&start, &unit, now()).await
        }
        Status::InProgress => {
            let operation = Operation { record_id: "rec-late".to_owned(), provisioned_product_id: None };
            requests.mark_in_progress(&start, &operation, now()).await
        }
        Status::Provisioned => {
            let account = AccountId::parse("999999999999").expect("an id");
            requests.mark_provisioned(&start, &account, None, now()).await
        }
        Status::Failed => {
            let failure = Failure { reason: "late".to_owned(), account_may_exist: false, account_id: None };
            requests.mark_failed(&start, &failure, now()).await
        }
    }
}

/// A request that stands there.
async fn standing(bench: &Workbench, status: Status) -> AccountRequest {
    let request = bench.accept(EMAIL, "mine").await;
    let mut item = bench.table.item(EMAIL).await;
    item["Status"] = json!({"S": status.name()});
    bench.table.put(&item).await;
    request
}

#[tokio::test]
async fn a_move_goes_forward_once_or_changes_nothing() {
    for from in Status::ALL {
        for to in MOVES {
            let bench = Workbench::start(0.0).await;
            let request = standing(&bench, from).await;
            let before = bench.item(EMAIL).await;
            let moved = make(&bench, &request, to).await;
            match from.step_to(to) {
                Move::Forward => {
                    let moved = moved.expect("a move");
                    assert_eq!(
                        (moved.request, moved.to),
                        (bench.stored(EMAIL).await, Some(to)),
                        "{from} to {to}"
                    );
                    let after = bench.item(EMAIL).await;
                    let again = make(&bench, &request, to).await.expect("done before");
                    assert_eq!((again.request.status, again.to), (to, None), "{from} to {to}, twice");
                    assert_eq!(bench.item(EMAIL).await, after, "{from} to {to}, twice");
                }
                Move::Done => {
                    let moved = moved.expect("done before");
                    assert_eq!((moved.request.status, moved.to), (from, None), "{from} to {to}");
                    assert_eq!(bench.item(EMAIL).await, before, "{from} to {to}");
                }
                Move::Refused => {
                    assert_eq!(moved.expect_err("a refusal").kind(), Kind::Conflict, "{from} to {to}");
                    assert_eq!(bench.item(EMAIL).await, before, "{from} to {to}");
                }
            }
        }
    }
}

#[tokio::test]
async fn of_two_moves_at_once_one_counts() {
    let bench = Workbench::start(0.0).await;
    let request = standing(&bench, Status::InProgress).await;
    let (provisioned, failed) =
        tokio::join!(make(&bench, &request, Status::Provisioned), make(&bench, &request, Status::Failed));
    let status = bench.stored(EMAIL).await.status;
    let won = [(Status::Provisioned, provisioned), (Status::Failed, failed)];
    for (to, result) in won {
        match result {
            Ok(moved) => assert_eq!((moved.to, status), (Some(to), to)),
            Err(error) => assert_eq!(error.kind(), Kind::Conflict, "{to}"),
        }
    }
}

//! What is decided on is read consistently; only the index of the queues is not, and it only names candidates.

use accounts_aws::Table;
use accounts_core::{Pool, RequestStatus};
use accounts_tests::Workbench;

use super::EMAIL;

const CONSISTENT: &str = "\"ConsistentRead\":true";

#[tokio::test]
async fn every_read_is_consistent_but_those_of_the_index() {
    let bench = Workbench::start(0.0).await;
    for action in ["GetItem", "Query"] {
        let inconsistent = bench.wire.on(action).lacking(CONSISTENT).lacking("QueueIndex").always();
        inconsistent.refuse(400, "ValidationException");
    }
    let functions = bench.functions(&[]);
    let (request, event) = bench.admitted(EMAIL, "mine").await;
    functions.run(&event).await.expect("an end");
    bench.reconcile().await;
    let request = bench.request(&request).await;
    assert_eq!(request.status, RequestStatus::Provisioned);

    let table = Table::new(bench.sdk(), "AccountsTable".to_owned());
    assert_eq!(table.operations(&request).await.expect("the operations").len(), 1);
    assert_eq!(table.history(&request.account_email, 10, None).await.expect("a page").requests.len(), 1);
    assert_eq!(table.slot_holders(Pool::ControlTower).await.expect("the slots"), []);
    assert_eq!(table.pool_pause(Pool::ControlTower).await.expect("the pool"), None);
}

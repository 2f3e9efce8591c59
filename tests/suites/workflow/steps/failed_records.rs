//! Records that failed: what else is looked at before an account is said not to exist.

use accounts_core::{OperationOutcome, Request};
use accounts_tests::{Function, Workbench};
use serde_json::{Value, json};

use super::begun;

const BUSY: &str = "It failed because another AWS Control Tower operation is in progress.";

/// The request's record failed with this text, no account is listed, and its product is answered so.
async fn failed(bench: &Workbench, text: &str) -> (Request, Value) {
    let (request, event) = begun(bench, &bench.functions(&[]), "mine").await;
    let handle = bench.operation(&request).await.handle.expect("a handle");
    bench.wire.on("ListAccounts").always().answer(&json!({"Accounts": []}));
    bench.wire.on("DescribeRecord").always().answer(&json!({"RecordDetail": {
        "RecordId": handle["RecordId"], "Status": "FAILED", "ProvisionedProductId": handle["ProvisionedProductId"],
        "RecordErrors": [{"Code": "Unknown", "Description": text}],
    }}));
    (request, event)
}

#[tokio::test]
async fn what_was_given_up_as_busy_but_left_a_tainted_product_is_not_repeated() {
    for (status, is_repeated) in [("TAINTED", false), ("ERROR", true)] {
        let bench = Workbench::start(600.0).await;
        let (request, event) = failed(&bench, BUSY).await;
        let product = json!({"ProvisionedProductDetail": {"Status": status}});
        bench.wire.on("DescribeProvisionedProduct").answer(&product);
        bench.functions(&[]).chain(&[Function::CheckStatus], &event).await;
        match bench.operation(&request).await.outcome {
            Some(OperationOutcome::Busy { .. }) => assert!(is_repeated, "{status}"),
            Some(OperationOutcome::Failed { account_may_exist, .. }) => {
                assert_eq!((is_repeated, account_may_exist), (false, true), "{status}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_product_that_is_gone_has_no_account() {
    let bench = Workbench::start(600.0).await;
    let (request, event) = failed(&bench, "The e-mail is already in use.").await;
    bench.wire.on("DescribeProvisionedProduct").refuse(400, "ResourceNotFoundException");
    bench.functions(&[]).chain(&[Function::CheckStatus], &event).await;
    let outcome = bench.operation(&request).await.outcome;
    let Some(OperationOutcome::Failed { account_may_exist, account_id, .. }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((account_may_exist, account_id), (false, None));
}

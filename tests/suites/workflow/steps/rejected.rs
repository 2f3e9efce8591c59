//! Rejections of an operation: the name that is taken, the input that is no longer good, and the final one.

use accounts_aws::ControlTower;
use accounts_core::{Backend as _, Operation, OperationOutcome, OperationState, Request, RequestStatus};
use accounts_lambda::now;
use accounts_tests::{Function, Workbench};
use serde_json::json;

use super::{EMAIL, EXPIRED, begun, valid};

const STACK_EXISTS: &str = "A stack named mine already exists.";

/// Somebody else's operation: with this token, and as the request's own would be otherwise.
async fn somebody_elses(bench: &Workbench, request: &Request, token: &str) -> Operation {
    let backend = ControlTower::new(bench.sdk());
    let step = request.current_step().expect("a step");
    let input = backend.prepare(step, request, None).await.expect("an input");
    let operation = Operation::first_attempt(request, step.backend, input, now());
    let operation = Operation { token: token.to_owned(), ..operation };
    backend.begin(&operation).await.expect("an operation");
    operation
}

#[tokio::test]
async fn a_taken_product_name_with_our_token_is_our_own_operation() {
    for (code, text) in
        [("InvalidParametersException", STACK_EXISTS), ("DuplicateResourceException", "It exists.")]
    {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.wire.on("ProvisionProduct").lose_answer();
        functions.chain(&[Function::Provision], &event).await;
        bench.wire.on("ProvisionProduct").refuse_with(400, code, text);
        functions.chain(&[Function::Provision], &event).await;

        let operation = bench.operation(&request).await;
        assert_eq!((operation.state, operation.attempts), (OperationState::Begun, 2), "{code}");
        assert_eq!(bench.done().operations, 1);
    }
}

#[tokio::test]
async fn a_taken_product_name_that_no_search_shows_yet_is_unknown_and_found_later() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").lose_answer();
    bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", STACK_EXISTS);
    bench.landing_zone.hide_products(true);
    functions.chain(&[Function::Provision, Function::Provision], &event).await;
    let operation = bench.operation(&request).await;
    assert_eq!((operation.state, operation.unanswered.len()), (OperationState::Beginning, 2));
    assert_eq!((operation.rejection, operation.outcome), (None, None));

    bench.landing_zone.hide_products(false);
    functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(bench.operation(&request).await.state, OperationState::Begun);
}

#[tokio::test]
async fn a_product_of_our_name_with_somebody_elses_token_is_not_ours() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    somebody_elses(&bench, &request, "somebody-else").await;
    for function in [Function::Provision, Function::CheckStatus, Function::Provision] {
        functions.chain(&[function], &event).await;
        let operation = bench.operation(&request).await;
        assert_eq!((operation.state, operation.handle), (OperationState::Beginning, None), "{function:?}");
        assert!(!operation.unanswered.is_empty(), "it is unknown what was started");
    }
    assert_eq!(bench.holders().await.len(), 1);
}

#[tokio::test]
async fn a_rejection_for_good_ends_the_request_and_its_name_is_free() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.items.edit(EMAIL, &format!("REQUEST#{}", request.request_id), |item| {
        item["Unit"] = json!({"M": {"Id": {"S": "ou-abcd-12345678"}, "Name": {"S": "Dev"}}});
    });
    bench.wire.take();
    let answer = functions.call(Function::Provision, &event).await.expect("a step");
    assert_eq!(answer["Next"], "UpdateFailed", "{answer}");
    assert!(bench.wire.count("SearchProvisionedProducts") > 0, "it was looked for before it was believed");
    assert!(bench.wire.count("ListAccounts") > 0);
    let operation = bench.operation(&request).await;
    assert_eq!(operation.state, OperationState::Ended);
    assert!(matches!(&operation.outcome, Some(OperationOutcome::Rejected { .. })), "{operation:?}");

    functions.chain(&[Function::UpdateFailed], &answer).await;
    let stored = bench.snapshot(&request).await;
    assert_eq!(stored.request.status, RequestStatus::Failed);
    assert!(stored.request.error_message.expect("a reason").contains("ou-abcd-12345678"));
    assert!(stored.account.can_be_requested_again());
    assert_eq!((bench.holders().await, bench.items.get("NAME#mine", "CLAIM").is_null()), (vec![], true));
}

#[tokio::test]
async fn a_rejection_is_not_believed_while_nobody_can_look() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").refuse(400, "InvalidParametersException");
    bench.wire.on("SearchProvisionedProducts").always().refuse(400, "AccessDeniedException");
    let mut answer = functions.chain(&[Function::Provision], &event).await;
    assert_eq!(answer["Next"], "Wait");
    assert_eq!(bench.operation(&request).await.state, OperationState::Beginning);
    bench.wire.clear();
    answer = functions.chain(&[Function::CheckStatus], &answer).await;
    assert_eq!(
        (&answer["Next"], bench.operation(&request).await.state),
        (&json!("UpdateFailed"), OperationState::Ended)
    );
}

#[tokio::test]
async fn an_account_of_somebody_else_with_the_email_does_not_make_a_rejection_less_final() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let mut other = request.clone();
    other.request_id = accounts_core::RequestId::generate(now());
    somebody_elses(&bench, &other, "somebody-else").await;
    bench.wire.on("ProvisionProduct").refuse(400, "InvalidParametersException");
    let answer = functions.chain(&[Function::Provision], &event).await;
    functions.chain(&[Function::UpdateFailed], &answer).await;
    let stored = bench.request(&request).await;
    assert_eq!(
        (stored.status, stored.account_may_exist, stored.account_id),
        (RequestStatus::Failed, false, None)
    );
}

/// The functions know an artifact that is retired then.
async fn with_retired_artifact(bench: &Workbench, functions: &accounts_tests::Functions) -> String {
    begun(bench, functions, "first").await;
    let retired = bench.landing_zone.default_artifact().expect("an artifact");
    bench.landing_zone.retire_artifact(&retired);
    retired
}

#[tokio::test]
async fn a_retired_artifact_ends_the_operation_and_the_next_one_is_looked_up_afresh() {
    for refusal in [None, Some("ResourceNotFoundException")] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let retired = with_retired_artifact(&bench, &functions).await;
        let (request, event) = bench.admitted("second@example.com", "second").await;
        let mut event = functions.chain(&[Function::Validate], &event).await;
        if let Some(code) = refusal {
            bench.wire.on("ProvisionProduct").refuse(400, code);
        }
        event = functions.chain(&[Function::Provision], &event).await;
        assert_eq!(event["Next"], "Provision", "{event}");
        event = functions.chain(&[Function::Provision], &event).await;
        assert_eq!(event["Next"], "Wait");

        let stored = bench.request(&request).await;
        let operations = bench.table.operations(&stored).await.expect("the operations");
        let [first, second] = &operations[..] else { panic!("{operations:?}") };
        assert!(matches!(first.outcome, Some(OperationOutcome::InputRejected { .. })), "{first:?}");
        assert_eq!(first.input["ArtifactId"], retired);
        assert_eq!(second.state, OperationState::Begun);
        assert_eq!(Some(&second.input["ArtifactId"]), bench.landing_zone.default_artifact().as_ref());
        assert_ne!(first.token, second.token);
        assert_ne!(first.input["ProvisionedProductName"], second.input["ProvisionedProductName"]);
        assert_eq!(bench.done().operations, 2);
    }
}

#[tokio::test]
async fn a_retired_artifact_says_nothing_about_an_attempt_that_can_still_arrive() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    with_retired_artifact(&bench, &functions).await;
    let (request, event) = bench.admitted("second@example.com", "second").await;
    bench.wire.on("ProvisionProduct").drop_call();
    let event =
        functions.chain(&[Function::Validate, Function::Provision, Function::Provision], &event).await;
    assert_eq!(event["Next"], "Wait", "no second operation beside the first");
    assert_eq!(bench.request(&request).await.operation, 1);
    let answer = bench.functions(EXPIRED).call(Function::CheckStatus, &event).await.expect("a step");
    assert_eq!(answer["Next"], "Provision");
}

#[tokio::test]
async fn the_number_of_operations_is_bounded_and_the_last_ones_reason_ends_the_request() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    with_retired_artifact(&bench, &functions).await;
    let (request, event) = bench.admitted("second@example.com", "second").await;
    let event = functions.chain(&[Function::Validate, Function::Provision], &event).await;
    let prefix = format!("OPERATION#{}", request.request_id);
    let mut last = bench.items.get("second@example.com", &format!("{prefix}#001"));
    last["Record"] = json!({"S": format!("{prefix}#030")});
    last["Number"] = json!({"N": "30"});
    bench.items.put(&last);
    bench.items.edit("second@example.com", &format!("REQUEST#{}", request.request_id), |item| {
        item["Operation"] = json!({"N": "30"});
    });
    let answer = functions.chain(&[Function::Provision], &event).await;
    assert_eq!(answer["Next"], "UpdateFailed");
    functions.chain(&[Function::UpdateFailed], &answer).await;
    let stored = bench.request(&request).await;
    assert_eq!((stored.status, stored.account_may_exist), (RequestStatus::Failed, false));
    assert!(stored.error_message.expect("a reason").contains("not active"));
}

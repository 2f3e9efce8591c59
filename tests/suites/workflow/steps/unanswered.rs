//! Attempts whose answer was lost: what they may have started is looked for, and nothing is concluded too early.

use accounts_core::{Kind, MAX_UNANSWERED, OperationOutcome, OperationState, RequestStatus};
use accounts_tests::{Function, Lines, Workbench, caught};
use serde_json::json;

use super::{EMAIL, EXPIRED, refused, valid};

#[tokio::test]
async fn a_lost_answer_keeps_the_slot_and_the_operation_is_found_by_its_token() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").lose_answer();
    let event = functions.chain(&[Function::Provision], &event).await;
    assert_eq!(event["Next"], "Wait");
    assert_eq!((bench.operation(&request).await.unanswered.len(), bench.holders().await.len()), (1, 1));

    let event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(bench.operation(&request).await.state, OperationState::Begun);
    assert_eq!(
        functions.run_from(Function::CheckStatus, &event).await.expect("an end")["Status"],
        "Provisioned"
    );
    assert_eq!((bench.done().operations, bench.done().accounts.len()), (1, 1));
}

#[tokio::test]
async fn where_nothing_is_found_the_operation_is_repeated_with_the_same_token() {
    for arrives in [true, false] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.landing_zone.hide_products(true);
        if arrives {
            bench.wire.on("ProvisionProduct").lose_answer();
        } else {
            bench.wire.on("ProvisionProduct").drop_call();
        }
        let event = functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
        assert_eq!(event["Next"], "Provision", "{event}");
        functions.chain(&[Function::Provision], &event).await;
        let operation = bench.operation(&request).await;
        assert_eq!((operation.number, operation.attempts, operation.state), (1, 2, OperationState::Begun));
        assert_eq!(bench.done().operations, 1);
    }
}

#[tokio::test]
async fn after_an_unanswered_attempt_a_rejection_waits_until_it_can_no_longer_arrive() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", "It is not to be.");
    let mut event = functions.chain(&[Function::Provision, Function::Provision], &event).await;
    for _ in 0..3 {
        assert_eq!((&event["Next"], &event["Status"]), (&json!("Wait"), &json!("InProgress")));
        let operation = bench.operation(&request).await;
        assert_eq!((operation.state, operation.attempts), (OperationState::Beginning, 2));
        assert!(operation.rejection.is_some());
        event = functions.chain(&[Function::CheckStatus], &event).await;
    }
    functions.chain(&[Function::UpdateFailed], &event).await;
    let held = bench.request(&request).await;
    assert!(
        held.status == RequestStatus::InProgress && held.slot.is_some(),
        "update-failed ends nothing either"
    );

    bench.wire.take();
    let event = bench.functions(EXPIRED).chain(&[Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "UpdateFailed");
    assert!(bench.wire.count("SearchProvisionedProducts") > 0, "a lookup concludes it");
    functions.chain(&[Function::UpdateFailed], &event).await;
    let stored = bench.request(&request).await;
    assert_eq!((stored.status, stored.account_may_exist), (RequestStatus::Failed, false));
    assert!(stored.error_message.expect("a reason").contains("It is not to be."));
    assert_eq!(bench.holders().await, []);
}

#[tokio::test]
async fn an_attempt_that_arrives_after_another_was_rejected_is_followed_to_its_account() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let slow = bench.wire.on("ProvisionProduct").hold();
    bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", "It is not to be.");
    let meanwhile = async {
        slow.arrived().await;
        let answer = functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
        assert_eq!(answer["Next"], "Wait", "{answer}");
        slow.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    let answer = answer.expect("a step");
    assert_eq!(bench.operation(&request).await.state, OperationState::Begun);
    assert_eq!(
        functions.run_from(Function::CheckStatus, &answer).await.expect("an end")["Status"],
        "Provisioned"
    );
}

#[tokio::test]
async fn a_busy_answer_says_nothing_about_an_attempt_before_it() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    functions.chain(&[Function::Provision], &event).await;
    bench.landing_zone.occupy(5);
    let (kind, sentence) = refused(functions.call(Function::Provision, &event).await);
    assert_eq!(kind, Kind::Busy);
    functions.chain(&[Function::UpdateFailed], &caught(&event, kind.name(), &sentence)).await;
    let stored = bench.request(&request).await;
    assert_eq!((stored.status, stored.slot), (RequestStatus::InProgress, request.slot), "the slot is kept");
    assert!(stored.resume_at.is_some() && stored.parked_until.is_none());
}

#[tokio::test]
async fn an_account_with_the_email_and_an_unanswered_attempt_may_be_ours_and_every_claim_is_kept() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(EXPIRED);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.landing_zone.hide_products(true);
    bench.wire.on("ProvisionProduct").lose_answer();
    bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", "It is not to be.");
    functions.chain(&[Function::Provision], &event).await;
    let event = bench.functions(&[]).chain(&[Function::Provision], &event).await;
    let event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "UpdateFailed", "{event}");
    functions.chain(&[Function::UpdateFailed], &event).await;

    let made = &bench.done().accounts[0].id;
    let stored = bench.snapshot(&request).await;
    assert_eq!((stored.request.status, stored.request.account_may_exist), (RequestStatus::Failed, true));
    assert_eq!(stored.account.account_id.as_ref().map(|id| id.as_str()), Some(made.as_str()));
    assert!(!stored.account.can_be_requested_again());
    for claim in ["NAME#mine".to_owned(), format!("ID#{made}")] {
        assert_eq!(bench.items.get(&claim, "CLAIM")["Owner"]["S"], EMAIL, "{claim}");
    }
    assert_eq!(bench.holders().await, []);
}

#[tokio::test]
async fn unanswered_attempts_are_bounded() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").always().drop_call();
    for _ in 0..MAX_UNANSWERED {
        functions.chain(&[Function::Provision], &event).await;
    }
    bench.wire.take();
    for _ in 0..2 {
        assert_eq!(
            functions.chain(&[Function::Provision], &event).await["Next"],
            "Wait",
            "no loop without a wait"
        );
        assert_eq!(bench.wire.count("ProvisionProduct"), 0);
    }
    assert_eq!(bench.operation(&request).await.unanswered.len(), MAX_UNANSWERED);
    bench.functions(EXPIRED).chain(&[Function::Provision], &event).await;
    assert_eq!(bench.wire.count("ProvisionProduct"), 1, "the oldest can no longer arrive");
    assert_eq!(bench.operation(&request).await.unanswered.len(), MAX_UNANSWERED);
}

#[tokio::test]
async fn a_lookup_that_fails_says_nothing() {
    for action in ["SearchProvisionedProducts", "ListAccounts"] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(EXPIRED);
        let (request, event) = valid(&bench, &functions, "mine").await;
        bench.wire.on("ProvisionProduct").drop_call();
        bench.wire.on("ProvisionProduct").refuse(400, "InvalidParametersException");
        bench.wire.on(action).always().refuse(400, "AccessDeniedException");
        let event = functions.chain(&[Function::Provision, Function::Provision], &event).await;
        assert_eq!(functions.chain(&[Function::CheckStatus], &event).await["Next"], "Wait", "{action}");
        assert_eq!(bench.operation(&request).await.outcome, None);
    }
}

#[tokio::test]
async fn an_attempt_that_is_accepted_although_it_could_no_longer_arrive_is_alarmed() {
    let (bench, lines) = (Workbench::start(0.0).await, Lines::default());
    let functions = bench.functions_with(&lines.of(EXPIRED));
    let (request, event) = valid(&bench, &functions, "mine").await;
    let slow = bench.wire.on("ProvisionProduct").hold();
    bench.wire.on("ProvisionProduct").refuse_with(400, "InvalidParametersException", "It is not to be.");
    let meanwhile = async {
        slow.arrived().await;
        functions.chain(&[Function::Provision], &event).await;
        lines.take();
        slow.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    answer.expect("a step");
    let operation = bench.operation(&request).await;
    assert!(matches!(operation.outcome, Some(OperationOutcome::Rejected { .. })), "{operation:?}");
    assert_eq!(Lines::one(&lines.take(), "UnexpectedAccounts"), 1.0);
}

#[tokio::test]
async fn an_account_with_the_email_ends_an_unanswered_operation_once_no_attempt_can_arrive() {
    let bench = Workbench::start(0.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.landing_zone.hide_products(true);
    bench.wire.on("ProvisionProduct").lose_answer();
    let event = functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "Wait", "it is not attempted again: {event}");
    bench.functions(EXPIRED).run_from(Function::CheckStatus, &event).await.expect("an end");
    let stored = bench.request(&request).await;
    assert_eq!((stored.status, stored.account_may_exist), (RequestStatus::Failed, true));
    assert_eq!(stored.account_id.expect("an id").as_str(), bench.done().accounts[0].id);
}

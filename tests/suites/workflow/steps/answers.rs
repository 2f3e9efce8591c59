//! Answers that come late or cannot be read: each is of its own operation and of its own attempt.

use accounts_aws::{Endpoints, Sdk};
use accounts_core::{Kind, OperationState};
use accounts_lambda::Settings;
use accounts_tests::{Function, Workbench};
use provision::Provision;
use serde_json::json;

use super::{EXPIRED, refused, valid};

#[tokio::test]
async fn an_answer_to_an_earlier_operation_says_nothing_about_the_next_one() {
    for accepted in [true, false] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(EXPIRED);
        let (request, event) = valid(&bench, &functions, "mine").await;
        let first = bench.wire.on("ProvisionProduct");
        let slow = if accepted { first.hold_answer() } else { first.hold() };
        let meanwhile = async {
            slow.arrived().await;
            bench.landing_zone.hide_products(true);
            bench.landing_zone.retire_artifact(&bench.landing_zone.default_artifact().expect("an artifact"));
            bench.wire.on("ProvisionProduct").refuse(400, "ResourceNotFoundException");
            let next = functions.chain(&[Function::Provision], &event).await;
            assert_eq!(next["Next"], "Provision", "the first operation is given up: {next}");
            bench.wire.on("ProvisionProduct").drop_call();
            functions.chain(&[Function::Provision], &next).await;
            let second = bench.operation(&request).await;
            slow.release();
            second
        };
        let (late, second) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
        late.expect("a step");
        assert_eq!((second.number, second.state, second.unanswered.len()), (2, OperationState::Beginning, 1));
        assert_eq!(bench.operation(&request).await, second, "accepted: {accepted}");
    }
}

#[tokio::test]
async fn an_answer_is_of_its_own_attempt_and_leaves_the_others_unanswered() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    let slow = bench.wire.on("ProvisionProduct").hold();
    bench.wire.on("ProvisionProduct").drop_call();
    let meanwhile = async {
        slow.arrived().await;
        functions.chain(&[Function::Provision], &event).await;
        bench.landing_zone.set_denied("ProvisionProduct", true);
        slow.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::Provision, &event), meanwhile);
    assert_eq!(refused(answer).0, Kind::AccessDenied);
    let operation = bench.operation(&request).await;
    let numbers: Vec<_> = operation.unanswered.iter().map(|attempt| attempt.number).collect();
    assert_eq!((operation.attempts, numbers), (2, vec![2]));
}

#[tokio::test]
async fn a_look_that_began_while_an_attempt_could_arrive_concludes_nothing() {
    const EXPIRY_SECONDS: f64 = 2.0;
    let bench = Workbench::start(600.0).await;
    let (patient, functions) = (bench.functions(&[]), bench.functions(&[("ATTEMPT_EXPIRY_SECONDS", "2")]));
    let (request, event) = valid(&bench, &patient, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    bench.wire.on("ProvisionProduct").refuse(400, "InvalidParametersException");
    let event = patient.chain(&[Function::Provision, Function::Provision], &event).await;
    let attempt = bench.operation(&request).await.unanswered[0];
    let look = bench.wire.on("SearchProvisionedProducts").hold_answer();
    let meanwhile = async {
        look.arrived().await;
        while accounts_lambda::now().seconds_since(attempt.at) <= EXPIRY_SECONDS {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        look.release();
    };
    let (answer, ()) = tokio::join!(functions.call(Function::CheckStatus, &event), meanwhile);
    let answer = answer.expect("a step");
    assert_eq!((&answer["Next"], bench.operation(&request).await.outcome), (&json!("Wait"), None));
    assert_eq!(functions.chain(&[Function::CheckStatus], &answer).await["Next"], "UpdateFailed");
}

#[tokio::test]
async fn an_answer_that_does_not_say_what_became_of_the_attempt_leaves_it_unanswered() {
    for (status, code) in [
        (400, "ConcurrentModificationException"),
        (400, "RequestTimeout"),
        (500, "AccessDeniedException"),
        (400, "none"),
        (200, "cut off"),
    ] {
        let bench = Workbench::start(600.0).await;
        let functions = bench.functions(&[]);
        let (request, event) = valid(&bench, &functions, "mine").await;
        let call = bench.wire.on("ProvisionProduct");
        match code {
            "none" => call.refuse_without_code(status),
            "cut off" => call.answer(&json!(code)),
            code => call.refuse(status, code),
        }
        assert_eq!(functions.chain(&[Function::Provision], &event).await["Next"], "Wait", "{code}");
        assert_eq!(bench.operation(&request).await.unanswered.len(), 1, "{code}");
    }
}

#[tokio::test]
async fn an_attempt_whose_call_finds_nobody_is_unanswered() {
    let bench = Workbench::start(600.0).await;
    let functions = bench.functions(&[]);
    let (request, event) = valid(&bench, &functions, "mine").await;
    bench.wire.on("ProvisionProduct").drop_call();
    functions.chain(&[Function::Provision], &event).await;
    let nobody = "http://127.0.0.1:1".to_owned();
    let sdk = Sdk::at(Endpoints { landing_zone: nobody, ..bench.endpoints().clone() }).await;
    let settings = Settings::from_pairs::<&str, &str>([]);
    let provision = Provision::connect(&settings, &sdk).expect("provision");
    assert_eq!(provision.handle(&event).await.expect("a step")["Next"], "Wait");
    assert_eq!(bench.operation(&request).await.unanswered.len(), 2);
}

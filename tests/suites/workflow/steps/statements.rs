//! What the API looks at before it believes an operator's statement about an overdue operation.

use accounts_core::{OperationState, Request, RequestStatus};
use accounts_lambda::Settings;
use accounts_tests::{Function, Workbench};
use api::Api;
use serde_json::{Value, json};

use super::overdue::{TIMED_OUT, overdue};
use super::valid;

/// States this about the request's operation, and gives the status and the code of the answer.
async fn state(bench: &Workbench, request: &Request, statement: &Value) -> (u16, String) {
    let api = Api::connect(&Settings::from_pairs::<&str, &str>([]), bench.sdk()).await.expect("the api");
    let (id, route) = (request.request_id.to_string(), "POST /requests/{requestId}/resolve");
    let path = format!("/requests/{id}/resolve");
    let event = json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "headers": {},
        "pathParameters": {"requestId": id},
        "requestContext": {
            "accountId": "123456789012", "apiId": "a1b2c3d4e5", "domainName": "api.example.com", "domainPrefix": "api",
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": ""},
            "requestId": "1", "routeKey": route, "stage": "$default",
            "time": "22/Nov/2026:09:30:00 +0000", "timeEpoch": 1_795_339_800_000_i64,
        },
        "body": statement.to_string(), "isBase64Encoded": false,
    });
    let event = lambda_http::request::from_str(&event.to_string()).expect("an event");
    let (parts, body) = api.handle(event).await.into_parts();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    (parts.status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
}

fn absent() -> Value {
    json!({"Outcome": "NoAccount", "Reason": "I found none."})
}

fn problem(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A request whose attempt was accepted, which nobody knows, past its timeout; and the event of its next step.
async fn unanswered(bench: &Workbench) -> (Request, Value) {
    let functions = bench.functions(TIMED_OUT);
    let (request, event) = valid(bench, &functions, "mine").await;
    bench.landing_zone.hide_products(true);
    bench.wire.on("ProvisionProduct").lose_answer();
    let event = functions.chain(&[Function::Provision, Function::CheckStatus], &event).await;
    let request = bench.request(&request).await;
    assert!(request.overdue_since.is_some());
    (request, event)
}

#[tokio::test]
async fn an_operation_that_is_found_and_runs_is_not_absent() {
    let bench = Workbench::start(600.0).await;
    let (request, _) = unanswered(&bench).await;
    bench.landing_zone.hide_products(false);
    assert_eq!(state(&bench, &request, &absent()).await, problem(409, "operation_running"));
    assert_eq!(bench.request(&request).await, request);
}

#[tokio::test]
async fn an_operation_whose_record_succeeded_is_not_absent_although_its_account_is_not_listed_yet() {
    let bench = Workbench::start(0.0).await;
    bench.wire.on("DescribeRecord").refuse(400, "AccessDeniedException");
    let (request, _) = overdue(&bench, "mine").await;
    bench.wire.on("ListAccounts").always().answer(&json!({"Accounts": []}));
    assert_eq!(state(&bench, &request, &absent()).await, problem(409, "account_exists"));
    assert_eq!(bench.request(&request).await, request);
}

#[tokio::test]
async fn an_operation_that_is_found_while_the_organization_is_looked_at_is_looked_at_again() {
    let bench = Workbench::start(600.0).await;
    let (request, event) = unanswered(&bench).await;
    let look = bench.wire.on("ListAccounts").hold_answer();
    let meanwhile = async {
        look.arrived().await;
        bench.landing_zone.hide_products(false);
        bench.functions(TIMED_OUT).chain(&[Function::CheckStatus], &event).await;
        look.release();
    };
    let statement = absent();
    let (answer, ()) = tokio::join!(state(&bench, &request, &statement), meanwhile);
    assert_eq!(answer, problem(409, "conflict"));
    let stored = bench.snapshot(&request).await;
    assert_eq!(stored.operation.expect("an operation").state, OperationState::Begun);
    assert_eq!(stored.request.status, RequestStatus::InProgress);
}

#[tokio::test]
async fn where_the_organization_does_not_answer_no_account_is_called_somebody_elses() {
    let bench = Workbench::start(0.0).await;
    let (request, _) = overdue(&bench, "sim-never").await;
    bench.wire.on("DescribeAccount").refuse(400, "AccessDeniedException");
    let exists = json!({"Outcome": "AccountExists", "AccountId": "123456789012", "Reason": "I saw it."});
    assert_eq!(state(&bench, &request, &exists).await, problem(500, "internal"));
    assert_eq!(bench.request(&request).await, request);
}

#[tokio::test]
async fn nothing_is_asked_about_an_operation_that_has_ended() {
    let bench = Workbench::start(0.0).await;
    bench.wire.on("DescribeRecord").refuse(400, "AccessDeniedException");
    let (request, event) = overdue(&bench, "mine").await;
    let event = bench.functions(&[]).chain(&[Function::CheckStatus], &event).await;
    assert_eq!(event["Next"], "UpdateStatus");
    bench.wire.take();
    assert_eq!(state(&bench, &request, &absent()).await, problem(409, "not_overdue"));
    assert_eq!(bench.wire.count("DescribeRecord") + bench.wire.count("ListAccounts"), 0);
}

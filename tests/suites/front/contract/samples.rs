//! Each function has a sample event, which it accepts.

use accounts_core::{FailedStep, Finding, NewAccount, Start, Step};
use accounts_lambda::Settings;
use accounts_tests::{Client, LocalFleet, Pace};
use authorizer::Authorizer;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use reqwest::Method;
use serde_json::{Value, json};

use super::{FUNCTIONS, sample, text};

#[test]
fn each_function_has_a_sample_event() {
    for function in FUNCTIONS {
        assert!(sample(function).is_object(), "{function}");
    }
}

#[test]
fn the_body_of_the_readme_is_good() {
    NewAccount::parse(text("samples/create_account.json").as_bytes()).expect("a good body");
}

#[test]
fn the_samples_of_the_api_are_events_of_an_http_api() {
    let request = lambda_http::request::from_str(&text("samples/api.json")).expect("an event");
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/createAccount"));
    let sent = NewAccount::parse(request.body()).expect("a good body");
    assert_eq!(sent, NewAccount::parse(text("samples/create_account.json").as_bytes()).expect("a good body"));
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        panic!("not an event of an HTTP API (payload 2.0)");
    };
    assert!(context.authorizer.is_some() && context.request_id.is_some());

    let request = lambda_http::request::from_str(&text("samples/api_get.json")).expect("an event");
    assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/getAccount"));
    assert_eq!(request.query_string_parameters().first("accountEmail"), Some("user@example.com"));
}

#[test]
fn the_samples_of_the_workflow_are_states_of_its_execution() {
    for function in ["validate", "provision", "check-status", "update-status"] {
        let event = sample(function);
        let start = Start::read(&event).unwrap_or_else(|error| panic!("{function}: {error}"));
        if function == "validate" {
            assert_eq!(event, json!(start), "an execution starts with more or less than this");
        } else {
            let step: Step =
                serde_json::from_value(event).unwrap_or_else(|error| panic!("{function}: {error}"));
            assert_eq!(step.account_id.is_some(), function == "update-status");
        }
    }
    let failed = FailedStep::find(&sample("update-failed")).expect("a request that failed");
    assert_eq!(
        failed.finding,
        Finding::StepFailed("There is no organizational unit Engineering/Nowhere.".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_stream_trigger_starts_the_execution_of_its_request() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let settings = Settings::from_pairs([("SFN_ARN", fleet.fleet().state_machine_arn())]);
    let sdk = accounts_aws::Sdk::at(fleet.fleet().endpoints().clone()).await;
    let trigger = stream_trigger::StreamTrigger::connect(&settings, &sdk).expect("stream-trigger");
    let answer = trigger.handle(&sample("stream-trigger")).await.expect("an answer");
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(input_of_sample(&fleet).await, sample("validate"));
}

/// What the execution of the sample's request was started with, as the fleet's Step Functions tells it.
pub(super) async fn input_of_sample(fleet: &LocalFleet) -> Value {
    let id = sample("stream-trigger")["Records"][0]["dynamodb"]["NewImage"]["RequestID"]["S"].clone();
    let machine = fleet.fleet().state_machine_arn();
    let arn = format!("{}:{}", machine.replace(":stateMachine:", ":execution:"), id.as_str().expect("an id"));
    let request = reqwest::Client::new()
        .post(&fleet.fleet().endpoints().step_functions)
        .header("x-amz-target", "AWSStepFunctions.DescribeExecution")
        .header("content-type", "application/x-amz-json-1.0")
        .body(json!({"executionArn": arn}).to_string());
    let execution = Client::send(request).await.body;
    let input = execution["input"].as_str().unwrap_or_else(|| panic!("no execution: {execution}"));
    serde_json::from_str(input).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_the_authorizer_is_a_question_that_it_answers() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let authorizer = Authorizer::connect(&authorizer_settings(&fleet)).await.expect("an authorizer");
    let denied = authorizer.handle(sample("authorizer")).await.expect("an answer");
    assert_eq!(denied, json!({"isAuthorized": false}), "a placeholder is no token");

    let question = text("samples/authorizer.json").replace("PLACEHOLDER.FOR.TOKEN", fleet.token());
    let question = serde_json::from_str(&question).expect("JSON");
    let allowed = authorizer.handle(question).await.expect("an answer");
    assert_eq!(allowed["isAuthorized"], json!(true), "{allowed}");
    assert_eq!(allowed["context"]["groups"], "Administrators", "{allowed}");
}

/// The settings of an authorizer for this fleet's tokens.
pub(super) fn authorizer_settings(fleet: &LocalFleet) -> Settings {
    Settings::from_pairs(authorizer_environment(fleet))
}

/// The same, as an environment.
pub(super) fn authorizer_environment(fleet: &LocalFleet) -> [(&'static str, String); 3] {
    let claims = crate::authorizer::claims(fleet.token());
    let text = |name: &str| claims[name].as_str().expect("a claim").to_owned();
    let keys = fleet.bare(Method::GET, "/local/jwks.json").build().expect("a request").url().to_string();
    [("ISSUER", text("iss")), ("AUDIENCE", text("client_id")), ("JWKS_URL", keys)]
}

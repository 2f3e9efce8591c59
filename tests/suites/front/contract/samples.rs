//! Each function has sample events, which it accepts.

use accounts_core::{
    ExecutionRef, FailedEvent, Kind, NewAccount, Next, Payload, Request, RequestId, execution_input,
};
use accounts_lambda::Settings;
use accounts_tests::{LocalFleet, Pace};
use authorizer::Authorizer;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use reqwest::Method;
use serde_json::{Value, json};

use super::{FUNCTIONS, sample, text};

/// What the body of an operator's statement is called with.
const STATEMENTS: [&str; 2] = ["resolve_account_exists", "resolve_no_account"];

/// The request of the samples, as it is once it was admitted.
fn request() -> Request {
    let account = NewAccount::parse(text("samples/create_account.json").as_bytes()).expect("a good body");
    let id = RequestId::parse(request_id().as_str()).expect("an id");
    let context = &sample("api")["requestContext"]["authorizer"]["lambda"];
    let caller =
        json!({"Subject": context["subject"], "ClientId": context["clientId"], "Name": context["name"]});
    let caller = serde_json::from_value(caller).expect("a caller");
    Request { admission: 1, execution: 1, ..Request::create(account, id, caller) }
}

fn request_id() -> String {
    sample("validate")["RequestID"].as_str().expect("an id").to_owned()
}

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
fn the_samples_of_the_api_are_events_of_an_http_api_with_a_verdict_that_has_not_expired() {
    for name in ["api", "api_get", "api_request", "api_history", "api_resolve"] {
        let request =
            lambda_http::request::from_str(&text(format!("samples/{name}.json"))).expect("an event");
        let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
            panic!("{name} is no event of an HTTP API (payload 2.0)");
        };
        assert!(context.request_id.is_some(), "{name}");
        let fields = &context.authorizer.as_ref().expect("an authorizer").fields;
        for field in ["subject", "clientId", "groups", "name", "expiresAt"] {
            assert!(fields.contains_key(field), "{name} has no {field}");
        }
        let expires_at = fields["expiresAt"].as_i64().expect("seconds");
        assert!(expires_at > accounts_lambda::now().as_ms() / 1000, "{name} has expired");
    }
    let create = lambda_http::request::from_str(&text("samples/api.json")).expect("an event");
    assert_eq!((create.method().as_str(), create.uri().path()), ("POST", "/createAccount"));
    let sent = NewAccount::parse(create.body()).expect("a good body");
    assert_eq!(sent, NewAccount::parse(text("samples/create_account.json").as_bytes()).expect("a good body"));
    let get = lambda_http::request::from_str(&text("samples/api_get.json")).expect("an event");
    assert_eq!(get.query_string_parameters().first("accountEmail"), Some("user@example.com"));
    let shown = lambda_http::request::from_str(&text("samples/api_request.json")).expect("an event");
    assert_eq!(shown.path_parameters().first("requestId"), Some(request_id().as_str()));
}

#[test]
fn the_samples_of_the_workflow_are_one_execution() {
    let request = request();
    let input: Value = serde_json::from_str(&execution_input(&request).expect("an input")).expect("JSON");
    assert_eq!(sample("validate"), input, "an execution starts with something else");
    for (function, next) in
        [("provision", Next::Provision), ("check-status", Next::Wait), ("update-status", Next::UpdateStatus)]
    {
        let event = sample(function);
        let payload: Payload =
            serde_json::from_value(event.clone()).unwrap_or_else(|error| panic!("{function}: {error}"));
        assert_eq!((&payload.execution, payload.next), (&ExecutionRef::of(&request), next), "{function}");
        assert_eq!(payload.write().expect("JSON"), event, "{function} is given more or less than this");
    }
}

#[test]
fn the_samples_of_update_failed_are_a_failed_step_and_an_execution_that_ended_by_itself() {
    let failed = FailedEvent::parse(&sample("update-failed")).expect("a request that failed");
    assert_eq!((failed.execution, failed.kind), (ExecutionRef::of(&request()), Some(Kind::Misconfigured)));
    let ended = sample("update-failed_execution");
    let found = FailedEvent::parse(&ended).expect("a request whose execution ended");
    assert_eq!((&found.execution, found.kind), (&ExecutionRef::of(&request()), None));
    assert_eq!(ended["detail"]["name"], found.execution.name());
}

#[test]
fn the_sample_of_the_stream_is_what_the_filters_let_through() {
    let records = sample("stream-trigger")["Records"].clone();
    let [inserted, released] = records.as_array().expect("records").as_slice() else { panic!("{records}") };
    assert_eq!((&inserted["eventName"], &released["eventName"]), (&json!("INSERT"), &json!("REMOVE")));
    let keys = &inserted["dynamodb"]["Keys"];
    assert_eq!(keys["Record"]["S"], format!("REQUEST#{}", request_id()));
    assert_eq!(inserted["dynamodb"]["NewImage"]["CreatedAt"]["S"], request().created_at.to_string());
    for record in [inserted, released] {
        for key in ["AccountEmail", "Record"] {
            let images = [&record["dynamodb"]["NewImage"], &record["dynamodb"]["OldImage"]];
            let image = images.into_iter().find(|image| image.is_object()).expect("an image");
            assert_eq!(image[key], record["dynamodb"]["Keys"][key]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_trigger_takes_both_of_its_samples() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let settings = Settings::from_pairs([("SFN_ARN", fleet.fleet().state_machine_arn())]);
    let sdk = accounts_aws::Sdk::at(fleet.fleet().endpoints().clone()).await;
    let trigger = stream_trigger::StreamTrigger::connect(&settings, &sdk).expect("stream-trigger");
    let answer = trigger.handle(&sample("stream-trigger")).await.expect("an answer");
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let report = trigger.handle(&sample("reconcile")).await.expect("an answer");
    let nothing = json!({"unparked": 0, "restarted": 0, "dispatched": 0, "published": 0, "watched": 0});
    assert_eq!(report, nothing, "the request of the sample is not in the table");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_of_an_operator_have_no_fault() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for statement in STATEMENTS {
        let answer = fleet.resolve(&request_id(), &sample(statement)).await;
        assert_eq!((answer.status, answer.text("code")), (404, "not_found"), "{statement}: {}", answer.body);
    }
    let body: Value =
        serde_json::from_str(sample("api_resolve")["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!(body, sample("resolve_account_exists"));
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
    let context = allowed["context"].as_object().expect("a context");
    let of_the_api = sample("api")["requestContext"]["authorizer"]["lambda"].clone();
    assert_eq!(
        context.keys().collect::<Vec<_>>(),
        of_the_api.as_object().expect("a context").keys().collect::<Vec<_>>(),
        "the sample of the api has another context"
    );
    assert_eq!(context["groups"], "Administrators", "{allowed}");
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

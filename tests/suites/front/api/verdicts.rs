//! A verdict that the gateway kept is not used after the token has expired.

use accounts_aws::Sdk;
use accounts_lambda::{Settings, now};
use accounts_tests::{Answer, LocalFleet, body};
use api::Api;
use serde_json::{Value, json};

use super::{assert_problem, fleet};

/// The event of a call to this route, with this context of the authorizer.
pub(super) fn event(route: &str, parameters: &Value, query: &Value, context: &Value) -> String {
    let (method, path) = route.split_once(' ').expect("a route key");
    let path =
        parameters.as_object().expect("parameters").iter().fold(path.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value.as_str().expect("a text"))
        });
    let pairs = query.as_object().expect("a query").iter();
    let pairs: Vec<_> =
        pairs.map(|(name, value)| format!("{name}={}", value.as_str().expect("a text"))).collect();
    let query_string = pairs.join("&");
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query_string,
        "headers": {"host": "api.example.com"},
        "queryStringParameters": query,
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a1b2c3d4e5", "domainName": "api.example.com", "domainPrefix": "api",
            "authorizer": {"lambda": context},
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": ""},
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": route, "stage": "$default",
            "time": "22/Nov/2026:09:30:00 +0000", "timeEpoch": 1_795_339_800_000_i64,
        },
        "body": body("user@example.com", "my-account").to_string(),
        "isBase64Encoded": false,
    })
    .to_string()
}

pub(super) async fn answer(api: &Api, event: &str) -> Answer {
    let answer = api.handle(lambda_http::request::from_str(event).expect("an event")).await;
    let (parts, body) = answer.into_parts();
    let body = serde_json::from_slice(&body).expect("JSON");
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

pub(super) async fn api_of(fleet: &LocalFleet) -> Api {
    let sdk = Sdk::at(fleet.fleet().endpoints().clone()).await;
    Api::connect(&Settings::from_pairs::<&str, &str>([]), &sdk).await.expect("the api")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_guarded_route_answers_401_once_the_token_has_expired() {
    let fleet = fleet().await;
    let api = api_of(&fleet).await;
    let id = "0b8f2c3e-0000-7000-8000-000000000001";
    let seconds = now().as_ms() / 1000;
    for (route, parameters, query, otherwise) in [
        ("GET /getAccount", json!({}), json!({"accountEmail": "user@example.com"}), 404),
        ("GET /requests/{requestId}", json!({"requestId": id}), json!({}), 404),
        ("GET /accounts/{account}/requests", json!({"account": "user@example.com"}), json!({}), 404),
        ("POST /requests/{requestId}/resolve", json!({"requestId": id}), json!({}), 400),
        ("POST /createAccount", json!({}), json!({}), 201),
    ] {
        // The gateway may hand a number on as a text.
        for expired in [json!(seconds - 1), json!(seconds), json!((seconds - 1).to_string())] {
            let context =
                json!({"subject": "s", "clientId": "c", "groups": "Administrators", "expiresAt": expired});
            let refused = answer(&api, &event(route, &parameters, &query, &context)).await;
            assert_problem(&refused, 401, "token_expired");
            assert_eq!(
                fleet.keys().await,
                Vec::<String>::new(),
                "{route} wrote for a token that has expired"
            );
        }
        let context =
            json!({"subject": "s", "clientId": "c", "groups": "Administrators", "expiresAt": seconds + 600});
        let answered = answer(&api, &event(route, &parameters, &query, &context)).await;
        assert_eq!(answered.status, otherwise, "{route}: {}", answered.body);
    }
    let expired = json!({"subject": "s", "clientId": "c", "expiresAt": seconds - 1});
    assert_eq!(answer(&api, &event("GET /health", &json!({}), &json!({}), &expired)).await.status, 200);
}

//! Who may do what, asked as the gateway asks.

use serde_json::{Value, json};

use super::key_server::KeyServer;
use super::{CLIENT, Time, access, authorizer, event, id, is_allowed, machine, ours, with};

const CREATE: &str = "POST /createAccount";
const GET: &str = "GET /getAccount";

async fn may(claims: &Value) -> [bool; 2] {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let token = ours().token(claims);
    [is_allowed(&authorizer, CREATE, &token).await, is_allowed(&authorizer, GET, &token).await]
}

#[tokio::test]
async fn administrators_may_do_everything_and_readers_only_read() {
    for claims in [access, id] {
        assert_eq!(may(&claims(&["Administrators"])).await, [true, true]);
        assert_eq!(may(&claims(&["Administrators", "Readers"])).await, [true, true]);
        assert_eq!(may(&claims(&["Readers"])).await, [false, true]);
        assert_eq!(may(&claims(&["Everyone"])).await, [false, false]);
        assert_eq!(may(&claims(&[])).await, [false, false]);
        assert_eq!(may(&with(claims(&[]), &json!({"cognito:groups": null}))).await, [false, false]);
    }
}

#[tokio::test]
async fn a_machine_may_what_its_scopes_say() {
    assert_eq!(may(&machine("accounts/write")).await, [true, true]);
    assert_eq!(may(&machine("accounts/read")).await, [false, true]);
    assert_eq!(may(&machine("other/write accounts/read")).await, [false, true]);
    assert_eq!(may(&machine("accounts/writes")).await, [false, false]);
    assert_eq!(may(&machine("")).await, [false, false]);
}

#[tokio::test]
async fn scopes_in_a_persons_token_lift_nobody() {
    let scope = json!({"scope": "openid accounts/write"});
    assert_eq!(may(&with(access(&["Readers"]), &scope)).await, [false, true]);
    assert_eq!(may(&with(access(&[]), &scope)).await, [false, false]);
    let without_groups = json!({"scope": "accounts/write", "cognito:groups": null});
    assert_eq!(may(&with(access(&[]), &without_groups)).await, [false, false]);
    let without_a_name = json!({"scope": "accounts/write", "cognito:groups": null, "username": null});
    assert_eq!(may(&with(access(&[]), &without_a_name)).await, [false, false]);
}

#[tokio::test]
async fn a_route_that_is_in_no_table_is_denied_to_everybody() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let token = ours().token(&access(&["Administrators"]));
    for route in ["DELETE /createAccount", "POST /getAccount", "$default", "", "GET /getAccount/x"] {
        assert!(!is_allowed(&authorizer, route, &token).await, "{route}");
    }
}

#[tokio::test]
async fn whoever_is_let_in_is_named_to_the_functions_behind() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let token = ours().token(&access(&["Readers", "Everyone", "Administrators"]));
    let answer = authorizer.handle(event(GET, &token)).await.expect("there are keys");
    assert_eq!(
        answer,
        json!({"isAuthorized": true, "context": {
            "subject": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "groups": "Administrators,Readers",
            "clientId": CLIENT,
        }})
    );
}

#[tokio::test]
async fn whoever_is_not_learns_nothing() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let mut without_token = event(GET, "");
    without_token["headers"] = json!({});
    for bad in [without_token, event(GET, "PLACEHOLDER.FOR.TOKEN"), event(GET, &ours().token(&json!({})))] {
        let answer = authorizer.handle(bad).await.expect("a bad token is no error");
        assert_eq!(answer, json!({"isAuthorized": false}));
    }
}

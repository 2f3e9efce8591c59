//! Who may do what, asked as the gateway asks.

use accounts_lambda::routes::{Permission, ROUTES};
use serde_json::{Value, json};

use super::key_server::KeyServer;
use super::{CLIENT, NOW, Time, access, authorizer, event, id, is_allowed, machine, ours, with};

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
async fn every_guarded_route_of_the_table_is_open_to_whom_it_says() {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let readers = ours().token(&access(&["Readers"]));
    let administrators = ours().token(&access(&["Administrators"]));
    for route in ROUTES.iter().filter(|route| route.permission != Permission::Open) {
        let may_read = route.permission == Permission::Read;
        assert_eq!(is_allowed(&authorizer, &route.key(), &readers).await, may_read, "{}", route.key());
        assert!(is_allowed(&authorizer, &route.key(), &administrators).await, "{}", route.key());
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
    for route in
        ["DELETE /createAccount", "POST /getAccount", "$default", "", "GET /getAccount/x", "GET /requests/1"]
    {
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
            "name": "jean",
            "expiresAt": NOW + 3600 + 30,
        }})
    );
}

async fn context_of(claims: &Value) -> Value {
    let server = KeyServer::answering(200, ours().jwks()).await;
    let authorizer = authorizer(&server, &Time::begin()).await;
    let mut answer = authorizer.handle(event(GET, &ours().token(claims))).await.expect("there are keys");
    assert_eq!(answer["isAuthorized"], true, "{claims}");
    answer["context"].take()
}

#[tokio::test]
async fn a_person_is_named_by_name_or_else_by_email_or_else_by_username() {
    let long = "é".repeat(300);
    for (members, expected) in [
        (json!({"name": "Jean Example", "email": "jean@example.com"}), json!("Jean Example")),
        (json!({"email": "jean@example.com"}), json!("jean@example.com")),
        (json!({}), json!("jean")),
        (json!({"name": " ", "email": "", "username": "jean"}), json!("jean")),
        (json!({"name": 7, "email": ["jean@example.com"]}), json!("jean")),
        (json!({"name": " Jean\r\nExample\u{7}"}), json!("Jean Example")),
        (json!({"name": long}), json!("é".repeat(256))),
        (json!({"username": null}), Value::Null),
    ] {
        let context = context_of(&with(access(&["Readers"]), &members)).await;
        assert_eq!(context.get("name").cloned().unwrap_or_default(), expected, "{members}");
        assert_eq!(context.get("name").is_some(), expected.is_string(), "absent, not null");
    }
    let context = context_of(&with(id(&["Readers"]), &json!({"email": "jean@example.com"}))).await;
    assert_eq!(context["name"], "jean@example.com");
}

#[tokio::test]
async fn a_machine_has_no_name() {
    let context = context_of(&with(machine("accounts/read"), &json!({"name": "build"}))).await;
    assert_eq!(context.get("name"), None);
}

#[tokio::test]
async fn a_verdict_says_when_its_token_expires_leeway_included() {
    for (exp, expected) in [
        (json!(NOW + 10), json!(NOW + 40)),
        (json!(NOW - 29), json!(NOW + 1)),
        (json!(1_800_000_010.9), json!(NOW + 40)),
        // The end of the year 9999.
        (json!(1e300), json!(253_402_300_799_u64)),
    ] {
        let context = context_of(&with(access(&["Readers"]), &json!({"exp": exp}))).await;
        assert_eq!(context["expiresAt"], expected, "{exp}");
        assert!(context["expiresAt"].is_u64(), "{exp}");
    }
}

#[tokio::test]
async fn every_value_of_the_context_is_a_scalar() {
    let context = context_of(&with(access(&["Administrators", "Readers"]), &json!({"name": "Jean"}))).await;
    for (name, value) in context.as_object().expect("a context") {
        assert!(value.is_string() || value.is_number() || value.is_boolean(), "{name}: {value}");
    }
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

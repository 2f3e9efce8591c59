//! Who may do what.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use accounts_emulated_cloud::{Identity, Service};
use accounts_tests::{Answer, Client, body};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use reqwest::Method;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

/// Nobody's e-mail: whoever may read is told so.
const NOBODY: &str = "nobody@example.com";

pub(crate) async fn anybody_may_ask_for_the_health(world: Arc<World>) {
    let answer = Client::send(world.reader.bare(Method::GET, "/health")).await;
    assert_eq!((answer.status, answer.text("status")), (200, "ok"), "{}", answer.body);
    // MiniStack has a /health of its own; the API's says which version it is.
    assert!(!answer.text("version").is_empty(), "{}", answer.body);
}

pub(crate) async fn a_reader_reads_and_cannot_create_even_right_after_reading(world: Arc<World>) {
    // A verdict that was cached for the token alone would open POST to whoever just read.
    for _ in 0..3 {
        let read = world.reader.get("first@example.com").await;
        assert_eq!((read.status, read.text("AccountName")), (200, "the-first"), "{}", read.body);
        let created = world.reader.create(&body("by-a-reader@example.com", "by-a-reader")).await;
        assert_eq!(created.status, 403, "{}", created.body);
    }
    assert_eq!(world.administrator.get("by-a-reader@example.com").await.status, 404);
}

pub(crate) async fn a_reader_sees_requests_and_histories_and_cannot_resolve(world: Arc<World>) {
    let email = "first@example.com";
    let account = world.reader.get(email).await;
    let id = account.text("RequestID");
    let request = world.reader.show(id).await;
    assert_eq!((request.status, request.text("Status")), (200, "Provisioned"), "{}", request.body);
    assert_eq!(request.body["Operations"][0]["Outcome"]["Result"], "Succeeded", "{}", request.body);
    assert_ne!(request.body["RequestedBy"]["Subject"], "", "{}", request.body);
    for name in [email, account.text("AccountId")] {
        let history = world.reader.history(name, "?limit=1").await;
        assert_eq!((history.status, &history.body["Requests"][0]["RequestID"]), (200, &json!(id)), "{name}");
    }
    let statement = json!({ "Outcome": "NoAccount", "Reason": "I say so." });
    let refused = world.reader.resolve(id, &statement).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let not_overdue = world.administrator.resolve(id, &statement).await;
    assert_eq!((not_overdue.status, not_overdue.text("code")), (409, "not_overdue"), "{}", not_overdue.body);
    assert_eq!(world.reader.show("0b8f2c3e-0000-7000-8000-000000000001").await.status, 404);
}

pub(crate) async fn no_token_is_401(world: Arc<World>) {
    for (method, path) in [
        (Method::GET, "/getAccount?accountEmail=nobody@example.com"),
        (Method::POST, "/createAccount"),
        (Method::GET, "/requests/0b8f2c3e-0000-7000-8000-000000000001"),
        (Method::GET, "/accounts/nobody@example.com/requests"),
        (Method::POST, "/requests/0b8f2c3e-0000-7000-8000-000000000001/resolve"),
    ] {
        let answer = Client::send(world.administrator.bare(method, path).json(&json!({}))).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.body);
    }
}

/// The shortest that Cognito lets a token live is five minutes. So the token of a real sign-in is taken, its
/// times are moved into the past, and it is signed again by the very key of the pool, which an emulator cannot
/// hide; the same with good times shows that nothing else is wrong with it.
pub(crate) async fn an_expired_token_is_refused(world: Arc<World>) {
    let pool = world.cloud.output("user_pool_id").unwrap();
    let pem = world.cloud.ministack().access_token_key(pool).unwrap();
    let key = RsaPrivateKey::from_pkcs8_pem(&pem).unwrap().to_pkcs1_der().unwrap();
    let key = EncodingKey::from_rsa_der(key.as_bytes());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();

    let good = signed_again(world.administrator.token(), &key, now);
    assert_eq!(get_by(&world, good).await.status, 404, "the same token with good times opens the door");
    let expired = signed_again(world.administrator.token(), &key, now - 3 * 3600);
    let refused = get_by(&world, expired).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
}

/// The token as it would be, had it been issued then for an hour.
fn signed_again(token: &str, key: &EncodingKey, issued: u64) -> String {
    let header: Header = jsonwebtoken::decode_header(token).unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    for (claim, time) in [("iat", issued), ("auth_time", issued), ("exp", issued + 3600)] {
        claims[claim] = json!(time);
    }
    jsonwebtoken::encode(&header, &claims, key).unwrap()
}

/// A pool of somebody else's, on the same Cognito, with an administrator of its own.
pub(crate) async fn a_token_of_another_pool_is_refused(world: Arc<World>) {
    let cognito = async |operation, body| {
        world.cloud.emulator().json(Service::COGNITO, operation, &body).await.unwrap()
    };
    let pool = cognito("CreateUserPool", json!({ "PoolName": "somebody-elses" })).await;
    let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
    let flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let client = json!({ "UserPoolId": pool, "ClientName": "theirs", "ExplicitAuthFlows": flows });
    let client = cognito("CreateUserPoolClient", client).await;
    let client = client["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned();
    cognito("CreateGroup", json!({ "UserPoolId": pool, "GroupName": "Administrators" })).await;
    let identity = Identity::new(world.cloud.emulator(), &pool, &client);
    identity.create_person("stranger@example.com", PASSWORD, &["Administrators"]).await.unwrap();
    let token = identity.sign_in("stranger@example.com", PASSWORD).await.unwrap();

    let refused = get_by(&world, token).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    cognito("DeleteUserPool", json!({ "UserPoolId": pool })).await;
}

pub(crate) async fn a_machine_signs_in_and_may_do_what_its_scope_says(world: Arc<World>) {
    let identity = world.cloud.identity().unwrap();
    let machine = world.cloud.output("machine_client_id").unwrap();
    for (scope, email, created) in [
        ("accounts/read", "reading-machine@example.com", 403),
        ("accounts/write", "writing-machine@example.com", 201),
    ] {
        let token = identity.sign_in_machine(machine, scope).await.unwrap();
        let client = Client::new(world.cloud.address().to_owned(), token);
        assert_eq!(client.get(NOBODY).await.status, 404, "{scope}");
        let answer = client.create(&body(email, email.trim_end_matches("@example.com"))).await;
        assert_eq!(answer.status, created, "{scope}: {}", answer.body);
    }
    assert_eq!(world.ended("writing-machine@example.com").await["Status"], "Provisioned");
}

async fn get_by(world: &World, token: String) -> Answer {
    Client::new(world.cloud.address().to_owned(), token).get(NOBODY).await
}

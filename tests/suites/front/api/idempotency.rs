//! `Idempotency-Key`: a request that is sent again is answered again, and done once.

use accounts_tests::{Answer, Client, body};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::verdicts::{answer, api_of, event};
use super::{assert_nothing_internal, assert_problem, at_once, faults, fleet};
use crate::authorizer::Forge;

async fn create(client: &Client, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, "/createAccount").header("Idempotency-Key", key);
    Client::send(request.json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_again_is_answered_as_at_first_whatever_happened_since() {
    let fleet = fleet().await;
    let asked = body("user@example.com", "my-account");
    let first = create(&fleet, "key-1", &asked).await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_nothing_internal(&first);
    assert_eq!(fleet.ended("user@example.com").await["Status"], "Provisioned");

    let mut written_otherwise = body("USER@Example.com", "my-account");
    written_otherwise["SSOUserFirstName"] = json!("JEAN");
    for asked in [asked, written_otherwise] {
        let again = create(&fleet, "key-1", &asked).await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.header("location"), first.header("location"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_32_times_at_once_is_one_request() {
    let fleet = fleet().await;
    let answers = at_once((0..32).map(|_| {
        let client = (*fleet).clone();
        async move { create(&client, "key-1", &body("user@example.com", "my-account")).await }
    }))
    .await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
    }
    assert_eq!(fleet.ended("user@example.com").await["RequestID"], answers[0].body["RequestID"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_calls_at_once_with_the_same_key_neither_is_told_that_the_other_took_its_claims() {
    let fleet = fleet().await;
    for round in 0..60 {
        let (key, email) = (format!("key-{round}"), format!("user{round}@example.com"));
        let asked = body(&email, &format!("account-{round}"));
        let (one, other) = tokio::join!(create(&fleet, &key, &asked), create(&fleet, &key, &asked));
        for answer in [&one, &other] {
            assert_eq!((answer.status, &answer.body), (201, &one.body), "round {round}: {}", other.body);
        }
        let requests = fleet.history(&email, "").await.body["Requests"].clone();
        assert_eq!(requests.as_array().map(Vec::len), Some(1), "{requests}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_body_is_refused_and_writes_nothing() {
    let fleet = fleet().await;
    let first = body("user@example.com", "my-account");
    assert_eq!(create(&fleet, "key-1", &first).await.status, 201);
    fleet.ended("user@example.com").await;
    let before = fleet.keys().await;
    let mut other_tags = first.clone();
    other_tags["Tags"] = json!([]);
    let mut other_unit = first.clone();
    other_unit["OrgUnit"] = json!("Sandbox");
    for asked in [other_tags, other_unit, body("other@example.com", "other")] {
        let answer = create(&fleet, "key-1", &asked).await;
        assert_problem(&answer, 422, "idempotency_key_reused");
    }
    assert_eq!(fleet.keys().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_or_none_is_another_request() {
    let fleet = fleet().await;
    let asked = body("user@example.com", "my-account");
    assert_eq!(create(&fleet, "key-1", &asked).await.status, 201);
    assert_problem(&create(&fleet, "key-2", &asked).await, 409, "email_taken");
    assert_problem(&fleet.create(&asked).await, 409, "email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_who_sent_it() {
    let fleet = fleet().await;
    let forge = Forge::of(&fleet);
    let other = Client::new(fleet.address().to_owned(), forge.token(&json!({"sub": "somebody-else"})));
    assert_eq!(create(&fleet, "key-1", &body("user@example.com", "my-account")).await.status, 201);

    let others = create(&other, "key-1", &body("other@example.com", "other-account")).await;
    assert_eq!((others.status, others.text("AccountEmail")), (201, "other@example.com"), "{}", others.body);
    // Nobody reads somebody else's answer by guessing the key.
    let guessed = create(&other, "key-1", &body("user@example.com", "my-account")).await;
    assert_problem(&guessed, 422, "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_1_to_255_visible_characters() {
    let fleet = fleet().await;
    for key in ["", &"k".repeat(256), "a b"] {
        let answer = create(&fleet, key, &body("user@example.com", "my-account")).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(faults(&answer), [("Idempotency-Key".to_owned(), "invalid_format".to_owned())], "{key:?}");
    }
    // The gateway itself turns away what is not visible ASCII.
    let not_ascii = HeaderValue::from_bytes("clé".as_bytes()).expect("a header");
    let request = fleet.request(Method::POST, "/createAccount").header("Idempotency-Key", not_ascii);
    let answer = Client::send(request.json(&body("user@example.com", "my-account"))).await;
    assert_problem(&answer, 400, "invalid_request");
    assert_eq!(fleet.keys().await, Vec::<String>::new());
    let longest = "k".repeat(255);
    assert_eq!(create(&fleet, &longest, &body("user@example.com", "my-account")).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_refused_does_not_use_its_key_up() {
    let fleet = fleet().await;
    assert_eq!(create(&fleet, "key-1", &json!({})).await.status, 400);
    assert_eq!(fleet.keys().await, Vec::<String>::new());
    assert_eq!(fleet.create(&body("taken@example.com", "taken")).await.status, 201);
    assert_eq!(create(&fleet, "key-1", &body("taken@example.com", "mine")).await.status, 409);
    assert_eq!(create(&fleet, "key-1", &body("mine@example.com", "mine")).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_that_failed_since_is_not_a_new_one() {
    let fleet = fleet().await;
    let mut asked = body("user@example.com", "my-account");
    asked["OrgUnit"] = json!("No/Such/Unit");
    let first = create(&fleet, "key-1", &asked).await;
    let failed = fleet.ended("user@example.com").await;
    assert_eq!(failed["Status"], "Failed", "{failed}");
    let again = create(&fleet, "key-1", &asked).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(
        fleet.get("user@example.com").await.body,
        failed,
        "the repetition was taken for a new request"
    );
}

/// A request with this key, of this client of one and the same person, as the gateway hands it on.
fn handed_on(client: &str) -> String {
    let context = json!({"subject": "s-1", "clientId": client, "groups": "Administrators"});
    let event = event("POST /createAccount", &json!({}), &json!({}), &context);
    let mut event: Value = serde_json::from_str(&event).expect("JSON");
    event["headers"]["idempotency-key"] = json!("key-1");
    event.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_the_client_by_which_it_was_sent_too() {
    let fleet = fleet().await;
    let api = api_of(&fleet).await;
    for (client, status) in [("one", 201), ("other", 409), ("one", 201)] {
        assert_eq!(answer(&api, &handed_on(client)).await.status, status, "{client}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_are_none() {
    let fleet = fleet().await;
    let mut twice = lambda_http::request::from_str(&handed_on("one")).expect("an event");
    twice.headers_mut().append("Idempotency-Key", HeaderValue::from_static("key-2"));
    assert_eq!(api_of(&fleet).await.handle(twice).await.status().as_u16(), 400);
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

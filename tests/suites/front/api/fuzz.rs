//! No input gives a 5xx.

use accounts_tests::{Client, body};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_nothing_internal, assert_problem, faults, fleet};

const TRIES: usize = 300;

fn samples<T: std::fmt::Debug>(strategy: &impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::default();
    (0..TRIES).map(|_| strategy.new_tree(&mut runner).expect("a sample").current()).collect()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        "[a-zA-Z0-9.+-]{1,20}@[a-z]{1,10}\\.[a-z]{2,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("(Key|Value|\\PC{0,8})", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A good body with some of its fields replaced, or others added.
fn nearly_good() -> impl Strategy<Value = Vec<u8>> {
    let field =
        "(AccountEmail|AccountName|OrgUnit|SSOUserEmail|SSOUserFirstName|SSOUserLastName|Tags|\\PC{0,10})";
    proptest::collection::vec((field, any_json()), 0..4).prop_map(|changes| {
        let mut body = body("user@example.com", "my-account");
        for (field, value) in changes {
            body[field] = value;
        }
        body.to_string().into_bytes()
    })
}

/// A good body with some of its bytes replaced.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5).prop_map(|changes| {
        let mut bytes = body("user@example.com", "my-account").to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_gives_a_5xx_and_each_400_names_a_fault() {
    let fleet = fleet().await;
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let any_body = prop_oneof![
        nearly_good(),
        damaged(),
        any_json().prop_map(|json| json.to_string().into_bytes()),
        bytes
    ];
    let mut statuses = std::collections::BTreeMap::<u16, u32>::new();
    for bytes in samples(&any_body) {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Client::send(fleet.request(Method::POST, "/createAccount").body(bytes)).await;
        *statuses.entry(answer.status).or_default() += 1;
        match answer.status {
            400 => {
                assert_problem_echoing(&answer, &shown);
                assert!(!faults(&answer).is_empty(), "{shown}: {}", answer.body);
            }
            201 | 409 => {}
            other => panic!("{other} for {shown}: {}", answer.body),
        }
    }
    assert!(statuses.contains_key(&400), "{statuses:?}");
}

/// A problem whose sentences may hold what was sent, whatever that was.
fn assert_problem_echoing(answer: &accounts_tests::Answer, sent: &str) {
    let mut answer = answer.clone();
    if let Some(errors) = answer.body["errors"].as_array_mut() {
        for error in errors {
            let field = error["field"].as_str().unwrap_or_default().to_owned();
            let name = field.rsplit('.').next().unwrap_or_default();
            if sent.contains(name) || error["code"] == "unknown_field" {
                error["field"] = json!("x");
            }
        }
    }
    assert_problem(&answer, 400, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_gives_a_5xx() {
    let fleet = fleet().await;
    assert_eq!(fleet.create(&body("user@example.com", "my-account")).await.status, 201);
    let name = "(accountEmail|accountId|%61ccountId|[!-~&&[^#]]{0,8})";
    let value = "(user@example\\.com|[0-9]{10,14}|(%[0-9a-fA-F]{2}){0,10}|%|%G1|[!-~&&[^#]]{0,40})";
    let pair = (name, value, "(=|)").prop_map(|(name, value, equals)| format!("{name}{equals}{value}"));
    let query = proptest::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"));
    for query in samples(&query) {
        let answer = Client::send(fleet.request(Method::GET, &format!("/getAccount?{query}"))).await;
        assert_nothing_internal(&answer);
        assert!([200, 400, 404].contains(&answer.status), "{} for ?{query}: {}", answer.status, answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_id_no_account_and_no_query_of_the_history_gives_a_5xx() {
    let fleet = fleet().await;
    let created = fleet.create(&body("user@example.com", "my-account")).await;
    let id = created.text("RequestID");
    let segment = format!(
        "({id}|user@example\\.com|[0-9]{{12}}|[0-9a-f-]{{36}}|(%[0-9a-fA-F]{{2}}){{1,10}}|%|%G1|[!-~&&[^?#/%]]{{1,40}})"
    );
    let query = "(|(\\?((limit|cursor)=([0-9]{0,4}|[0-9a-f-]{36}|%[0-9a-fA-F]{2}|[!-~&&[^#]]{0,9})&?){0,3}))";
    for (segment, query) in samples(&(segment.as_str(), query)) {
        for path in [format!("/requests/{segment}"), format!("/accounts/{segment}/requests{query}")] {
            let Ok(request) = fleet.request(Method::GET, &path).build() else {
                continue;
            };
            let answer = reqwest::Client::new().execute(request).await.expect("an answer");
            let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a text"));
            assert!([200, 400, 404].contains(&status), "{status} for {path}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_about_an_operation_gives_a_5xx_or_changes_anything() {
    let fleet = fleet().await;
    let created = fleet.create(&body("user@example.com", "my-account")).await;
    fleet.ended("user@example.com").await;
    let id = created.text("RequestID");
    let before = fleet.show(id).await.body;
    let field = "(Outcome|AccountId|Reason|\\PC{0,10})";
    let value =
        prop_oneof![any_json(), "(AccountExists|NoAccount|[0-9]{12}|\\PC{0,9})".prop_map(Value::from),];
    let object = proptest::collection::btree_map(field, value, 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect()));
    for statement in samples(&prop_oneof![object, any_json()]) {
        let answer = fleet.resolve(id, &statement).await;
        match answer.status {
            400 => assert!(!faults(&answer).is_empty(), "{statement}: {}", answer.body),
            409 => assert_problem(&answer, 409, "not_overdue"),
            other => panic!("{other} for {statement}: {}", answer.body),
        }
    }
    assert_eq!(fleet.show(id).await.body, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_gives_a_5xx_or_opens_anything() {
    let fleet = fleet().await;
    let path = "/(local|getAccount|createAccount|requests|accounts|resolve|health|token|landing-zone|\\.\\.|%2[eEfF]|[!-~&&[^?#]]{0,8}|/){0,6}";
    for path in samples(&path) {
        let Ok(answer) = fleet.bare(Method::GET, &path).send().await else {
            // Not a path that this client sends.
            continue;
        };
        let (status, path) = (answer.status().as_u16(), answer.url().path());
        assert!(status < 500, "{status} for {path}");
        let open = ["/health", "/local/landing-zone", "/local/jwks.json"];
        assert!(status != 200 || open.contains(&path), "{path} is open to everybody");
    }
}

//! What a wrong body is answered, and that it leaves no trace.

use accounts_tests::{Answer, Client, LocalFleet, body};
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_problem, faults, fleet, without};

const LARGEST_BODY: usize = 64 * 1024;

async fn post(fleet: &LocalFleet, body: impl Into<reqwest::Body>) -> Answer {
    Client::send(fleet.request(Method::POST, "/createAccount").body(body)).await
}

fn good() -> Value {
    body("user@example.com", "my-new-account")
}

fn with(field: &str, value: Value) -> Value {
    let mut body = good();
    body[field] = value;
    body
}

fn tags(key: &str, value: &str) -> Value {
    with("Tags", json!([{"Key": key, "Value": value}]))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_field_is_named_and_nothing_is_written() {
    let fleet = fleet().await;
    let many: Value = (0..51).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect();
    let twice = json!([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]);
    let (e, s, n, u) = ("AccountEmail", "SSOUserEmail", "AccountName", "OrgUnit");
    let (first, last, key, value) = ("SSOUserFirstName", "SSOUserLastName", "Tags[0].Key", "Tags[0].Value");
    for (body, field, code) in [
        (with(e, json!("a@b.c")), e, "too_short"),
        (with(e, json!(format!("{}@example.com", "x".repeat(53)))), e, "too_long"),
        (with(e, json!("user.example.com")), e, "invalid_format"),
        (with(e, json!("user@one@example.com")), e, "invalid_format"),
        (with(e, json!(".user@example.com")), e, "invalid_format"),
        (with(e, json!("user@localhost")), e, "invalid_format"),
        (with(e, json!("user@-example.com")), e, "invalid_format"),
        (with(e, json!("user@example.com.")), e, "invalid_format"),
        (with(e, json!("us er@example.com")), e, "invalid_characters"),
        (with(e, json!("usér@example.com")), e, "invalid_characters"),
        (with(e, json!("us'er@example.com")), e, "invalid_characters"),
        (with(e, json!("us%er@example.com")), e, "invalid_characters"),
        (with(e, json!("us&er@example.com")), e, "invalid_characters"),
        (with(e, json!("user@exam_ple.com")), e, "invalid_characters"),
        (with(e, json!(7)), e, "wrong_type"),
        (with(e, json!(null)), e, "wrong_type"),
        (with(s, json!("owner")), s, "too_short"),
        (with(s, json!("owner@localhost")), s, "invalid_format"),
        (with(n, json!("")), n, "too_short"),
        (with(n, json!("   ")), n, "too_short"),
        (with(n, json!("x".repeat(51))), n, "too_long"),
        (with(n, json!("a<b")), n, "invalid_characters"),
        (with(n, json!("a>b")), n, "invalid_characters"),
        (with(n, json!("naïve")), n, "invalid_characters"),
        (with(n, json!("tab\there")), n, "invalid_characters"),
        (with(n, json!(["x"])), n, "wrong_type"),
        (with(u, json!("")), u, "too_short"),
        (with(u, json!("/Engineering")), u, "invalid_format"),
        (with(u, json!("Engineering/")), u, "invalid_format"),
        (with(u, json!("Engineering//Dev")), u, "invalid_format"),
        (with(u, json!("x".repeat(129))), u, "too_long"),
        (with(u, json!("a/b/c/d/e/f")), u, "too_many"),
        (with(first, json!(" ")), first, "too_short"),
        (with(first, json!("x".repeat(129))), first, "too_long"),
        (with(last, json!("bell\u{7}")), last, "invalid_characters"),
        (with(last, json!({})), last, "wrong_type"),
        (with("Tags", json!({"env": "dev"})), "Tags", "wrong_type"),
        (with("Tags", json!(["env"])), "Tags[0]", "wrong_type"),
        (with("Tags", many), "Tags", "too_many"),
        (with("Tags", twice), "Tags[1].Key", "duplicate"),
        (with("Tags", json!([{"Key": "k"}])), value, "required"),
        (with("Tags", json!([{"Key": "k", "Value": "v", "More": 1}])), "Tags[0].More", "unknown_field"),
        (tags("", "v"), key, "too_short"),
        (tags(&"k".repeat(129), "v"), key, "too_long"),
        (tags("k!", "v"), key, "invalid_characters"),
        (tags("aws:env", "v"), key, "reserved"),
        (tags("k", &"v".repeat(257)), value, "too_long"),
        (tags("k", "v;"), value, "invalid_characters"),
        (with("Tag", json!([])), "Tag", "unknown_field"),
        (with("tags", json!([])), "tags", "unknown_field"),
        (with("Status", json!("Provisioned")), "Status", "unknown_field"),
        (without(good(), e), e, "required"),
        (without(good(), n), n, "required"),
        (without(good(), u), u, "required"),
        (without(good(), s), s, "required"),
        (without(good(), first), first, "required"),
        (without(good(), last), last, "required"),
    ] {
        let answer = fleet.create(&body).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(faults(&answer), [(field.to_owned(), code.to_owned())], "{body}");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new(), "a wrong body left something in the table");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_body_is_told_at_once() {
    let fleet = fleet().await;
    let sample = include_str!("../../../../samples/create_account_with_faults.json");
    let answer = post(&fleet, sample).await;
    assert_problem(&answer, 400, "invalid_request");
    let mut told = faults(&answer);
    told.sort();
    let expected = [
        ("AccountEmail", "invalid_format"),
        ("AccountName", "too_long"),
        ("OrgUnit", "invalid_format"),
        ("SSOUserLastName", "required"),
        ("tags", "unknown_field"),
    ];
    assert_eq!(told, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));

    let mut all_wrong =
        json!({"Extra": 1, "AccountEmail": 1, "AccountName": "<>", "OrgUnit": "/", "SSOUserEmail": "x"});
    all_wrong["Tags"] = json!([1, {"Key": "aws:x", "Value": "!"}]);
    let fields: Vec<_> =
        faults(&fleet.create(&all_wrong).await).into_iter().map(|(field, _)| field).collect();
    for field in [
        "Extra",
        "AccountEmail",
        "AccountName",
        "OrgUnit",
        "SSOUserEmail",
        "SSOUserFirstName",
        "SSOUserLastName",
        "Tags[0]",
        "Tags[1].Key",
        "Tags[1].Value",
    ] {
        assert_eq!(fields.iter().filter(|told| *told == field).count(), 1, "{field} among {fields:?}");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_object_is_a_fault_and_leaves_nothing() {
    let fleet = fleet().await;
    let mut not_utf8 = good().to_string().into_bytes();
    not_utf8[20] = 0xff;
    let half = good().to_string()[..40].to_owned();
    let deep = "[".repeat(60_000);
    let deep_object = "{\"Tags\":".repeat(8_000);
    for (body, code) in [
        (b"".to_vec(), "malformed_json"),
        (b"{".to_vec(), "malformed_json"),
        (half.into_bytes(), "malformed_json"),
        (b"AccountEmail=user@example.com".to_vec(), "malformed_json"),
        (format!("{}{}", good(), good()).into_bytes(), "malformed_json"),
        (not_utf8, "malformed_json"),
        (vec![0xff, 0xfe, 0x00], "malformed_json"),
        (vec![0; 1000], "malformed_json"),
        (b"{\"AccountEmail\": \"\\ud800\"}".to_vec(), "malformed_json"),
        (b"{\"AccountEmail\": 1e999}".to_vec(), "malformed_json"),
        (deep.into_bytes(), "malformed_json"),
        (deep_object.into_bytes(), "malformed_json"),
        (b"[]".to_vec(), "wrong_type"),
        (b"null".to_vec(), "wrong_type"),
        (b"\"user@example.com\"".to_vec(), "wrong_type"),
        (b"42".to_vec(), "wrong_type"),
        (format!("[{}]", good()).into_bytes(), "wrong_type"),
    ] {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let answer = post(&fleet, body).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(faults(&answer), [(String::new(), code.to_owned())], "{shown}");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_stands_twice_is_a_fault_even_with_the_same_value() {
    let fleet = fleet().await;
    let text = good().to_string().replacen('{', "{\"AccountEmail\":\"user@example.com\",", 1);
    let answer = post(&fleet, text).await;
    assert_problem(&answer, 400, "invalid_request");
    assert_eq!(faults(&answer), [("AccountEmail".to_owned(), "duplicate_field".to_owned())]);
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_above_64_kib_is_too_large_and_one_of_just_64_kib_is_not() {
    let fleet = fleet().await;
    let padded = |size: usize| {
        let body = good().to_string();
        let blanks = " ".repeat(size - body.len());
        body + &blanks
    };
    for size in [LARGEST_BODY + 1, 1024 * 1024] {
        let answer = post(&fleet, padded(size)).await;
        assert_problem(&answer, 413, "body_too_large");
    }
    // Bytes count, also where the gateway has to hand them over in another form.
    assert_problem(&post(&fleet, vec![0xff; LARGEST_BODY + 1]).await, 413, "body_too_large");
    assert_problem(&post(&fleet, vec![0xff; LARGEST_BODY]).await, 400, "invalid_request");
    assert_eq!(fleet.keys().await, Vec::<String>::new());

    let answer = post(&fleet, padded(LARGEST_BODY)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_at_every_limit_is_good() {
    let fleet = fleet().await;
    let mut asked = with("AccountEmail", json!(format!("{}@example.com", "x".repeat(52))));
    asked["AccountName"] = json!("~".repeat(50));
    asked["SSOUserFirstName"] = json!("é".repeat(128));
    asked["Tags"] = (0..50)
        .map(|n| json!({"Key": format!("{n:03}{}", "k".repeat(125)), "Value": "v".repeat(256)}))
        .collect();
    asked["Tags"][0]["Value"] = json!("");
    let created = fleet.create(&asked).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["Tags"], asked["Tags"]);
}

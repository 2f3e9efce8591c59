//! The filters of the event source: one file, and what it lets through.

use std::collections::BTreeSet;

use accounts_tests::{LocalFleet, Pace, body};
use serde_json::{Value, json};

use super::text;

const FILE: &str = "infra/stream-filters.json";

fn filters() -> Vec<Value> {
    serde_json::from_str(&text(FILE)).expect("a JSON list")
}

/// Whether a pattern matches, by the rules of EventBridge patterns that the file uses: lists of texts and prefixes.
fn matches(pattern: &Value, value: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, pattern)| matches(pattern, &value[name])),
        Value::Array(allowed) => allowed.iter().any(|allowed| match allowed {
            Value::String(text) => value == text,
            other => {
                let prefix = other["prefix"].as_str().unwrap_or_else(|| panic!("{other} is not known here"));
                value.as_str().is_some_and(|text| text.starts_with(prefix))
            }
        }),
        other => panic!("{other} is no pattern"),
    }
}

#[test]
fn terraform_and_the_local_fleet_read_the_same_file() {
    let locals = text("infra/locals.tf");
    assert!(locals.contains("stream_filters = jsondecode(file(\"${path.module}/stream-filters.json\"))"));
    assert!(text("infra/main.tf").contains("[for pattern in local.stream_filters : jsonencode(pattern)]"));
    let included = super::sources("crates/local/src").into_iter().any(|file| {
        let source = std::fs::read_to_string(file).expect("a source");
        source.contains("include_str!(\"../../../infra/stream-filters.json\")")
    });
    assert!(included, "the local fleet does not read {FILE}");
}

#[test]
fn the_filters_ask_for_keys_alone() {
    for filter in filters() {
        let fields: BTreeSet<_> = filter.as_object().expect("a pattern").keys().map(String::as_str).collect();
        assert_eq!(fields, BTreeSet::from(["dynamodb", "eventName"]), "{filter}");
        let of_the_record: Vec<_> = filter["dynamodb"].as_object().expect("a pattern").keys().collect();
        assert_eq!(of_the_record, ["Keys"], "{filter}");
        // The name of a kind of item ends there: no other kind can start alike.
        let pattern = filter.to_string();
        let prefixes: Vec<_> =
            pattern.split("\"prefix\":\"").skip(1).filter_map(|it| it.split('"').next()).collect();
        assert!(!prefixes.is_empty() && prefixes.iter().all(|prefix| prefix.ends_with('#')), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_records_of_a_life_exactly_inserted_requests_and_released_slots_pass() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for (email, name) in [
        ("user@example.com", "my-account"),
        ("slot#1@example.com", "SLOT#control-tower"),
        ("request#1@example.com", "REQUEST#1"),
        ("request-that-runs@example.com", "sim-never"),
    ] {
        let request = fleet.request(reqwest::Method::POST, "/createAccount").header("Idempotency-Key", email);
        assert_eq!(accounts_tests::Client::send(request.json(&body(email, name))).await.status, 201);
    }
    fleet.ended("user@example.com").await;
    fleet.once("request-that-runs@example.com", |account| account["Status"] == "InProgress").await;
    let mut keys = fleet.keys().await;
    keys.extend(["POOL#control-tower|STATE".to_owned(), "SLOT#control-tower|10".to_owned()]);
    let kinds = ["ACCOUNT", "REQUEST#", "OPERATION#", "KEY", "CLAIM", "ANSWER"];
    assert!(kinds.iter().all(|kind| keys.iter().any(|key| key.contains(&format!("|{kind}")))), "{keys:?}");
    assert!(keys.iter().any(|key| key.starts_with("SLOT#control-tower|1")), "{keys:?}");

    for key in keys {
        let (partition, record) = key.split_once('|').expect("a key");
        for event in ["INSERT", "MODIFY", "REMOVE"] {
            let keys = json!({"AccountEmail": {"S": partition}, "Record": {"S": record}});
            let event_record = json!({"eventName": event, "dynamodb": {"Keys": keys}});
            let passes = filters().iter().any(|filter| matches(filter, &event_record));
            let wanted = match event {
                "INSERT" => record.starts_with("REQUEST#") && partition.contains('@'),
                "REMOVE" => partition == "SLOT#control-tower",
                _ => false,
            };
            assert_eq!(passes, wanted, "{event} of {key}");
        }
    }
}

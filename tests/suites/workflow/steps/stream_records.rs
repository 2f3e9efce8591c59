//! `stream-trigger` batch by batch: what is malformed is named, and stops nothing else.

use accounts_core::{Kind, Request, RequestId};
use accounts_tests::{Workbench, inserted, record, released};
use serde_json::{Value, json};

use super::{everything, refused};

fn malformed(sequence_number: &str) -> Value {
    json!({"eventID": "e", "eventName": "INSERT", "dynamodb": {"SequenceNumber": sequence_number, "Keys": {}}})
}

#[tokio::test]
async fn a_malformed_record_is_named_and_the_others_are_dispatched() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    let records = [malformed("1"), inserted(&request), malformed("3")];
    let answer = bench.trigger(&[]).handle(&json!({"Records": records})).await.expect("an answer");
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "3"}]}));
    assert_eq!(bench.executions(), [format!("{}-1-1", request.request_id)]);
}

#[tokio::test]
async fn a_malformed_record_without_a_sequence_number_fails_the_batch() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    let nameless = json!({"eventID": "e", "eventName": "INSERT", "dynamodb": {}});
    for bad in [nameless, json!("record"), json!(null)] {
        let batch = json!({"Records": [bad, inserted(&request)]});
        let (kind, sentence) = refused(bench.trigger(&[]).handle(&batch).await);
        assert_eq!(kind, Kind::Invalid);
        assert!(sentence.starts_with("1 of 2 records"), "{sentence}");
    }
}

#[tokio::test]
async fn what_is_no_batch_is_invalid() {
    let bench = Workbench::start(600.0).await;
    for event in [json!(null), json!({}), json!({"Records": {}}), json!([])] {
        assert_eq!(refused(bench.trigger(&[]).handle(&event).await).0, Kind::Invalid, "{event}");
    }
}

#[tokio::test]
async fn a_batch_that_says_nothing_new_costs_no_call() {
    let bench = Workbench::start(600.0).await;
    let request = bench.accept("user@example.com", "mine").await;
    bench.wire.take();
    let id = request.request_id.to_string();
    let records = [
        record("MODIFY", "user@example.com", &format!("REQUEST#{id}")),
        record("REMOVE", "user@example.com", &format!("REQUEST#{id}")),
        record("INSERT", "user@example.com", "ACCOUNT"),
        record("INSERT", "SLOT#control-tower", "1"),
        record("REMOVE", "NAME#mine", "CLAIM"),
    ];
    bench.trigger(&[]).handle(&json!({"Records": records})).await.expect("an answer");
    bench.trigger(&[]).handle(&json!({"Records": []})).await.expect("an answer");
    assert_eq!(bench.wire.take(), []);
}

#[tokio::test]
async fn the_sample_event_starts_its_request() {
    let bench = Workbench::start(600.0).await;
    let sample: Value =
        serde_json::from_str(include_str!("../../../../samples/stream-trigger.json")).expect("JSON");
    let record = sample["Records"][0]["dynamodb"]["Keys"]["Record"]["S"].as_str().expect("a key");
    let id = RequestId::parse(record.strip_prefix("REQUEST#").expect("a request")).expect("an id");
    let accepted = bench.accept("user@example.com", "my-new-account").await;
    let renamed = Request { request_id: id, ..accepted.clone() };
    bench.items.edit("user@example.com", &format!("REQUEST#{}", accepted.request_id), |item| {
        item["Record"] = json!({"S": record});
        item["RequestID"] = json!({"S": id.to_string()});
        item["QueueOrder"] = json!({"S": id.to_string()});
    });
    bench.items.delete("user@example.com", &format!("REQUEST#{}", accepted.request_id));
    let answer = bench.trigger(&[]).handle(&sample).await.expect("an answer");
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert!(bench.executions().contains(&format!("{id}-1-1")));
    assert!(bench.table.request_of(&renamed.account_email, id).await.expect("the table answers").is_some());
}

#[tokio::test]
async fn records_of_requests_that_are_not_there_do_nothing() {
    let bench = Workbench::start(600.0).await;
    let before = everything(&bench);
    let nobody = record("INSERT", "nobody@example.com", "REQUEST#0b8f2c3e-0000-7000-8000-000000000001");
    let answer =
        bench.trigger(&[]).handle(&json!({"Records": [nobody, released(7)]})).await.expect("an answer");
    assert_eq!((answer, everything(&bench)), (json!({"batchItemFailures": []}), before));
}

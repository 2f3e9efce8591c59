//! No log line names a person: a whole life is run with a subscriber that keeps every line.

use std::io::Write;
use std::sync::{Arc, Mutex};

use accounts_tests::{Client, LocalFleet, Pace, body};
use reqwest::Method;
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;

/// Everything that the product's own crates say, and what the others say by default.
const FILTER: &str = "info,accounts_core=trace,accounts_aws=trace,accounts_lambda=trace,accounts_local=trace,api=trace,\
                      authorizer=trace,stream_trigger=trace,validate=trace,provision=trace,check_status=trace,\
                      update_status=trace,update_failed=trace";

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().expect("a lock").clone()).expect("a text");
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }
}

fn mentions_address(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('@'),
        Value::Array(values) => values.iter().any(mentions_address),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('@') || mentions_address(value))
        }
        _ => false,
    }
}

/// Accounts that are made, and that fail in every way that the landing zone knows.
async fn requests(fleet: &LocalFleet) {
    let words: Vec<_> = accounts_landing_zone::words().iter().map(|entry| entry.word).collect();
    assert!(words.contains(&"sim-never"), "{words:?}");
    let mut emails = Vec::new();
    for name in words.into_iter().filter(|word| !["sim-never", "sim-slow"].contains(word)).chain(["plain"]) {
        let email = format!("{name}@example.com");
        assert_eq!(fleet.create(&body(&email, name)).await.status, 201);
        emails.push(email);
    }
    let mut nowhere = body("nowhere@example.com", "nowhere");
    nowhere["OrgUnit"] = json!("No@Unit");
    fleet.create(&nowhere).await;
    emails.push("nowhere@example.com".to_owned());
    for email in emails {
        fleet.ended(&email).await;
    }
    // The organization has the e-mail, or the name, of an account that the table does not know.
    fleet.table().delete("plain@example.com", "ACCOUNT").await;
    fleet.table().delete("NAME#plain", "CLAIM").await;
    assert_eq!(fleet.create(&body("plain@example.com", "other name")).await.status, 201);
    assert_eq!(fleet.ended("plain@example.com").await["Status"], "Failed");
}

/// Calls that are refused.
async fn refusals(fleet: &LocalFleet) {
    let key = |body: &Value| {
        fleet.request(Method::POST, "/createAccount").header("Idempotency-Key", "k@1").json(body)
    };
    Client::send(key(&body("key@example.com", "key"))).await;
    for (answer, status) in [
        (fleet.create(&body("key@example.com", "key")).await, 409),
        (Client::send(key(&body("key@example.com", "other"))).await, 422),
        (fleet.create(&body("no@address", "x")).await, 400),
        (fleet.get("nobody@example.com").await, 404),
        (fleet.history("nobody@example.com", "").await, 404),
        (fleet.history("no@address", "").await, 400),
        (fleet.show("user@example.com").await, 400),
        (fleet.resolve("user@example.com", &json!({"Outcome": "a@b", "c@d": 1})).await, 400),
        (
            Client::send(
                fleet.bare(Method::GET, "/getAccount?accountEmail=a@example.com").bearer_auth("a@b.c@d.e@f"),
            )
            .await,
            403,
        ),
    ] {
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}

/// An item that no function wrote.
async fn malformed_item(fleet: &LocalFleet) {
    let item = json!({
        "AccountEmail": {"S": "broken@example.com"}, "Record": {"S": "ACCOUNT"}, "Status": {"S": "Unheard"},
        "SSOUserEmail": {"S": "no@address"}, "RequestID": {"S": "user@example.com"},
    });
    fleet.table().put(&item).await;
    assert_eq!(fleet.get("broken@example.com").await.status, 500);
}

/// Faults of ours, an overdue operation, and an operator who states its outcome.
async fn operators(fleet: &LocalFleet) {
    let zone = fleet.fleet().landing_zone();
    zone.set_product_missing(true);
    fleet.create(&body("parked@example.com", "parked")).await;
    fleet.once("parked@example.com", |account| account.get("ParkedUntil").is_some()).await;
    zone.set_product_missing(false);
    fleet.ended("parked@example.com").await;

    let created = fleet.create(&body("never@example.com", "sim-never")).await;
    let id = created.text("RequestID");
    fleet.once("never@example.com", |account| account.get("OverdueSince").is_some()).await;
    let record = fleet.show(id).await.body["Operations"][0]["Handle"]["RecordId"].clone();
    zone.forget_record(record.as_str().expect("a record"));
    let statement = json!({"Outcome": "NoAccount", "Reason": "ada@example.com has looked."});
    assert_eq!(fleet.resolve(id, &statement).await.status, 202);
    fleet.ended("never@example.com").await;
}

// On one thread, where the subscriber of the test is that of every part of the fleet, and of no other test.
#[tokio::test(flavor = "current_thread")]
async fn no_log_line_of_a_whole_life_holds_an_email_address() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_writer(move || writer.clone())
        .finish();
    // While there is only one subscriber, a callsite that another thread comes to first is never asked about again.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);
    let fleet = LocalFleet::start(Pace::FAST).await;
    requests(&fleet).await;
    refusals(&fleet).await;
    malformed_item(&fleet).await;
    operators(&fleet).await;

    let lines = buffer.lines();
    for said in [
        "the request was accepted",
        "the request was admitted",
        "the operation was accepted",
        "the request has ended",
        "the request is parked",
        "the operation is overdue",
        "an operator stated the outcome of an overdue operation",
        "the request was not served",
        "denied",
    ] {
        let found = lines.iter().any(|line| line["fields"]["message"] == said);
        assert!(found, "nobody said {said:?}: the life is not whole, or its lines are not kept");
    }
    let with_address: Vec<_> = lines.iter().filter(|line| mentions_address(line)).collect();
    assert!(with_address.is_empty(), "e-mail addresses in the log: {with_address:#?}");
}

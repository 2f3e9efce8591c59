//! The HTTP contract, through the front door.

mod accepted;
mod again;
mod claims;
mod faults;
mod fuzz;
mod get;
mod history;
mod idempotency;
mod queue;
mod requests;
mod resolve;
mod routes;
mod verdicts;

use accounts_tests::{Answer, LocalFleet, Pace};
use serde_json::Value;
use tokio::task::JoinSet;

/// A fleet that makes accounts as fast as it can.
async fn fleet() -> LocalFleet {
    LocalFleet::start(Pace::FAST).await
}

/// A problem (RFC 9457) with this status and this code, which shows nothing of what is inside.
#[track_caller]
pub(crate) fn assert_problem(answer: &Answer, status: u16, code: &str) {
    let body = &answer.body;
    assert_eq!((answer.status, answer.text("code")), (status, code), "{body}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{body}");
    assert_eq!(body["status"], status, "{body}");
    assert_eq!(answer.text("type"), format!("urn:account-factory:problem:{code}"), "{body}");
    for name in ["title", "detail"] {
        assert!(!answer.text(name).is_empty(), "{name} is missing: {body}");
    }
    let request = answer.text("instance").strip_prefix("urn:account-factory:request:").unwrap_or_default();
    assert!(!request.is_empty(), "nobody can find the request by its instance: {body}");
    assert_nothing_internal(answer);
}

/// No word of what is inside.
#[track_caller]
pub(crate) fn assert_nothing_internal(answer: &Answer) {
    let text = answer.body.to_string();
    for word in [
        "NAME#",
        "IDEMPOTENCY#",
        "SLOT#",
        "POOL#",
        "REQUESTID#",
        "Fingerprint",
        "ExpiresAt",
        "QueueOrder",
        "arn:",
        "127.0.0.1",
        "::",
        "panicked",
        ".rs",
        "dynamo",
        "DynamoDB",
        "Exception",
        "ConditionalCheck",
    ] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

/// The faults of an answer: each field, and what is wrong with it.
#[track_caller]
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let faults = answer.body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {}", answer.body));
    faults
        .iter()
        .map(|fault| {
            let text = |name: &str| {
                fault[name].as_str().unwrap_or_else(|| panic!("no {name} in {fault}")).to_owned()
            };
            assert!(!text("message").is_empty(), "{fault}");
            (text("field"), text("code"))
        })
        .collect()
}

/// The fields at fault, without what is wrong with them.
#[track_caller]
fn fields(answer: &Answer) -> Vec<String> {
    faults(answer).into_iter().map(|(field, _)| field).collect()
}

/// Sends all of these at once.
async fn at_once<F: Future<Output = Answer> + Send + 'static>(
    requests: impl IntoIterator<Item = F>,
) -> Vec<Answer> {
    requests.into_iter().collect::<JoinSet<_>>().join_all().await
}

/// How many of the answers have this status.
fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// This object without a member.
fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().expect("an object").remove(name).expect("the member");
    object
}

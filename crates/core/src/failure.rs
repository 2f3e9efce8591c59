//! Why a request fails, from whatever shape the news has.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AccountId, Email, Error, Kind, RequestId};

/// Why a request ends without a usable account, and whether one exists all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Failure {
    /// A sentence for the person who asked.
    pub reason: String,
    /// An account may exist: the name stays taken, and nobody may ask again blindly.
    #[serde(default)]
    pub account_may_exist: bool,
    /// The account, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
}

/// What is known about why the workflow gave a request up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A step looked, and this is its verdict.
    Verdict(Failure),
    /// A step itself failed, so nobody can say more than this sentence.
    StepFailed(String),
    /// A step after the account was made failed: the account exists.
    AfterProvisioned {
        /// The account.
        account_id: AccountId,
        /// What could not be done for it.
        reason: String,
    },
}

/// A request that the workflow gave up, found in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedStep {
    /// The request.
    pub request_id: RequestId,
    /// Its key in the table.
    pub account_email: Email,
    /// What is known about the failure.
    pub finding: Finding,
}

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 1000;

impl FailedStep {
    /// Finds the request and the reason in what a workflow, an EventBridge rule or an on-failure destination
    /// sends. The ids stand at the top or below `input`, `detail`, `requestPayload` or `Payload`, each an
    /// object or JSON in a string. The reason is a `Failure` (a step's verdict), an `Error` with `Error` and
    /// `Cause` (what a `Catch` adds), or the `detail` of an execution that ended by itself (Step Functions
    /// developer guide, "Step Functions Execution Status Change"), which holds the execution's first input, so
    /// that no verdict of a later step is known.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if no request can be found in it.
    pub fn find(event: &Value) -> Result<Self, Error> {
        let step = holder_of_ids(event, 0).ok_or_else(|| {
            Error::new(
                Kind::Invalid,
                "The event names no request: RequestID and AccountEmail are missing or malformed.",
            )
        })?;
        let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
        let invalid = |what: &str| Error::new(Kind::Invalid, format!("The event's {what} is malformed."));
        let request_id = RequestId::parse(text("RequestID")).ok_or_else(|| invalid("RequestID"))?;
        let account_email = Email::parse(text("AccountEmail")).map_err(|_| invalid("AccountEmail"))?;
        let account_id = AccountId::parse(text("AccountId")).ok();
        let finding = match (
            read_verdict(&step),
            read_step_error(&step).or_else(|| read_step_error(event)),
            account_id,
        ) {
            (_, Some(reason), Some(account_id)) if text("Status") == "Provisioned" => {
                Finding::AfterProvisioned { account_id, reason }
            }
            (Some(verdict), None, _) => Finding::Verdict(verdict),
            (_, Some(reason), _) => Finding::StepFailed(reason),
            (None, None, _) => Finding::StepFailed(read_end_of_execution(event)),
        };
        Ok(Self { request_id, account_email, finding })
    }
}

fn holder_of_ids(value: &Value, depth: usize) -> Option<Value> {
    if let Value::String(text) = value {
        return serde_json::from_str::<Value>(text)
            .ok()
            .filter(|_| depth < 4)
            .and_then(|v| holder_of_ids(&v, depth + 1));
    }
    if value.get("RequestID").is_some() && value.get("AccountEmail").is_some() {
        return Some(value.clone());
    }
    if depth >= 4 {
        return None;
    }
    ["input", "Input", "detail", "requestPayload", "Payload"]
        .iter()
        .filter_map(|name| value.get(name))
        .find_map(|inner| holder_of_ids(inner, depth + 1))
}

fn read_verdict(step: &Value) -> Option<Failure> {
    let mut verdict: Failure = serde_json::from_value(step.get("Failure")?.clone()).ok()?;
    verdict.reason = shortened(&verdict.reason);
    Some(verdict)
}

/// The sentence behind `{"Error": {"Error": name, "Cause": cause}}`. Only the kinds of this product carry a
/// sentence written for people; any other cause is the runtime's and goes to the log alone.
fn read_step_error(step: &Value) -> Option<String> {
    let error = step.get("Error")?;
    let (name, cause) = match error {
        Value::String(name) => (name.as_str(), step.get("Cause")),
        other => (other.get("Error").and_then(Value::as_str).unwrap_or_default(), other.get("Cause")),
    };
    let sentence = cause.and_then(|cause| match cause {
        Value::String(text) => serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|cause| cause.get("errorMessage").and_then(Value::as_str).map(str::to_owned))
            .or_else(|| Some(text.clone())),
        other => other.get("errorMessage").and_then(Value::as_str).map(str::to_owned),
    });
    Some(match (Kind::of_name(name), sentence) {
        (Some(kind), Some(sentence)) if kind != Kind::Internal && !sentence.is_empty() => {
            shortened(&sentence)
        }
        _ if name == "States.Timeout" => "A step of the workflow did not end in time.".to_owned(),
        _ => {
            "A step of the workflow failed for a reason of its own; operators find it in the log.".to_owned()
        }
    })
}

/// An execution that FAILED did so because `update-failed` itself could not write the end: its error says
/// nothing about the request. The cause of one that was ABORTED was written by whoever stopped it.
fn read_end_of_execution(event: &Value) -> String {
    // An on-failure destination wraps the rule's event, and the runbook has it given back as it lies there.
    let detail = event.get("detail").or_else(|| event.pointer("/requestPayload/detail"));
    let detail = |name: &str| detail.and_then(|it| it.get(name)?.as_str()).map(str::trim).unwrap_or_default();
    match detail("status") {
        "FAILED" => "The workflow failed before its end could be recorded; operators find why in its \
                     execution's history."
            .to_owned(),
        "ABORTED" if !detail("cause").is_empty() => {
            shortened(&format!("An operator stopped the workflow: {}", detail("cause")))
        }
        "ABORTED" => "An operator stopped the workflow.".to_owned(),
        "TIMED_OUT" => "The workflow ran out of time.".to_owned(),
        _ => "The workflow ended without a reason.".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_REASON {
        return text.to_owned();
    }
    text.chars().take(LONGEST_REASON - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str = "0b8f2c3e-0000-4000-8000-000000000001";

    fn step(extra: &Value) -> Value {
        let mut step = json!({"RequestID": ID, "AccountEmail": "user@example.com"});
        for (name, value) in extra.as_object().unwrap() {
            step[name] = value.clone();
        }
        step
    }

    fn finding(event: &Value) -> Finding {
        FailedStep::find(event).unwrap().finding
    }

    #[test]
    fn a_verdict_is_kept_as_it_is() {
        let event =
            step(&json!({"Status": "Failed", "Failure": {"Reason": "no room", "AccountMayExist": true}}));
        let expected = Failure { reason: "no room".into(), account_may_exist: true, account_id: None };
        assert_eq!(finding(&event), Finding::Verdict(expected));
    }

    #[test]
    fn an_error_of_our_own_kind_keeps_its_sentence() {
        let cause = json!({"errorType": "Invalid", "errorMessage": "There is no such unit."}).to_string();
        let event = step(&json!({"Error": {"Error": "Invalid", "Cause": cause}}));
        assert_eq!(finding(&event), Finding::StepFailed("There is no such unit.".into()));
    }

    #[test]
    fn an_error_of_the_runtime_is_not_shown_to_people() {
        for name in ["Internal", "Lambda.Unknown", "Runtime.ExitError", "States.DataLimitExceeded", ""] {
            let event = step(&json!({"Error": {"Error": name, "Cause": "secret at 10.0.0.1"}}));
            let Finding::StepFailed(reason) = finding(&event) else { unreachable!() };
            assert!(!reason.contains("secret"), "{name}: {reason}");
        }
    }

    #[test]
    fn a_failure_after_the_account_was_made_names_the_account() {
        let event = step(&json!({
            "Status": "Provisioned", "AccountId": "123456789012",
            "Error": {"Error": "Transient", "Cause": "{\"errorMessage\":\"The table did not answer.\"}"}
        }));
        assert_eq!(
            finding(&event),
            Finding::AfterProvisioned {
                account_id: AccountId::parse("123456789012").unwrap(),
                reason: "The table did not answer.".into()
            }
        );
    }

    #[test]
    fn the_request_is_found_in_events_of_other_senders() {
        let input = step(&json!({})).to_string();
        for event in [
            json!({"detail-type": "Step Functions Execution Status Change", "detail": {"status": "ABORTED", "input": input}}),
            json!({"requestPayload": step(&json!({})), "responsePayload": {}}),
            json!({"input": input, "Error": "States.Timeout", "Cause": ""}),
            json!({"Payload": step(&json!({}))}),
            json!(input),
        ] {
            let found = FailedStep::find(&event).unwrap();
            assert_eq!(found.request_id.to_string(), ID, "{event}");
        }
    }

    /// The event as the Step Functions developer guide shows it.
    fn execution_ended(status: &str, input: &Value, error: &Value, cause: &Value) -> Value {
        let included = json!({"included": !input.is_null()});
        json!({
            "version": "0", "id": "315c1398-40ff-a850-213b-158f73e60175",
            "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
            "account": "123456789012", "time": "2026-11-22T19:42:21Z", "region": "eu-west-1",
            "resources": [format!("arn:aws:states:eu-west-1:123456789012:execution:accounts:{ID}")],
            "detail": {
                "executionArn": format!("arn:aws:states:eu-west-1:123456789012:execution:accounts:{ID}"),
                "stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:accounts",
                "stateMachineVersionArn": null, "stateMachineAliasArn": null,
                "name": ID, "status": status, "startDate": 1_551_225_146_847_i64,
                "stopDate": 1_551_225_151_881_i64, "input": input, "inputDetails": included,
                "output": null, "outputDetails": null, "error": error, "cause": cause,
                "redriveCount": 0, "redriveDate": null, "redriveStatus": "REDRIVABLE",
                "redriveStatusReason": null
            }
        })
    }

    #[test]
    fn an_execution_that_ended_by_itself_says_how_and_keeps_the_words_of_whoever_stopped_it() {
        let input = json!(step(&json!({})).to_string());
        let cause = json!({"errorType": "Internal", "errorMessage": "secret at 10.0.0.1"}).to_string();
        for (status, error, cause, sentence) in [
            (
                "FAILED",
                json!("Internal"),
                json!(cause),
                "The workflow failed before its end could be recorded",
            ),
            (
                "FAILED",
                json!("Transient"),
                json!(cause),
                "The workflow failed before its end could be recorded",
            ),
            ("FAILED", Value::Null, Value::Null, "The workflow failed before its end could be recorded"),
            ("TIMED_OUT", json!("States.Timeout"), Value::Null, "The workflow ran out of time."),
            ("ABORTED", Value::Null, Value::Null, "An operator stopped the workflow."),
            ("ABORTED", Value::Null, json!("Asked for by mistake."), "the workflow: Asked for by mistake."),
        ] {
            let event = execution_ended(status, &input, &error, &cause);
            let dead_letter = json!({
                "version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event,
                "responsePayload": {"errorType": "Transient", "errorMessage": "secret at 10.0.0.1"}
            });
            for event in [event, dead_letter] {
                let found = FailedStep::find(&event).unwrap();
                assert_eq!(
                    (found.request_id.to_string().as_str(), found.account_email.as_str()),
                    (ID, "user@example.com")
                );
                let Finding::StepFailed(reason) = found.finding else { unreachable!() };
                assert!(reason.contains(sentence) && !reason.contains("secret"), "{status}: {reason}");
            }
        }
    }

    #[test]
    fn an_execution_whose_input_is_left_out_of_the_event_is_invalid_not_guessed() {
        for status in ["FAILED", "ABORTED", "TIMED_OUT"] {
            let event = execution_ended(status, &Value::Null, &Value::Null, &Value::Null);
            assert_eq!(FailedStep::find(&event).unwrap_err().kind(), Kind::Invalid, "{status}");
        }
    }

    #[test]
    fn an_event_without_a_request_is_invalid() {
        for event in [
            json!(null),
            json!({}),
            json!([1]),
            json!({"RequestID": "x", "AccountEmail": "user@example.com"}),
        ] {
            assert_eq!(FailedStep::find(&event).unwrap_err().kind(), Kind::Invalid, "{event}");
        }
    }

    #[test]
    fn a_long_reason_is_shortened() {
        let event = step(&json!({"Failure": {"Reason": "é".repeat(5000)}}));
        let Finding::Verdict(failure) = finding(&event) else { unreachable!() };
        assert_eq!(failure.reason.chars().count(), LONGEST_REASON);
    }

    proptest! {
        #[test]
        fn no_event_panics(text in "\\PC{0,60}", name in "\\PC{0,12}") {
            let event = step(&json!({"Error": {"Error": name, "Cause": text}, "Failure": text, "Status": name}));
            prop_assert!(FailedStep::find(&event).is_ok());
        }
    }
}

//! One record of the table's stream: does it bring in a request?

use accounts_core::{Email, Error, Kind, RequestId, Result, Start, Status};
use serde::Deserialize;
use serde_json::Value;

/// The part of a stream record that is read here (Lambda developer guide, "Using AWS Lambda with DynamoDB").
#[derive(Deserialize)]
struct Record {
    #[serde(rename = "eventName")]
    event_name: String,
    #[serde(rename = "dynamodb")]
    change: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    #[serde(default)]
    new_image: Value,
    #[serde(default)]
    old_image: Value,
}

/// The request that a record brings in: on `INSERT`, or on a `MODIFY` with a new `RequestID`, where the new
/// image says `Requested`. Any other change is nobody's business here, and so is an item that is no request.
pub(crate) fn new_request(value: &Value) -> Result<Option<Start>> {
    let record = Record::deserialize(value)
        .map_err(|error| malformed(value, "it is not a record of a table's stream").caused_by(error))?;
    if record.event_name != "INSERT" && record.event_name != "MODIFY" {
        return Ok(None);
    }
    let (new, old) = (&record.change.new_image, &record.change.old_image);
    if !new.is_object() {
        return Err(malformed(value, "it has no NewImage"));
    }
    let key =
        text(new, "AccountEmail").ok_or_else(|| malformed(value, "its NewImage has no AccountEmail"))?;
    // The reservations, memories and slots beside the requests: no e-mail holds a '#' after upper-case letters.
    if key
        .split_once('#')
        .is_some_and(|(kind, _)| !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return Ok(None);
    }
    let status = text(new, "Status").ok_or_else(|| malformed(value, "its NewImage has no Status"))?;
    if status != Status::Requested.name() {
        return Ok(None);
    }
    let id = text(new, "RequestID").ok_or_else(|| malformed(value, "its NewImage has no RequestID"))?;
    if record.event_name == "MODIFY" && text(old, "RequestID") == Some(id) {
        return Ok(None);
    }
    let request_id = RequestId::parse(id).ok_or_else(|| malformed(value, "its RequestID is not a UUID"))?;
    let account_email = Email::parse(key)
        .map_err(|(_, message)| malformed(value, "its AccountEmail is none").caused_by(message))?;
    Ok(Some(Start { request_id, account_email }))
}

/// How a batch names a record that failed.
pub(crate) fn sequence_number(value: &Value) -> Option<&str> {
    value.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).filter(|number| !number.is_empty())
}

/// How the log names a record.
pub(crate) fn event_id(value: &Value) -> &str {
    value.get("eventID").and_then(Value::as_str).unwrap_or("unknown")
}

fn text<'a>(image: &'a Value, name: &str) -> Option<&'a str> {
    image.get(name)?.get("S")?.as_str()
}

fn malformed(value: &Value, what: &str) -> Error {
    let sequence_number = sequence_number(value).unwrap_or("unknown");
    Error::new(
        Kind::Invalid,
        format!("The stream record {} ({sequence_number}) is malformed: {what}.", event_id(value)),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const ID: &str = "0b8f2c3e-0000-4000-8000-000000000001";
    const OTHER: &str = "0b8f2c3e-0000-4000-8000-000000000002";

    fn record(event: &str, new: &Value, old: &Value) -> Value {
        json!({"eventID": "e1", "eventName": event, "dynamodb": {"SequenceNumber": "7", "NewImage": new, "OldImage": old}})
    }

    fn image(status: &str, id: &str) -> Value {
        json!({"AccountEmail": {"S": "user@example.com"}, "Status": {"S": status}, "RequestID": {"S": id}})
    }

    fn started(record: &Value) -> Option<String> {
        new_request(record).unwrap().map(|start| start.request_id.to_string())
    }

    #[test]
    fn an_insert_of_a_requested_one_starts_it() {
        assert_eq!(started(&record("INSERT", &image("Requested", ID), &Value::Null)).as_deref(), Some(ID));
    }

    #[test]
    fn a_modify_starts_only_a_new_request() {
        assert_eq!(
            started(&record("MODIFY", &image("Requested", OTHER), &image("Failed", ID))).as_deref(),
            Some(OTHER)
        );
        assert_eq!(started(&record("MODIFY", &image("Requested", ID), &image("Requested", ID))), None);
        assert_eq!(started(&record("MODIFY", &image("Valid", ID), &image("Requested", ID))), None);
    }

    #[test]
    fn what_is_no_request_is_ignored() {
        for key in ["NAME#my-account", "SLOTS#", "IDEMPOTENCY#00ff"] {
            assert_eq!(
                started(&record("INSERT", &json!({"AccountEmail": {"S": key}}), &Value::Null)),
                None,
                "{key}"
            );
        }
        assert_eq!(started(&record("REMOVE", &Value::Null, &image("Requested", ID))), None);
    }

    #[test]
    fn an_email_with_a_hash_is_a_request() {
        let mut image = image("Requested", ID);
        image["AccountEmail"]["S"] = json!("name#1@example.com");
        assert_eq!(started(&record("INSERT", &image, &Value::Null)).as_deref(), Some(ID));
    }

    #[test]
    fn a_malformed_record_is_named() {
        let mut no_status = image("x", ID);
        no_status.as_object_mut().unwrap().remove("Status");
        for bad in [
            json!({"eventID": "e1", "dynamodb": {"SequenceNumber": "7"}}),
            record("INSERT", &Value::Null, &Value::Null),
            record("INSERT", &json!({}), &Value::Null),
            record("INSERT", &no_status, &Value::Null),
            record("INSERT", &image("Requested", "none"), &Value::Null),
            record("INSERT", &json!({"AccountEmail": {"N": "1"}}), &Value::Null),
        ] {
            let error = new_request(&bad).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.to_string().contains("e1 (7)"), "{error}");
        }
    }
}

//! One record of the table's stream. Only its keys are read: the table is authoritative, and records can be lost,
//! doubled or late.

use accounts_aws::Candidate;
use accounts_core::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::Value;

/// What a record says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// A request was stored.
    RequestInserted(Candidate),
    /// A slot became free.
    SlotReleased,
    /// Anything else, which the event source's filters keep away.
    Other,
}

/// The part of a stream record that is read here (Lambda developer guide, "Using AWS Lambda with DynamoDB").
#[derive(Deserialize)]
struct StreamRecord {
    #[serde(rename = "eventName")]
    event_name: String,
    #[serde(rename = "dynamodb")]
    change: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    keys: Keys,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Keys {
    account_email: Text,
    record: Text,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if it is malformed.
    pub(crate) fn read(value: &Value) -> Result<Self> {
        let record = StreamRecord::deserialize(value).map_err(|error| malformed(value).caused_by(error))?;
        let Keys { account_email: Text { text: partition }, record: Text { text: sort } } =
            &record.change.keys;
        Ok(match record.event_name.as_str() {
            "INSERT" => match Candidate::of_key(partition, sort) {
                Some(candidate) => Self::RequestInserted(candidate),
                None => Self::Other,
            },
            "REMOVE" if partition.starts_with("SLOT#") => Self::SlotReleased,
            _ => Self::Other,
        })
    }
}

/// How a batch names a record that failed.
pub(crate) fn sequence_number(value: &Value) -> Option<&str> {
    value.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).filter(|number| !number.is_empty())
}

/// How the log names a record.
pub(crate) fn event_id(value: &Value) -> &str {
    value.get("eventID").and_then(Value::as_str).unwrap_or("unknown")
}

fn malformed(value: &Value) -> Error {
    let number = sequence_number(value).unwrap_or("unknown");
    let id = event_id(value);
    Error::new(Kind::Invalid, format!("The stream record {id} ({number}) is malformed."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const ID: &str = "0b8f2c3e-0000-7000-8000-000000000001";

    fn record(event: &str, partition: &str, sort: &str) -> Value {
        json!({"eventID": "e1", "eventName": event, "dynamodb": {
            "SequenceNumber": "7", "Keys": {"AccountEmail": {"S": partition}, "Record": {"S": sort}},
        }})
    }

    fn read(event: &str, partition: &str, sort: &str) -> Record {
        Record::read(&record(event, partition, sort)).unwrap()
    }

    #[test]
    fn an_inserted_request_is_a_candidate() {
        let Record::RequestInserted(candidate) =
            read("INSERT", "name#1@example.com", &format!("REQUEST#{ID}"))
        else {
            unreachable!()
        };
        assert_eq!(
            (candidate.account_email.as_str(), candidate.request_id.to_string().as_str()),
            ("name#1@example.com", ID)
        );
    }

    #[test]
    fn a_removed_slot_is_a_free_slot() {
        assert_eq!(read("REMOVE", "SLOT#control-tower", "3"), Record::SlotReleased);
    }

    #[test]
    fn everything_else_is_ignored() {
        for (event, partition, sort) in [
            ("MODIFY", "user@example.com", "REQUEST#0b8f2c3e-0000-7000-8000-000000000001"),
            ("REMOVE", "user@example.com", "REQUEST#0b8f2c3e-0000-7000-8000-000000000001"),
            ("INSERT", "user@example.com", "ACCOUNT"),
            ("INSERT", "user@example.com", "REQUEST#none"),
            ("INSERT", "SLOT#control-tower", "3"),
            ("REMOVE", "NAME#mine", "CLAIM"),
        ] {
            assert_eq!(read(event, partition, sort), Record::Other, "{event} {partition} {sort}");
        }
    }

    #[test]
    fn a_malformed_record_is_named_and_not_quoted() {
        for bad in [
            json!({"eventID": "e1", "dynamodb": {"SequenceNumber": "7"}}),
            json!({"eventID": "e1", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "7", "Keys": {}}}),
            json!({"eventID": "e1", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "7", "Keys": {
                "AccountEmail": {"S": "user@example.com"}, "Record": {"N": "1"}}}}),
        ] {
            let error = Record::read(&bad).unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.to_string().contains("e1 (7)") && !error.chain().contains('@'), "{error}");
        }
    }
}

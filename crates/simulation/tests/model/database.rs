//! The embedded DynamoDB of one case, and all that it holds.

use std::collections::BTreeMap;

use accounts_aws::WireAnswer;
use accounts_simulation::{answer_of, embedded_table, plain, read};
use dynoxide::Database;
use serde_json::{Value, json};

/// Items without the types of DynamoDB's JSON, by partition and sort key. An answer of an idempotency key has the request
/// that it accepted in the place of its hash, which only the table code can compute.
pub(super) type Items = BTreeMap<(String, String), Value>;

/// The table's database.
pub(super) struct TableDatabase(Database);

impl TableDatabase {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self(embedded_table().unwrap())
    }

    /// Carries out a call.
    pub(super) fn call(&self, action: &str, body: &Value) -> WireAnswer {
        answer_of(&self.0, action, body)
    }

    /// Writes an item past the table code.
    pub(super) fn put(&self, item: &Value) {
        let put = json!({"TableName": "AccountsTable", "Item": typed(item)});
        self.0.put_item(read(&put).unwrap()).unwrap();
    }

    /// Removes an item past the table code.
    pub(super) fn lose(&self, partition: &str, sort: &str) {
        let key = json!({"AccountEmail": {"S": partition}, "Record": {"S": sort}});
        let delete = json!({"TableName": "AccountsTable", "Key": key});
        self.0.delete_item(read(&delete).unwrap()).unwrap();
    }

    /// Everything.
    pub(super) fn items(&self) -> Items {
        let scan = json!({"TableName": "AccountsTable", "ConsistentRead": true});
        let answer = self.0.scan(read(&scan).unwrap()).unwrap();
        let answer = serde_json::to_value(&answer).unwrap();
        answer["Items"].as_array().unwrap().iter().map(plain).map(keyed).collect()
    }
}

fn keyed(mut item: Value) -> ((String, String), Value) {
    let part = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    if part(&item, "AccountEmail").starts_with("IDEMPOTENCY#") {
        let answer: Value = serde_json::from_str(item["Answer"].as_str().unwrap()).unwrap();
        item["AccountEmail"] = json!(format!("IDEMPOTENCY#{}", part(&answer, "RequestID")));
        item["Answer"] = answer;
        item.as_object_mut().unwrap().remove("Fingerprint");
    }
    ((part(&item, "AccountEmail"), part(&item, "Record")), item)
}

/// An item in DynamoDB's JSON.
fn typed(item: &Value) -> Value {
    item.as_object().unwrap().iter().map(|(name, value)| (name.clone(), typed_value(value))).collect()
}

fn typed_value(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(_) => json!({"BOOL": value}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(_) => json!({"S": value}),
        Value::Array(values) => json!({"L": values.iter().map(typed_value).collect::<Vec<_>>()}),
        Value::Object(_) => json!({"M": typed(value)}),
    }
}

//! The embedded DynamoDB of one case, and all that it holds.

use std::collections::BTreeMap;

use accounts_aws::WireAnswer;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Items without the types of DynamoDB's JSON, by partition and sort key. An answer of an idempotency key has the request
/// that it accepted in the place of its hash, which only the table code can compute.
pub(super) type Items = BTreeMap<(String, String), Value>;

/// The table's database.
pub(super) struct TableDatabase(Database);

impl TableDatabase {
    /// An empty one.
    pub(super) fn new() -> Self {
        let database = Database::memory().unwrap();
        let attributes = ["AccountEmail", "Record", "Queue", "QueueOrder"]
            .map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
        let key = |hash: &str, range: &str| json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
        let create = json!({
            "TableName": "AccountsTable", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": key("AccountEmail", "Record"),
            "AttributeDefinitions": attributes,
            "GlobalSecondaryIndexes": [{
                "IndexName": "QueueIndex", "Projection": {"ProjectionType": "KEYS_ONLY"},
                "KeySchema": key("Queue", "QueueOrder"),
            }],
        });
        database.create_table(read(&create).unwrap()).unwrap();
        Self(database)
    }

    /// Carries out a call.
    pub(super) fn call(&self, action: &str, body: &Value) -> WireAnswer {
        let answered = match action {
            "GetItem" => read(body).and_then(|it| self.0.get_item(it)).and_then(|it| write(&it)),
            "Query" => read(body).and_then(|it| self.0.query(it)).and_then(|it| write(&it)),
            "TransactWriteItems" => {
                read(body).and_then(|it| self.0.transact_write_items(it)).and_then(|it| write(&it))
            }
            other => panic!("the table code made the call {other}"),
        };
        match answered {
            Ok(body) => WireAnswer { status: 200, body: body.into_bytes() },
            Err(error) => WireAnswer { status: error.status_code(), body: error.to_json().into_bytes() },
        }
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

fn plain(item: &Value) -> Value {
    let fields = item.as_object().unwrap();
    Value::Object(
        fields.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect::<Map<_, _>>(),
    )
}

fn plain_value(value: &Value) -> Value {
    let (kind, content) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "N" => serde_json::from_str(content.as_str().unwrap()).unwrap(),
        "M" => plain(content),
        "L" => content.as_array().unwrap().iter().map(plain_value).collect(),
        "NULL" => Value::Null,
        _ => content.clone(),
    }
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

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, DynoxideError> {
    T::deserialize(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

//! The embedded DynamoDB, in memory, with an account of what each write changed.

use std::collections::BTreeMap;

use accounts_aws::WireAnswer;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::index::Index;

/// How long DynamoDB remembers a `ClientRequestToken` (API reference, `TransactWriteItems`), in seconds.
const TOKEN_KEPT_SECONDS: f64 = 600.0;

/// Partition and sort key.
pub(crate) type Key = (String, String);

/// A write of one item.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) key: Key,
    /// In DynamoDB's JSON, as every item here.
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// The one table.
pub(crate) struct Table {
    database: Database,
    /// What the table holds. Only whole writes are known, which is all that the product makes.
    items: BTreeMap<Key, Value>,
    index: Index,
    tokens: BTreeMap<String, f64>,
}

/// What came of a call.
pub(crate) struct Answered {
    pub(crate) answer: WireAnswer,
    pub(crate) changes: Vec<Change>,
}

impl Table {
    /// An empty one.
    pub(crate) fn new() -> Result<Self, DynoxideError> {
        let database = Database::memory()?;
        let attributes = ["AccountEmail", "Record", "Queue", "QueueOrder"]
            .map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
        let create = json!({
            "TableName": "AccountsTable", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [
                {"AttributeName": "AccountEmail", "KeyType": "HASH"}, {"AttributeName": "Record", "KeyType": "RANGE"}
            ],
            "AttributeDefinitions": attributes,
            "GlobalSecondaryIndexes": [{
                "IndexName": "QueueIndex", "Projection": {"ProjectionType": "KEYS_ONLY"},
                "KeySchema": [
                    {"AttributeName": "Queue", "KeyType": "HASH"}, {"AttributeName": "QueueOrder", "KeyType": "RANGE"}
                ],
            }],
        });
        database.create_table(read(&create)?)?;
        Ok(Self { database, items: BTreeMap::new(), index: Index::default(), tokens: BTreeMap::new() })
    }

    pub(crate) const fn items(&self) -> &BTreeMap<Key, Value> {
        &self.items
    }

    /// Answers a call. Reads of the index show what was so many seconds ago.
    pub(crate) fn call(&mut self, action: &str, mut body: Value, now: f64, index_age: f64) -> Answered {
        if action == "Query"
            && body["IndexName"].is_string()
            && index_age > 0.0
            && let Some(answer) = self.index.query(&body, &self.items, now - index_age)
        {
            return Answered { answer: super::json(200, &answer), changes: Vec::new() };
        }
        if action != "TransactWriteItems" {
            return Answered { answer: answer(self.read_call(action, &body)), changes: Vec::new() };
        }
        // The token is kept here, by the time of the run; dynoxide would keep it by the machine's.
        let token = body.as_object_mut().and_then(|body| body.remove("ClientRequestToken"));
        let token = token.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.tokens.get(&token).is_some_and(|since| now - since < TOKEN_KEPT_SECONDS) {
            return Answered { answer: super::json(200, &json!({})), changes: Vec::new() };
        }
        let written = read(&body).and_then(|request| self.database.transact_write_items(request));
        let mut changes = Vec::new();
        if written.is_ok() {
            self.tokens.insert(token, now);
            changes = self.apply(&body, now);
        }
        Answered { answer: answer(written.and_then(|written| write(&written))), changes }
    }

    fn read_call(&self, action: &str, body: &Value) -> Result<String, DynoxideError> {
        match action {
            "GetItem" => write(&self.database.get_item(read(body)?)?),
            "Query" => write(&self.database.query(read(body)?)?),
            other => Err(DynoxideError::ValidationException(format!(
                "The simulation does not know the action {other}."
            ))),
        }
    }

    fn apply(&mut self, body: &Value, now: f64) -> Vec<Change> {
        let mut changes = Vec::new();
        for part in body["TransactItems"].as_array().into_iter().flatten() {
            let (key, after) = match (&part["Put"]["Item"], &part["Delete"]["Key"]) {
                (Value::Null, Value::Null) => continue,
                (Value::Null, key) => (key_of(key), None),
                (item, _) => (key_of(item), Some(item.clone())),
            };
            let before = match &after {
                Some(item) => self.items.insert(key.clone(), item.clone()),
                None => self.items.remove(&key),
            };
            if before != after {
                self.index.note(now, &key, before.as_ref(), after.as_ref());
                changes.push(Change { key, before, after });
            }
        }
        changes
    }
}

/// The key of an item.
pub(crate) fn key_of(item: &Value) -> Key {
    let part = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    (part("AccountEmail"), part("Record"))
}

/// An item without the types of DynamoDB's JSON.
pub(crate) fn plain(value: &Value) -> Value {
    let Some(fields) = value.as_object() else {
        return Value::Null;
    };
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect())
}

fn plain_value(value: &Value) -> Value {
    let Some((kind, content)) = value.as_object().and_then(|typed| typed.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "N" => content.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null),
        "M" => plain(content),
        "L" => content.as_array().into_iter().flatten().map(plain_value).collect(),
        "NULL" => Value::Null,
        _ => content.clone(),
    }
}

/// An item as a value of the domain.
pub(crate) fn read_item<T: DeserializeOwned>(item: &Value) -> Result<T, String> {
    serde_json::from_value(plain(item)).map_err(|error| format!("an item is malformed ({error})"))
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, DynoxideError> {
    T::deserialize(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn answer(result: Result<String, DynoxideError>) -> WireAnswer {
    match result {
        Ok(body) => WireAnswer { status: 200, body: body.into_bytes() },
        Err(error) => WireAnswer { status: error.status_code(), body: error.to_json().into_bytes() },
    }
}

//! The embedded DynamoDB with the one table, and its JSON. The model of the table code uses it too.

use accounts_aws::WireAnswer;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A database in memory with an empty `AccountsTable`, as Terraform makes it, but without stream and TTL.
///
/// # Errors
/// If it does not open.
pub fn embedded_table() -> Result<Database, DynoxideError> {
    let database = Database::memory()?;
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
    database.create_table(read(&create)?)?;
    Ok(database)
}

/// The answer of a call that the table code makes.
pub fn answer_of(database: &Database, action: &str, body: &Value) -> WireAnswer {
    let answered = match action {
        "GetItem" => read(body).and_then(|call| database.get_item(call)).and_then(|answer| write(&answer)),
        "Query" => read(body).and_then(|call| database.query(call)).and_then(|answer| write(&answer)),
        "TransactWriteItems" => {
            read(body).and_then(|call| database.transact_write_items(call)).and_then(|answer| write(&answer))
        }
        other => {
            let message = format!("The simulation does not know the action {other}.");
            Err(DynoxideError::ValidationException(message))
        }
    };
    match answered {
        Ok(body) => WireAnswer { status: 200, body: body.into_bytes() },
        Err(error) => WireAnswer { status: error.status_code(), body: error.to_json().into_bytes() },
    }
}

/// An item without the types of DynamoDB's JSON.
pub fn plain(item: &Value) -> Value {
    let Some(fields) = item.as_object() else {
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

/// A call of DynamoDB as the database takes it.
///
/// # Errors
/// If it is malformed.
pub fn read<T: DeserializeOwned>(body: &Value) -> Result<T, DynoxideError> {
    T::deserialize(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

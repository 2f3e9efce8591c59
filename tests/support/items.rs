//! The items of a workbench's table as they are stored, past every function and past the wire.

use dynoxide::Database;
use serde_json::{Value, json};

const TABLE: &str = "AccountsTable";

/// The stored items, in DynamoDB's own JSON.
#[derive(Clone)]
pub struct Items(Database);

impl Items {
    /// Those of this database.
    pub(crate) const fn of(database: Database) -> Self {
        Self(database)
    }

    /// The item under a key; null where there is none.
    pub fn get(&self, partition: &str, record: &str) -> Value {
        let request = json!({"TableName": TABLE, "Key": key(partition, record), "ConsistentRead": true});
        let request = serde_json::from_value(request).expect("a request");
        let answer = self.0.get_item(request).expect("the table answers");
        serde_json::to_value(answer).expect("JSON")["Item"].clone()
    }

    /// Writes an item over what is there.
    pub fn put(&self, item: &Value) {
        let request = json!({"TableName": TABLE, "Item": item});
        let request = serde_json::from_value(request).expect("a request");
        self.0.put_item(request).expect("the item is written");
    }

    /// Removes an item.
    pub fn delete(&self, partition: &str, record: &str) {
        let request = json!({"TableName": TABLE, "Key": key(partition, record)});
        let request = serde_json::from_value(request).expect("a request");
        self.0.delete_item(request).expect("the item is removed");
    }

    /// Changes an item that is there.
    pub fn edit(&self, partition: &str, record: &str, edit: impl FnOnce(&mut Value)) {
        let mut item = self.get(partition, record);
        assert!(item.is_object(), "there is no {partition} {record}");
        edit(&mut item);
        self.put(&item);
    }

    /// Every item, in the order of their keys.
    pub fn all(&self) -> Vec<Value> {
        let (mut from, mut items) = (Value::Null, Vec::new());
        loop {
            let mut scan = json!({"TableName": TABLE, "ConsistentRead": true});
            if !from.is_null() {
                scan["ExclusiveStartKey"] = from;
            }
            let page =
                self.0.scan(serde_json::from_value(scan).expect("a request")).expect("the table answers");
            let page = serde_json::to_value(page).expect("JSON");
            items.extend(page["Items"].as_array().expect("items").iter().cloned());
            from = page["LastEvaluatedKey"].clone();
            if from.is_null() {
                items.sort_by_key(key_of);
                return items;
            }
        }
    }

    /// Every key, in order, as in `user@example.com ACCOUNT`.
    pub fn keys(&self) -> Vec<String> {
        self.all().iter().map(key_of).collect()
    }
}

fn key(partition: &str, record: &str) -> Value {
    json!({"AccountEmail": {"S": partition}, "Record": {"S": record}})
}

fn key_of(item: &Value) -> String {
    let part = |name: &str| item[name]["S"].as_str().expect("a key").to_owned();
    format!("{} {}", part("AccountEmail"), part("Record"))
}

//! The embedded DynamoDB, in memory, with an account of what each write changed.
//!
//! DynamoDB judges every write. Most reads are answered from the account, which is several times as fast; each sixteenth
//! is answered by DynamoDB, and has to be the same.

use std::collections::BTreeMap;

use accounts_aws::WireAnswer;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::embedded::{answer_of, embedded_table, plain};
use super::index::Index;

/// How long DynamoDB remembers a `ClientRequestToken` (API reference, `TransactWriteItems`), in seconds.
const TOKEN_KEPT_SECONDS: f64 = 600.0;

/// One in so many reads is compared.
const COMPARED: u64 = 16;

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
    reads: u64,
}

/// What came of a call.
pub(crate) struct Answered {
    pub(crate) answer: WireAnswer,
    pub(crate) changes: Vec<Change>,
    /// What differs between the account and the database.
    pub(crate) differs: Option<String>,
}

impl Answered {
    fn read(answer: WireAnswer) -> Self {
        Self { answer, changes: Vec::new(), differs: None }
    }
}

impl Table {
    /// An empty one.
    pub(crate) fn new() -> Result<Self, DynoxideError> {
        Ok(Self {
            database: embedded_table()?,
            items: BTreeMap::new(),
            index: Index::default(),
            tokens: BTreeMap::new(),
            reads: 0,
        })
    }

    pub(crate) const fn items(&self) -> &BTreeMap<Key, Value> {
        &self.items
    }

    /// Answers a call. Reads of the index show what was so many seconds ago.
    pub(crate) fn call(&mut self, action: &str, mut body: Value, now: f64, index_age: f64) -> Answered {
        if action == "Query"
            && body["IndexName"].is_string()
            && index_age > 0.0
            && let Some(answer) = self.index.query(&body, now - index_age)
        {
            return Answered::read(super::json(200, &answer));
        }
        if action != "TransactWriteItems" {
            return self.read_call(action, &body, now);
        }
        // The token is kept here, by the time of the run; dynoxide would keep it by the machine's.
        let token = body.as_object_mut().and_then(|body| body.remove("ClientRequestToken"));
        let token = token.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.tokens.get(&token).is_some_and(|since| now - since < TOKEN_KEPT_SECONDS) {
            return Answered::read(super::json(200, &json!({})));
        }
        let answer = answer_of(&self.database, action, &body);
        let mut changes = Vec::new();
        if answer.status == 200 {
            self.tokens.insert(token, now);
            changes = self.apply(&body, now);
        }
        Answered { answer, changes, differs: None }
    }

    fn read_call(&mut self, action: &str, body: &Value, now: f64) -> Answered {
        self.reads += 1;
        let known = self.known(action, body, now);
        if let Some(known) = &known
            && !self.reads.is_multiple_of(COMPARED)
        {
            return Answered::read(super::json(200, known));
        }
        let mut read = Answered::read(answer_of(&self.database, action, body));
        if let Some(known) = known.and_then(|known| serde_json::to_value(known).ok()) {
            let there: Value = serde_json::from_slice(&read.answer.body).unwrap_or_default();
            let same = ["Item", "Items", "Count"].iter().all(|part| there[*part] == known[*part]);
            read.differs = (!same).then(|| format!("{action} {body} is {there}, not {known}"));
        }
        read
    }

    /// The answer by the account of writes; none where only the database knows it.
    fn known(&self, action: &str, body: &Value, now: f64) -> Option<Reading<'_>> {
        match action {
            "GetItem" => Some(Reading::Item { item: self.items.get(&key_of(&body["Key"])) }),
            "Query" if body["IndexName"].is_string() => self.index.query(body, now).map(Reading::Answer),
            "Query" if body["KeyConditionExpression"] == "#AccountEmail = :slots" => {
                let partition = body["ExpressionAttributeValues"][":slots"]["S"].as_str()?;
                let first = (partition.to_owned(), String::new());
                let items = self.items.range(first..).take_while(|(key, _)| key.0 == partition);
                let items: Vec<_> = items.map(|(_, item)| item).collect();
                Some(Reading::Items { count: items.len(), items })
            }
            _ => None,
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

/// The answer of a read.
#[derive(Serialize)]
#[serde(untagged)]
enum Reading<'a> {
    #[serde(rename_all = "PascalCase")]
    Item {
        #[serde(skip_serializing_if = "Option::is_none")]
        item: Option<&'a Value>,
    },
    #[serde(rename_all = "PascalCase")]
    Items {
        items: Vec<&'a Value>,
        count: usize,
    },
    Answer(Value),
}

/// The key of an item.
pub(crate) fn key_of(item: &Value) -> Key {
    let part = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    (part("AccountEmail"), part("Record"))
}

/// An item as a value of the domain.
pub(crate) fn read_item<T: DeserializeOwned>(item: &Value) -> Result<T, String> {
    serde_json::from_value(plain(item)).map_err(|error| format!("an item is malformed ({error})"))
}

//! What a read of the index shows that is older than the table: the index is eventually consistent.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::dynamodb::Key;

/// How old the index may be, in seconds.
pub(crate) const OLDEST_INDEX_SECONDS: f64 = 30.0;

/// The changes of the last while.
#[derive(Debug, Default)]
pub(crate) struct Index {
    changes: VecDeque<(f64, Key, Option<Value>)>,
}

impl Index {
    /// Notes a write.
    pub(crate) fn note(&mut self, now: f64, key: &Key, before: Option<&Value>, after: Option<&Value>) {
        let placed = |item: Option<&Value>| {
            item.is_some_and(|item| item.get("Queue").is_some() && item.get("QueueOrder").is_some())
        };
        while self.changes.front().is_some_and(|(at, ..)| now - at > OLDEST_INDEX_SECONDS) {
            self.changes.pop_front();
        }
        if placed(before) || placed(after) {
            self.changes.push_back((now, key.clone(), before.cloned()));
        }
    }

    /// The answer of a query of the index as it was at a time.
    pub(crate) fn query(&self, query: &Value, items: &BTreeMap<Key, Value>, at: f64) -> Option<Value> {
        if !CONDITIONS.contains(&query["KeyConditionExpression"].as_str()?) {
            return None;
        }
        let mut earlier: BTreeMap<&Key, Option<&Value>> = BTreeMap::new();
        for (_, key, before) in self.changes.iter().rev().take_while(|(when, ..)| *when > at) {
            earlier.insert(key, before.as_ref());
        }
        let now = items.iter().filter(|(key, _)| !earlier.contains_key(*key)).map(|(_, item)| item);
        let then = earlier.values().filter_map(|item| *item);
        let mut found: Vec<_> = now.chain(then).filter(|item| matches(item, query)).collect();
        found.sort_by_key(|item| (text(item, "QueueOrder"), text(item, "AccountEmail")));
        let limit =
            query["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        found.truncate(limit);
        if query["Select"] == "COUNT" {
            return Some(json!({"Count": found.len(), "ScannedCount": found.len()}));
        }
        let keys = |item: &&Value| {
            ["AccountEmail", "Record", "Queue", "QueueOrder"]
                .into_iter()
                .map(|name| (name.to_owned(), item[name].clone()))
                .collect::<serde_json::Map<_, _>>()
        };
        let items: Vec<_> = found.iter().map(keys).collect();
        Some(json!({"Count": items.len(), "ScannedCount": items.len(), "Items": items}))
    }
}

/// The conditions that the product's queries have.
const CONDITIONS: [&str; 4] = [
    "#Queue = :queue",
    "#Queue = :queue AND #QueueOrder > :after",
    "#Queue = :queue AND #QueueOrder < :id",
    "#Queue = :queue AND #QueueOrder <= :now",
];

fn matches(item: &Value, query: &Value) -> bool {
    let value = |name: &str| query["ExpressionAttributeValues"][name]["S"].as_str().unwrap_or_default();
    if item.get("QueueOrder").is_none() || text(item, "Queue") != value(":queue") {
        return false;
    }
    let order = text(item, "QueueOrder");
    match CONDITIONS.iter().position(|known| query["KeyConditionExpression"] == *known) {
        Some(0) => true,
        Some(1) => order > value(":after"),
        Some(2) => order < value(":id"),
        _ => order <= value(":now"),
    }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

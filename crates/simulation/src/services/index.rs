//! The index of the queues, as it is and as it was: it is eventually consistent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::dynamodb::Key;

/// How old the index may be, in seconds.
pub(crate) const OLDEST_INDEX_SECONDS: f64 = 30.0;

/// Where an item stands in the index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    queue: String,
    order: String,
    key: Key,
}

/// The entries now, and the changes of the last while.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: BTreeSet<Entry>,
    /// When an item's entry changed, and what it was before.
    changes: VecDeque<(f64, Key, Option<Entry>)>,
}

impl Index {
    /// Notes a write.
    pub(crate) fn note(&mut self, now: f64, key: &Key, before: Option<&Value>, after: Option<&Value>) {
        while self.changes.front().is_some_and(|(at, ..)| now - at > OLDEST_INDEX_SECONDS) {
            self.changes.pop_front();
        }
        let (before, after) = (entry(key, before), entry(key, after));
        if before == after {
            return;
        }
        if let Some(before) = &before {
            self.entries.remove(before);
        }
        self.entries.extend(after);
        self.changes.push_back((now, key.clone(), before));
    }

    /// The answer of a query of the index as it was at a time; none where the query is not one of the product's.
    pub(crate) fn query(&self, query: &Value, at: f64) -> Option<Value> {
        let wanted = Wanted::of(query)?;
        let mut earlier: BTreeMap<&Key, Option<&Entry>> = BTreeMap::new();
        for (_, key, before) in self.changes.iter().rev().take_while(|(when, ..)| *when > at) {
            earlier.insert(key, before.as_ref());
        }
        let first = Entry {
            queue: wanted.queue.to_owned(),
            order: String::new(),
            key: (String::new(), String::new()),
        };
        let now = self.entries.range(first..).take_while(|entry| entry.queue == wanted.queue);
        let now = now.filter(|entry| !earlier.contains_key(&entry.key));
        let then = earlier.values().filter_map(|entry| *entry);
        let mut found: Vec<_> = now.chain(then).filter(|entry| wanted.matches(entry)).collect();
        found.sort();
        let limit = query["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
        found.truncate(limit.unwrap_or(usize::MAX));
        if query["Select"] == "COUNT" {
            return Some(json!({"Count": found.len(), "ScannedCount": found.len()}));
        }
        let items: Vec<_> = found.iter().map(|entry| entry.item()).collect();
        Some(json!({"Count": items.len(), "ScannedCount": items.len(), "Items": items}))
    }
}

impl Entry {
    fn item(&self) -> Value {
        json!({
            "AccountEmail": {"S": self.key.0}, "Record": {"S": self.key.1},
            "Queue": {"S": self.queue}, "QueueOrder": {"S": self.order},
        })
    }
}

fn entry(key: &Key, item: Option<&Value>) -> Option<Entry> {
    let text = |name: &str| item?.get(name)?["S"].as_str().map(str::to_owned);
    Some(Entry { queue: text("Queue")?, order: text("QueueOrder")?, key: key.clone() })
}

/// The conditions that the product's queries have.
const CONDITIONS: [&str; 4] = [
    "#Queue = :queue",
    "#Queue = :queue AND #QueueOrder > :after",
    "#Queue = :queue AND #QueueOrder < :id",
    "#Queue = :queue AND #QueueOrder <= :now",
];

/// What a query asks for.
struct Wanted<'a> {
    queue: &'a str,
    condition: usize,
    order: &'a str,
}

impl<'a> Wanted<'a> {
    fn of(query: &'a Value) -> Option<Self> {
        let text = query["KeyConditionExpression"].as_str()?;
        let condition = CONDITIONS.iter().position(|known| text == *known)?;
        let value = |name: &str| query["ExpressionAttributeValues"][name]["S"].as_str().unwrap_or_default();
        let order = value(["", ":after", ":id", ":now"][condition]);
        Some(Self { queue: value(":queue"), condition, order })
    }

    fn matches(&self, entry: &Entry) -> bool {
        let order = entry.order.as_str();
        entry.queue == self.queue
            && match self.condition {
                0 => true,
                1 => order > self.order,
                2 => order < self.order,
                _ => order <= self.order,
            }
    }
}

//! The requests of an account, gathered from the pages in which the API lists them.

use serde_json::{Value, json};

use crate::item::Item;

/// Requests of an account, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    requests: Vec<Item>,
    next_cursor: Option<String>,
}

impl History {
    /// The page in a body of the API, if it is one.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let mut page: Value = serde_json::from_slice(body).ok()?;
        let Value::Array(requests) = page.get_mut("Requests")?.take() else { return None };
        let requests = requests.into_iter().map(Item::of_value).collect::<Option<_>>()?;
        let next_cursor = page.get("NextCursor").and_then(Value::as_str).filter(|cursor| !cursor.is_empty());
        Some(Self { requests, next_cursor: next_cursor.map(str::to_owned) })
    }

    /// Adds the page that follows.
    pub(crate) fn append(&mut self, page: Self) {
        self.requests.extend(page.requests);
        self.next_cursor = page.next_cursor;
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> &[Item] {
        &self.requests
    }

    /// Where the next page begins, if there is one.
    pub(crate) fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// One document in the form of a page.
    pub(crate) fn document(&self) -> Value {
        let mut document = json!({"Requests": self.requests.iter().map(Item::document).collect::<Vec<_>>()});
        if let Some(cursor) = &self.next_cursor {
            document["NextCursor"] = json!(cursor);
        }
        document
    }
}

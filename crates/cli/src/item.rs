//! A request for an account as the API shows it.

use accounts_core::Status;
use serde_json::{Map, Value};

/// The stored item, kept whole: a field that this client does not know is shown all the same in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Item(Map<String, Value>);

impl Item {
    /// The item in a body of the API, if it is one.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let item = Self(serde_json::from_slice(body).ok()?);
        let is_item = ["AccountEmail", "RequestID", "Status"].iter().all(|name| !item.text(name).is_empty());
        is_item.then_some(item)
    }

    /// The text of a field; empty if there is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The e-mail address, by which the request can be asked for.
    pub fn email(&self) -> &str {
        self.text("AccountEmail")
    }

    /// The id of the request.
    pub fn request_id(&self) -> &str {
        self.text("RequestID")
    }

    /// Where the request stands, in the API's word.
    pub fn status(&self) -> &str {
        self.text("Status")
    }

    /// Whether the status will change no more. One that this client does not know is taken for not final.
    pub(crate) fn is_final(&self) -> bool {
        Status::ALL.into_iter().any(|status| status.name() == self.status() && status.is_final())
    }

    /// Whether the request has ended without an account.
    pub(crate) fn has_failed(&self) -> bool {
        self.status() == Status::Failed.name()
    }

    /// The tags, as `key=value`.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tags = self.0.get("Tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let part =
            |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        tags.iter().map(|tag| format!("{}={}", part(tag, "Key"), part(tag, "Value"))).collect()
    }

    /// Why an earlier request of this e-mail failed, if it is kept here.
    pub(crate) fn failure_of(&self, request_id: &str) -> Option<&str> {
        let earlier = self.0.get("PreviousFailures")?.as_array()?;
        let failure =
            earlier.iter().find(|failure| failure.get("RequestID").is_some_and(|id| id == request_id))?;
        failure.get("ErrorMessage")?.as_str()
    }

    /// The whole item.
    pub(crate) fn document(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

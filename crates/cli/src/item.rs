//! An account or a request as the API shows it.

use accounts_core::RequestStatus;
use serde_json::{Map, Value};

/// An account or a request, kept whole: a field that this client does not know is shown all the same in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Item(Map<String, Value>);

impl Item {
    /// The item in a body of the API, if it is one.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        Self::of_value(serde_json::from_slice(body).ok()?)
    }

    /// The item in a part of a body, if it is one.
    pub(crate) fn of_value(value: Value) -> Option<Self> {
        let Value::Object(fields) = value else { return None };
        let item = Self(fields);
        let is_item = ["AccountEmail", "RequestID", "Status"].iter().all(|name| !item.text(name).is_empty());
        is_item.then_some(item)
    }

    /// The text of a field; empty if there is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        text_of(self.0.get(field), "")
    }

    /// The e-mail address of the account.
    pub fn email(&self) -> &str {
        self.text("AccountEmail")
    }

    /// The id of the request; an account names its latest.
    pub fn request_id(&self) -> &str {
        self.text("RequestID")
    }

    /// The status, in the API's word.
    pub fn status(&self) -> &str {
        self.text("Status")
    }

    /// Whether the status will change no more. One that this client does not know is taken for not final.
    pub(crate) fn is_final(&self) -> bool {
        RequestStatus::ALL.into_iter().any(|status| status.name() == self.status() && status.is_final())
    }

    /// Whether the request has ended without doing what was asked.
    pub(crate) fn has_failed(&self) -> bool {
        [RequestStatus::Failed.name(), RequestStatus::Cancelled.name()].contains(&self.status())
    }

    /// How and why a request failed, in a sentence.
    pub(crate) fn failure(&self) -> String {
        let ended =
            if self.status() == RequestStatus::Cancelled.name() { "was cancelled" } else { "has failed" };
        let reason = match self.text("ErrorMessage") {
            "" => "no reason is given",
            reason => reason,
        };
        format!("the request {ended}: {reason}")
    }

    /// Whether an account may have been made that nobody has seen.
    pub(crate) fn account_may_exist(&self) -> bool {
        self.0.get("AccountMayExist").and_then(Value::as_bool).unwrap_or_default()
    }

    /// The place in the queue, while it waits there.
    pub(crate) fn queue(&self) -> Option<String> {
        match self.open_text("QueuePosition")? {
            "1" => Some("next in the queue".to_owned()),
            position => Some(match position.strip_suffix('+') {
                Some(counted) => format!("behind the first {counted} in the queue"),
                None => format!("number {position} in the queue"),
            }),
        }
    }

    /// Until when it is out of the queue.
    pub(crate) fn parked_until(&self) -> Option<String> {
        self.open_text("ParkedUntil").map(readable_time)
    }

    /// Since when its operation takes longer than its timeout.
    pub(crate) fn overdue_since(&self) -> Option<String> {
        self.open_text("OverdueSince").map(readable_time)
    }

    /// A text that says something only while the request is open.
    fn open_text(&self, field: &str) -> Option<&str> {
        Some(self.text(field)).filter(|text| !text.is_empty() && !self.is_final())
    }

    /// The status with what a person who waits wants to know: place in the queue, parked, overdue.
    pub(crate) fn status_line(&self) -> String {
        let parked = self.parked_until().map(|until| format!("parked until {until}"));
        let overdue = self.overdue_since().map(|since| format!("overdue since {since}"));
        let details = [self.queue(), parked, overdue].into_iter().flatten();
        details.fold(self.status().to_owned(), |line, detail| format!("{line}, {detail}"))
    }

    /// Who asked: the name if the token had one, and the client.
    pub(crate) fn requested_by(&self) -> Option<String> {
        let caller = self.0.get("RequestedBy")?;
        let [name, subject, client] = ["Name", "Subject", "ClientId"].map(|part| text_of(Some(caller), part));
        let who = if name.is_empty() { subject } else { name };
        match (who, client) {
            ("", "") => None,
            ("", client) => Some(format!("client {client}")),
            (who, "") => Some(who.to_owned()),
            (who, client) => Some(format!("{who} (client {client})")),
        }
    }

    /// The tags, as `key=value`.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tag = |tag| format!("{}={}", text_of(Some(tag), "Key"), text_of(Some(tag), "Value"));
        self.list("Tags").iter().map(tag).collect()
    }

    /// The operations of a request, a line for each: its number and how it stands.
    pub(crate) fn operations(&self) -> Vec<(String, String)> {
        self.list("Operations")
            .iter()
            .map(|operation| (number(operation), operation_line(operation)))
            .collect()
    }

    fn list(&self, field: &str) -> &[Value] {
        self.0.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The whole item.
    pub(crate) fn document(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// A text in a value: the value itself, or its member of that name.
fn text_of<'a>(value: Option<&'a Value>, member: &str) -> &'a str {
    let value = if member.is_empty() { value } else { value.and_then(|value| value.get(member)) };
    value.and_then(Value::as_str).unwrap_or_default()
}

fn number(operation: &Value) -> String {
    operation.get("Number").map(Value::to_string).unwrap_or_default()
}

fn operation_line(operation: &Value) -> String {
    let mut line = text_of(Some(operation), "State").to_owned();
    let mut add = |before: &str, text: &str| {
        if !text.is_empty() {
            line.push_str(before);
            line.push_str(text);
        }
    };
    add(", record ", text_of(operation.get("Handle"), "RecordId"));
    let outcome = operation.get("Outcome");
    add(": ", text_of(outcome, "Result"));
    add(", account ", text_of(outcome, "AccountId"));
    add(", ", text_of(outcome, "Reason"));
    add("; stated by an operator: ", text_of(outcome, "ResolvedReason"));
    line
}

/// `2026-11-22 05:48:05 UTC` for `2026-11-22T05:48:05.400Z`; what has another form is shown as it is.
pub(crate) fn readable_time(text: &str) -> String {
    let parts = text.strip_suffix('Z').and_then(|time| time.split_once('T'));
    match parts.and_then(|(date, time)| Some((date, time.get(..8)?))) {
        Some((date, time)) => format!("{date} {time} UTC"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(status: &str, field: &str, text: &str) -> Item {
        let fields =
            json!({"AccountEmail": "a@example.com", "RequestID": "r1", "Status": status, field: text});
        Item::of_value(fields).expect("an item")
    }

    #[test]
    fn the_status_line_says_queue_parked_and_overdue_in_a_persons_words() {
        let time = "2026-11-22T05:48:05.400Z";
        for (status, field, text, line) in [
            ("Requested", "QueuePosition", "7", "Requested, number 7 in the queue"),
            ("Requested", "QueuePosition", "1", "Requested, next in the queue"),
            ("Requested", "QueuePosition", "100+", "Requested, behind the first 100 in the queue"),
            ("Requested", "ParkedUntil", time, "Requested, parked until 2026-11-22 05:48:05 UTC"),
            ("InProgress", "OverdueSince", time, "InProgress, overdue since 2026-11-22 05:48:05 UTC"),
            ("InProgress", "OverdueSince", "soon", "InProgress, overdue since soon"),
            ("Failed", "OverdueSince", time, "Failed"),
            ("Valid", "ErrorMessage", "x", "Valid"),
        ] {
            assert_eq!(with(status, field, text).status_line(), line);
        }
    }

    #[test]
    fn the_final_statuses_are_those_of_the_contract_and_an_unknown_one_is_not_final() {
        for status in ["Provisioned", "Failed", "Done", "Cancelled"] {
            assert!(with(status, "x", "").is_final(), "{status}");
        }
        for status in ["Requested", "Valid", "InProgress", "SomethingNew"] {
            assert!(!with(status, "x", "").is_final(), "{status}");
        }
    }

    #[test]
    fn a_time_that_is_no_time_is_shown_as_it_is() {
        for text in ["", "Z", "TZ", "2026-11-22T05Z", "2026-11-22T05:4é:05Z", "tomorrow"] {
            let shown = readable_time(text);
            assert!(shown == text || shown.ends_with(" UTC"), "{text}: {shown}");
        }
    }
}

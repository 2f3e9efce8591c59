//! Prints how requests move, from the records of the table's stream, for a person at the terminal.

use std::io::Write;

use accounts_core::{on_one_line, without_addresses};
use accounts_lambda::now;
use serde_json::Value;

/// Prints a line if this record says that a request moved.
pub(crate) fn print(record: &Value) {
    if let Some(line) = line(record)
        && let Err(error) = writeln!(std::io::stdout(), "{} {line}", now())
    {
        tracing::warn!(%error, "the terminal cannot be written");
    }
}

/// How a request moved: its account's name, what it was, what it is, and what is new about it. None if nothing moved,
/// or the record is not of a request. E-mail addresses are not shown.
fn line(record: &Value) -> Option<String> {
    let change = &record["dynamodb"];
    let sort = change["Keys"]["Record"]["S"].as_str()?;
    if !sort.starts_with("REQUEST#") {
        return None;
    }
    let (new, old) = (&change["NewImage"], &change["OldImage"]);
    let after = standing(new)?;
    let before = standing(old);
    if before.as_ref() == Some(&after) {
        return None;
    }
    let before = before.map(|before| format!("{before} -> ")).unwrap_or_default();
    let more: String = [("ParkReason", ""), ("AccountId", "account "), ("ErrorMessage", "")]
        .iter()
        .filter(|(name, _)| new[name] != old[name])
        .filter_map(|(name, label)| Some(format!("  {label}{}", text(new, name)?)))
        .collect();
    let line = format!("{}  {before}{after}{more}", text(new, "AccountName").unwrap_or_default());
    Some(on_one_line(&without_addresses(&line)))
}

/// Where a request stands: its status, and whether it is parked or overdue.
fn standing(image: &Value) -> Option<String> {
    let mut standing = text(image, "Status")?.to_owned();
    if let Some(until) = text(image, "ParkedUntil") {
        standing.push_str(&format!(", parked until {until}"));
    }
    if text(image, "OverdueSince").is_some() {
        standing.push_str(", overdue");
    }
    Some(standing)
}

fn text<'a>(image: &'a Value, name: &str) -> Option<&'a str> {
    image[name]["S"].as_str()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn image(status: &str, more: &[(&str, &str)]) -> Value {
        let mut image = json!({
            "AccountEmail": {"S": "user@example.com"}, "Record": {"S": "REQUEST#1"},
            "AccountName": {"S": "mine"}, "Status": {"S": status},
        });
        for (name, value) in more {
            image[name] = json!({"S": value});
        }
        image
    }

    fn line_of(record: &str, new: &Value, old: &Value) -> Option<String> {
        let keys = json!({"AccountEmail": {"S": "user@example.com"}, "Record": {"S": record}});
        line(&json!({"dynamodb": {"Keys": keys, "NewImage": new, "OldImage": old}}))
    }

    fn moved(old: &Value, new: &Value) -> Option<String> {
        line_of("REQUEST#1", new, old)
    }

    #[test]
    fn a_new_status_is_one_line() {
        let (requested, valid) = (image("Requested", &[]), image("Valid", &[]));
        assert_eq!(moved(&Value::Null, &requested).as_deref(), Some("mine  Requested"));
        assert_eq!(moved(&requested, &valid).as_deref(), Some("mine  Requested -> Valid"));
        let done = image("Provisioned", &[("AccountId", "123456789012")]);
        assert_eq!(moved(&valid, &done).as_deref(), Some("mine  Valid -> Provisioned  account 123456789012"));
    }

    #[test]
    fn a_request_that_is_parked_or_overdue_is_shown_as_such() {
        let parked =
            image("Requested", &[("ParkedUntil", "12:00"), ("ParkReason", "A permission is missing.")]);
        assert_eq!(
            moved(&image("Valid", &[]), &parked).as_deref(),
            Some("mine  Valid -> Requested, parked until 12:00  A permission is missing.")
        );
        assert_eq!(
            moved(&parked, &image("Requested", &[])).as_deref(),
            Some("mine  Requested, parked until 12:00 -> Requested")
        );
        let overdue = image("InProgress", &[("OverdueSince", "12:00")]);
        assert_eq!(
            moved(&image("InProgress", &[]), &overdue).as_deref(),
            Some("mine  InProgress -> InProgress, overdue")
        );
    }

    #[test]
    fn any_other_change_is_no_line() {
        let valid = image("Valid", &[]);
        assert_eq!(moved(&valid, &image("Valid", &[("UpdatedAt", "12:00")])), None);
        assert_eq!(moved(&valid, &Value::Null), None);
        assert_eq!(line_of("ACCOUNT", &valid, &Value::Null), None);
        assert_eq!(line_of("CLAIM", &json!({}), &Value::Null), None);
        assert_eq!(line(&json!({})), None);
    }

    #[test]
    fn no_line_shows_an_e_mail_address_or_a_control_character() {
        let reason = "The address user@example.com is taken.\u{1b}[31m\nforged  Provisioned";
        let line = moved(&image("Valid", &[]), &image("Failed", &[("ErrorMessage", reason)])).unwrap();
        assert_eq!(line, "mine  Valid -> Failed  The address (address) is taken. [31m forged  Provisioned");
    }
}

//! What the client writes: the item or the problem on the standard output, a word about an error on the other.

use std::io::{self, Write};

use serde_json::Value;

use crate::arguments::Format;
use crate::error::Error;
use crate::item::Item;

/// The fields that the text form shows, and what it calls them.
const SHOWN: [(&str, &str); 7] = [
    ("AccountName", "account name"),
    ("AccountId", "account id"),
    ("OrgUnit", "org unit"),
    ("RequestID", "request id"),
    ("CreatedAt", "created"),
    ("LastUpdateDate", "last update"),
    ("ErrorMessage", "message"),
];

/// Writes an item.
pub(crate) fn item(out: &mut dyn Write, format: Format, item: &Item) -> io::Result<()> {
    if format == Format::Json {
        return document(out, &item.document());
    }
    writeln!(out, "{}: {}", plain(item.email()), plain(item.status()))?;
    for (field, label) in SHOWN {
        let text = item.text(field);
        if !text.is_empty() {
            writeln!(out, "  {label:<13} {}", plain(text))?;
        }
    }
    let tags = item.tags();
    if !tags.is_empty() {
        writeln!(out, "  {:<13} {}", "tags", plain(&tags.join(", ")))?;
    }
    out.flush()
}

/// Writes what went wrong: for a person always, and the one JSON document where that is wanted.
pub(crate) fn error(
    out: &mut dyn Write,
    errors: &mut dyn Write,
    format: Format,
    error: &Error,
) -> io::Result<()> {
    match (format, error) {
        (Format::Json, _) => document(out, &error.document())?,
        (Format::Text, Error::Failed(last) | Error::StillRunning(last)) => item(out, format, last)?,
        (Format::Text, Error::Replaced { now, .. }) => item(out, format, now)?,
        (Format::Text, _) => {}
    }
    let Error::Problem(problem) = error else {
        return writeln!(errors, "error: {}", plain(&error.chain()));
    };
    let name = [problem.status().to_string(), problem.code().to_owned()].join(" ");
    writeln!(errors, "error: {}: {}", plain(name.trim()), plain(problem.sentence()))?;
    for fault in problem.field_errors() {
        writeln!(errors, "  {}: {} ({})", plain(fault.field), plain(fault.message), plain(fault.code))?;
    }
    match problem.text("instance") {
        "" => Ok(()),
        instance => writeln!(errors, "  instance: {}", plain(instance)),
    }
}

fn document(out: &mut dyn Write, document: &Value) -> io::Result<()> {
    writeln!(out, "{document:#}")?;
    out.flush()
}

/// The text without control characters: what others wrote must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_steer_the_terminal() {
        let body = br#"{"AccountEmail": "a@example.com", "RequestID": "1", "Status": "Failed",
            "ErrorMessage": "\u001b[2J\nno", "Tags": [{"Key": "env", "Value": "\u0007dev"}]}"#;
        let stored = Item::of(body).expect("an item");
        let mut written = Vec::new();
        item(&mut written, Format::Text, &stored).expect("a vector takes everything");
        let text = String::from_utf8(written).expect("text");
        assert_eq!(
            text,
            "a@example.com: Failed\n  request id    1\n  message        [2J no\n  tags          env= dev\n"
        );
    }
}

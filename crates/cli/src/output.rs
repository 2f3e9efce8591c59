//! What the client writes: the result or the problem on the standard output, errors for a person on the other.

use std::io::{self, Write};

use serde_json::Value;

use crate::arguments::Format;
use crate::error::Error;
use crate::history::History;
use crate::item::{Item, readable_time};

/// The result of a command.
#[derive(Debug)]
pub(crate) enum Output {
    /// An account or a request.
    Item(Item),
    /// The requests of an account.
    History(History),
}

/// Writes the result of a command.
pub(crate) fn result(out: &mut dyn Write, format: Format, output: &Output) -> io::Result<()> {
    match (format, output) {
        (Format::Json, Output::Item(item)) => document(out, &item.document()),
        (Format::Json, Output::History(history)) => document(out, &history.document()),
        (Format::Text, Output::Item(item)) => item_lines(out, item),
        (Format::Text, Output::History(history)) => table(out, history.requests()),
    }
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
        (Format::Text, Error::Failed(last) | Error::StillRunning(last)) => item_lines(out, last)?,
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

/// A few lines to read: one for each thing that is known.
fn item_lines(out: &mut dyn Write, item: &Item) -> io::Result<()> {
    let text = |field| Some(item.text(field).to_owned());
    let time = |field| Some(readable_time(item.text(field)));
    let back_to_the_queue = |until| match item.text("ParkReason") {
        "" => format!("until {until}, then it waits in the queue again"),
        reason => format!("until {until}, then it waits in the queue again; {reason}"),
    };
    let overdue = |since| format!("since {since}: its end is not known; it is still followed");
    let may_exist = "an account may exist for this e-mail; an operator has to look".to_owned();
    writeln!(out, "{}: {}", plain(item.email()), plain(item.status()))?;
    for (label, text) in [
        ("account name", text("AccountName")),
        ("account id", text("AccountId")),
        ("org unit", text("OrgUnit")),
        ("request id", text("RequestID")),
        ("kind", text("Kind")),
        ("waits", item.queue()),
        ("parked", item.parked_until().map(back_to_the_queue)),
        ("overdue", item.overdue_since().map(overdue)),
        ("requested by", item.requested_by()),
        ("created", time("CreatedAt")),
        ("last update", time("LastUpdateDate")),
        ("message", text("ErrorMessage")),
        ("warning", item.account_may_exist().then_some(may_exist)),
        ("tags", Some(item.tags().join(", "))),
    ] {
        line(out, label, &text.unwrap_or_default())?;
    }
    for (number, text) in item.operations() {
        line(out, &format!("operation {number}"), &text)?;
    }
    out.flush()
}

fn line(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(out, "  {:<13} {}", plain(label), plain(text)) }
}

/// A table of requests, its columns as wide as what is in them.
fn table(out: &mut dyn Write, requests: &[Item]) -> io::Result<()> {
    let head = ["REQUEST ID", "KIND", "STATUS", "CREATED", "ERROR"].map(str::to_owned);
    let rows: Vec<_> = [head].into_iter().chain(requests.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    for row in &rows {
        let mut text = String::new();
        for (cell, width) in row.iter().zip(widths) {
            text.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(&row[4]);
        writeln!(out, "{}", text.trim_end())?;
    }
    out.flush()
}

fn row(request: &Item) -> [String; 5] {
    let remark = match (request.overdue_since(), request.parked_until()) {
        (Some(_), _) => " (overdue)",
        (None, Some(_)) => " (parked)",
        (None, None) => "",
    };
    [
        request.request_id().to_owned(),
        request.text("Kind").to_owned(),
        format!("{}{remark}", request.status()),
        readable_time(request.text("CreatedAt")),
        request.text("ErrorMessage").to_owned(),
    ]
    .map(|cell| plain(&cell))
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
        item_lines(&mut written, &stored).expect("a vector takes everything");
        let text = String::from_utf8(written).expect("text");
        assert_eq!(
            text,
            "a@example.com: Failed\n  request id    1\n  message        [2J no\n  tags          env= dev\n"
        );
        let mut written = Vec::new();
        table(&mut written, &[stored]).expect("a vector takes everything");
        assert_eq!(String::from_utf8(written).expect("text").lines().count(), 2);
    }
}

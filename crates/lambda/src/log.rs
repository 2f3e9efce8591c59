//! The log of a function: lines for people, or JSON where the function's logging format is JSON.
//!
//! Lambda reads a JSON line's `level` only where the line also has an RFC 3339 `timestamp`; any other line it takes
//! for INFO (Lambda developer guide, "Advanced logging controls"). The subscriber of `lambda_runtime` writes no time,
//! so this one stands in its place. Its lines are otherwise the same: the message and the fields of a line under
//! `fields`, where no field can pass for the line's own `level`; the invocation, with its `requestId`, under `span`.
//!
//! A line names a request by its id, and never names a person.

use std::io::{self, IsTerminal};

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::UtcTime;
use tracing_subscriber::util::SubscriberInitExt;

use crate::Settings;

/// RFC 3339, in UTC, to the millisecond.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Where `lambda_runtime` opens the span of an invocation, at INFO. It is let through at any level: a warning without
/// it would not say to which invocation it belongs.
const INVOCATION_SPAN: &str = "lambda_runtime::layers::trace=info";

/// Starts the log of this process. `AWS_LAMBDA_LOG_FORMAT` says whether lines are JSON; `AWS_LAMBDA_LOG_LEVEL`, or
/// else `RUST_LOG`, which of them are written; INFO and above if neither does.
pub fn init() {
    subscriber(&Settings::from_env(), io::stdout).init();
}

/// What [`init`] starts, with the settings and the output given.
fn subscriber<W>(settings: &Settings, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines =
        tracing_subscriber::fmt().with_target(false).with_env_filter(filter(settings)).with_writer(writer);
    if settings.or("AWS_LAMBDA_LOG_FORMAT", "").eq_ignore_ascii_case("json") {
        Box::new(lines.json().with_timer(UtcTime::new(TIMESTAMP)).finish())
    } else {
        // CloudWatch has the time of a line of text; colours it would show as what they are.
        Box::new(lines.without_time().with_ansi(io::stdout().is_terminal()).finish())
    }
}

/// Which lines are written.
fn filter(settings: &Settings) -> EnvFilter {
    let directives = match settings.optional("AWS_LAMBDA_LOG_LEVEL") {
        // Lambda's highest level, which tracing does not have.
        Some(level) if level.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR.to_string(),
        Some(level) => level,
        None => settings.or("RUST_LOG", ""),
    };
    let filter =
        EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse_lossy(directives);
    match INVOCATION_SPAN.parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use accounts_core::{Error, Kind};
    use lambda_runtime::Context;
    use lambda_runtime::layers::trace::request_span;
    use serde_json::{Value, json};
    use time::format_description::well_known::Rfc3339;
    use time::{OffsetDateTime, UtcOffset};

    use super::*;

    const JSON: (&str, &str) = ("AWS_LAMBDA_LOG_FORMAT", "JSON");

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics here").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written under these settings.
    fn written(settings: &[(&str, &str)], log: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let settings = Settings::from_pairs(settings.iter().copied());
        tracing::subscriber::with_default(subscriber(&settings, move || writer.clone()), log);
        let bytes = buffer.0.lock().expect("no test panics here").clone();
        String::from_utf8(bytes).expect("a text")
    }

    fn lines(settings: &[(&str, &str)], log: impl FnOnce()) -> Vec<Value> {
        let text = written(settings, log);
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    fn one_of_each_level() {
        tracing::error!("e");
        tracing::warn!("w");
        tracing::info!("i");
        tracing::debug!("d");
        tracing::trace!("t");
    }

    /// The messages that are written under these settings.
    fn let_through(settings: &[(&str, &str)]) -> String {
        let messages = lines(&[&[JSON], settings].concat(), one_of_each_level);
        messages.iter().map(|line| line["fields"]["message"].as_str().expect("a message")).collect()
    }

    #[test]
    fn a_line_of_json_has_the_time_in_utc_to_the_millisecond_and_keeps_its_level() {
        let before = OffsetDateTime::now_utc() - time::Duration::MILLISECOND;
        let lines = lines(&[JSON, ("AWS_LAMBDA_LOG_LEVEL", "TRACE")], one_of_each_level);
        let after = OffsetDateTime::now_utc();
        let levels: Vec<_> = lines.iter().map(|line| line["level"].as_str().expect("a level")).collect();
        assert_eq!(levels, ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]);
        for line in lines {
            let text = line["timestamp"].as_str().expect("a timestamp");
            let timestamp = OffsetDateTime::parse(text, &Rfc3339).expect("it is RFC 3339");
            assert_eq!(timestamp.offset(), UtcOffset::UTC);
            assert!(before <= timestamp && timestamp <= after, "{text}");
            assert_eq!((text.len(), text.ends_with('Z')), ("2026-10-17T09:30:08.123Z".len(), true), "{text}");
        }
    }

    #[test]
    fn the_error_of_an_invocation_is_a_field_beside_the_message_whatever_it_holds() {
        let error =
            Error::new(Kind::Transient, "The table did not answer.").caused_by("a \"line\"\n{\"level\":1}");
        let lines = lines(&[JSON], || drop(crate::diagnose(&error)));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["level"], "WARN");
        assert_eq!(
            lines[0]["fields"],
            json!({
                "message": "the invocation failed",
                "kind": "Transient",
                "error": "The table did not answer: a \"line\"\n{\"level\":1}",
            })
        );
    }

    #[test]
    fn a_field_cannot_pass_for_the_level_or_the_time_of_its_line() {
        let lines = lines(&[JSON], || tracing::warn!(level = "DEBUG", timestamp = "never", "careful"));
        assert_eq!(lines[0]["level"], "WARN");
        assert!(lines[0]["timestamp"].as_str().is_some_and(|text| text.ends_with('Z')), "{lines:?}");
    }

    #[test]
    fn a_line_says_in_which_invocation_it_was_written_at_any_level() {
        let mut context = Context::default();
        context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
        for level in ["INFO", "WARN", "ERROR", "FATAL"] {
            let lines = lines(&[JSON, ("AWS_LAMBDA_LOG_LEVEL", level)], || {
                request_span(&context).in_scope(|| tracing::error!("careful"));
            });
            assert_eq!(lines.len(), 1, "{level}");
            assert_eq!(lines[0]["span"]["requestId"], json!(context.request_id), "{level}");
        }
    }

    #[test]
    fn lambdas_level_goes_before_rusts_and_info_is_the_default() {
        let (lambda, rust) = ("AWS_LAMBDA_LOG_LEVEL", "RUST_LOG");
        for (settings, expected) in [
            (vec![], "ewi"),
            (vec![(lambda, "DEBUG")], "ewid"),
            (vec![(lambda, "warn")], "ew"),
            (vec![(lambda, "FATAL")], "e"),
            (vec![(rust, "debug")], "ewid"),
            (vec![(rust, "off")], ""),
            (vec![(rust, "elsewhere=trace,accounts_lambda=warn")], "ew"),
            (vec![(lambda, "WARN"), (rust, "trace")], "ew"),
            (vec![(lambda, "DEBUG"), (rust, "accounts_lambda=off")], "ewid"),
            (vec![(lambda, ""), (rust, "error")], "e"),
        ] {
            assert_eq!(let_through(&settings), expected, "{settings:?}");
        }
    }

    #[test]
    fn without_lambdas_json_format_lines_are_text_without_time_and_colours() {
        for settings in [vec![], vec![("AWS_LAMBDA_LOG_FORMAT", "Text")]] {
            let text = written(&settings, || tracing::warn!(kind = "Busy", "careful"));
            assert_eq!(text, " WARN careful kind=\"Busy\"\n");
        }
    }
}

//! The functions' own metrics, written on stdout in CloudWatch's embedded metric format: Lambda hands the line
//! to CloudWatch Logs, which makes metrics of it (CloudWatch user guide, "Specification: Embedded metric
//! format").

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use accounts_core::{Backlog, Moved, Status, Timestamp};
use serde_json::{Value, json};

/// Where the lines go.
pub type Output = Arc<Mutex<dyn Write + Send>>;

/// Writes metrics, or nothing where there is no namespace for them.
///
/// A move is counted by the invocation that made it. One that dies between the move and its line counts
/// nothing, so a count is at most the number of moves, and short of it only by such deaths.
#[derive(Clone)]
pub struct Metrics {
    namespace: Option<String>,
    output: Output,
}

/// One value, as the format names it.
struct Metric {
    name: &'static str,
    unit: &'static str,
    value: f64,
}

impl Metric {
    const fn count(name: &'static str, value: f64) -> Self {
        Self { name, unit: "Count", value }
    }

    const fn seconds(name: &'static str, value: f64) -> Self {
        Self { name, unit: "Seconds", value }
    }
}

impl Metrics {
    /// Writes to this output, under this namespace.
    pub(crate) fn new(namespace: Option<String>, output: Option<Output>) -> Self {
        Self { namespace, output: output.unwrap_or_else(|| Arc::new(Mutex::new(io::stdout()))) }
    }

    /// `Requests`: a request was accepted.
    pub fn accepted(&self, now: Timestamp) {
        self.write(now, Some(Status::Requested), &[Metric::count("Requests", 1.0)]);
    }

    /// `Requests`, if the move was made by this very call; and `SecondsToEnd`, if it was the last one.
    pub fn moved(&self, moved: &Moved, now: Timestamp) {
        let Some(to) = moved.to else {
            return;
        };
        let mut metrics = vec![Metric::count("Requests", 1.0)];
        if to.is_final() {
            let request = &moved.request;
            let seconds = request.last_update_date.seconds_since(request.created_at);
            metrics.push(Metric::seconds("SecondsToEnd", seconds));
        }
        self.write(now, Some(to), &metrics);
    }

    /// `OpenRequests` and `OldestRequestSeconds` of each status, and `SlotsInUse`.
    #[allow(clippy::cast_precision_loss)]
    pub fn backlog(&self, backlogs: &[Backlog], slots_in_use: usize, now: Timestamp) {
        for backlog in backlogs {
            let metrics = [
                Metric::count("OpenRequests", backlog.requests as f64),
                Metric::seconds("OldestRequestSeconds", backlog.oldest_seconds),
            ];
            self.write(now, Some(backlog.status), &metrics);
        }
        self.write(now, None, &[Metric::count("SlotsInUse", slots_in_use as f64)]);
    }

    fn write(&self, now: Timestamp, status: Option<Status>, metrics: &[Metric]) {
        let Some(namespace) = &self.namespace else {
            return;
        };
        let line = format!("{}\n", document(namespace, now, status, metrics));
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = output.write_all(line.as_bytes()).and_then(|()| output.flush()) {
            tracing::warn!(%error, "a metric could not be written");
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

/// The document of one line. It has no `level`, so Lambda takes it for INFO.
fn document(namespace: &str, now: Timestamp, status: Option<Status>, metrics: &[Metric]) -> Value {
    let dimensions: &[&str] = if status.is_some() { &["Status"] } else { &[] };
    let names: Vec<_> =
        metrics.iter().map(|metric| json!({"Name": metric.name, "Unit": metric.unit})).collect();
    let mut document = json!({
        "_aws": {
            "Timestamp": now.as_ms(),
            "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [dimensions], "Metrics": names}],
        },
    });
    if let Some(status) = status {
        document["Status"] = json!(status.name());
    }
    for metric in metrics {
        document[metric.name] = json!(metric.value);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(namespace: Option<&str>, write: impl FnOnce(&Metrics)) -> String {
        let output = Arc::new(Mutex::new(Vec::new()));
        let sink: Output = Arc::<Mutex<Vec<u8>>>::clone(&output);
        write(&Metrics::new(namespace.map(str::to_owned), Some(sink)));
        let bytes = output.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("a text")
    }

    #[test]
    fn a_document_declares_its_metrics_and_holds_their_values_and_dimension() {
        let metrics = [Metric::count("Requests", 1.0), Metric::seconds("SecondsToEnd", 61.5)];
        let document = document("Ns/dev", Timestamp::from_ms(1_234), Some(Status::Failed), &metrics);
        assert_eq!(
            document,
            json!({
                "_aws": {"Timestamp": 1234, "CloudWatchMetrics": [{
                    "Namespace": "Ns/dev", "Dimensions": [["Status"]],
                    "Metrics": [
                        {"Name": "Requests", "Unit": "Count"}, {"Name": "SecondsToEnd", "Unit": "Seconds"}
                    ],
                }]},
                "Status": "Failed", "Requests": 1.0, "SecondsToEnd": 61.5
            })
        );
    }

    #[test]
    fn a_metric_without_a_dimension_has_the_empty_set_of_them() {
        let document = document("Ns", Timestamp::from_ms(0), None, &[Metric::count("SlotsInUse", 0.0)]);
        assert_eq!(document["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
        assert_eq!((document.get("Status"), &document["SlotsInUse"]), (None, &json!(0.0)));
    }

    #[test]
    fn each_metric_is_a_line_of_its_own_without_a_level() {
        let backlogs = Backlog::of(&[], Timestamp::from_ms(0));
        let text = written(Some("Ns"), |metrics| metrics.backlog(&backlogs, 3, Timestamp::from_ms(0)));
        assert!(text.ends_with('\n'));
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines.iter().all(|line| line.get("level").is_none()));
        for (line, status) in lines.iter().zip(["Requested", "Valid", "InProgress"]) {
            assert_eq!((&line["Status"], &line["OpenRequests"]), (&json!(status), &json!(0.0)));
            assert_eq!(line["OldestRequestSeconds"], json!(0.0));
        }
        assert_eq!(lines[3]["SlotsInUse"], json!(3.0));
    }

    #[test]
    fn without_a_namespace_nothing_is_written() {
        assert_eq!(written(None, |metrics| metrics.accepted(Timestamp::from_ms(0))), "");
    }
}

//! The functions' own metrics, written on stdout in CloudWatch's embedded metric format: Lambda hands the line
//! to CloudWatch Logs, which makes metrics of it (CloudWatch user guide, "Specification: Embedded metric
//! format").

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use accounts_core::{Pool, Request, RequestStatus, Timestamp};
use serde_json::{Value, json};

/// Where the lines go.
pub type Output = Arc<Mutex<dyn Write + Send>>;

/// Writes metrics, or nothing where there is no namespace for them.
///
/// A transition is counted by the invocation that made it. One that dies between the transition and its line counts
/// nothing, so a count is at most the number of transitions, and short of it only by such deaths.
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

/// The dimension of a line's metrics.
#[derive(Clone, Copy)]
struct Dimension {
    name: &'static str,
    value: &'static str,
}

impl Dimension {
    const fn status(status: RequestStatus) -> Self {
        Self { name: "Status", value: status.name() }
    }
}

/// What the reconciler finds in a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PoolGauges {
    /// How many requests wait for a slot, counted to a bound.
    pub waiting: usize,
    /// How long the oldest of them has waited since it was accepted.
    pub oldest_waiting_seconds: f64,
    /// How many requests are parked, counted to a bound.
    pub parked: usize,
    /// How many slots there are.
    pub slots: usize,
    /// How many are taken.
    pub slots_in_use: usize,
    /// How many are taken by overdue requests.
    pub overdue: usize,
    /// How long ago the slot was taken that is held the longest.
    pub oldest_in_progress_seconds: f64,
    /// Whether the pool is paused.
    pub paused: bool,
}

#[allow(clippy::cast_precision_loss)]
const fn float(count: usize) -> f64 {
    count as f64
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
        self.write(now, Some(Dimension::status(RequestStatus::Requested)), &[Metric::count("Requests", 1.0)]);
    }

    /// `Requests`, by the status that a transition of this invocation led to; and `SecondsToEnd`, if it was the last.
    pub fn moved(&self, request: &Request, now: Timestamp) {
        let mut metrics = vec![Metric::count("Requests", 1.0)];
        if request.status.is_final() {
            let seconds = request.last_update_date.seconds_since(request.created_at);
            metrics.push(Metric::seconds("SecondsToEnd", seconds));
        }
        self.write(now, Some(Dimension::status(request.status)), &metrics);
    }

    /// The gauges of a pool.
    pub fn pool(&self, pool: Pool, gauges: &PoolGauges, now: Timestamp) {
        let metrics = [
            Metric::count("WaitingRequests", float(gauges.waiting)),
            Metric::seconds("OldestWaitingSeconds", gauges.oldest_waiting_seconds),
            Metric::count("ParkedRequests", float(gauges.parked)),
            Metric::count("SlotsInUse", float(gauges.slots_in_use)),
            Metric::count("SlotsNotOverdue", float(gauges.slots.saturating_sub(gauges.overdue))),
            Metric::count("OverdueRequests", float(gauges.overdue)),
            Metric::seconds("OldestInProgressSeconds", gauges.oldest_in_progress_seconds),
            Metric::count("PoolPaused", float(usize::from(gauges.paused))),
        ];
        self.write(now, Some(Dimension { name: "Pool", value: pool.name() }), &metrics);
    }

    /// `LongParkedRequests`: a request was parked for the fifth time or more.
    pub fn long_parked(&self, now: Timestamp) {
        self.write(now, None, &[Metric::count("LongParkedRequests", 1.0)]);
    }

    /// `UnexpectedAccounts`: an account exists that should not.
    pub fn unexpected_account(&self, now: Timestamp) {
        self.write(now, None, &[Metric::count("UnexpectedAccounts", 1.0)]);
    }

    /// `Inconsistencies`: the table holds what no transition leaves.
    pub fn inconsistency(&self, now: Timestamp) {
        self.write(now, None, &[Metric::count("Inconsistencies", 1.0)]);
    }

    fn write(&self, now: Timestamp, dimension: Option<Dimension>, metrics: &[Metric]) {
        let Some(namespace) = &self.namespace else {
            return;
        };
        let line = format!("{}\n", document(namespace, now, dimension, metrics));
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
fn document(namespace: &str, now: Timestamp, dimension: Option<Dimension>, metrics: &[Metric]) -> Value {
    let dimensions: Vec<_> = dimension.iter().map(|dimension| dimension.name).collect();
    let names: Vec<_> =
        metrics.iter().map(|metric| json!({"Name": metric.name, "Unit": metric.unit})).collect();
    let mut document = json!({
        "_aws": {
            "Timestamp": now.as_ms(),
            "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [dimensions], "Metrics": names}],
        },
    });
    if let Some(dimension) = dimension {
        document[dimension.name] = json!(dimension.value);
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
        let failed = Dimension::status(RequestStatus::Failed);
        let document = document("Ns/dev", Timestamp::from_ms(1_234), Some(failed), &metrics);
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
        let document = document("Ns", Timestamp::from_ms(0), None, &[Metric::count("Inconsistencies", 1.0)]);
        assert_eq!(document["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
        assert_eq!((document.get("Status"), &document["Inconsistencies"]), (None, &json!(1.0)));
    }

    #[test]
    fn the_gauges_of_a_pool_are_one_line_without_a_level() {
        let gauges = PoolGauges { slots: 5, slots_in_use: 3, overdue: 2, ..PoolGauges::default() };
        let text =
            written(Some("Ns"), |metrics| metrics.pool(Pool::ControlTower, &gauges, Timestamp::from_ms(0)));
        assert!(text.ends_with('\n'));
        let line: Value = serde_json::from_str(&text).expect("one document");
        assert_eq!((line.get("level"), &line["Pool"]), (None, &json!("control-tower")));
        assert_eq!((&line["SlotsInUse"], &line["SlotsNotOverdue"]), (&json!(3.0), &json!(3.0)));
    }

    #[test]
    fn without_a_namespace_nothing_is_written() {
        assert_eq!(written(None, |metrics| metrics.accepted(Timestamp::from_ms(0))), "");
    }
}

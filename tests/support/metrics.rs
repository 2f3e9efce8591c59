//! What a function's metrics say.

use std::sync::{Arc, Mutex};

use accounts_lambda::{Output, Settings};
use serde_json::Value;

/// The lines that functions write.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

/// One value: the metric, its dimension (`Status` or `Pool`) and the value.
pub type Line = (String, Option<String>, f64);

impl Lines {
    /// These settings, for functions whose metrics are read here.
    pub fn of(&self, settings: &[(&str, &str)]) -> Settings {
        let output: Output = Arc::<Mutex<Vec<u8>>>::clone(&self.0);
        let namespace = ("METRICS_NAMESPACE", "AccountFactory/test");
        Settings::from_pairs(settings.iter().copied().chain([namespace])).with_metrics_to(output)
    }

    /// Each value that was written since the last look.
    pub fn take(&self) -> Vec<Line> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("a lock"));
        let mut values = Vec::new();
        for line in String::from_utf8(bytes).expect("a text").lines() {
            let document: Value = serde_json::from_str(line).expect("a line is a document");
            let directive = &document["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(directive["Namespace"], "AccountFactory/test", "{line}");
            for metric in directive["Metrics"].as_array().expect("metrics") {
                let name = metric["Name"].as_str().expect("a name");
                let dimension = ["Status", "Pool"].iter().find_map(|name| document[*name].as_str());
                let value = document[name].as_f64().expect("a value");
                values.push((name.to_owned(), dimension.map(str::to_owned), value));
            }
        }
        values
    }

    /// The value of a metric that was written once since the last look.
    pub fn one(lines: &[Line], name: &str) -> f64 {
        let values: Vec<_> = lines.iter().filter(|line| line.0 == name).map(|line| line.2).collect();
        assert_eq!(values.len(), 1, "{name} in {lines:?}");
        values[0]
    }
}

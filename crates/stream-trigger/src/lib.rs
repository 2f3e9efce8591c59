//! `stream-trigger`: starts the workflow of each new request in the table's stream; and, on a schedule, of each
//! request that the stream did not bring.
//!
//! In: a batch of DynamoDB stream records. Out: `{"batchItemFailures": [{"itemIdentifier": …}]}`, so that a
//! bad record neither replays nor drops the others for ever (Lambda developer guide, "Configuring partial
//! batch response with DynamoDB"). Or in: `{"sweep": true}`. Out: `{"started": n, "open": {"Requested": n,
//! "Valid": n, "InProgress": n}, "slotsInUse": n}`; `started` counts the requests that were `Requested`, whether
//! their execution was new or not. Settings: `SFN_ARN`, `DYNAMO_TABLE` (`AccountsTable`), `METRICS_NAMESPACE`
//! (none).

mod record;
mod sweep;

use accounts_aws::{Executions, Requests, Sdk};
use accounts_core::{Error, Kind, Result};
use accounts_lambda::{Metrics, SettingError, Settings};
use serde_json::{Value, json};

/// The function.
#[derive(Debug)]
pub struct StreamTrigger {
    executions: Executions,
    requests: Requests,
    metrics: Metrics,
}

impl StreamTrigger {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self {
            executions: Executions::new(sdk, settings.required("SFN_ARN")?),
            requests: Requests::new(sdk, settings.table()),
            metrics: settings.metrics(),
        })
    }

    /// Starts an execution for every record that brings in a request, and ignores every other; or sweeps.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the event is neither a batch nor the schedule's, or if a bad record has no sequence number by which it
    /// could be reported; the good records beside it have been started all the same. For a sweep, what it
    /// could not read or start.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        if event.get("sweep") == Some(&Value::Bool(true)) {
            return self.sweep().await;
        }
        let records = event
            .get("Records")
            .and_then(Value::as_array)
            .ok_or_else(|| Error::new(Kind::Invalid, "The event has no list of Records, and is no sweep."))?;
        let mut failures = Vec::new();
        let mut unnamed = 0;
        for value in records {
            let Err(error) = self.start(value).await else {
                continue;
            };
            let event_id = record::event_id(value);
            let sequence_number = record::sequence_number(value);
            tracing::error!(
                event_id,
                sequence_number,
                error = error.chain(),
                "a record of the stream failed"
            );
            match sequence_number {
                Some(number) => failures.push(json!({"itemIdentifier": number})),
                None => unnamed += 1,
            }
        }
        if unnamed > 0 {
            let sentence =
                format!("{unnamed} of {} records are malformed and have no sequence number.", records.len());
            return Err(Error::new(Kind::Invalid, sentence));
        }
        Ok(json!({"batchItemFailures": failures}))
    }

    async fn start(&self, value: &Value) -> Result<()> {
        let Some(start) = record::new_request(value)? else {
            return Ok(());
        };
        self.executions.start(&start).await?;
        tracing::info!(request_id = %start.request_id, "the workflow was started");
        Ok(())
    }
}

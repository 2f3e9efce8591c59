//! `stream-trigger`: starts the workflow of each new request in the table's stream.
//!
//! In: a batch of DynamoDB stream records. Out: `{"batchItemFailures": [{"itemIdentifier": …}]}`, so that a
//! bad record neither replays nor drops the others for ever (Lambda developer guide, "Configuring partial
//! batch response with DynamoDB"). Settings: `SFN_ARN`.

mod record;

use accounts_aws::{Executions, Sdk};
use accounts_core::{Error, Kind, Result};
use accounts_lambda::{SettingError, Settings};
use serde_json::{Value, json};

/// The function.
#[derive(Debug)]
pub struct StreamTrigger {
    executions: Executions,
}

impl StreamTrigger {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        Ok(Self { executions: Executions::new(sdk, settings.required("SFN_ARN")?) })
    }

    /// Starts an execution for every record that brings in a request; ignores every other.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the event is no batch, or if a bad record has no sequence number by which it
    /// could be reported; the good records beside it have been started all the same.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        let records = event
            .get("Records")
            .and_then(Value::as_array)
            .ok_or_else(|| Error::new(Kind::Invalid, "The event has no list of Records."))?;
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

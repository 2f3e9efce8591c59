//! `stream-trigger`: the dispatcher and the reconciler.
//!
//! In: a batch of records of the table's stream ([`record`]). Out: `{"batchItemFailures": [{"itemIdentifier": …}]}`, so
//! that a malformed record neither replays nor drops the others (Lambda developer guide, "Configuring partial batch
//! response with DynamoDB"). Or in: `{"reconcile": true}`, from a schedule. Out: what the reconciler did.
//!
//! Settings: `SFN_ARN`, `DYNAMO_TABLE`, `CONTROL_TOWER_SLOTS` (5), `BACKOFF_SECONDS` (60), `TOPIC_ARN` (nothing is
//! published), `METRICS_NAMESPACE` (none).

mod candidates;
mod dispatcher;
mod reconciler;
mod record;
mod watch;

use std::num::NonZeroU32;

use accounts_aws::{Candidate, Clock, ControlTower, Executions, Notifications, Sdk, Table};
use accounts_core::{DEFAULT_CONTROL_TOWER_SLOTS, Error, Kind, Pool, Result};
use accounts_lambda::{Metrics, SettingError, Settings};
use serde_json::{Value, json};

pub use candidates::Candidates;
use record::Record;

/// The function.
#[derive(Debug)]
pub struct StreamTrigger<B = ControlTower> {
    table: Table,
    clock: Clock,
    executions: Executions,
    notifications: Notifications,
    backend: B,
    metrics: Metrics,
    control_tower_slots: u32,
    backoff_seconds: f64,
}

impl StreamTrigger {
    /// Builds the clients.
    ///
    /// # Errors
    /// The name of a setting that is missing or unusable.
    pub fn connect(settings: &Settings, sdk: &Sdk) -> Result<Self, SettingError> {
        let table = Table::new(sdk, settings.table());
        let default = NonZeroU32::new(DEFAULT_CONTROL_TOWER_SLOTS).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            clock: sdk.clock(),
            executions: Executions::new(sdk, settings.required("SFN_ARN")?),
            notifications: Notifications::new(sdk, settings.topic(), table.clone()),
            table,
            backend: ControlTower::new(sdk),
            metrics: settings.metrics(),
            control_tower_slots: settings.number("CONTROL_TOWER_SLOTS", default)?.get(),
            backoff_seconds: settings.backoff_seconds()?,
        })
    }

    /// Dispatches once for a batch of records, or reconciles.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the event is neither a batch nor the schedule's, or if a malformed record has no sequence
    /// number by which it could be reported. Otherwise what the table or Step Functions refused; the event source
    /// brings the batch again, and the reconciler does what it could not.
    pub async fn handle(&self, event: &Value) -> Result<Value> {
        if event.get("reconcile") == Some(&Value::Bool(true)) {
            return self.reconcile().await;
        }
        let records = event.get("Records").and_then(Value::as_array).ok_or_else(|| {
            Error::new(Kind::Invalid, "The event has no list of Records, and is not the schedule's.")
        })?;
        let batch = Batch::of(records)?;
        if !batch.inserted.is_empty() || batch.slot_released {
            for pool in Pool::ALL {
                self.dispatch(pool, &batch.inserted).await?;
            }
        }
        Ok(json!({"batchItemFailures": batch.failures}))
    }
}

impl<B> StreamTrigger<B> {
    /// How many slots a pool has.
    const fn slots(&self, pool: Pool) -> u32 {
        match pool {
            Pool::ControlTower => self.control_tower_slots,
        }
    }
}

/// What a batch of records says.
#[derive(Default)]
struct Batch {
    inserted: Vec<Candidate>,
    slot_released: bool,
    failures: Vec<Value>,
}

impl Batch {
    fn of(records: &[Value]) -> Result<Self> {
        let mut batch = Self::default();
        let mut unnamed = 0;
        for value in records {
            match Record::read(value) {
                Ok(Record::RequestInserted(candidate)) => batch.inserted.push(candidate),
                Ok(Record::SlotReleased) => batch.slot_released = true,
                Ok(Record::Other) => {}
                Err(error) => {
                    let (event_id, number) = (record::event_id(value), record::sequence_number(value));
                    tracing::error!(
                        event_id,
                        number,
                        error = error.chain(),
                        "a record of the stream is malformed"
                    );
                    match number {
                        Some(number) => batch.failures.push(json!({"itemIdentifier": number})),
                        None => unnamed += 1,
                    }
                }
            }
        }
        if unnamed > 0 {
            let sentence =
                format!("{unnamed} of {} records are malformed and have no sequence number.", records.len());
            return Err(Error::new(Kind::Invalid, sentence));
        }
        Ok(batch)
    }
}

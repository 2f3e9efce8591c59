//! The table's stream, brought to `stream-trigger` as Lambda's event source mapping would: filtered, in batches, at
//! least once, and set aside where that fails to the end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use accounts_lambda::into_lambda_result;
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;

use crate::database;
use crate::error::{LocalError, OrLocal};
use crate::functions::catch_panic;
use crate::stream_filters::Filters;

/// Where the position in the stream is kept.
const POSITION_FILE: &str = "stream-position";

/// Where records go that could not be delivered, one JSON document a line.
const DEAD_LETTERS_FILE: &str = "dead-letters.jsonl";

/// How many records go into one batch: the mapping's `batch_size`.
const BATCH: usize = 10;

/// How many records are read at once; filters are applied before batches are made.
const PAGE: usize = 100;

/// How long to wait where there is nothing new.
const IDLE: Duration = Duration::from_millis(20);

/// How often a batch is tried before its records are set aside.
const TRIES: u32 = 8;

/// After how many records the stream is trimmed.
const TRIM_EVERY: usize = 500;

/// What public sequence numbers are larger by than those in the database's file.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// Delivers the stream.
pub(crate) struct Delivery {
    pub(crate) database: Database,
    pub(crate) stream_arn: String,
    pub(crate) folder: PathBuf,
    pub(crate) filters: Filters,
    pub(crate) trigger: Arc<StreamTrigger>,
    /// Sees every record, before the filters.
    pub(crate) observer: Option<fn(&Value)>,
}

impl Delivery {
    /// Delivers until the task is aborted. At least once: the position is kept after a batch, not before.
    pub(crate) async fn run(self) {
        let mut untrimmed = 0;
        let mut position = read_position(&self.folder);
        loop {
            match self.deliver(&mut position).await {
                Ok(0) => tokio::time::sleep(IDLE).await,
                Ok(delivered) => untrimmed += delivered,
                Err(error) => {
                    tracing::error!(error = error.chain(), "the stream cannot be delivered now");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            if untrimmed >= TRIM_EVERY {
                self.trim(position.as_deref()).await;
                untrimmed = 0;
            }
        }
    }

    async fn deliver(&self, position: &mut Option<String>) -> Result<usize, LocalError> {
        let records = self.read(position.as_deref()).await?;
        let Some(last) = records.last() else {
            return Ok(0);
        };
        let last = last.dynamodb.sequence_number.clone();
        let count = records.len();
        let values: Vec<Value> = records
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .or_local("a record of the stream cannot be read")?;
        if let Some(observer) = self.observer {
            values.iter().for_each(observer);
        }
        let passing: Vec<_> = values.into_iter().filter(|record| self.filters.let_through(record)).collect();
        for batch in passing.chunks(BATCH) {
            self.invoke(batch.to_vec()).await?;
        }
        write_position(&self.folder, &last)?;
        *position = Some(last);
        Ok(count)
    }

    async fn read(&self, position: Option<&str>) -> Result<Vec<Record>, LocalError> {
        let (database, stream_arn) = (self.database.clone(), self.stream_arn.clone());
        let position = position.map(str::to_owned);
        let read = tokio::task::spawn_blocking(move || {
            let stream = database.describe_stream(DescribeStreamRequest {
                stream_arn: stream_arn.clone(),
                ..Default::default()
            })?;
            let Some(shard) = stream.stream_description.shards.into_iter().next() else {
                return Ok(Vec::new());
            };
            let from = GetShardIteratorRequest {
                stream_arn,
                shard_id: shard.shard_id,
                shard_iterator_type: match position {
                    Some(_) => "AFTER_SEQUENCE_NUMBER",
                    None => "TRIM_HORIZON",
                }
                .to_owned(),
                sequence_number: position,
            };
            let Some(shard_iterator) = database.get_shard_iterator(from)?.shard_iterator else {
                return Ok(Vec::new());
            };
            Ok(database.get_records(GetRecordsRequest { shard_iterator, limit: Some(PAGE) })?.records)
        });
        read.await.or_local("the stream's reader crashed")?.map_err(|error: dynoxide::DynoxideError| {
            LocalError::new("the stream cannot be read", error.to_string())
        })
    }

    /// Invokes the function with a batch, and again with the records of it that failed; those that fail to the end are
    /// set aside, so that they hold up nothing behind them.
    async fn invoke(&self, mut records: Vec<Value>) -> Result<(), LocalError> {
        for attempt in 0..TRIES {
            let (trigger, event) = (Arc::clone(&self.trigger), json!({"Records": records}));
            let answer = catch_panic(async move { into_lambda_result(trigger.handle(&event)).await }).await;
            if let Ok(answer) = answer {
                let failed = failed_records(&answer);
                records.retain(|record| failed.contains(&record["dynamodb"]["SequenceNumber"]));
                if records.is_empty() {
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
        }
        set_aside(&self.folder, &records)
    }

    async fn trim(&self, position: Option<&str>) {
        let Some(stored) = position
            .and_then(|text| text.parse::<u128>().ok()?.checked_sub(SEQUENCE_OFFSET))
            .and_then(|number| i64::try_from(number).ok())
        else {
            return;
        };
        let folder = self.folder.clone();
        match tokio::task::spawn_blocking(move || database::trim_stream(&folder, stored)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = error.chain(), "the stream was not trimmed");
            }
            Err(crash) => tracing::warn!(%crash, "the stream was not trimmed"),
        }
    }
}

fn failed_records(answer: &Value) -> Vec<Value> {
    let failures = answer["batchItemFailures"].as_array().map(Vec::as_slice).unwrap_or_default();
    failures.iter().map(|failure| failure["itemIdentifier"].clone()).collect()
}

fn set_aside(folder: &Path, records: &[Value]) -> Result<(), LocalError> {
    tracing::error!(
        records = records.len(),
        file = DEAD_LETTERS_FILE,
        "records of the stream were set aside"
    );
    let write = || -> std::io::Result<()> {
        let path = folder.join(DEAD_LETTERS_FILE);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        records.iter().try_for_each(|record| writeln!(file, "{record}"))
    };
    write().or_local("records of the stream could not be set aside")
}

fn read_position(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join(POSITION_FILE)).ok()?;
    Some(text.trim().to_owned()).filter(|text| text.len() >= 21)
}

/// Written beside its place and renamed, so that a kill leaves the old position or the new one.
fn write_position(folder: &Path, position: &str) -> Result<(), LocalError> {
    let draft = folder.join(format!("{POSITION_FILE}.draft"));
    std::fs::write(&draft, position)
        .and_then(|()| std::fs::rename(&draft, folder.join(POSITION_FILE)))
        .or_local("the position in the stream cannot be kept")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_large_as_the_deployed_ones() {
        let deployed = include_str!("../../../infra/modules/stream/main.tf");
        assert!(deployed.contains(&format!("  batch_size = {BATCH}\n")));
    }

    #[test]
    fn the_records_that_failed_are_those_that_the_answer_names() {
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "7"}]});
        assert_eq!(failed_records(&answer), [json!("7")]);
        assert_eq!(failed_records(&json!({})), Vec::<Value>::new());
    }
}

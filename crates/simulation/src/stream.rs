//! The table's stream, and the event source that brings its records to `stream-trigger`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::clock::sleep_seconds;
use crate::locks::lock;
use crate::services::dynamodb::Change;
use crate::world::World;
use crate::{Fault, lambda};

/// How many records go into one batch (`infra/modules/stream`).
const BATCH: usize = 10;

/// How often a batch is tried before its records are lost. Each try may take the function's timeout.
const TRIES: u32 = 4;

/// Makes records of these changes, and delivers those that the filters let through.
pub(crate) fn publish(world: &Arc<World>, changes: &[Change]) {
    for change in changes {
        let record = {
            let mut stream = lock(&world.records);
            stream.written += 1;
            let record = record(change, stream.written);
            if !stream.filters.let_through(&record) {
                continue;
            }
            record
        };
        let (late, twice, lost) = {
            let (mut adversary, now) = (lock(&world.adversary), world.seconds());
            let late = adversary.strikes(now, Fault::RecordLate, 0.1).then(|| adversary.up_to(900.0));
            let twice = adversary.strikes(now, Fault::RecordTwice, 0.1).then(|| adversary.up_to(7200.0));
            (late, twice, adversary.strikes(now, Fault::RecordLost, 0.1))
        };
        if let Some(seconds) = twice {
            bring(world, record.clone(), seconds);
        }
        if !lost {
            bring(world, record, late.unwrap_or(0.1));
        }
    }
}

fn bring(world: &Arc<World>, record: Value, seconds: f64) {
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep_seconds(seconds).await;
        let begins = {
            let mut stream = lock(&world.records);
            stream.pending.push_back(record);
            !std::mem::replace(&mut stream.delivering, true)
        };
        if begins {
            deliver(&world).await;
        }
    });
}

/// Delivers until nothing is pending: one batch after the other, as a shard does.
async fn deliver(world: &Arc<World>) {
    loop {
        let batch: Vec<_> = {
            let mut stream = lock(&world.records);
            let count = stream.pending.len().min(BATCH);
            let batch: Vec<_> = stream.pending.drain(..count).collect();
            stream.delivering = !batch.is_empty();
            batch
        };
        if batch.is_empty() {
            return;
        }
        for attempt in 0..TRIES {
            let event = json!({"Records": batch});
            if lambda::invoke(world, "stream-trigger", event).await.is_ok() {
                break;
            }
            sleep(Duration::from_secs(1 << attempt)).await;
        }
    }
}

/// A record, as far as the function reads one (DynamoDB API reference, streams, `Record`).
fn record(change: &Change, number: u64) -> Value {
    let name = match (&change.before, &change.after) {
        (None, _) => "INSERT",
        (Some(_), Some(_)) => "MODIFY",
        (Some(_), None) => "REMOVE",
    };
    let mut record = json!({
        "eventID": number.to_string(), "eventName": name, "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"AccountEmail": {"S": change.key.0}, "Record": {"S": change.key.1}},
            "SequenceNumber": number.to_string(), "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    for (image, item) in [("OldImage", &change.before), ("NewImage", &change.after)] {
        if let Some(item) = item {
            record["dynamodb"][image] = item.clone();
        }
    }
    record
}

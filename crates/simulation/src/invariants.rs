//! What must never happen, checked at each write of the table.

use std::sync::Arc;

use accounts_core::{
    Account, AccountStatus, Operation, OperationState, Placement, Request, RequestId, RequestStatus,
};
use serde_json::Value;

use crate::locks::lock;
use crate::pool_invariants::{check_pause, check_slots, pool_is_open};
use crate::services::dynamodb::{Change, read_item};
use crate::services::embedded::plain;
use crate::services::index::OLDEST_INDEX_SECONDS;
use crate::truth::agrees;
use crate::world::World;

/// The most that an item may hold, in bytes of its JSON. DynamoDB's limit is 400 KB.
const LARGEST_ITEM: usize = 64 * 1024;

/// How long an older request may have waited when a younger one is admitted before it: the dispatcher reads an index that
/// is this old, and may then stand still until its function's timeout.
const OVERTAKING_SECONDS: f64 = OLDEST_INDEX_SECONDS + 300.0 + 30.0;

/// A change in a few words.
pub(crate) fn describe(change: &Change) -> String {
    let fields = |item: &Value| {
        let item = plain(item);
        let shown = [
            "Status",
            "State",
            "Admission",
            "Execution",
            "Slot",
            "ParkedUntil",
            "ResumeAt",
            "Result",
            "RequestID",
        ];
        let shown = shown.iter().filter_map(|name| {
            let value = item.get(*name).or_else(|| item["Outcome"].get(*name))?;
            Some(format!("{name}={}", value.to_string().trim_matches('"')))
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    let after = change.after.as_ref().map_or_else(|| "removed".to_owned(), fields);
    format!("{} {} [{after}]", change.key.0, change.key.1)
}

/// Checks what a write changed.
pub(crate) fn check(world: &Arc<World>, changes: &[Change]) {
    for change in changes {
        let found = check_change(world, change);
        if let Err(what) = found {
            world.violated(format!("{what}: {}", describe(change)));
        }
    }
    if !changes.is_empty()
        && let Err(what) = check_slots(world)
    {
        world.violated(what);
    }
}

fn check_change(world: &Arc<World>, change: &Change) -> Result<(), String> {
    if let Some(item) = &change.after
        && item.to_string().len() > LARGEST_ITEM
    {
        return Err("an item is too large".to_owned());
    }
    let (partition, record) = (change.key.0.as_str(), change.key.1.as_str());
    if record.starts_with("REQUEST#") {
        return request(world, change);
    }
    if record.starts_with("OPERATION#") {
        return operation(change);
    }
    if record == "ACCOUNT" {
        return account(world, change);
    }
    if partition.starts_with("SLOT#") {
        let mut known = lock(&world.known);
        match &change.after {
            Some(_) => known.slot_free_since.remove(record),
            None => known.slot_free_since.insert(record.to_owned(), world.seconds()),
        };
        return match (&change.before, &change.after) {
            (Some(_), Some(_)) => Err("a slot was taken from its holder".to_owned()),
            (None, Some(_)) => pool_is_open(world, partition),
            _ => Ok(()),
        };
    }
    if partition.starts_with("POOL#") {
        return check_pause(world, change);
    }
    if partition.starts_with("IDEMPOTENCY#") {
        let now = world.clock.now().as_ms() / 1000;
        let kept = |item: &Value| plain(item)["ExpiresAt"].as_i64().is_some_and(|until| until > now);
        return match &change.before {
            Some(before) if kept(before) => Err("a remembered answer was written over".to_owned()),
            _ => Ok(()),
        };
    }
    if partition.starts_with("NAME#") || partition.starts_with("ID#") {
        return match (&change.before, &change.after) {
            (Some(before), Some(after)) if before["Owner"] != after["Owner"] => {
                Err("a claim was taken from its owner".to_owned())
            }
            _ => Ok(()),
        };
    }
    if record == "KEY" && change.before.is_some() {
        return Err("the key of a request was changed".to_owned());
    }
    Ok(())
}

fn request(world: &Arc<World>, change: &Change) -> Result<(), String> {
    use RequestStatus::{Failed, InProgress, Provisioned, Requested, Valid};
    let Some(after) = &change.after else {
        return Err("a request was removed".to_owned());
    };
    let after: Request = read_item(after)?;
    let before: Option<Request> = change.before.as_ref().map(read_item).transpose()?;
    let id = after.request_id;
    let now = world.seconds();
    if after.slot.is_some() {
        lock(&world.known).holding.insert(id);
    } else {
        lock(&world.known).holding.remove(&id);
    }
    if !matches!(after.placement(), Placement::Waiting(_)) {
        lock(&world.known).waiting_since.remove(&id);
    } else {
        lock(&world.known).waiting_since.entry(id).or_insert(now);
    }
    let Some(before) = before else {
        lock(&world.known).requests += 1;
        return if after.status == Requested {
            Ok(())
        } else {
            Err("a request begins in another status".to_owned())
        };
    };
    let moves = [
        (Requested, Valid),
        (Requested, Failed),
        (Valid, InProgress),
        (Valid, Requested),
        (Valid, Failed),
        (InProgress, Requested),
        (InProgress, Provisioned),
        (InProgress, Failed),
    ];
    if before.status != after.status && !moves.contains(&(before.status, after.status)) {
        return Err(format!("a request moved from {} to {}", before.status, after.status));
    }
    if after.version != before.version + 1 {
        return Err("a request was written over what was not seen".to_owned());
    }
    if after.admission < before.admission || after.operation < before.operation {
        return Err("the numbers of a request went back".to_owned());
    }
    if let (Placement::Waiting(_), Placement::Holding(..)) = (before.placement(), after.placement()) {
        overtaken(world, id)?;
    }
    if after.status.is_final() && !before.status.is_final() {
        agrees(world, &after)?;
    }
    Ok(())
}

/// No older request has waited for long.
fn overtaken(world: &Arc<World>, admitted: RequestId) -> Result<(), String> {
    let now = world.seconds();
    let known = lock(&world.known);
    let older = known.waiting_since.range(..admitted).find(|(_, since)| now - **since > OVERTAKING_SECONDS);
    match older {
        Some((older, since)) => {
            Err(format!("request {older}, which waits for {:.0} s, was overtaken", now - since))
        }
        None => Ok(()),
    }
}

fn operation(change: &Change) -> Result<(), String> {
    let Some(after) = &change.after else {
        return Err("an operation was removed".to_owned());
    };
    let after: Operation = read_item(after)?;
    let before: Option<Operation> = change.before.as_ref().map(read_item).transpose()?;
    let Some(before) = before else {
        let announced = after.state == OperationState::Beginning && after.attempts == 1;
        return if announced {
            Ok(())
        } else {
            Err("an operation does not begin with its first attempt".to_owned())
        };
    };
    let place = |state| match state {
        OperationState::Beginning => 0,
        OperationState::Begun => 1,
        OperationState::Ended => 2,
    };
    if place(after.state) < place(before.state) {
        return Err("an operation went back".to_owned());
    }
    if before.state == OperationState::Ended && before.outcome != after.outcome {
        return Err("the outcome of an operation was changed".to_owned());
    }
    if after.version != before.version + 1 {
        return Err("an operation was written over what was not seen".to_owned());
    }
    if (&after.token, &after.input) != (&before.token, &before.input) {
        return Err("the token or the input of an operation was changed".to_owned());
    }
    Ok(())
}

fn account(world: &Arc<World>, change: &Change) -> Result<(), String> {
    let Some(after) = &change.after else {
        return Err("an account was removed".to_owned());
    };
    let after: Account = read_item(after)?;
    if let Some(before) = &change.before {
        let before: Account = read_item(before)?;
        if after.version != before.version + 1 {
            return Err("an account was written over what was not seen".to_owned());
        }
        let replaced = before.request_id != after.request_id;
        let free = before.status == AccountStatus::Failed && !before.account_may_exist;
        if replaced && !free {
            return Err("an account was requested again that was not free".to_owned());
        }
    }
    let table = lock(&world.table);
    let claim =
        table.items().get(&(format!("NAME#{}", after.details.account_name.folded()), "CLAIM".to_owned()));
    let owner = claim.map(|claim| plain(claim)["Owner"].clone());
    let own = owner.as_ref().and_then(Value::as_str) == Some(after.account_email.as_str());
    let free = after.status == AccountStatus::Failed && !after.account_may_exist;
    if free == own {
        let what =
            if free { "a failed account keeps its name" } else { "an account has no claim on its name" };
        return Err(what.to_owned());
    }
    if after.status == AccountStatus::Provisioned {
        let id = after.account_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let claim = table.items().get(&(format!("ID#{id}"), "CLAIM".to_owned())).map(plain);
        if claim.is_none_or(|claim| claim["Owner"] != after.account_email.as_str()) {
            return Err("an account has no claim on its id".to_owned());
        }
    }
    Ok(())
}

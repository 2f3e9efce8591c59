//! What must never happen, checked at each write of the table and at the end of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accounts_core::{
    Account, AccountStatus, Operation, OperationState, Placement, Pool, PoolPause, Request, RequestId,
    RequestStatus,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::locks::lock;
use crate::services::dynamodb::{Change, Key, plain};
use crate::services::index::OLDEST_INDEX_SECONDS;
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
    let after: Request = read(after)?;
    let before: Option<Request> = change.before.as_ref().map(read).transpose()?;
    let id = after.request_id;
    let now = world.seconds();
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
    if let (Placement::Waiting(pool), Placement::Holding(..)) = (before.placement(), after.placement()) {
        overtaken(world, pool, id)?;
    }
    if after.status.is_final() && !before.status.is_final() {
        agrees(world, &after)?;
    }
    Ok(())
}

/// No older request has waited for long.
fn overtaken(world: &Arc<World>, _: Pool, admitted: RequestId) -> Result<(), String> {
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
    let after: Operation = read(after)?;
    let before: Option<Operation> = change.before.as_ref().map(read).transpose()?;
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
    let after: Account = read(after)?;
    if let Some(before) = &change.before {
        let before: Account = read(before)?;
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

/// Slots and their holders name each other, and there are not more than were ever deployed.
fn check_slots(world: &Arc<World>) -> Result<(), String> {
    let most = lock(&world.known).most_slots;
    let table = lock(&world.table);
    let first: Key = ("SLOT#".to_owned(), String::new());
    let slots = table.items().range(first..).take_while(|(key, _)| key.0.starts_with("SLOT#"));
    let mut held = 0;
    for (key, slot) in slots {
        held += 1;
        let slot = plain(slot);
        let text = |name: &str| slot[name].as_str().unwrap_or_default().to_owned();
        let holder = table.items().get(&(text("Owner"), format!("REQUEST#{}", text("RequestID"))));
        let holder = holder.map(plain).unwrap_or_default();
        let number = |value: &Value| value.as_u64();
        let holds = number(&holder["Slot"]) == key.1.parse().ok()
            && number(&holder["Admission"]) == number(&slot["Admission"]);
        if !holds {
            return Err(format!(
                "slot {} is held for request {}, which does not hold it",
                key.1,
                text("RequestID")
            ));
        }
    }
    if held > most {
        return Err(format!("{held} slots are held of {most}"));
    }
    let holding = table
        .items()
        .iter()
        .filter(|(key, item)| key.1.starts_with("REQUEST#") && item.get("Slot").is_some());
    let holding = u32::try_from(holding.count()).unwrap_or(u32::MAX);
    if holding == held { Ok(()) } else { Err(format!("{holding} requests hold {held} slots")) }
}

/// The status of a request that has ended is what the landing zone says.
fn agrees(world: &Arc<World>, request: &Request) -> Result<(), String> {
    let operations = world.zone.operations().map_err(|error| error.to_string())?;
    let tokens = tokens_of(world, request.request_id);
    let own: Vec<_> = operations.iter().filter(|operation| tokens.contains(&operation.token)).collect();
    let accounts: Vec<_> = own.iter().filter_map(|operation| operation.account_id.as_deref()).collect();
    if accounts.len() > 1 {
        return Err(format!("{} accounts were made for one request", accounts.len()));
    }
    match request.status {
        RequestStatus::Provisioned => {
            let id = request.account_id.as_ref().map(ToString::to_string).unwrap_or_default();
            if accounts != [id.as_str()] {
                return Err(format!("a request ended with account {id}; the landing zone made {accounts:?}"));
            }
        }
        _ if request.account_may_exist => {}
        _ => {
            if !accounts.is_empty() {
                return Err(format!("a request failed although it has account {accounts:?}"));
            }
            if own.iter().any(|operation| operation.running) {
                return Err("a request failed while its operation runs".to_owned());
            }
        }
    }
    Ok(())
}

/// The tokens of all operations of a request.
fn tokens_of(world: &Arc<World>, id: RequestId) -> BTreeSet<String> {
    let prefix = format!("OPERATION#{id}#");
    let table = lock(&world.table);
    let operations = table.items().iter().filter(|(key, _)| key.1.starts_with(&prefix));
    operations.filter_map(|(_, item)| item["Token"]["S"].as_str().map(str::to_owned)).collect()
}

/// Checks what `ProvisionProduct` accepted: the intent was stored before.
pub(crate) fn operation_answered(world: &Arc<World>, body: &[u8], status: u16, _: &Value) {
    let token = serde_json::from_slice::<Value>(body).ok();
    let token = token.as_ref().and_then(|body| body["ProvisionToken"].as_str()).unwrap_or_default();
    if status != 200 || !lock(&world.known).tokens.insert(token.to_owned()) {
        return;
    }
    let stored = {
        let table = lock(&world.table);
        let mut operations = table.items().iter().filter(|(key, _)| key.1.starts_with("OPERATION#"));
        operations.find(|(_, item)| item["Token"]["S"] == token).map(|(_, item)| item.clone())
    };
    match stored.as_ref().map(|item| item["State"]["S"].as_str().unwrap_or_default()) {
        Some("Beginning") => {}
        Some(state) => {
            world.violated(format!("an operation that is {state} was accepted by the landing zone"))
        }
        None => world.violated("an operation runs that no item knows".to_owned()),
    }
    let running = world.zone.operations().map(|operations| operations.iter().filter(|it| it.running).count());
    let most = usize::try_from(lock(&world.known).most_slots).unwrap_or(usize::MAX);
    match running {
        Ok(running) if running <= most => {}
        Ok(running) => world.violated(format!("{running} operations run at once, of {most}")),
        Err(error) => world.violated(error.to_string()),
    }
}

/// After a reconciliation without errors that began then, nobody waits who waited before, where a slot was free.
pub(crate) fn check_after_reconciliation(world: &Arc<World>, began: f64, slots: u32) {
    let paused = {
        let table = lock(&world.table);
        let pause = table.items().iter().find(|(key, _)| key.0.starts_with("POOL#"));
        let pause: Option<PoolPause> = pause.and_then(|(_, item)| read(item).ok());
        pause.is_some_and(|pause| {
            pause.paused_until >= world.clock.now().plus_seconds(began - world.seconds())
        })
    };
    let before = began - OLDEST_INDEX_SECONDS - 1.0;
    let taken: BTreeSet<String> = {
        let table = lock(&world.table);
        table.items().keys().filter(|key| key.0.starts_with("SLOT#")).map(|key| key.1.clone()).collect()
    };
    let late = {
        let known = lock(&world.known);
        let free = (1..=slots).map(|slot| slot.to_string()).find(|slot| {
            !taken.contains(slot) && known.slot_free_since.get(slot).is_none_or(|since| *since < before)
        });
        let waits = known.waiting_since.iter().find(|(_, since)| **since < before);
        free.zip(waits.map(|(id, since)| (*id, *since)))
    };
    if let (false, Some((slot, (id, since)))) = (paused, late) {
        let seconds = world.seconds() - since;
        world.violated(format!("request {id} waits for {seconds:.0} s although slot {slot} is free"));
    }
}

/// Whether nothing is left to do.
pub(crate) fn is_quiet(world: &Arc<World>) -> bool {
    if *lock(&world.on_their_way) > 0 || lock(&world.executions).running() > 0 {
        return false;
    }
    let table = lock(&world.table);
    let open = |item: &Value| item.get("Queue").is_some_and(|queue| queue["S"] != "WATCHED");
    !table
        .items()
        .iter()
        .any(|(key, item)| key.0.starts_with("SLOT#") || key.1.starts_with("REQUEST#") && open(item))
}

/// Checks the end of a run.
pub(crate) fn check_end(world: &Arc<World>) {
    let requests: Vec<Request> = {
        let table = lock(&world.table);
        let requests = table.items().iter().filter(|(key, _)| key.1.starts_with("REQUEST#"));
        requests.filter_map(|(_, item)| read(item).ok()).collect()
    };
    if !is_quiet(world) {
        let open = requests.iter().filter(|request| !request.status.is_final()).count();
        world.violated(format!(
            "{open} requests have not ended, or something else goes on, long after the faults"
        ));
        return;
    }
    let mut of_requests = BTreeMap::new();
    for request in &requests {
        for token in tokens_of(world, request.request_id) {
            of_requests.insert(token, request.request_id);
        }
        if request.status.is_final() {
            if let Err(what) = agrees(world, request) {
                world.violated(format!("{what} (request {}, at the end)", request.request_id));
            }
            if lock(&world.topic).times_published(&request.request_id.to_string()) == 0 {
                world.violated(format!("the end of request {} was not published", request.request_id));
            }
        }
    }
    match world.zone.operations() {
        Err(error) => world.violated(error.to_string()),
        Ok(operations) => {
            for operation in operations.iter().filter(|operation| !of_requests.contains_key(&operation.token))
            {
                world.violated(format!("no item knows the operation {}", operation.product_name));
            }
        }
    }
    let accepted = lock(&world.known).accepted.clone();
    for (id, email) in accepted {
        if !requests.iter().any(|request| request.request_id.to_string() == id) {
            world.violated(format!("request {id} of {email} was answered with 201 and is not stored"));
        }
    }
}

/// An item as a value of the domain.
pub(crate) fn read<T: DeserializeOwned>(item: &Value) -> Result<T, String> {
    serde_json::from_value(plain(item)).map_err(|error| format!("an item is malformed ({error})"))
}

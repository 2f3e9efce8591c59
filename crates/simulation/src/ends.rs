//! What holds after a reconciliation, and at the end of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accounts_core::{PoolPause, Request};
use serde_json::Value;

use crate::locks::lock;
use crate::services::dynamodb::read_item;
use crate::services::index::OLDEST_INDEX_SECONDS;
use crate::truth::{agrees, tokens_of};
use crate::world::World;

/// After a reconciliation without errors that began then, nobody waits who waited before, where a slot was free.
pub(crate) fn check_after_reconciliation(world: &Arc<World>, began: f64, slots: u32) {
    let before = began - OLDEST_INDEX_SECONDS - 1.0;
    let paused = {
        let table = lock(&world.table);
        let pause = table.items().iter().find(|(key, _)| key.0.starts_with("POOL#"));
        let pause: Option<PoolPause> = pause.and_then(|(_, item)| read_item(item).ok());
        let lasts = pause.is_some_and(|pause| {
            pause.paused_until >= world.clock.now().plus_seconds(before - world.seconds())
        });
        // A pause that was ended since then may have been met.
        lasts || lock(&world.known).pause_ended_at.is_some_and(|at| at > before)
    };
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
        requests.filter_map(|(_, item)| read_item(item).ok()).collect()
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
        for token in tokens_of(world, request) {
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

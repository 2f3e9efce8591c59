//! What must never happen to slots and pauses of pools.

use std::sync::Arc;

use accounts_core::PoolPause;
use serde_json::Value;

use crate::locks::lock;
use crate::services::dynamodb::{Change, Key, read_item};
use crate::services::embedded::plain;
use crate::world::World;

/// Slots and their holders name each other, and there are not more than were ever deployed.
pub(crate) fn check_slots(world: &Arc<World>) -> Result<(), String> {
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
    let holding = u32::try_from(lock(&world.known).holding.len()).unwrap_or(u32::MAX);
    if holding == held { Ok(()) } else { Err(format!("{holding} requests hold {held} slots")) }
}

/// No slot of a paused pool is given.
pub(crate) fn pool_is_open(world: &Arc<World>, slots: &str) -> Result<(), String> {
    let key = (slots.replacen("SLOT#", "POOL#", 1), "STATE".to_owned());
    let pause = lock(&world.table).items().get(&key).cloned();
    let pause: Option<PoolPause> = pause.as_ref().map(read_item).transpose()?;
    match pause.filter(|pause| pause.paused_until > world.clock.now()) {
        Some(pause) => Err(format!("a slot was given of a pool that is paused until {}", pause.paused_until)),
        None => Ok(()),
    }
}

/// A pause that lasts is not written over, and each one is counted.
pub(crate) fn check_pause(world: &Arc<World>, change: &Change) -> Result<(), String> {
    let pause = |item: Option<&Value>| item.map(read_item::<PoolPause>).transpose();
    let (before, after) = (pause(change.before.as_ref())?, pause(change.after.as_ref())?);
    let Some(after) = after else {
        lock(&world.known).pause_ended_at = Some(world.seconds());
        return Ok(());
    };
    if before.as_ref().is_some_and(|before| before.paused_until > world.clock.now()) {
        return Err("a pause that lasts was written over".to_owned());
    }
    if after.pauses != before.map_or(0, |before| before.pauses) + 1 {
        return Err("a pause was written over what was not seen".to_owned());
    }
    Ok(())
}

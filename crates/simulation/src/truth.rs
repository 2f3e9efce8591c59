//! What the landing zone says of the requests' operations.

use std::collections::BTreeSet;
use std::sync::Arc;

use accounts_core::{Request, RequestStatus};
use accounts_landing_zone::ReportedOperation;
use serde_json::Value;

use crate::locks::lock;
use crate::services::dynamodb::Key;
use crate::world::World;

/// The status of a request that has ended is what the landing zone says.
pub(crate) fn agrees(world: &Arc<World>, request: &Request) -> Result<(), String> {
    let mut own = Vec::new();
    for token in tokens_of(world, request) {
        own.extend(world.zone.operation_of_token(&token).map_err(|error| error.to_string())?);
    }
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
        _ if own.iter().any(|it| it.succeeded && can_be_found(world, it)) => {
            return Err("a request failed although its operation succeeded".to_owned());
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

/// Whether the landing zone never hid an operation: one whose product or record cannot be found ends as a failure that
/// says that an account may exist.
fn can_be_found(world: &World, operation: &ReportedOperation) -> bool {
    let known = lock(&world.known);
    !known.products_hidden && !known.forgotten.contains(&operation.record_id)
}

/// The tokens of all operations of a request.
pub(crate) fn tokens_of(world: &World, request: &Request) -> BTreeSet<String> {
    let prefix = format!("OPERATION#{}#", request.request_id);
    let first: Key = (request.account_email.to_string(), prefix.clone());
    let table = lock(&world.table);
    let operations = table.items().range(first..).take_while(|(key, _)| key.1.starts_with(&prefix));
    operations.filter_map(|(_, item)| item["Token"]["S"].as_str().map(str::to_owned)).collect()
}

/// Checks what `ProvisionProduct` accepted: the intent was stored before.
pub(crate) fn operation_answered(world: &Arc<World>, body: &[u8], status: u16) {
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
    let most = usize::try_from(lock(&world.known).most_slots).unwrap_or(usize::MAX);
    match world.zone.running_operations() {
        Ok(running) if running <= most => {}
        Ok(running) => world.violated(format!("{running} operations run at once, of {most}")),
        Err(error) => world.violated(error.to_string()),
    }
}

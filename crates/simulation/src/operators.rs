//! What happens around the fleet: conditions of the landing zone, deployments, the schedule of the reconciler, and
//! operators who look after overdue operations.

use std::sync::Arc;
use std::time::Duration;

use accounts_core::{Request, Timestamp};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::clock::sleep_seconds;
use crate::locks::lock;
use crate::services::dynamodb::read_item;
use crate::world::World;
use crate::{Fault, Protection, clients, deployment, ends, lambda};

/// How often the schedule may invoke the reconciler, in seconds (`infra/variables.tf`, `reconcile_minutes`).
const RECONCILE_SECONDS: [f64; 3] = [300.0, 600.0, 1200.0];

/// Invokes the reconciler until the run ends.
pub(crate) async fn reconcile(world: Arc<World>) {
    if world.plan.removed == Some(Protection::Reconciler) {
        return;
    }
    let every = RECONCILE_SECONDS[lock(&world.adversary).draw().usize(..RECONCILE_SECONDS.len())];
    loop {
        sleep_seconds(every).await;
        let (began, slots) = (world.seconds(), slots(&world));
        let event = json!({"reconcile": true});
        lambda::perhaps_again(&world, "stream-trigger", &event);
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            if lambda::invoke(&world, "stream-trigger", event).await.is_ok() {
                ends::check_after_reconciliation(&world, began, slots.min(self::slots(&world)));
            }
        });
    }
}

fn slots(world: &World) -> u32 {
    lock(&world.fleet).as_ref().map_or(0, |fleet| fleet.slots)
}

/// Changes the conditions every few minutes, until the faults end; then everything works.
pub(crate) async fn conditions(world: Arc<World>) {
    while !world.is_calm() {
        let pause = lock(&world.adversary).draw().f64() * 1200.0;
        sleep_seconds(pause).await;
        for fault in CONDITIONS {
            if lock(&world.adversary).strikes(world.seconds(), fault, 0.05) {
                world.say("adversary", &format!("{fault:?}"));
                begin(&world, fault).await;
            }
        }
    }
    world.zone.occupy(0);
    world.zone.hide_products(false);
    world.zone.set_product_missing(false);
    world.say("adversary", "the faults are over");
}

const CONDITIONS: [Fault; 8] = [
    Fault::Denied,
    Fault::Outage,
    Fault::Redeployed,
    Fault::OthersBusy,
    Fault::ArtifactRetired,
    Fault::RecordForgotten,
    Fault::ProductsHidden,
    Fault::ProductMissing,
];

/// Actions of which a right can be missing.
const ACTIONS: [&str; 11] = [
    "TransactWriteItems",
    "GetItem",
    "Query",
    "ProvisionProduct",
    "DescribeRecord",
    "SearchProvisionedProducts",
    "ListLaunchPaths",
    "ListAccounts",
    "TagResource",
    "StartExecution",
    "Publish",
];

async fn begin(world: &Arc<World>, fault: Fault) {
    let now = world.seconds();
    let until = lock(&world.adversary).until(now);
    match fault {
        Fault::Denied => {
            let mut adversary = lock(&world.adversary);
            let action = ACTIONS[adversary.draw().usize(..ACTIONS.len())];
            adversary.deny(now, action);
        }
        Fault::Outage => {
            lock(&world.adversary).begin_outage(now);
        }
        Fault::Redeployed => {
            if let Err(error) = deployment::deploy(world).await {
                world.violated(format!("the functions cannot be deployed: {error}"));
            }
        }
        Fault::OthersBusy => {
            world.zone.occupy(lock(&world.adversary).draw().usize(1..=5));
            later(world, until, |world| world.zone.occupy(0));
        }
        Fault::ArtifactRetired => {
            if let Some(artifact) = world.zone.default_artifact() {
                world.zone.retire_artifact(&artifact);
            }
        }
        Fault::RecordForgotten => {
            let operations = world.zone.operations().unwrap_or_default();
            if !operations.is_empty() {
                let at = lock(&world.adversary).draw().usize(..operations.len());
                world.zone.forget_record(&operations[at].record_id);
                lock(&world.known).forgotten.insert(operations[at].record_id.clone());
            }
        }
        Fault::ProductsHidden => {
            world.zone.hide_products(true);
            lock(&world.known).products_hidden = true;
            later(world, until, |world| world.zone.hide_products(false));
        }
        _ => {
            world.zone.set_product_missing(true);
            later(world, until, |world| world.zone.set_product_missing(false));
        }
    }
}

fn later(world: &Arc<World>, at: f64, what: impl FnOnce(&World) + Send + 'static) {
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep_seconds((at - world.seconds()).max(0.0)).await;
        what(&world);
    });
}

/// How long an operation is overdue before an operator looks after it, in seconds.
const PATIENCE_SECONDS: f64 = 1800.0;

/// Looks after overdue operations: one that runs for ever is terminated, one that has ended is stated.
pub(crate) async fn operators(world: Arc<World>) {
    loop {
        sleep(Duration::from_secs(1800)).await;
        for request in overdue(&world) {
            look_after(&world, &request).await;
        }
    }
}

fn overdue(world: &World) -> Vec<Request> {
    let patience_ended = |since: Timestamp| world.clock.now().seconds_since(since) > PATIENCE_SECONDS;
    let table = lock(&world.table);
    let requests = table.items().iter().filter(|(key, _)| key.1.starts_with("REQUEST#"));
    let requests = requests.filter_map(|(_, item)| read_item::<Request>(item).ok());
    requests
        .filter(|request| !request.status.is_final() && request.overdue_since.is_some_and(patience_ended))
        .collect()
}

async fn look_after(world: &Arc<World>, request: &Request) {
    let id = request.request_id;
    let own = world.zone.operations().unwrap_or_default();
    let own =
        own.into_iter().filter(|it| it.account_email.eq_ignore_ascii_case(request.account_email.as_str()));
    let own: Vec<_> = own.collect();
    if let Some(running) = own.iter().find(|operation| operation.running) {
        world.say("operator", &format!("terminates {}", running.product_name));
        if let Err(error) = world.zone.terminate(&running.record_id) {
            world.violated(error.to_string());
        }
        return;
    }
    let account = own.iter().find_map(|operation| operation.account_id.clone());
    let statement = match account {
        Some(account) => json!({"Outcome": "AccountExists", "AccountId": account, "Reason": "It is there."}),
        None => json!({"Outcome": "NoAccount", "Reason": "It is not there."}),
    };
    world.say("operator", &format!("states {statement} of {id}"));
    let mut event =
        clients::event("POST /requests/{requestId}/resolve", "POST", &format!("/requests/{id}/resolve"));
    event["pathParameters"] = json!({"requestId": id.to_string()});
    event["body"] = Value::String(statement.to_string());
    // A conflict is an answer too: something else has settled it, or will.
    clients::answered(world, "operator", &event).await;
}

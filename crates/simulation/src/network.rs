//! Where each try of each call of the SDK arrives, and where the adversary strikes.

use std::future::pending;
use std::sync::{Arc, Weak};
use std::time::Duration;

use accounts_aws::{AnswerFuture, Disconnected, Transport, WireAnswer, WireCall};
use serde_json::Value;
use tokio::time::sleep;

use crate::action::{Action, Service};
use crate::clock::sleep_seconds;
use crate::invocation::{self, Invocation};
use crate::locks::lock;
use crate::services::errors;
use crate::world::World;
use crate::{Fault, Protection, invariants, stream, truth, workflow};

/// The connection of the functions to the services.
pub(crate) struct Network(Weak<World>);

impl Network {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self(Arc::downgrade(world))
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

impl Transport for Network {
    fn call(&self, call: WireCall) -> AnswerFuture {
        let world = self.0.upgrade();
        Box::pin(async move {
            match world {
                Some(world) => answer(world, call).await,
                None => Err(Disconnected),
            }
        })
    }
}

async fn answer(world: Arc<World>, call: WireCall) -> Result<WireAnswer, Disconnected> {
    let action = Action::of(&call);
    let invocation = invocation::current();
    let who = invocation.as_ref().map_or_else(|| "nobody".to_owned(), |invocation| invocation.name());
    let (travel_ms, fault) = {
        let mut adversary = lock(&world.adversary);
        let travel_ms = adversary.draw().u64(1..=25);
        (travel_ms, adversary.of_call(world.seconds(), &action, invocation.is_some()))
    };
    sleep(Duration::from_millis(travel_ms)).await;
    if let Some(fault) = fault {
        world.say(&who, &format!("{} meets {fault:?}", action.name));
    }
    let Some(fault) = fault else {
        return Ok(carry_out(&world, &who, &action, &call));
    };
    match fault {
        Fault::Throttled => Ok(errors::throttled(&action, parts_of(&call), lock(&world.adversary).draw())),
        Fault::Denied => Ok(errors::denied(&action)),
        Fault::Refused => Ok(errors::of_the_model(&action, lock(&world.adversary).draw())),
        Fault::Conflict => Ok(errors::conflict(parts_of(&call), lock(&world.adversary).draw())),
        Fault::ServerErrorBefore => Ok(errors::server_error(&action)),
        Fault::ServerErrorAfter => {
            carry_out(&world, &who, &action, &call);
            Ok(errors::server_error(&action))
        }
        Fault::NoAnswerBefore => pending().await,
        Fault::NoAnswerAfter => {
            carry_out(&world, &who, &action, &call);
            pending().await
        }
        Fault::ArrivesLate => {
            arrive_late(&world, who, action, call);
            pending().await
        }
        Fault::DisconnectedBefore => Err(Disconnected),
        Fault::DisconnectedAfter => {
            carry_out(&world, &who, &action, &call);
            Err(Disconnected)
        }
        Fault::CrashBefore => crash(invocation).await,
        Fault::CrashAfter => {
            carry_out(&world, &who, &action, &call);
            crash(invocation).await
        }
        Fault::Stalled => {
            // The whole process stands still, the SDK's timeouts with it, until its own timeout or before.
            let Some(invocation) = invocation else {
                return Ok(carry_out(&world, &who, &action, &call));
            };
            let (seconds, after) = {
                let mut adversary = lock(&world.adversary);
                (adversary.up_to(f64::from(invocation.timeout_seconds) * 1.2), adversary.draw().bool())
            };
            if after {
                let answer = carry_out(&world, &who, &action, &call);
                invocation.stall(seconds).await;
                return Ok(answer);
            }
            invocation.stall(seconds).await;
            Ok(carry_out(&world, &who, &action, &call))
        }
        _ => {
            let seconds = lock(&world.adversary).up_to(9.0);
            sleep_seconds(seconds).await;
            Ok(carry_out(&world, &who, &action, &call))
        }
    }
}

async fn crash(invocation: Option<Arc<Invocation>>) -> Result<WireAnswer, Disconnected> {
    if let Some(invocation) = invocation {
        invocation.crash();
    }
    pending().await
}

fn arrive_late(world: &Arc<World>, who: String, action: Action, call: WireCall) {
    let seconds = lock(&world.adversary).arrival_seconds();
    *lock(&world.on_their_way) += 1;
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep_seconds(seconds).await;
        world.say(&who, &format!("{} arrives after {seconds:.0} s", action.name));
        carry_out(&world, &who, &action, &call);
        *lock(&world.on_their_way) -= 1;
    });
}

/// Carries a call out, and looks at what it changed.
fn carry_out(world: &Arc<World>, who: &str, action: &Action, call: &WireCall) -> WireAnswer {
    let answer = match action.service {
        Service::DynamoDb => return dynamodb(world, who, action, call),
        Service::StepFunctions => workflow::answer(world, action, &call.body),
        Service::Sns => lock(&world.topic).publish(&call.body),
        Service::Organizations | Service::ServiceCatalog => {
            let body = match &world.plan.removed {
                Some(removed) if action.name == "ProvisionProduct" => {
                    let number = lock(&world.adversary).draw().u64(..);
                    removed.without_token(number, &call.body)
                }
                _ => call.body.clone(),
            };
            let (status, value) = world.zone.answer(&call.target, &body);
            let answer = crate::services::json(status, &value);
            if action.name == "ProvisionProduct" {
                truth::operation_answered(world, &body, status);
            }
            answer
        }
    };
    if action.writes() {
        world.say(who, &format!("{} -> {} {}", action.name, answer.status, shown(action, &answer)));
    }
    answer
}

fn dynamodb(world: &Arc<World>, who: &str, action: &Action, call: &WireCall) -> WireAnswer {
    let Ok(mut body) = serde_json::from_slice::<Value>(&call.body) else {
        return errors::refused("SerializationException", "The body is no JSON.");
    };
    if action.writes() {
        if world.plan.removed.as_ref().is_some_and(|removed| removed.drops(&body)) {
            return crate::services::json(200, &serde_json::json!({}));
        }
        Protection::strip(world.plan.removed.as_ref(), &mut body);
    }
    let now = world.seconds();
    let index_age = match body["IndexName"].is_string() {
        true => lock(&world.adversary).index_age_seconds(now),
        false => 0.0,
    };
    let answered = lock(&world.table).call(&action.name, body, now, index_age);
    if action.writes() {
        let changes: Vec<_> = answered.changes.iter().map(invariants::describe).collect();
        world.say(who, &format!("writes {} {}", answered.answer.status, changes.join("; ")));
    }
    if let Some(what) = answered.differs {
        world.violated(format!("the table is not what was written to it: {what}"));
    }
    invariants::check(world, &answered.changes);
    stream::publish(world, &answered.changes);
    answered.answer
}

fn shown(action: &Action, answer: &WireAnswer) -> String {
    if action.service == Service::Sns || answer.status == 200 {
        return String::new();
    }
    String::from_utf8_lossy(&answer.body).chars().take(160).collect()
}

fn parts_of(call: &WireCall) -> usize {
    serde_json::from_slice::<Value>(&call.body)
        .ok()
        .and_then(|body| body["TransactItems"].as_array().map(Vec::len))
        .unwrap_or(1)
}

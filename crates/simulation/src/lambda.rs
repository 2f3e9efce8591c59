//! Runs functions as Lambda does: each invocation for itself, until its timeout.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use accounts_lambda::into_lambda_result;
use lambda_http::{Body, Response};
use serde_json::Value;

use crate::Fault;
use crate::clock::sleep_seconds;
use crate::invocation::{CURRENT, Invocation, Process};
use crate::locks::lock;
use crate::world::World;

/// The timeout of the functions of the workflow and of `stream-trigger` (`infra/variables.tf`, `lambda_timeout`).
const TIMEOUT_SECONDS: u32 = 300;

/// The timeout of `api` (`infra/functions.tf`).
const API_TIMEOUT_SECONDS: u32 = 29;

/// How much later a second invocation comes that comes at the same time: a few calls.
const AT_ONCE_SECONDS: f64 = 0.1;

/// Why an invocation has no answer.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: String,
    pub(crate) message: String,
}

impl Failed {
    fn new(error: &str, message: &str) -> Self {
        Self { error: error.to_owned(), message: message.to_owned() }
    }
}

/// Invokes a function of the workflow, or `stream-trigger`.
pub(crate) async fn invoke(world: &Arc<World>, function: &str, payload: Value) -> Result<Value, Failed> {
    let Some(fleet) = lock(&world.fleet).clone() else {
        return Err(Failed::new("Lambda.ResourceNotFoundException", "nothing is deployed"));
    };
    let name = ["validate", "provision", "check-status", "update-status", "update-failed", "stream-trigger"]
        .into_iter()
        .find(|name| *name == function);
    let Some(name) = name else {
        return Err(Failed::new("Lambda.ResourceNotFoundException", "there is no such function"));
    };
    let work = async move {
        let handled = into_lambda_result(async {
            match name {
                "validate" => fleet.validate.handle(&payload).await,
                "provision" => fleet.provision.handle(&payload).await,
                "check-status" => fleet.check_status.handle(&payload).await,
                "update-status" => fleet.update_status.handle(&payload).await,
                "update-failed" => fleet.update_failed.handle(&payload).await,
                _ => fleet.trigger.handle(&payload).await,
            }
        });
        handled.await
    };
    match run(world, name, TIMEOUT_SECONDS, work).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failed)) => Err(Failed { error: failed.error_type, message: failed.error_message }),
        Err(failed) => Err(failed),
    }
}

/// Sends a request to `api`, as the gateway does.
pub(crate) async fn request(world: &Arc<World>, event: &Value) -> Result<Response<Body>, Failed> {
    let Some(fleet) = lock(&world.fleet).clone() else {
        return Err(Failed::new("Lambda.ResourceNotFoundException", "nothing is deployed"));
    };
    let request = lambda_http::request::from_str(&event.to_string())
        .map_err(|error| Failed::new("Runtime.MarshalError", &error.to_string()))?;
    run(world, "api", API_TIMEOUT_SECONDS, async move { fleet.api.handle(request).await }).await
}

async fn run<T: Send + 'static>(
    world: &Arc<World>,
    function: &'static str,
    timeout_seconds: u32,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Failed> {
    let number = lock(&world.known).next_invocation();
    let invocation = Arc::new(Invocation::new(number, function, timeout_seconds));
    let process = Process::new(work, &invocation);
    let mut task = tokio::spawn(CURRENT.scope(Arc::clone(&invocation), process));
    let failed = tokio::select! {
        biased;
        () = invocation.crashed() => Failed::new("Runtime.ExitError", "the process crashed"),
        ended = &mut task => match ended {
            Ok(answer) => return Ok(answer),
            Err(panic) => {
                world.violated(format!("{} panicked: {panic}", invocation.name()));
                Failed::new("Runtime.ExitError", "the process panicked")
            }
        },
        () = tokio::time::sleep(Duration::from_secs(timeout_seconds.into())) => {
            Failed::new("Sandbox.Timedout", "the invocation timed out")
        }
    };
    task.abort();
    world.say(&invocation.name(), &failed.message);
    Err(failed)
}

/// Invokes a function a second time, late, where the adversary says so; nobody hears the answer.
pub(crate) fn perhaps_again(world: &Arc<World>, function: &str, payload: &Value) {
    let seconds = {
        let mut adversary = lock(&world.adversary);
        if !adversary.strikes(world.seconds(), Fault::InvokedTwice, 0.05) {
            return;
        }
        // At the same time as often as later: two that meet between a read and a write are the harder case.
        if adversary.draw().bool() {
            adversary.draw().f64() * AT_ONCE_SECONDS
        } else {
            adversary.up_to(3.0 * 3600.0)
        }
    };
    let (world, function, payload) = (Arc::clone(world), function.to_owned(), payload.clone());
    tokio::spawn(async move {
        sleep_seconds(seconds).await;
        world.say("adversary", &format!("{function} is invoked again after {seconds:.0} s"));
        // Its answer reaches nobody.
        let _ = invoke(&world, &function, payload).await;
    });
}

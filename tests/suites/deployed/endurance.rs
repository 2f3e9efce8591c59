//! What happens where something breaks.

use std::sync::Arc;
use std::time::Duration;

use accounts_emulated_cloud::{Seen, Service, can_be_told_apart, until};
use accounts_tests::body;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, received};

/// In the order in which a request comes by: the function, and a call of it in whose midst it dies.
const DEATHS: [(&str, &str); 4] = [
    ("validate", "ListAccounts"),
    ("provision", "ProvisionProduct"),
    ("check-status", "DescribeRecord"),
    ("update-status", "TagResource"),
];

/// Each function of the workflow dies once when the landing zone has done what it was asked, and the function
/// does not know it yet: the worst moment there is.
pub(crate) async fn functions_killed_in_the_middle_of_an_invocation_lose_nothing(world: Arc<World>) {
    assert!(can_be_told_apart(), "this machine does not show which process is which function");
    let kill = |function: &str| {
        let name = world.cloud.function_name(function).unwrap();
        world.cloud.ministack().kill_function(name).unwrap()
    };
    let before = world.cloud.simulator().report().unwrap();
    let mut holds = Vec::new();
    for (function, call) in DEATHS {
        // Nobody who remembers an earlier answer.
        kill(function);
        holds.push((function, call, world.cloud.simulator().hold(call)));
    }
    let email = "mortal@example.com";
    let accepted = world.administrator.create(&body(email, "mortal")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    for (function, call, hold) in holds {
        let reached = tokio::time::timeout(Duration::from_secs(60), hold.reached()).await;
        assert!(reached.is_ok(), "{function} has not come to {call}");
        assert!(kill(function) > 0, "no process of {function} was there to be killed");
    }

    let ended = world.ended(email).await;
    assert_eq!(ended["Status"], "Provisioned", "{ended}");
    let after = world.cloud.simulator().report().unwrap();
    assert_eq!(after.operations, before.operations + 1, "one operation, for all the calls");
    assert_eq!(after.accounts.len(), before.accounts.len() + 1, "one account");
}

/// Step Functions tells EventBridge, whose rule invokes `update-failed`; nobody else would.
pub(crate) async fn the_end_of_a_stopped_execution_is_recorded(world: Arc<World>) {
    let emulator = world.cloud.emulator();
    let email = "stopped@example.com";
    let accepted = world.administrator.create(&body(email, "sim-slow stopped")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    world.reaches(email, &["InProgress"]).await;

    let machine = world.cloud.output("state_machine_arn").unwrap();
    let name = accepted.text("RequestID");
    let execution = format!("{}:{name}", machine.replace(":stateMachine:", ":execution:"));
    let stopped = json!({ "executionArn": execution });
    emulator.json(Service::STEP_FUNCTIONS, "StopExecution", &stopped).await.unwrap();
    let described = emulator.json(Service::STEP_FUNCTIONS, "DescribeExecution", &stopped).await.unwrap();
    assert_eq!(described["status"], "ABORTED", "{described}");
    let ended = world.ended(email).await;
    assert_eq!(ended["Status"], "Failed", "{ended}");
    assert_eq!(ended["AccountMayExist"], true, "its operation runs on: {ended}");
    let told = world.told_of(email).await;
    assert_eq!(told.message["AccountMayExist"], true, "{told:?}");
}

/// MiniStack 1.5.33 takes a batch for done whose answer names failures; it gives one up only where the function
/// itself fails, and only by the age of its records. So the function is left without a setting that it needs.
pub(crate) async fn a_record_that_cannot_start_lands_in_the_queue_and_can_be_redriven(world: Arc<World>) {
    let emulator = world.cloud.emulator();
    let function = world.cloud.function_name("stream-trigger").unwrap();
    let path = format!("/2015-03-31/functions/{function}");
    let configuration = emulator
        .rest(Method::GET, Service::LAMBDA, &format!("{path}/configuration"), &Value::Null)
        .await
        .unwrap();
    let environment = &configuration["Environment"]["Variables"];
    let configure = async |variables: &Value| {
        let body = json!({ "Environment": { "Variables": variables } });
        emulator.rest(Method::PUT, Service::LAMBDA, &format!("{path}/configuration"), &body).await.unwrap();
    };
    let mut broken = environment.clone();
    broken.as_object_mut().unwrap().remove("SFN_ARN").expect("a setting to take away");
    configure(&broken).await;

    let email = "redriven@example.com";
    let accepted = world.administrator.create(&body(email, "redriven")).await;
    let queue = world.cloud.output("dead_letter_queue_url").unwrap();
    let letter = until("a dead letter", Duration::from_secs(150), async || {
        let letters = received(emulator, queue).await?;
        let of_the_stream = letters.into_iter().find_map(|letter| {
            let letter: Value = serde_json::from_str(letter["Body"].as_str()?).ok()?;
            letter.get("DDBStreamBatchInfo").is_some().then_some(letter)
        });
        Ok(of_the_stream.map_or_else(|| Seen::NotYet("none".to_owned()), Seen::Yes))
    });
    let letter = letter.await;
    let unmoved = world.administrator.get(email).await;
    // Put right before anything is judged: others come after this.
    configure(environment).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let letter = letter.unwrap_or_else(|error| panic!("{}", error.story()));
    assert_eq!(letter["DDBStreamBatchInfo"]["batchSize"], 1, "{letter}");
    assert_eq!(unmoved.text("Status"), "Requested", "nothing has begun");

    let swept = emulator
        .rest(Method::POST, Service::LAMBDA, &format!("{path}/invocations"), &json!({ "sweep": true }))
        .await
        .unwrap();
    assert!(swept["started"].as_u64() >= Some(1), "{swept}");
    assert_eq!(world.ended(email).await["Status"], "Provisioned");
}

pub(crate) async fn the_gauges_are_in_the_log(world: Arc<World>) {
    let emulator = world.cloud.emulator();
    let function = world.cloud.function_name("stream-trigger").unwrap();
    let path = format!("/2015-03-31/functions/{function}/invocations");
    let swept = emulator.rest(Method::POST, Service::LAMBDA, &path, &json!({ "sweep": true })).await.unwrap();
    assert_eq!(swept["open"]["Requested"], 0, "{swept}");
    let asked = json!({ "logGroupName": format!("/aws/lambda/{function}") });
    let gauges = until("the gauges", Duration::from_secs(30), async || {
        let events = emulator.json(Service::LOGS, "FilterLogEvents", &asked).await?;
        let lines = events["events"].as_array().cloned().unwrap_or_default();
        let of_metrics: Vec<Value> = lines
            .iter()
            .filter_map(|event| serde_json::from_str::<Value>(event["message"].as_str()?).ok())
            .filter(|line| line.get("_aws").is_some())
            .collect();
        let has = |name: &str| of_metrics.iter().any(|line| line.get(name).is_some());
        let all = ["OpenRequests", "OldestRequestSeconds", "SlotsInUse"].iter().all(|name| has(name));
        Ok(if all {
            Seen::Yes(of_metrics)
        } else {
            Seen::NotYet(format!("{} lines: {lines:?}", lines.len()))
        })
    });
    let gauges = gauges.await.unwrap_or_else(|error| panic!("{}", error.story()));
    let namespace = &gauges[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"];
    assert_eq!(namespace, "AccountFactory/dev");
}

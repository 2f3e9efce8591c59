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

/// Step Functions tells EventBridge, whose rule invokes `update-failed`; the operation runs on, so the request keeps
/// its slot, and the reconciler starts its next execution.
pub(crate) async fn a_request_whose_execution_was_stopped_goes_on_with_the_next_one(world: Arc<World>) {
    let emulator = world.cloud.emulator();
    let before = world.cloud.simulator().report().unwrap();
    let email = "stopped@example.com";
    let accepted = world.administrator.create(&body(email, "sim-slow stopped")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    world.reaches(email, &["InProgress"]).await;
    let id = accepted.text("RequestID");
    let request = world.reader.show(id).await;
    assert_eq!((&request.body["Admission"], &request.body["Execution"]), (&json!(1), &json!(1)));

    let execution = |number: u32| {
        let machine = world.cloud.output("state_machine_arn").unwrap();
        let arn = format!("{}:{id}-1-{number}", machine.replace(":stateMachine:", ":execution:"));
        json!({ "executionArn": arn })
    };
    emulator.json(Service::STEP_FUNCTIONS, "StopExecution", &execution(1)).await.unwrap();
    let described = emulator.json(Service::STEP_FUNCTIONS, "DescribeExecution", &execution(1)).await.unwrap();
    assert_eq!(described["status"], "ABORTED", "{described}");
    let input: Value = serde_json::from_str(described["input"].as_str().unwrap()).unwrap();
    assert_eq!((&input["AccountEmail"], &input["OrgUnit"]), (&json!(email), &accepted.body["OrgUnit"]));
    let resumes = until("update-failed keeps the slot", Duration::from_secs(30), async || {
        let request = world.reader.show(id).await.body;
        let resumes = request["ResumeAt"].is_string() || request["Execution"] == 2;
        Ok(if resumes { Seen::Yes(request) } else { Seen::NotYet(request.to_string()) })
    });
    let request = resumes.await.unwrap_or_else(|error| panic!("{}", error.story()));
    assert_eq!((&request["Status"], request["Slot"].is_u64()), (&json!("InProgress"), true), "{request}");

    let next = until("the next execution", Duration::from_secs(60), async || {
        world.reconcile().await?;
        let request = world.reader.show(id).await.body;
        Ok(if request["Execution"] == 2 { Seen::Yes(request) } else { Seen::NotYet(request.to_string()) })
    });
    next.await.unwrap_or_else(|error| panic!("{}", error.story()));
    let ended = world.ended(email).await;
    assert_eq!(ended["Status"], "Provisioned", "{ended}");
    emulator.json(Service::STEP_FUNCTIONS, "DescribeExecution", &execution(2)).await.unwrap();
    let after = world.cloud.simulator().report().unwrap();
    assert_eq!(after.operations, before.operations + 1, "one operation, for both executions");
}

/// The operation never ends. It keeps its slot, and nobody can say that no account came of it.
pub(crate) async fn an_operation_that_never_ends_is_overdue_and_keeps_its_slot(world: Arc<World>) {
    let email = "never@example.com";
    let accepted = world.administrator.create(&body(email, "sim-never")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let id = accepted.text("RequestID");
    world.reaches(email, &["InProgress"]).await;
    let no_account = json!({ "Outcome": "NoAccount", "Reason": "It takes too long." });
    let early = world.administrator.resolve(id, &no_account).await;
    assert_eq!((early.status, early.text("code")), (409, "not_overdue"), "{}", early.body);

    let overdue = until("it is overdue", Duration::from_secs(120), async || {
        let account = world.reader.get(email).await.body;
        let is_overdue = account["OverdueSince"].is_string();
        Ok(if is_overdue { Seen::Yes(account) } else { Seen::NotYet(account.to_string()) })
    });
    let overdue = overdue.await.unwrap_or_else(|error| panic!("{}", error.story()));
    assert_eq!(overdue["Status"], "InProgress", "{overdue}");
    let running = world.administrator.resolve(id, &no_account).await;
    assert_eq!((running.status, running.text("code")), (409, "operation_running"), "{}", running.body);
    let request = world.reader.show(id).await;
    assert!(request.body["Slot"].is_u64(), "{}", request.body);
    assert_eq!(request.body["Operations"][0]["State"], "Begun", "{}", request.body);
}

/// MiniStack 1.5.33 takes a batch for done whose answer names failures; it gives one up only where the function
/// itself fails, and only by the age of its records. So the function is left without a setting that it needs.
pub(crate) async fn a_record_that_cannot_be_dispatched_lands_in_the_queue_and_the_reconciler_does_it(
    world: Arc<World>,
) {
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

    world.reconcile().await.unwrap_or_else(|error| panic!("{}", error.story()));
    assert_eq!(world.ended(email).await["Status"], "Provisioned");
}

/// Each has the dimension Pool.
const GAUGES: [&str; 8] = [
    "WaitingRequests",
    "OldestWaitingSeconds",
    "ParkedRequests",
    "SlotsInUse",
    "SlotsNotOverdue",
    "OverdueRequests",
    "OldestInProgressSeconds",
    "PoolPaused",
];

pub(crate) async fn the_gauges_are_in_the_log(world: Arc<World>) {
    let emulator = world.cloud.emulator();
    let function = world.cloud.function_name("stream-trigger").unwrap();
    let reconciled = world.reconcile().await.unwrap_or_else(|error| panic!("{}", error.story()));
    assert!(reconciled["dispatched"].is_u64(), "{reconciled}");
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
        let all = GAUGES.iter().all(|name| has(name));
        Ok(if all {
            Seen::Yes(of_metrics)
        } else {
            Seen::NotYet(format!("{} lines: {lines:?}", lines.len()))
        })
    });
    let gauges = gauges.await.unwrap_or_else(|error| panic!("{}", error.story()));
    let gauges = gauges.iter().find(|line| line.get("SlotsInUse").is_some()).expect("the gauges");
    let metrics = &gauges["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(metrics["Namespace"], "AccountFactory/dev");
    assert_eq!((&metrics["Dimensions"], &gauges["Pool"]), (&json!([["Pool"]]), &json!("control-tower")));
}

pub(crate) async fn the_stream_wakes_the_dispatcher_by_the_deployed_filters_alone(world: Arc<World>) {
    let emulator = world.cloud.emulator();
    let function = world.cloud.function_name("stream-trigger").unwrap();
    let path = format!("/2015-03-31/event-source-mappings/?FunctionName={function}");
    let mappings = emulator.rest(Method::GET, Service::LAMBDA, &path, &Value::Null).await.unwrap();
    let filters = mappings["EventSourceMappings"][0]["FilterCriteria"]["Filters"].as_array().cloned();
    let pattern = |filter: &Value| {
        serde_json::from_str::<Value>(filter["Pattern"].as_str().unwrap_or_default()).expect("a pattern")
    };
    let deployed: Vec<_> = filters.unwrap_or_default().iter().map(pattern).collect();
    let expected: Vec<Value> =
        serde_json::from_str(include_str!("../../../infra/stream-filters.json")).expect("filters");
    assert_eq!(deployed, expected, "{mappings}");
}

//! The longest history that an execution can have, against what executions do have.

use std::collections::HashMap;

use accounts_state_machine::{Action, Definition, Failure, HISTORY_LIMIT, Outcome, Position, worst_history};
use serde_json::{Value, json};

use crate::support::{DEPLOYED, Does, Rig, Work, machine, parse, task};

/// The events of an execution whose invocations fail with these errors, one after the other, and then succeed.
async fn events(definition: &Definition, errors: &'static [&'static str]) -> u64 {
    let mut rig = Rig::new();
    let (work, _) = Work::new(move |before| match errors.get(before) {
        Some(&error) => Does::Fails(error),
        None => Does::Answers(json!({})),
    });
    let engine = rig.open(definition.clone(), work, 0.0);
    engine.start_execution("one", "{}").unwrap();
    rig.ended(&engine, "one").await.events.into()
}

fn retrying(retriers: Value) -> Definition {
    parse(machine(task(json!({ "Retry": retriers }))))
}

#[tokio::test]
async fn each_retrier_is_used_up_by_the_worst_execution() {
    let definition = retrying(json!([
        { "ErrorEquals": ["Never"], "MaxAttempts": 0 },
        { "ErrorEquals": ["Busy"], "MaxAttempts": 2 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 3 }
    ]));
    let errors = &["Busy", "Other", "Busy", "Other", "Another"];

    assert_eq!(worst_history(&definition, |_| 1), 9 + 5 * 3);
    assert_eq!(events(&definition, errors).await, worst_history(&definition, |_| 1));
    assert_eq!(events(&definition, &["Never"]).await, 6);
}

#[tokio::test]
async fn a_retrier_that_is_never_asked_does_not_count() {
    let definition = retrying(json!([
        { "ErrorEquals": ["Busy"], "MaxAttempts": 1 },
        { "ErrorEquals": ["Busy"], "MaxAttempts": 100 }
    ]));
    assert_eq!(worst_history(&definition, |_| 1), 9 + 3);
    assert_eq!(events(&definition, &["Busy"]).await, 9 + 3);
    assert_eq!(events(&definition, &["Busy", "Busy"]).await, 9);

    let definition = retrying(json!([
        { "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1 },
        { "ErrorEquals": ["Busy", "States.TaskFailed"], "MaxAttempts": 10 },
        { "ErrorEquals": ["States.Timeout"], "MaxAttempts": 2 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 100 }
    ]));
    assert_eq!(worst_history(&definition, |_| 1), 9 + 3 * 3);
    assert_eq!(events(&definition, &["Busy", "States.Timeout", "States.Timeout"]).await, 9 + 3 * 3);
}

#[tokio::test]
async fn a_retrier_of_which_one_error_is_not_covered_counts() {
    let definition = retrying(json!([
        { "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1 },
        { "ErrorEquals": ["Busy", "States.Timeout"], "MaxAttempts": 2 }
    ]));
    assert_eq!(worst_history(&definition, |_| 1), 9 + 3 * 3);
    assert_eq!(events(&definition, &["Busy", "States.Timeout", "States.Timeout"]).await, 9 + 3 * 3);

    let definition = retrying(json!([
        { "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 2 }
    ]));
    assert_eq!(worst_history(&definition, |_| 1), 9 + 3 * 3);
    assert_eq!(events(&definition, &["States.Timeout", "Busy", "States.Timeout"]).await, 9 + 3 * 3);
}

#[tokio::test]
async fn each_kind_of_state_counts_as_often_as_it_is_entered() {
    let definition = parse(json!({
        "StartAt": "Pass",
        "States": {
            "Pass": { "Type": "Pass", "Next": "Work" },
            "Work": task(json!({ "Next": "Choose", "Catch": [{ "ErrorEquals": ["Again"], "Next": "Wait" }] })),
            "Wait": { "Type": "Wait", "Seconds": 1, "Next": "Work" },
            "Choose": { "Type": "Choice", "Default": "Fail", "Choices": [
                { "Variable": "$.done", "IsPresent": true, "Next": "Done" }
            ] },
            "Done": { "Type": "Succeed" },
            "Fail": { "Type": "Fail" }
        }
    }));
    let visits = |state: &str| match state {
        "Work" => 3,
        "Wait" => 2,
        "Done" => 0,
        _ => 1,
    };

    assert_eq!(worst_history(&definition, visits), 1 + 2 + 3 * 5 + 2 * 2 + 2 + 1 + 1);
    assert_eq!(events(&definition, &["Again", "Again"]).await, worst_history(&definition, visits));
}

#[test]
fn a_bound_past_every_number_is_the_greatest_number() {
    let most = json!({ "ErrorEquals": ["A"], "MaxAttempts": 99_999_999 });
    let many: Vec<Value> = (0..40)
        .map(|index| {
            let mut retrier = most.clone();
            retrier["ErrorEquals"] = json!([format!("E{index}")]);
            retrier
        })
        .collect();

    assert_eq!(worst_history(&retrying(json!(many)), |_| u32::MAX), u64::MAX);
}

/// Executes the deployed definition, each time otherwise: its events, and how often it entered each state.
fn wander(definition: &Definition, random: &mut fastrand::Rng) -> (Position, HashMap<String, u32>, Outcome) {
    const ERRORS: [&str; 6] =
        ["Busy", "Transient", "Invalid", "Internal", "States.Timeout", "Runtime.ExitError"];
    let failing = random.f64();
    let mut visits = HashMap::new();
    let mut step = definition.start(json!({ "RequestID": "r" }));
    loop {
        for state in step.entered {
            *visits.entry(state).or_default() += 1;
        }
        step = match step.action {
            Action::Invoke(_) if random.f64() < failing => {
                let error = random.choice(ERRORS).unwrap();
                definition.failed(step.position, Failure::new(error, ""), random.f64())
            }
            Action::Invoke(_) => {
                let status = random.choice(["Valid", "InProgress", "Provisioned", "Failed"]).unwrap();
                let next =
                    random.choice(["Provision", "Wait", "UpdateStatus", "UpdateFailed", "End"]).unwrap();
                let answer = json!({ "Status": status, "Next": next, "WaitSeconds": 1 });
                definition.succeeded(step.position, answer)
            }
            Action::Wait(_) => definition.woken(step.position),
            Action::End(outcome) => return (step.position, visits, outcome),
        };
    }
}

/// The deployed definition, whose retriers retry at most once, so that an execution can use them up.
fn deployed_with_few_retries() -> Definition {
    let mut definition: Value = serde_json::from_str(DEPLOYED).unwrap();
    for state in definition["States"].as_object_mut().unwrap().values_mut() {
        for retrier in state.get_mut("Retry").and_then(Value::as_array_mut).into_iter().flatten() {
            let most = retrier["MaxAttempts"].as_u64().unwrap();
            retrier["MaxAttempts"] = most.min(1).into();
        }
    }
    parse(definition)
}

#[test]
fn no_execution_of_the_deployed_definition_has_more_events_than_the_bound_of_its_visits() {
    let definition = deployed_with_few_retries();
    let mut reached = 0;
    for seed in 0..2000 {
        let (position, visits, outcome) = wander(&definition, &mut fastrand::Rng::with_seed(seed));
        let bound = worst_history(&definition, |state| visits.get(state).copied().unwrap_or(0));

        assert!(u64::from(position.events) <= bound, "seed {seed}: {} > {bound}", position.events);
        assert!(position.events <= HISTORY_LIMIT, "seed {seed}: {outcome:?}");
        reached = reached.max(u64::from(position.events) * 100 / bound);
    }
    assert!(reached > 90, "no execution comes near its bound, the nearest to {reached} % of it");
}

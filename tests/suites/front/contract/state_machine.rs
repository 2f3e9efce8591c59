//! The state machine's file, the error kinds, the statuses and the function folders.

use std::collections::BTreeSet;

use accounts_core::{Kind, Status};
use accounts_state_machine::Definition;
use serde_json::{Map, Value, json};

use super::{FUNCTIONS, root, text};

const FILE: &str = "infra/state-machine.asl.json";

/// The one task without a Catch: where its outcome cannot be written, nothing is left but a loud end.
const FAILURE_STEP: &str = "UpdateFailed";

fn states() -> Map<String, Value> {
    let machine: Value = serde_json::from_str(&text(FILE)).expect("the file is JSON");
    machine["States"].as_object().expect("states").clone()
}

fn tasks() -> Vec<(String, Value)> {
    let tasks: Vec<_> = states().into_iter().filter(|(_, state)| state["Type"] == "Task").collect();
    assert!(!tasks.is_empty());
    tasks
}

fn list<'a>(state: &'a Value, name: &str) -> &'a [Value] {
    state[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn errors(policy: &Value) -> Vec<&str> {
    list(policy, "ErrorEquals").iter().map(|error| error.as_str().expect("a name")).collect()
}

#[test]
fn the_definition_is_one_that_the_local_fleet_runs() {
    let definition = Definition::parse(&text(FILE)).expect("a definition of the stated subset");
    assert_eq!(definition.start_at(), "Validate");
}

#[test]
fn every_error_it_names_is_a_kind_of_ours_or_one_of_the_service() {
    for (name, state) in states() {
        for policy in list(&state, "Retry").iter().chain(list(&state, "Catch")) {
            assert!(!errors(policy).is_empty(), "{name}: {policy}");
            for error in errors(policy) {
                let known = Kind::of_name(error).is_some()
                    || error.starts_with("States.")
                    || error.starts_with("Lambda.");
                assert!(known, "{name} names {error}, which nobody raises");
            }
        }
    }
}

#[test]
fn every_task_catches_everything_and_goes_to_the_failure_step_which_alone_does_not() {
    for (name, task) in tasks() {
        let catch = list(&task, "Catch");
        if name == FAILURE_STEP {
            assert!(task.get("Catch").is_none(), "the failure step's own failure would be swallowed: {task}");
            continue;
        }
        let last = catch.last().unwrap_or_else(|| panic!("{name} catches nothing"));
        assert_eq!((errors(last), &last["Next"]), (vec!["States.ALL"], &json!(FAILURE_STEP)), "{name}");
        for catcher in catch {
            assert_eq!(catcher["Next"], FAILURE_STEP, "{name} goes elsewhere with {catcher}");
            // The step's own input stays, or the failure step could not tell whose failure it is.
            assert_eq!(catcher["ResultPath"], "$.Error", "{name}");
        }
    }
}

#[test]
fn every_task_retries_what_is_worth_it_in_the_same_order_with_backoff_bound_and_jitter() {
    let retried_never = ["Invalid", "NotFound", "Conflict", "Denied"];
    for (name, task) in tasks() {
        let retry = list(&task, "Retry");
        // What Lambda's own service raises is as transient as what we call so.
        let ours =
            |policy| errors(policy).into_iter().filter(|error| !error.starts_with("Lambda.")).collect();
        let order: Vec<Vec<_>> = retry.iter().map(ours).collect();
        let expected = [retried_never.to_vec(), vec!["Busy"], vec!["Transient"], vec!["States.ALL"]];
        assert_eq!(order, expected, "{name}");
        for of_lambda in
            ["ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException"]
        {
            let of_lambda = format!("Lambda.{of_lambda}");
            assert!(errors(&retry[2]).contains(&of_lambda.as_str()), "{name} gives up soon on {of_lambda}");
        }
        assert!([0, 1, 3].iter().all(|at| ours(&retry[*at]) == errors(&retry[*at])), "{name}");
        assert_eq!(retry[0]["MaxAttempts"], 0, "{name}");
        for retrier in &retry[1..] {
            let number = |field: &str| {
                retrier[field].as_f64().unwrap_or_else(|| panic!("{name}: no {field} in {retrier}"))
            };
            assert!(number("BackoffRate") > 1.0, "{name}: {retrier}");
            assert!(number("IntervalSeconds") >= 1.0, "{name}: {retrier}");
            assert!(number("MaxDelaySeconds") > number("IntervalSeconds"), "{name}: {retrier}");
            assert!(number("MaxAttempts") > 0.0, "{name}: {retrier}");
            assert_eq!(retrier["JitterStrategy"], "FULL", "{name}: {retrier}");
        }
        let busy = &retry[1];
        let hours = busy["MaxDelaySeconds"].as_f64().unwrap_or_default()
            * busy["MaxAttempts"].as_f64().unwrap_or_default()
            / 3600.0;
        assert!(hours >= 24.0, "{name} waits only {hours} hours for its turn");
        assert!(task["TimeoutSeconds"].as_u64().is_some(), "{name} may hang for ever");
    }
}

#[test]
fn every_kind_that_is_not_named_for_a_retry_is_met_by_the_last_retrier() {
    let named: BTreeSet<_> = tasks()
        .iter()
        .flat_map(|(_, task)| {
            list(task, "Retry").iter().flat_map(errors).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    for kind in Kind::ALL {
        let by_name = match kind {
            Kind::Invalid | Kind::NotFound | Kind::Conflict | Kind::Denied | Kind::Busy | Kind::Transient => {
                true
            }
            Kind::Internal => false,
        };
        assert_eq!(named.contains(kind.name()), by_name, "{}", kind.name());
    }
}

#[test]
fn every_status_has_its_way_and_every_status_it_compares_with_exists() {
    let states = states();
    let decide = &states["Decide"];
    let mut ways = Vec::new();
    for choice in list(decide, "Choices") {
        if choice["Variable"] == "$.Status" {
            let status = choice["StringEquals"].as_str().expect("a status");
            assert!(Status::ALL.iter().any(|known| known.name() == status), "there is no status {status}");
            ways.push((status, choice["Next"].as_str().expect("a state")));
        }
    }
    for status in Status::ALL {
        let expected = match status {
            Status::Valid => "WaitForTurn",
            Status::InProgress => "WaitForRecord",
            Status::Provisioned => "UpdateStatus",
            Status::Requested | Status::Failed => FAILURE_STEP,
        };
        let way = ways.iter().find(|(name, _)| *name == status.name()).map(|(_, next)| *next);
        let way = way.or(decide["Default"].as_str()).expect("a Default");
        assert_eq!(way, expected, "{status}");
    }
    for (name, state) in &states {
        let next = state["Next"].as_str();
        match name.as_str() {
            "Validate" | "Provision" | "CheckStatus" => assert_eq!(next, Some("Decide"), "{name}"),
            "WaitForTurn" => assert_eq!(next, Some("Provision")),
            "WaitForRecord" => assert_eq!(next, Some("CheckStatus")),
            _ => {}
        }
    }
}

#[test]
fn no_execution_ends_but_by_the_steps_that_write_the_end() {
    for (name, state) in states() {
        assert!(state.get("End").is_none(), "{name} ends the execution");
        let kind = state["Type"].as_str().expect("a type");
        assert!(["Task", "Wait", "Choice", "Succeed"].contains(&kind), "{name} is a {kind}");
        let mut nexts = vec![&state["Next"], &state["Default"]];
        nexts.extend(list(&state, "Choices").iter().chain(list(&state, "Catch")).map(|to| &to["Next"]));
        let ends = nexts.into_iter().any(|next| next == "Done");
        assert_eq!(ends, ["UpdateStatus", FAILURE_STEP].contains(&name.as_str()), "{name}");
    }
}

#[test]
fn every_function_it_names_is_a_folder_and_the_others_are_those_at_the_door() {
    let definition = Definition::parse(&text(FILE)).expect("a definition");
    let named = definition.functions();
    for (name, task) in tasks() {
        let function = task["Parameters"]["FunctionName"].as_str().expect("a function");
        let function = function
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or_else(|| panic!("{name} names {function}, which Terraform cannot fill in"));
        assert!(named.contains(function), "{function}");
        assert!(root().join("crates").join(function).is_dir(), "{name} names {function}, which is no folder");
        assert!(FUNCTIONS.contains(&function), "{function}");
    }
    let door: Vec<_> = FUNCTIONS.into_iter().filter(|function| !named.contains(function)).collect();
    assert_eq!(door, ["api", "authorizer", "stream-trigger"]);
}

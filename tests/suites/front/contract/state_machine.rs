//! The state machine's file, the error kinds, what functions answer, and the function folders.

use std::collections::BTreeMap;

use accounts_core::{Kind, MAX_OPERATIONS, Next, POLLS_PER_EXECUTION};
use accounts_state_machine::{Definition, HISTORY_LIMIT, worst_history};
use serde_json::{Map, Value, json};

use super::{FUNCTIONS, root, text};

const FILE: &str = "infra/state-machine.asl.json";

/// The one task without a Catch: where the outcome cannot be stored, nothing is left but a loud end.
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

/// The states that a state can lead to.
fn successors(state: &Value) -> Vec<&str> {
    let rules = list(state, "Choices").iter().chain(list(state, "Catch"));
    let nexts = rules.map(|rule| &rule["Next"]).chain([&state["Next"], &state["Default"]]);
    nexts.filter_map(Value::as_str).collect()
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

/// Which retrier of a task meets an error of this kind.
fn retrier_of(kind: Kind) -> usize {
    match kind {
        Kind::Invalid | Kind::NotFound | Kind::Conflict | Kind::Denied => 0,
        // Operators have to do something first; until then the request is parked.
        Kind::AccessDenied | Kind::Misconfigured => 0,
        Kind::Busy | Kind::Throttled => 1,
        Kind::Transient => 2,
        Kind::Internal => 3,
    }
}

#[test]
fn every_kind_is_retried_or_not_as_it_is_meant_to_be_in_every_task() {
    for (name, task) in tasks() {
        let retry = list(&task, "Retry");
        assert_eq!(retry.len(), 4, "{name}");
        for kind in Kind::ALL {
            let asked = retry.iter().position(|retrier| {
                errors(retrier).iter().any(|it| [kind.name(), "States.ALL"].contains(it))
            });
            assert_eq!(asked, Some(retrier_of(kind)), "{name} with {}", kind.name());
        }
        // What Lambda's own service raises is as transient as what we call so.
        for of_lambda in
            ["ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException"]
        {
            let of_lambda = format!("Lambda.{of_lambda}");
            assert!(errors(&retry[2]).contains(&of_lambda.as_str()), "{name} gives up soon on {of_lambda}");
        }
        assert_eq!(errors(&retry[3]), ["States.ALL"], "{name}");
        assert_eq!(retry[0]["MaxAttempts"], 0, "{name}");
        assert!(task["TimeoutSeconds"].as_u64().is_some(), "{name} may hang for ever");
    }
}

#[test]
fn retries_are_few_and_grow_to_a_bound_with_jitter() {
    for (name, task) in tasks() {
        for retrier in &list(&task, "Retry")[1..] {
            let number = |field: &str| {
                retrier[field].as_f64().unwrap_or_else(|| panic!("{name}: no {field} in {retrier}"))
            };
            assert!(number("BackoffRate") > 1.0, "{name}: {retrier}");
            assert!(number("IntervalSeconds") >= 1.0, "{name}: {retrier}");
            assert!(number("MaxDelaySeconds") > number("IntervalSeconds"), "{name}: {retrier}");
            // A slot is held meanwhile: longer waits are for parking and for the next execution.
            assert!((1.0..=12.0).contains(&number("MaxAttempts")), "{name}: {retrier}");
            assert!(number("MaxDelaySeconds") <= 300.0, "{name}: {retrier}");
            assert_eq!(retrier["JitterStrategy"], "FULL", "{name}: {retrier}");
        }
    }
}

#[test]
fn decide_knows_every_place_that_a_function_can_name() {
    let states = states();
    let decide = &states["Decide"];
    let mut ways = BTreeMap::new();
    for choice in list(decide, "Choices") {
        if choice["Variable"] == "$.Next" {
            let named = choice["StringEquals"].clone();
            serde_json::from_value::<Next>(named.clone())
                .unwrap_or_else(|_| panic!("no function names {named}"));
            ways.insert(named.as_str().expect("a name").to_owned(), choice["Next"].clone());
        }
    }
    for next in Next::ALL {
        let expected = match next {
            Next::Provision => "Provision",
            Next::Wait => "Wait",
            Next::UpdateStatus => "UpdateStatus",
            Next::UpdateFailed => FAILURE_STEP,
            Next::End => "Done",
        };
        let name = json!(next).as_str().expect("a name").to_owned();
        assert_eq!(ways.get(&name).unwrap_or(&decide["Default"]), expected, "{name}");
    }
    for (name, state) in &states {
        let next = state["Next"].as_str();
        match name.as_str() {
            "Validate" | "Provision" | "CheckStatus" => assert_eq!(next, Some("Decide"), "{name}"),
            "Wait" => {
                assert_eq!((next, &state["SecondsPath"]), (Some("CheckStatus"), &json!("$.WaitSeconds")))
            }
            _ => {}
        }
    }
}

#[test]
fn an_answer_that_says_nothing_goes_to_the_failure_step() {
    let decide = &states()["Decide"];
    let first = &list(decide, "Choices")[0];
    assert_eq!(first["Next"], FAILURE_STEP);
    let present = |path: &str| json!({"Variable": path, "IsPresent": true});
    assert_eq!(first["Not"], json!({"And": [present("$.Next"), present("$.WaitSeconds")]}));
    assert_eq!(decide["Default"], FAILURE_STEP);
}

#[test]
fn no_execution_ends_but_by_its_last_steps_or_by_the_word_of_a_function() {
    for (name, state) in states() {
        assert!(state.get("End").is_none(), "{name} ends the execution");
        let kind = state["Type"].as_str().expect("a type");
        assert!(["Task", "Wait", "Choice", "Succeed"].contains(&kind), "{name} is a {kind}");
        let ends = successors(&state).contains(&"Done");
        assert_eq!(ends, ["UpdateStatus", FAILURE_STEP, "Decide"].contains(&name.as_str()), "{name}");
    }
}

/// The most visits of each state. Each `CheckStatus` counts one poll, and after the last poll a function names neither
/// `Wait` nor `Provision`. `Provision` comes after `Validate`, after a poll, or after itself where an operation has
/// ended and the next one begins.
fn most_visits(state: &str) -> u32 {
    let provision = 1 + POLLS_PER_EXECUTION + MAX_OPERATIONS;
    match state {
        "Validate" | "UpdateStatus" | "UpdateFailed" | "Done" => 1,
        "Wait" | "CheckStatus" => POLLS_PER_EXECUTION,
        "Provision" => provision,
        "Decide" => 1 + provision + POLLS_PER_EXECUTION,
        other => panic!("nobody has counted the visits of {other}"),
    }
}

#[test]
fn the_longest_history_is_far_below_the_limit_of_step_functions() {
    let definition = Definition::parse(&text(FILE)).expect("a definition");
    let worst = worst_history(&definition, most_visits);
    assert!(worst < u64::from(HISTORY_LIMIT), "{worst} events of {HISTORY_LIMIT}");
    assert_eq!(HISTORY_LIMIT, 25_000);
}

#[test]
fn whatever_leads_back_passes_a_state_whose_visits_a_function_counts() {
    // Without CheckStatus and Provision, which count, no state leads to itself.
    let states = states();
    let counted = ["CheckStatus", "Provision"];
    let mut left: BTreeMap<_, _> =
        states.iter().filter(|(name, _)| !counted.contains(&name.as_str())).collect();
    while !left.is_empty() {
        let leads_on =
            |state: &Value| successors(state).iter().any(|next| left.contains_key(&(*next).to_owned()));
        let leaves: Vec<_> =
            left.iter().filter(|(_, state)| !leads_on(state)).map(|(name, _)| (*name).clone()).collect();
        assert!(!leaves.is_empty(), "these states lead back uncounted: {:?}", left.keys());
        for leaf in &leaves {
            left.remove(leaf);
        }
    }
}

#[test]
fn every_function_it_names_is_a_folder_and_the_others_are_those_before_it() {
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
    let others: Vec<_> = FUNCTIONS.into_iter().filter(|function| !named.contains(function)).collect();
    assert_eq!(others, ["api", "authorizer", "stream-trigger"]);
}

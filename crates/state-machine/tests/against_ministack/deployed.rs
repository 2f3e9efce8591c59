//! Scenarios on the definition that is deployed.

use std::collections::BTreeMap;

use accounts_state_machine::Definition;
use serde_json::{Value, json};

use crate::scenario::{Answer, Scenario, Script};

const FILE: &str = include_str!("../../../../infra/state-machine.asl.json");

const FUNCTIONS: [&str; 5] = ["validate", "provision", "check-status", "update-status", "update-failed"];

pub(crate) fn definition() -> Definition {
    Definition::parse(FILE).unwrap()
}

/// The file as it is; one that retries twice at most; and one that retries once, and whose tasks may take a
/// second only.
pub(crate) fn machines() -> BTreeMap<&'static str, String> {
    let two_retries = changed(|field, value| {
        if field == "MaxAttempts" && value.as_u64() > Some(2) {
            *value = 2.into();
        }
    });
    let one_retry = changed(|field, value| {
        if field == "TimeoutSeconds" || field == "MaxAttempts" && value.as_u64() > Some(1) {
            *value = 1.into();
        }
    });
    BTreeMap::from([("accounts", FILE.to_owned()), ("two-retries", two_retries), ("one-retry", one_retry)])
}

fn changed(change: impl Fn(&str, &mut Value)) -> String {
    fn walk(value: &mut Value, change: &impl Fn(&str, &mut Value)) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    change(name, value);
                    walk(value, change);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
            _ => {}
        }
    }
    let mut definition = serde_json::from_str(FILE).unwrap();
    walk(&mut definition, &change);
    definition.to_string()
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut all = vec![
        scenario("accounts", "success", |_, _| {}),
        scenario("accounts", "both-loops", |id, script| {
            let waiting = answer(id, "Valid");
            script.insert("provision".into(), vec![waiting.clone(), waiting, answer(id, "InProgress")]);
            let under_way = answer(id, "InProgress");
            let mut polls = vec![under_way; 5];
            polls.push(answer(id, "Provisioned"));
            script.insert("check-status".into(), polls);
        }),
        scenario("accounts", "from-validation-to-provisioned-at-once", |id, script| {
            script.insert("validate".into(), vec![answer(id, "Provisioned")]);
        }),
        scenario("accounts", "a-status-that-is-failed", |id, script| {
            script.insert("check-status".into(), vec![answer(id, "Failed")]);
        }),
        scenario("accounts", "a-status-that-nobody-knows", |id, script| {
            script.insert("provision".into(), vec![answer(id, "Unheard-of")]);
        }),
        scenario("accounts", "a-status-that-is-no-text", |id, script| {
            let strange = Answer::Ok(json!({ "Id": id, "Status": 5, "WaitSeconds": 1 }));
            script.insert("provision".into(), vec![strange]);
        }),
        scenario("accounts", "an-output-of-null", |_, script| {
            script.insert("update-status".into(), vec![Answer::Ok(Value::Null)]);
        }),
        scenario("accounts", "each-retrier-counts-for-itself", |id, script| {
            let errors = ["Busy", "Transient", "Busy", "Runtime.ExitError", "Transient", "Internal"];
            script.insert("check-status".into(), errors_then(&errors, answer(id, "Provisioned")));
        }),
        scenario("two-retries", "retries-count-anew-at-each-visit", |id, script| {
            let mut visits = errors_then(&["Busy", "Busy"], answer(id, "InProgress"));
            visits.extend(errors_then(&["Busy", "Busy"], answer(id, "Provisioned")));
            script.insert("check-status".into(), visits);
        }),
        scenario("two-retries", "three-kinds-retried-twice-each", |id, script| {
            let errors = ["Busy", "Transient", "Internal", "Busy", "Transient", "Internal"];
            script.insert("validate".into(), errors_then(&errors, answer(id, "Valid")));
        }),
        scenario("one-retry", "a-task-that-is-slow-once", |id, script| {
            script.insert("validate".into(), vec![Answer::Slow, answer(id, "Valid")]);
        }),
        scenario("one-retry", "a-task-that-is-slow-always", |_, script| {
            script.insert("provision".into(), vec![Answer::Slow]);
        }),
    ];
    for task in FUNCTIONS {
        for error in ["Invalid", "NotFound", "Conflict", "Denied"] {
            all.push(failing("accounts", &format!("{task}-fails-with-{error}"), task, &[error], false));
        }
        for error in ["Busy", "Transient", "Internal", "Runtime.ExitError"] {
            let id = format!("{task}-is-retried-after-{}", error.replace('.', "-"));
            all.push(failing("accounts", &id, task, &[error; 3], true));
        }
        for error in ["Busy", "Transient", "Runtime.ExitError"] {
            let id = format!("{task}-never-recovers-from-{}", error.replace('.', "-"));
            all.push(failing("two-retries", &id, task, &[error], false));
        }
    }
    all
}

/// One execution in which this task fails so; `recovers` or goes on failing with the last of the errors.
fn failing(machine: &'static str, id: &str, task: &str, errors: &[&'static str], recovers: bool) -> Scenario {
    scenario(machine, id, |_, script| {
        if task == "update-failed" {
            script.insert("provision".into(), vec![Answer::Error("Invalid")]);
        }
        let good = script[task].clone();
        let mut answers: Vec<_> = errors.iter().map(|error| Answer::Error(error)).collect();
        if recovers {
            answers.extend(good);
        }
        script.insert(task.into(), answers);
    })
}

fn errors_then(errors: &[&'static str], then: Answer) -> Vec<Answer> {
    errors.iter().map(|error| Answer::Error(error)).chain([then]).collect()
}

/// What a function answers: the request as it is now.
fn answer(id: &str, status: &str) -> Answer {
    Answer::Ok(json!({ "Id": id, "Status": status, "WaitSeconds": 30, "Nested": { "list": [1, null, "ü"] } }))
}

/// An execution that succeeds but for what `change` makes of it.
fn scenario(machine: &'static str, id: &str, change: impl Fn(&str, &mut Script)) -> Scenario {
    let mut script = Script::from([
        ("validate".into(), vec![answer(id, "Valid")]),
        ("provision".into(), vec![answer(id, "InProgress")]),
        ("check-status".into(), vec![answer(id, "InProgress"), answer(id, "Provisioned")]),
        ("update-status".into(), vec![answer(id, "Provisioned")]),
        ("update-failed".into(), vec![answer(id, "Failed")]),
    ]);
    change(id, &mut script);
    Scenario { id: id.to_owned(), machine, input: json!({ "Id": id }), script }
}

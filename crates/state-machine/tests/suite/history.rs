//! How many history events an execution has, and where it ends for having too many.

use accounts_state_machine::{Action, Definition, Execution, Failure, HISTORY_LIMIT, Outcome, Status, Step};
use serde_json::{Value, json};

use crate::support::{Does, Rig, Work, eventually, machine, parse, task, wait_then_work};

const TOO_LONG: &str = "The execution reached the maximum number of history events (25000).";

async fn run(definition: Definition, answer: impl Fn(usize) -> Does + Send + Sync + 'static) -> Execution {
    let mut rig = Rig::new();
    let (work, _) = Work::new(answer);
    let engine = rig.open(definition, work, 0.0);
    engine.start_execution("one", "{}").unwrap();
    rig.ended(&engine, "one").await
}

fn answers(_: usize) -> Does {
    Does::Answers(json!({}))
}

#[tokio::test]
async fn an_attempt_that_fails_uncaught_is_the_last_but_the_end() {
    // Started; entered, scheduled, started, failed; failed: as recorded on AWS.
    let failed = run(parse(machine(task(json!({})))), |_| Does::Fails("Broken")).await;
    assert_eq!((failed.status, failed.events), (Status::Failed, 6));

    let slow = task(json!({ "TimeoutSeconds": 1 }));
    let timed_out = run(parse(machine(slow)), |_| Does::Hangs).await;
    assert_eq!((timed_out.error.as_deref(), timed_out.events), (Some("States.Timeout"), 6));
}

#[tokio::test]
async fn a_caught_error_leaves_its_state_and_enters_the_next() {
    let catch = json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }] });
    let caught = run(parse(machine(task(catch))), |_| Does::Fails("Broken")).await;

    // Started; entered, scheduled, started, failed, exited; entered, exited; succeeded: as recorded on AWS.
    assert_eq!((caught.status, caught.events), (Status::Succeeded, 9));
}

#[tokio::test]
async fn a_retry_has_the_events_of_an_attempt_and_its_wait_has_none() {
    let definition = || parse(machine(task(json!({ "Retry": [{ "ErrorEquals": ["Busy"] }] }))));
    let once = run(definition(), answers).await;
    let thrice =
        run(definition(), |before| if before < 2 { Does::Fails("Busy") } else { answers(before) }).await;

    assert_eq!((once.status, once.events), (Status::Succeeded, 9));
    assert_eq!((thrice.status, thrice.events), (Status::Succeeded, 9 + 2 * 3));
}

#[tokio::test]
async fn states_without_a_task_have_two_events_and_a_fail_state_one() {
    let passes = json!({
        "StartAt": "Pass",
        "States": {
            "Pass": { "Type": "Pass", "Next": "Wait" },
            "Wait": { "Type": "Wait", "Seconds": 1, "Next": "Choose" },
            "Choose": { "Type": "Choice", "Default": "Done", "Choices": [
                { "Variable": "$.fail", "IsPresent": true, "Next": "Fail" }
            ] },
            "Fail": { "Type": "Fail" },
            "Done": { "Type": "Succeed" }
        }
    });
    assert_eq!(run(parse(passes.clone()), answers).await.events, 1 + 2 + 2 + 2 + 2 + 1);

    let fails = json!({ "StartAt": "Fail", "States": { "Fail": passes["States"]["Fail"] } });
    let failed = run(parse(fails), answers).await;
    assert_eq!((failed.status, failed.events), (Status::Failed, 3));
}

#[tokio::test]
async fn an_error_of_the_data_ends_the_state_it_was_entered_with() {
    let wait = json!({ "Type": "Wait", "SecondsPath": "$.gone", "Next": "Done" });
    assert_eq!(run(parse(machine(wait)), answers).await.events, 3);

    // Its answer was there, only its output leads nowhere.
    let first = task(json!({ "OutputPath": "$.Payload.gone" }));
    assert_eq!(run(parse(machine(first)), answers).await.events, 6);
}

#[tokio::test]
async fn an_execution_under_way_shows_its_events_and_its_end_from_outside_adds_one() {
    let rig = Rig::new();
    let (work, invoked) = Work::new(|_| Does::Hangs);
    let engine = rig.open(parse(machine(task(json!({})))), work, 1.0);
    engine.start_execution("works", "{}").unwrap();
    eventually(|| invoked.lock().unwrap().len() == 1).await;

    assert_eq!(engine.execution("works").unwrap().events, 4);
    engine.stop_execution("works", None, None).unwrap();
    assert_eq!(engine.execution("works").unwrap().events, 5);
}

#[tokio::test]
async fn an_execution_that_takes_too_long_adds_the_event_of_its_end() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(answers);
    let mut definition = machine(json!({ "Type": "Wait", "Seconds": 25, "Next": "Done" }));
    definition["TimeoutSeconds"] = json!(1);
    let engine = rig.open(parse(definition), work, 1.0);
    engine.start_execution("waits", "{}").unwrap();

    let ended = rig.ended(&engine, "waits").await;
    assert_eq!((ended.status, ended.events), (Status::TimedOut, 3));
}

#[tokio::test]
async fn the_count_goes_on_after_a_crash_and_what_is_invoked_again_counts_once() {
    let retried = || parse(machine(task(json!({ "Retry": [{ "ErrorEquals": ["Busy"] }] }))));
    let mut rig = Rig::new();
    let (work, before) = Work::new(|index| if index == 0 { Does::Fails("Busy") } else { Does::Hangs });
    let engine = rig.open(retried(), work, 0.0);
    engine.start_execution("one", "{}").unwrap();
    eventually(|| before.lock().unwrap().len() == 2).await;
    drop(engine);

    let (work, _) = Work::new(answers);
    let engine = rig.open(retried(), work, 0.0);
    assert_eq!(engine.execution("one").unwrap().events, 7);
    engine.resume().unwrap();
    assert_eq!(rig.ended(&engine, "one").await.events, 9 + 3);

    let (work, _) = Work::new(answers);
    let engine = rig.open(wait_then_work(1), work, 0.1);
    engine.start_execution("two", "{}").unwrap();
    rig.entered("Wait").await;
    eventually(|| engine.execution("two").unwrap().events == 2).await;
    drop(engine);
    let (work, _) = Work::new(answers);
    let engine = rig.open(wait_then_work(1), work, 0.1);
    engine.resume().unwrap();
    assert_eq!(rig.ended(&engine, "two").await.events, 9 + 2);
}

#[tokio::test]
async fn a_loop_without_end_fails_at_the_limit() {
    let round = json!({ "StartAt": "Round", "States": { "Round": { "Type": "Pass", "Next": "Round" } } });
    let failed = run(parse(round), answers).await;

    assert_eq!((failed.status, failed.events), (Status::Failed, HISTORY_LIMIT));
    assert_eq!((failed.error.as_deref(), failed.cause.as_deref()), (Some("States.Runtime"), Some(TOO_LONG)));
}

/// Runs a task that never succeeds until it is no longer invoked: how often it was, and how that ended.
fn fail_without_end(definition: &Definition) -> (u32, Step) {
    let mut step = definition.start(json!({}));
    let mut invoked = 0;
    loop {
        step = match step.action {
            Action::Invoke(_) => {
                invoked += 1;
                definition.failed(step.position, Failure::new("Busy", ""), 0.0)
            }
            Action::Wait(_) => definition.woken(step.position),
            Action::End(_) => return (invoked, step),
        };
    }
}

#[test]
fn no_catcher_receives_that_the_history_is_full() {
    let retry = |max_attempts: u32| {
        parse(machine(task(json!({
            "Retry": [{ "ErrorEquals": ["States.ALL"], "MaxAttempts": max_attempts }],
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }]
        }))))
    };
    let (invoked, step) = fail_without_end(&retry(99_999_999));
    // 24,999 events: started, entered, and 8,332 attempts of three; the next one is scheduled only.
    assert_eq!((invoked, step.position.events), (8332, HISTORY_LIMIT));
    assert_eq!(step.action, Action::End(Outcome::Failed(Failure::new("States.Runtime", TOO_LONG))));

    // The last attempt that fits is caught, and its state is left with event 24,999; no other is entered.
    let (invoked, step) = fail_without_end(&retry(8331));
    assert_eq!((invoked, step.position.events), (8332, HISTORY_LIMIT));
    assert_eq!(step.entered, Vec::<String>::new());
    let (_, step) = fail_without_end(&retry(8330));
    assert!(matches!(step.action, Action::End(Outcome::Succeeded(_))));
    assert_eq!(step.position.events, HISTORY_LIMIT - 1);
}

#[test]
fn an_answer_that_comes_with_a_full_history_is_too_late() {
    let definition = parse(machine(task(json!({}))));
    let mut position = definition.start(json!({})).position;
    position.events = HISTORY_LIMIT - 1;

    for step in [
        definition.succeeded(position.clone(), Value::Null),
        definition.failed(position.clone(), Failure::new("Busy", ""), 0.0),
    ] {
        assert_eq!(step.position.events, HISTORY_LIMIT);
        assert_eq!(step.action, Action::End(Outcome::Failed(Failure::new("States.Runtime", TOO_LONG))));
    }
}

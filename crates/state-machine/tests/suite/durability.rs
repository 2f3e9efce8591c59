//! What an engine finds when it comes back.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use accounts_state_machine::{Definition, EngineError, Event, Status};
use serde_json::json;

use crate::support::{DEPLOYED, Does, Rig, Work, eventually, machine, parse, task, wait_then_work};

#[tokio::test]
async fn a_wait_goes_on_to_its_first_deadline() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(2), work, 1.0);
    let start = Instant::now();
    engine.start_execution("waits", "{}").unwrap();
    rig.entered("Wait").await;
    engine.shutdown().await;
    drop(engine);
    // Half of the wait passes while nobody is there.
    tokio::time::sleep(Duration::from_secs(1)).await;

    let (work, _) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(2), work, 1.0);
    assert_eq!(engine.resume().unwrap(), 1);
    assert_eq!(rig.ended(&engine, "waits").await.status, Status::Succeeded);
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(2900), "{took:?}");
}

#[tokio::test]
async fn a_wait_that_ended_while_nobody_was_there_ends_at_once() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Hangs);
    let engine = rig.open(wait_then_work(1), work, 0.05);
    engine.start_execution("waits", "{}").unwrap();
    rig.entered("Wait").await;
    drop(engine);
    tokio::time::sleep(Duration::from_millis(60)).await;

    let (work, _) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(1), work, 1000.0);
    engine.resume().unwrap();
    assert_eq!(rig.ended(&engine, "waits").await.status, Status::Succeeded);
}

#[tokio::test]
async fn a_task_that_was_under_way_is_invoked_again_with_the_same_payload() {
    let mut rig = Rig::new();
    let (work, before) = Work::new(|_| Does::Hangs);
    let engine = rig.open(parse(machine(task(json!({})))), work, 1.0);
    engine.start_execution("works", "{\"a\":1}").unwrap();
    eventually(|| before.lock().unwrap().len() == 1).await;
    drop(engine);

    let (work, after) = Work::new(|_| Does::Answers(json!("again")));
    let engine = rig.open(parse(machine(task(json!({})))), work, 1.0);
    assert_eq!(engine.resume().unwrap(), 1);
    assert_eq!(rig.ended(&engine, "works").await.output.as_deref(), Some("\"again\""));
    assert_eq!(*before.lock().unwrap(), *after.lock().unwrap());
}

#[tokio::test]
async fn retries_are_counted_on() {
    let definition =
        || parse(machine(task(json!({ "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 3 }] }))));
    let mut rig = Rig::new();
    let (work, before) = Work::new(|index| if index < 2 { Does::Fails("Busy") } else { Does::Hangs });
    let engine = rig.open(definition(), work, 0.0);
    engine.start_execution("busy", "{}").unwrap();
    eventually(|| before.lock().unwrap().len() == 3).await;
    drop(engine);

    let (work, after) = Work::new(|_| Does::Fails("Busy"));
    let engine = rig.open(definition(), work, 0.0);
    engine.resume().unwrap();
    assert_eq!(rig.ended(&engine, "busy").await.error.as_deref(), Some("Busy"));
    // The third retry was under way and is made again; a fourth is not.
    assert_eq!(after.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_closed_execution_keeps_its_name_and_its_result() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Fails("Broken"));
    let engine = rig.open(parse(machine(task(json!({})))), work, 0.0);
    engine.start_execution("closed", "{}").unwrap();
    let known = rig.ended(&engine, "closed").await;
    drop(engine);

    let (work, invoked) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(parse(machine(task(json!({})))), work, 0.0);
    assert_eq!(engine.resume().unwrap(), 0);
    assert_eq!(engine.execution("closed").unwrap(), known);
    let again = engine.start_execution("closed", "{}");
    assert!(matches!(again, Err(EngineError::ExecutionAlreadyExists { .. })));
    assert!(invoked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_execution_goes_on_with_the_definition_it_was_started_with() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Hangs);
    let engine = rig.open(wait_then_work(1), work, 0.05);
    engine.start_execution("old", "{}").unwrap();
    rig.entered("Wait").await;
    drop(engine);

    let other = json!({ "StartAt": "Other", "States": { "Other": { "Type": "Succeed" } } });
    let (work, invoked) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(parse(other), work, 0.0);
    assert_eq!(engine.resume().unwrap(), 1);
    rig.ended(&engine, "old").await;
    assert_eq!(invoked.lock().unwrap().len(), 1);
    engine.start_execution("new", "{}").unwrap();
    rig.entered("Other").await;
}

#[tokio::test]
async fn a_database_of_another_version_is_refused() {
    let rig = Rig::new();
    let path = rig.folder.path().join("executions.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let (work, _) = Work::new(|_| Does::Hangs);

    let refused = accounts_state_machine::Engine::open(path, wait_then_work(1), work, Default::default());
    assert!(refused.err().unwrap().to_string().contains("99"));
}

const DATABASE: &str = "ACCOUNTS_STATE_MACHINE_TEST_DATABASE";

/// What the killed process of the next test does: works without end.
#[tokio::test]
#[ignore = "a process that the next test starts and kills"]
async fn a_process_to_be_killed() {
    let database = std::env::var_os(DATABASE).expect("started by the test that kills it");
    // The first invocation hangs, so that whenever the process dies, an execution is unfinished.
    let (work, _) = Work::new(|index| match index % 20 {
        0 => Does::Hangs,
        index if index % 2 == 1 => Does::Answers(json!({ "Next": "Wait", "WaitSeconds": 1 })),
        _ => Does::Answers(json!({ "Next": "UpdateStatus", "WaitSeconds": 1 })),
    });
    let definition = Definition::parse(DEPLOYED).unwrap();
    let options = accounts_state_machine::Options { time_scale: 0.0, ..Default::default() };
    let engine = accounts_state_machine::Engine::open(database, definition, work, options).unwrap();
    engine.resume().unwrap();
    for index in 0.. {
        // The names of the run before are taken; that is as it should be.
        let _ = engine.start_execution(&format!("e{index}"), "{}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn killed_again_and_again_it_loses_no_execution() {
    let mut rig = Rig::new();
    let database = rig.folder.path().join("executions.db");
    let started = || -> u64 {
        let count =
            |db: rusqlite::Connection| db.query_row("SELECT count(*) FROM executions", [], |row| row.get(0));
        rusqlite::Connection::open(&database).and_then(count).unwrap_or(0)
    };
    for pause in [0, 3, 11, 37, 101] {
        let before = started();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "durability::a_process_to_be_killed"])
            .env(DATABASE, &database)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually(|| started() > before + 10).await;
        // Any moment will do, but not always the same.
        tokio::time::sleep(Duration::from_millis(pause)).await;
        process.kill().unwrap();
        process.wait().unwrap();
    }

    let (work, _) = Work::new(|_| Does::Answers(json!({ "Next": "UpdateStatus", "WaitSeconds": 1 })));
    let engine = rig.open(Definition::parse(DEPLOYED).unwrap(), work, 0.0);
    let unfinished = engine.executions(Some(Status::Running), None, usize::MAX - 1).unwrap().executions;
    assert!(!unfinished.is_empty());
    assert_eq!(engine.resume().unwrap(), unfinished.len());
    for _ in &unfinished {
        rig.until(|event| matches!(event, Event::Ended { status: Status::Succeeded, .. })).await;
    }
    assert!(engine.executions(Some(Status::Running), None, 1).unwrap().executions.is_empty());
}

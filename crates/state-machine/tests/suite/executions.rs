//! Starting, seeing and stopping executions.

use accounts_state_machine::{Engine, EngineError, Event, Options, Status};
use serde_json::json;

use crate::support::{Does, Rig, Work, eventually, machine, parse, task, wait_then_work};

#[tokio::test]
async fn an_execution_runs_to_its_end_and_notifies_the_observer_of_its_steps() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Answers(json!({ "done": true })));
    let engine = rig.open(wait_then_work(1), work, 0.0);
    let started = engine.start_execution("one", "{\"a\": 1}").unwrap();

    rig.entered("Wait").await;
    rig.entered("Work").await;
    rig.entered("Done").await;
    let execution = rig.ended(&engine, "one").await;
    assert_eq!(execution.status, Status::Succeeded);
    assert_eq!(execution.output.as_deref(), Some("{\"done\":true}"));
    assert_eq!((execution.arn, execution.started), (started.arn, started.started));
    assert!(execution.stopped.unwrap() >= started.started);
}

#[tokio::test]
async fn a_name_starts_again_only_while_it_runs_and_with_the_same_input() {
    let mut rig = Rig::new();
    let (work, invoked) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(1), work, 0.2);
    let first = engine.start_execution("name", "{\"a\": 1}").unwrap();

    assert_eq!(engine.start_execution("name", "{\"a\": 1}").unwrap(), first);
    let exists = |input: &str| {
        matches!(engine.start_execution("name", input), Err(EngineError::ExecutionAlreadyExists { .. }))
    };
    assert!(exists("{\"a\": 2}"));
    rig.ended(&engine, "name").await;
    assert!(exists("{\"a\": 1}"));
    assert_eq!(invoked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bad_name_or_input_is_refused_and_leaves_nothing() {
    let rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Hangs);
    let engine = rig.open(wait_then_work(1), work, 1.0);

    for name in ["", "a b", "a.b", "ü", &"x".repeat(81)] {
        assert!(matches!(engine.start_execution(name, "{}"), Err(EngineError::InvalidName(_))), "{name}");
    }
    let huge = format!("\"{}\"", "x".repeat(256 * 1024));
    for input in ["", "{", "{} {}", &huge] {
        assert!(matches!(engine.start_execution("n", input), Err(EngineError::InvalidInput(_))));
    }
    assert!(engine.executions(None, None, 10).unwrap().executions.is_empty());
    assert!(engine.start_execution(&"x".repeat(80), "null").is_ok());
}

#[tokio::test]
async fn a_stopped_execution_stays_stopped() {
    let mut rig = Rig::new();
    let (work, invoked) = Work::new(|_| Does::Hangs);
    let engine = rig.open(parse(machine(task(json!({})))), work, 1.0);
    engine.start_execution("stopped", "{}").unwrap();
    eventually(|| invoked.lock().unwrap().len() == 1).await;

    let when = engine.stop_execution("stopped", Some("Why"), Some("because")).unwrap();
    let execution = rig.ended(&engine, "stopped").await;
    assert_eq!((execution.status, execution.stopped), (Status::Aborted, Some(when)));
    assert_eq!((execution.error.as_deref(), execution.cause.as_deref()), (Some("Why"), Some("because")));
    assert_eq!(engine.stop_execution("stopped", None, None).unwrap(), when);
    assert!(matches!(
        engine.stop_execution("other", None, None),
        Err(EngineError::ExecutionDoesNotExist { .. })
    ));
}

#[tokio::test]
async fn a_task_that_takes_too_long_is_given_up_and_retried() {
    let mut rig = Rig::new();
    let first = task(json!({ "TimeoutSeconds": 1, "Retry": [{ "ErrorEquals": ["States.Timeout"] }] }));
    let (work, _) = Work::new(|before| if before == 0 { Does::Hangs } else { Does::Answers(json!(before)) });
    let engine = rig.open(parse(machine(first)), work, 0.0);
    engine.start_execution("slow", "{}").unwrap();

    let event = rig.until(|event| matches!(event, Event::TaskFailed { .. })).await;
    assert!(matches!(event, Event::TaskFailed { error, retry_in: Some(_), .. } if error == "States.Timeout"));
    assert_eq!(rig.ended(&engine, "slow").await.output.as_deref(), Some("1"));
}

#[tokio::test]
async fn an_execution_that_takes_too_long_is_timed_out() {
    let mut rig = Rig::new();
    let mut definition = machine(task(json!({})));
    definition["TimeoutSeconds"] = json!(1);
    let (work, _) = Work::new(|_| Does::Hangs);
    let engine = rig.open(parse(definition), work, 1.0);
    engine.start_execution("slow", "{}").unwrap();

    let execution = rig.ended(&engine, "slow").await;
    assert_eq!(execution.status, Status::TimedOut);
    assert_eq!(execution.error.as_deref(), Some("States.Timeout"));
}

#[tokio::test]
async fn a_panic_is_a_failed_invocation() {
    let mut rig = Rig::new();
    let first = task(json!({ "Retry": [{ "ErrorEquals": ["Lambda.Unknown"] }] }));
    let (work, _) = Work::new(|before| if before < 2 { Does::Panics } else { Does::Answers(json!("well")) });
    let engine = rig.open(parse(machine(first)), work, 0.0);
    engine.start_execution("panics", "{}").unwrap();

    let execution = rig.ended(&engine, "panics").await;
    assert_eq!(execution.output.as_deref(), Some("\"well\""));
}

#[tokio::test]
async fn a_failure_is_notified_with_its_cause_and_when_it_is_retried() {
    let mut rig = Rig::new();
    let first =
        task(json!({ "Retry": [{ "ErrorEquals": ["Busy"], "IntervalSeconds": 10, "MaxAttempts": 1 }] }));
    let (work, _) = Work::new(|_| Does::Fails("Busy"));
    let engine = rig.open(parse(machine(first)), work, 0.001);
    engine.start_execution("busy", "{}").unwrap();

    let mut retries = Vec::new();
    for _ in 0..2 {
        match rig.until(|event| matches!(event, Event::TaskFailed { .. })).await {
            Event::TaskFailed { state, error, cause, retry_in } => {
                assert_eq!((state.as_str(), error.as_str()), ("First", "Busy"));
                assert_eq!(cause, r#"{"errorMessage":"Busy happened","errorType":"Busy"}"#);
                retries.push(retry_in.map(|wait| wait.as_millis()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(retries, [Some(10), None]);
    let execution = rig.ended(&engine, "busy").await;
    assert_eq!((execution.status, execution.error.as_deref()), (Status::Failed, Some("Busy")));
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused() {
    let open = |options: Options| {
        let folder = tempfile::tempdir().unwrap();
        let (work, _) = Work::new(|_| Does::Hangs);
        Engine::open(folder.path().join("db"), wait_then_work(1), work, options).map(drop)
    };

    for time_scale in [-1.0, f64::NAN, f64::INFINITY] {
        let options = Options { time_scale, ..Options::default() };
        assert!(matches!(open(options), Err(EngineError::Options(_))));
    }
    assert!(matches!(open(Options { concurrency: 0, ..Options::default() }), Err(EngineError::Options(_))));
}

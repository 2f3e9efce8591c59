//! Many executions at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use accounts_state_machine::{Engine, Event, Options, TaskFailure, Tasks};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::{Does, Rig, Work, machine, parse, task, wait_then_work};

/// Counts how many invocations are under way, and lets each end when the test says so.
#[derive(Clone, Default)]
struct Gate {
    now: Arc<AtomicUsize>,
    peak: Arc<AtomicUsize>,
}

impl Tasks for Gate {
    async fn invoke(&self, _: &str, _: Value) -> Result<Value, TaskFailure> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(Value::Null)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_invocations_run_at_once_than_the_limit() {
    let mut rig = Rig::new();
    let gate = Gate::default();
    let options = Options { concurrency: 3, ..Options::default() };
    let engine = rig.open_with(parse(machine(task(json!({})))), gate.clone(), options);

    for index in 0..100 {
        engine.start_execution(&format!("e{index}"), "{}").unwrap();
    }
    for _ in 0..100 {
        rig.until(|event| matches!(event, Event::Ended { .. })).await;
    }
    assert_eq!(gate.peak.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_started_from_many_sides_runs_once() {
    let mut rig = Rig::new();
    let (work, invoked) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(1), work, 0.1);
    let start = Arc::new(Semaphore::new(0));

    let starts: Vec<_> = (0..32)
        .map(|_| {
            let (engine, start): (Engine, _) = (engine.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                let _go = start.acquire().await.unwrap();
                engine.start_execution("once", "{}").unwrap()
            })
        })
        .collect();
    start.add_permits(32);
    let mut answers = Vec::new();
    for started in starts {
        answers.push(started.await.unwrap());
    }

    assert!(answers.iter().all(|answer| *answer == answers[0]));
    rig.ended(&engine, "once").await;
    assert_eq!(invoked.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_executions_wait_at_once_and_survive_together() {
    let mut rig = Rig::new();
    let (work, _) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(3600), work, 1.0);
    for index in 0..10_000 {
        engine.start_execution(&format!("e{index}"), "{}").unwrap();
    }
    for _ in 0..10_000 {
        rig.entered("Wait").await;
    }
    engine.shutdown().await;
    drop(engine);

    let (work, _) = Work::new(|_| Does::Answers(json!({})));
    let engine = rig.open(wait_then_work(3600), work, 1.0);
    assert_eq!(engine.resume().unwrap(), 10_000);
    assert_eq!(engine.resume().unwrap(), 0);
    engine.start_execution("quick", "{}").unwrap();
    rig.entered("Wait").await;
}

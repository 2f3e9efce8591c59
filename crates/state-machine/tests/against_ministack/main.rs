//! The engine against an independent interpreter: MiniStack's, on the deployed definition.
//!
//! Each scenario scripts what the functions answer and runs on both sides. Compared are the status, the
//! output, the error and its cause, the states entered in order, and every invocation with its payload.
//!
//! How long a retry waits is not compared: MiniStack 1.5.33 knows neither `MaxDelaySeconds` nor
//! `JitterStrategy` and never waits longer than 60 s. Where it deviates from what the service documents,
//! `differences.rs` says so, with what both sides do.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod deployed;
mod differences;
mod language;
mod scenario;
mod server;
mod sides;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use accounts_emulated_cloud::ministack;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use scenario::Scenario;
use server::ScriptedMiniStack;

/// Waits of seconds become milliseconds.
const TIME_SCALE: f64 = 0.001;

/// Each invocation at once is a process of its own there.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn the_engine_and_ministack_run_the_same_definitions_alike() {
    let Some(python) = python_or_skip() else { return };
    let ministack = Arc::new(ScriptedMiniStack::start(&python, TIME_SCALE).await);
    ministack.create_functions(deployed::definition().functions()).await;

    let mut machines = deployed::machines();
    machines.extend(language::machines());
    machines.extend(differences::machines());
    for (name, definition) in &machines {
        sides::create_machine(&ministack, name, definition).await;
    }
    let mut scenarios = deployed::scenarios();
    scenarios.extend(language::scenarios());
    compare(&ministack, &machines, &scenarios).await;

    differences::are_as_listed(&ministack, &machines).await;
}

async fn compare(
    ministack: &Arc<ScriptedMiniStack>,
    machines: &BTreeMap<&'static str, String>,
    scenarios: &[Scenario],
) {
    let mut theirs = JoinSet::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    for scenario in scenarios.iter().cloned() {
        let (ministack, turns) = (Arc::clone(ministack), Arc::clone(&turns));
        theirs.spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            let observed = sides::on_ministack(&ministack, &scenario).await;
            (scenario.id, observed)
        });
    }
    let theirs: BTreeMap<_, _> = theirs.join_all().await.into_iter().collect();

    for (machine, definition) in machines {
        let own: Vec<_> = scenarios.iter().filter(|scenario| scenario.machine == *machine).cloned().collect();
        let ours = sides::on_ours(definition, &own, TIME_SCALE).await;
        for Scenario { id, .. } in &own {
            let mut expected = theirs[id].clone();
            differences::without_output_of_failures(&mut expected);
            assert_eq!(
                ours[id], expected,
                "{id} on {machine}: ours is on the left, MiniStack's on the right"
            );
        }
    }
    eprintln!("{} scenarios end alike on both sides", scenarios.len());
}

fn python_or_skip() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    match ministack::install(&tools) {
        Ok(python) => Some(python),
        Err(why) if std::env::var_os("CI").is_none() => {
            eprintln!(
                "SKIPPED: the comparison needs MiniStack, which needs python3 with venv and pip: {why}"
            );
            None
        }
        Err(why) => panic!("MiniStack cannot be installed, and CI is set: {why}"),
    }
}

//! Reports as libtest does, of checks that run one after the other.

use std::future::Future;
use std::io::Write;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinError;

use crate::world::World;

/// What libtest ends with when a test failed.
const FAILED: u8 = 101;

/// Options of libtest that come with a value.
const WITH_VALUE: [&str; 6] =
    ["--skip", "--test-threads", "--format", "--color", "--logfile", "--shuffle-seed"];

type Running = Pin<Box<dyn Future<Output = ()>>>;

/// A sentence, and how it is seen to be true.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn(Arc<World>) -> Running>,
}

pub(crate) fn check<F: Future<Output = ()> + 'static>(
    name: &'static str,
    run: impl Fn(Arc<World>) -> F + 'static,
) -> Check {
    Check { name, run: Box::new(move |world| Box::pin(run(world))) }
}

/// Which checks `cargo test … -- ARGUMENTS` asks for.
#[derive(Default)]
pub(crate) struct Selection {
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
}

impl Selection {
    pub(crate) fn of_arguments() -> Self {
        let mut selection = Self::default();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--exact" => selection.exact = true,
                "--list" => selection.list = true,
                "--ignored" => selection.ignored = true,
                "--skip" => selection.skips.extend(arguments.next()),
                option if WITH_VALUE.contains(&option) => drop(arguments.next()),
                option if option.starts_with('-') => {}
                _ => selection.filters.push(argument),
            }
        }
        selection
    }

    /// What is asked for, and how many are not.
    pub(crate) fn of(&self, checks: Vec<Check>) -> (Vec<Check>, usize) {
        let all = checks.len();
        let names =
            |filter: &String, name: &str| if self.exact { name == filter } else { name.contains(filter) };
        let asked = |check: &Check| {
            let any = self.filters.is_empty() || self.filters.iter().any(|filter| names(filter, check.name));
            any && !self.ignored && !self.skips.iter().any(|skip| names(skip, check.name))
        };
        let selected: Vec<_> = checks.into_iter().filter(asked).collect();
        let filtered_out = all - selected.len();
        (selected, filtered_out)
    }

    pub(crate) const fn lists(&self) -> bool {
        self.list
    }
}

pub(crate) fn list(checks: &[Check]) -> ExitCode {
    for check in checks {
        println!("{}: test", check.name);
    }
    ExitCode::SUCCESS
}

/// What a check said as it panicked.
pub(crate) fn said(ended: JoinError) -> String {
    let Ok(panic) = ended.try_into_panic() else { return "it was cancelled".to_owned() };
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// What has been reported so far.
pub(crate) struct Report {
    began: Instant,
    passed: usize,
    skipped: usize,
    failures: Vec<(&'static str, String)>,
    filtered_out: usize,
}

impl Report {
    pub(crate) fn begin(count: usize, filtered_out: usize) -> Self {
        println!("\nrunning {count} tests");
        Self { began: Instant::now(), passed: 0, skipped: 0, failures: Vec::new(), filtered_out }
    }

    pub(crate) fn checked(&mut self, check: &Check, took: Duration, outcome: &Result<(), String>) {
        let seconds = took.as_secs_f64();
        match outcome {
            Ok(()) => {
                println!("test {} ... ok ({seconds:.1} s)", check.name);
                self.passed += 1;
            }
            Err(why) => {
                println!("test {} ... FAILED ({seconds:.1} s)", check.name);
                self.failures.push((check.name, why.clone()));
            }
        }
        // Whoever watches sees each line when it is true.
        std::io::stdout().flush().expect("an output");
    }

    /// None of these can be run here, which is no fault.
    pub(crate) fn skip(mut self, checks: &[Check], why: &str) -> ExitCode {
        println!("SKIPPED: {why}");
        for check in checks {
            println!("test {} ... ignored, {why}", check.name);
        }
        self.skipped = checks.len();
        self.end()
    }

    /// None of these could be run, which is one.
    pub(crate) fn fail(mut self, checks: &[Check], why: &str) -> ExitCode {
        for check in checks {
            println!("test {} ... FAILED", check.name);
            self.failures.push((check.name, "it was not reached".to_owned()));
        }
        println!("\nthe fleet cannot be deployed: {why}");
        self.end()
    }

    pub(crate) const fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    pub(crate) fn end(&self) -> ExitCode {
        if self.has_failures() {
            println!("\nfailures:\n");
            for (name, why) in &self.failures {
                println!("    {name}: {why}");
            }
        }
        let result = if self.has_failures() { "FAILED" } else { "ok" };
        println!(
            "\ntest result: {result}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
            self.passed,
            self.failures.len(),
            self.skipped,
            self.filtered_out,
            self.began.elapsed().as_secs_f64()
        );
        if self.has_failures() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
    }
}

//! Searches seeds for violations, replays one, and shows that removed protections are noticed.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use accounts_simulation::{Fault, Plan, Protection, RunError, run, shrink};
use clap::{Parser, Subcommand};

/// A run allocates much: a fifth of its time was spent in the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deterministic simulation of the account factory.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes runs of one seed after the other, until one violates something or the time is over.
    Search {
        /// The first seed.
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// The most seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// The most runs.
        #[arg(long, default_value_t = u64::MAX)]
        runs: u64,
        /// How many threads.
        #[arg(long, default_value_t = 2)]
        threads: u32,
        /// Goes on after a violation, and lists all of them.
        #[arg(long)]
        all: bool,
    },
    /// Prints the history of one seed.
    Replay {
        /// The seed.
        seed: u64,
        /// Makes the history short first, in at most so many runs.
        #[arg(long)]
        shrink: Option<u32>,
        /// Removes this protection, by its line in `protections`.
        #[arg(long)]
        without: Option<String>,
        /// How many clients ask, instead of as many as the seed says.
        #[arg(long)]
        clients: Option<u32>,
    },
    /// Removes one protection after the other, and says in which run that was noticed. Fails where one goes unnoticed
    /// that `protections.json` does not call redundant.
    Protections {
        /// The most runs for each.
        #[arg(long, default_value_t = 400)]
        runs: u64,
        /// How many clients ask in each.
        #[arg(long, default_value_t = 40)]
        clients: u32,
        /// How many threads.
        #[arg(long, default_value_t = 2)]
        threads: u32,
        /// Only protections whose line contains this.
        #[arg(long, default_value = "")]
        only: String,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Search { first, seconds, runs, threads, all } => search(first, seconds, runs, threads, all),
        Command::Replay { seed, shrink, without, clients } => {
            replay(seed, shrink, without.as_deref(), clients)
        }
        Command::Protections { runs, clients, threads, only } => {
            protections(&Search { runs, clients, threads }, &only)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error}"));
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Totals {
    runs: u64,
    requests: u64,
    days: f64,
    faults: BTreeMap<Fault, u64>,
    violations: Vec<(u64, String)>,
}

fn search(first: u64, seconds: u64, runs: u64, threads: u32, all: bool) -> Result<bool, RunError> {
    let began = Instant::now();
    let (next, stop) = (AtomicU64::new(first), AtomicBool::new(false));
    let totals = Mutex::new(Totals::default());
    let work = || -> Result<(), RunError> {
        while !stop.load(Ordering::Relaxed) && began.elapsed() < Duration::from_secs(seconds) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed - first >= runs {
                break;
            }
            let report = run(&Plan::of_seed(seed))?;
            let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
            totals.runs += 1;
            totals.requests += report.requests as u64;
            totals.days += report.seconds / 86_400.0;
            for (fault, times) in report.faults {
                *totals.faults.entry(fault).or_default() += times;
            }
            if let Some(what) = report.violations.into_iter().next() {
                say(&format!("seed {seed}: {what}"));
                totals.violations.push((seed, what));
                if !all {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Ok(())))
    })?;
    let totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    let took = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let rate = |count: u64| count as f64 / took;
    say(&format!(
        "{} runs, {} requests, {:.0} simulated days in {took:.1} s: {:.1} runs and {:.0} requests a second",
        totals.runs,
        totals.requests,
        totals.days,
        rate(totals.runs),
        rate(totals.requests)
    ));
    let faults: Vec<_> = totals.faults.iter().map(|(fault, times)| format!("{fault:?} {times}")).collect();
    say(&format!("faults: {}", faults.join(", ")));
    say(&format!("runs with violations: {}", totals.violations.len()));
    Ok(totals.violations.is_empty())
}

fn replay(
    seed: u64,
    most_runs: Option<u32>,
    without: Option<&str>,
    clients: Option<u32>,
) -> Result<bool, RunError> {
    let mut plan = Plan::of_seed(seed);
    plan.clients = clients.unwrap_or(plan.clients);
    if let Some(line) = without {
        plan.removed = Some(Protection::parse(line)?);
    }
    if let Some(most_runs) = most_runs {
        plan = shrink(&plan, most_runs)?;
    }
    plan.traced = true;
    let report = run(&plan)?;
    for line in &report.trace {
        say(line);
    }
    say(&format!("{} requests, {} faults of {:?}", report.requests, report.ordinals, plan.enabled));
    for what in &report.violations {
        say(&format!("violated: {what}"));
    }
    Ok(report.violations.is_empty())
}

/// How a protection's absence is looked for.
struct Search {
    runs: u64,
    clients: u32,
    threads: u32,
}

fn protections(search: &Search, only: &str) -> Result<bool, RunError> {
    // Some runs meet the conditions that the product writes with.
    (0..60).try_for_each(|seed| run(&Plan::of_seed(seed).with_clients(search.clients)).map(drop))?;
    let listed = Protection::listed()?;
    let mut wrong = 0;
    for protection in Protection::enumerate() {
        let line = protection.to_string();
        if !line.contains(only) {
            continue;
        }
        let listed = listed.iter().find(|listed| listed.protection == line);
        let redundant = listed.is_some_and(|listed| listed.redundant.is_some());
        let noticed = noticed(&protection, search)?;
        wrong += u32::from(listed.is_none() || noticed.is_none() && !redundant);
        let unlisted = if listed.is_none() { "NOT LISTED | " } else { "" };
        match (noticed, redundant) {
            (Some((seed, what)), _) => say(&format!("{unlisted}noticed | {line} | seed {seed}: {what}")),
            (None, true) => say(&format!("redundant | {line}")),
            (None, false) => say(&format!("{unlisted}UNNOTICED | {line}")),
        }
    }
    say(&format!("{wrong} are not as protections.json says"));
    Ok(wrong == 0)
}

/// A seed whose run violates something without the protection, and what.
fn noticed(protection: &Protection, search: &Search) -> Result<Option<(u64, String)>, RunError> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(None));
    let work = || -> Result<(), RunError> {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= search.runs || found.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                return Ok(());
            }
            let plan = Plan::of_seed(seed).with_clients(search.clients).without(protection.clone());
            if let Some(what) = run(&plan)?.violations.into_iter().next() {
                *found.lock().unwrap_or_else(PoisonError::into_inner) = Some((seed, what));
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..search.threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Ok(())))
    })?;
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// A closed pipe ends nothing: the search goes on, and its exit code counts.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

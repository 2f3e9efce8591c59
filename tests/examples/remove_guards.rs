//! Removes the product's guards one by one, and shows that a test fails without each.
//!
//! `cargo run -p accounts-tests --example remove_guards [TEXT]`: only guards whose name contains the text. It takes minutes
//! for each guard: the mutated sources, in a worktree of their own below `target`, are built and tested by the named test.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let guards: Vec<Value> =
        serde_json::from_str(include_str!("../guards.json")).expect("the list of guards");
    let worktree = worktree(root);
    let mut unnoticed = 0;
    for guard in guards.iter().filter(|guard| text(guard, "name").contains(&wanted)) {
        let name = text(guard, "name");
        let Some(test) = guard["noticed_by"].as_str() else {
            println!("redundant | {name} | {}", text(guard, "redundant"));
            continue;
        };
        let noticed = without(&worktree, guard, test);
        unnoticed += usize::from(noticed.is_err());
        match noticed {
            Ok(()) => println!("noticed   | {name} | {test}"),
            Err(what) => println!("UNNOTICED | {name} | {test}: {what}"),
        }
    }
    println!("{unnoticed} unnoticed");
    if unnoticed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The last commit, in a folder of its own.
fn worktree(root: &Path) -> PathBuf {
    let worktree = root.join("target/guards");
    let git = |arguments: &[&str], folder: &Path| {
        let done = Command::new("git").args(arguments).current_dir(folder).status().expect("git");
        assert!(done.success(), "git {arguments:?} failed");
    };
    let path = worktree.to_str().expect("a path in UTF-8");
    if worktree.exists() {
        let head = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root).output().expect("git");
        let head = String::from_utf8(head.stdout).expect("a commit");
        git(&["checkout", "--force", "--detach", head.trim()], &worktree);
    } else {
        git(&["worktree", "add", "--detach", path], root);
    }
    worktree
}

/// Whether the test fails without the guard; and, if not, what happened.
fn without(worktree: &Path, guard: &Value, test: &str) -> Result<(), String> {
    let file = worktree.join(text(guard, "file"));
    let source = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let mutated = source.replacen(text(guard, "from"), text(guard, "to"), 1);
    std::fs::write(&file, mutated).map_err(|error| error.to_string())?;
    let (target, test) = match test.split_once(": ") {
        Some((_, test)) => (vec!["--lib"], test),
        None if test.starts_with("steps::") => (vec!["--test", "workflow"], test),
        None => (vec!["--test", "front"], test),
    };
    let run = Command::new("cargo")
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(target)
        .args(["--", "--exact", test])
        .current_dir(worktree)
        .output();
    std::fs::write(&file, source).map_err(|error| error.to_string())?;
    let run = run.map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&run.stdout);
    if printed.contains(&format!("test {test} ... FAILED")) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&run.stderr);
    Err(if said.contains("could not compile") { "it does not compile" } else { "the test passes" }.to_owned())
}

fn text<'a>(guard: &'a Value, name: &str) -> &'a str {
    guard[name].as_str().expect("a guard has name, file, from and to")
}

//! What operates the product: the pipeline calls what people call, and every alarm has its entry in the runbook.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{FUNCTIONS, root, text};

/// The first command of the README that starts so.
fn command_of_the_readme(start: &str) -> String {
    let readme = text("README.md");
    readme.lines().find(|line| line.starts_with(start)).expect("a command in the README").to_owned()
}

/// The words of a text that name a script of `.ci/`.
fn scripts(text: &str) -> BTreeSet<String> {
    let name =
        |rest: &str| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().map(str::to_owned);
    let commands = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    commands.flat_map(|line| line.split(".ci/").skip(1)).filter_map(name).filter(|n| !n.is_empty()).collect()
}

#[test]
fn the_pipeline_runs_the_commands_of_the_readme() {
    let pipeline = text(".gitlab-ci.yml");
    for start in ["cargo test", "cargo lambda build"] {
        let command = command_of_the_readme(start);
        let step = format!("    - {command}");
        assert!(pipeline.lines().any(|line| line == step), "no job of the pipeline runs `{command}`");
    }
}

#[test]
fn the_pipeline_keeps_the_package_of_every_function() {
    let pipeline = text(".gitlab-ci.yml");
    for function in FUNCTIONS {
        let package = format!("      - target/lambda/{function}/bootstrap.zip");
        assert!(pipeline.lines().any(|line| line == package), "the pipeline forgets {function}");
    }
}

#[test]
fn every_script_that_is_called_is_there_and_can_be_run() {
    let called = scripts(&text(".gitlab-ci.yml")).into_iter().chain(scripts(&text(".ci/run")));
    let called: BTreeSet<_> = called.collect();
    assert!(called.contains("lint"), "{called:?}");
    for script in called {
        let path = root().join(".ci").join(&script);
        let file = std::fs::metadata(&path).unwrap_or_else(|error| panic!(".ci/{script}: {error}"));
        assert!(file.permissions().mode() & 0o111 != 0, ".ci/{script} cannot be run");
    }
}

#[test]
fn whoever_plans_has_the_terraform_that_the_checks_have() {
    let tools = text(".ci/tools");
    let version = tools.lines().find_map(|line| line.strip_prefix("terraform=")).expect("a version");
    let image = format!("name: hashicorp/terraform:{version}");
    assert!(text(".gitlab-ci.yml").contains(&image), "the pipeline's image is not {image}");
}

#[test]
fn every_alarm_has_its_entry_in_the_runbook() {
    let entries = anchors(&text("docs/runbook.md"));
    let alarms = alarms();
    for known in [
        "dead-letters",
        "executions-failed",
        "validate-errors",
        "requests-overdue",
        "inconsistencies",
        "gauges-missing",
    ] {
        assert!(alarms.contains(known), "the alarms were not found in infra/: {alarms:?}");
    }
    let missing: Vec<_> = alarms.difference(&entries).collect();
    assert!(missing.is_empty(), "docs/runbook.md has no entry for {missing:?}");
}

#[test]
fn every_reference_inside_the_runbook_leads_somewhere() {
    let runbook = text("docs/runbook.md");
    let entries = anchors(&runbook);
    for reference in runbook.split("](#").skip(1) {
        let anchor = reference.split(')').next().unwrap_or_default();
        assert!(entries.contains(anchor), "docs/runbook.md has no entry #{anchor}");
    }
}

/// What a link into a page may name: its headings, and the anchors written out.
fn anchors(page: &str) -> BTreeSet<String> {
    let slug = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
    };
    let headings =
        page.lines().filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#')));
    let written = page.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    headings.chain(written).collect()
}

/// The entries that the descriptions of the alarms name. One that ends in the key of a map stands for each key.
fn alarms() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in terraform_files(&root().join("infra")) {
        let source = std::fs::read_to_string(&file).expect("a source");
        for rest in source.split("docs/runbook.md#").skip(1) {
            let named = rest.split(['"', ' ']).next().unwrap_or_default().trim_end_matches('.');
            match named {
                "${each.key}" => found.extend(keys(&source)),
                "${var.function}-${each.key}" => {
                    let every = |key: String| FUNCTIONS.map(|function| format!("{function}-{key}"));
                    found.extend(keys(&source).into_iter().flat_map(every));
                }
                name => {
                    assert!(!name.contains('$'), "{}: {name}", file.display());
                    found.insert(name.to_owned());
                }
            }
        }
    }
    found
}

/// The keys of the maps that a file's `locals` define.
fn keys(source: &str) -> Vec<String> {
    let is_key = |key: &&str| !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let defined = source.lines().filter_map(|line| {
        line.strip_prefix("    ")?.split_once('=')?.1.trim_start().starts_with('{').then_some(line)
    });
    defined
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .filter(is_key)
        .map(str::to_owned)
        .collect()
}

fn terraform_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            files.extend(terraform_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            files.push(path);
        }
    }
    files
}

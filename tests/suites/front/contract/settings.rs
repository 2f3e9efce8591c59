//! The settings of each function: what its source says, what it reads, and what Terraform gives it.

use std::collections::{BTreeMap, BTreeSet};

use accounts_lambda::Settings;

use super::{FUNCTIONS, sources, text};

type Names = BTreeSet<String>;

/// What the ways to read shared settings read (`crates/lambda/src/shared_settings.rs`).
const SHARED: [(&str, &[&str]); 6] = [
    (".table()", &["DYNAMO_TABLE"]),
    (".topic()", &["TOPIC_ARN"]),
    (".metrics()", &["METRICS_NAMESPACE"]),
    (".polling()", &["FIRST_POLL_SECONDS", "POLL_SECONDS", "OPERATION_TIMEOUT_SECONDS"]),
    (".attempt_expiry_seconds()", &["ATTEMPT_EXPIRY_SECONDS"]),
    (".backoff_seconds()", &["BACKOFF_SECONDS"]),
];

/// The variables that a text names in backticks.
fn variables(text: &str) -> Names {
    text.split('`').skip(1).step_by(2).filter(|word| is_variable(word)).map(str::to_owned).collect()
}

pub(super) fn is_variable(name: &str) -> bool {
    name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// What the head of a function's `lib.rs` says that it reads; `Settings:` starts the list.
fn documented(function: &str) -> Names {
    let source = text(format!("crates/{function}/src/lib.rs"));
    let head: String =
        source.lines().map_while(|line| line.strip_prefix("//!")).flat_map(|line| [line, "\n"]).collect();
    let (_, settings) =
        head.split_once("Settings:").unwrap_or_else(|| panic!("{function} says nothing of settings"));
    variables(settings)
}

/// What a function's source reads.
fn read(function: &str) -> Names {
    let mut names = Names::new();
    for file in sources(&format!("crates/{function}/src")) {
        let source = std::fs::read_to_string(&file).expect("a source");
        let product = source.split("#[cfg(test)]").next().unwrap_or_default();
        for call in ["required(", "optional(", ".or(", "number("] {
            let named = product
                .split(call)
                .skip(1)
                .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
            names.extend(named.filter(|name| is_variable(name)).map(str::to_owned));
        }
        for (call, shared) in SHARED {
            if product.contains(call) {
                names.extend(shared.iter().map(|name| (*name).to_owned()));
            }
        }
    }
    names
}

/// What Terraform gives each function but the authorizer, as a test of the plan holds it.
fn deployed() -> BTreeMap<String, Names> {
    let tests = text("infra/tests/functions.tftest.hcl");
    let (_, run) = tests
        .split_once("run \"every_function_has_the_settings_that_it_reads_and_no_others\"")
        .expect("a test of the settings");
    let (_, table) = run.split_once("== jsonencode({\n").expect("a table");
    let table = table.split("\n    })").next().expect("its end");
    let mut found: BTreeMap<String, Names> = BTreeMap::new();
    let mut function = "";
    for line in table.lines() {
        match line.trim().split_once(" = ") {
            Some((name, "{")) => {
                function = name.trim();
                found.entry(function.to_owned()).or_default();
            }
            Some((name, _)) => {
                found.entry(function.to_owned()).or_default().insert(name.trim().to_owned());
            }
            None => {}
        }
    }
    found
}

#[test]
fn each_function_reads_what_its_head_says() {
    for function in FUNCTIONS.into_iter().filter(|function| *function != "authorizer") {
        let (documented, read) = (documented(function), read(function));
        assert!(documented.is_subset(&read), "{function} does not read all of {documented:?}, but {read:?}");
        // What is read with others and not used need not be said.
        let unsaid: Vec<_> =
            read.difference(&documented).filter(|name| !SHARED[3].1.contains(&name.as_str())).collect();
        assert!(unsaid.is_empty(), "{function} says nothing of {unsaid:?}");
    }
}

#[test]
fn terraform_gives_each_function_what_its_head_says_and_nothing_that_it_does_not_read() {
    let deployed = deployed();
    for function in FUNCTIONS.into_iter().filter(|function| *function != "authorizer") {
        let given = deployed.get(function).unwrap_or_else(|| panic!("Terraform does not know {function}"));
        let (documented, read) = (documented(function), read(function));
        assert!(documented.is_subset(given), "{function} lacks one of {documented:?}: {given:?}");
        assert!(given.is_subset(&read), "{function} does not read one of {given:?}, but {read:?}");
    }
}

/// The default of a variable of Terraform.
fn default_of(variable: &str) -> f64 {
    let variables = text("infra/variables.tf");
    let (_, rest) = variables.split_once(&format!("variable \"{variable}\" {{\n")).expect("the variable");
    let line = rest.lines().find_map(|line| line.trim().strip_prefix("default")).expect("a default");
    line.trim().trim_start_matches('=').trim().parse().unwrap_or_else(|_| panic!("{variable}: {line}"))
}

#[test]
fn the_defaults_of_terraform_are_those_of_the_functions() {
    let settings = Settings::from_pairs::<&str, &str>([]);
    let polling = settings.polling().expect("the defaults");
    for (variable, default) in [
        ("first_poll_seconds", f64::from(polling.first_seconds)),
        ("poll_seconds", f64::from(polling.seconds)),
        ("operation_timeout_seconds", polling.timeout_seconds),
        ("backoff_seconds", settings.backoff_seconds().expect("the default")),
        ("control_tower_slots", f64::from(accounts_core::DEFAULT_CONTROL_TOWER_SLOTS)),
    ] {
        assert_eq!(default_of(variable), default, "{variable}");
    }
    // An attempt is never taken for lost while it can still arrive.
    assert!(settings.attempt_expiry_seconds().expect("the default") >= default_of("lambda_timeout") + 900.0);
}

#[test]
fn the_page_of_the_settings_lists_every_one_and_the_functions_that_read_it() {
    let page = text("docs/settings.md");
    let rows: BTreeMap<_, _> = page
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let names = variables(cells.next()?);
            Some((names, cells.next()?.to_owned()))
        })
        .flat_map(|(names, functions)| names.into_iter().map(move |name| (name, functions.clone())))
        .collect();
    let mut missing = Vec::new();
    for function in FUNCTIONS {
        let names = if function == "authorizer" { read(function) } else { documented(function) };
        for name in names {
            match rows.get(&name) {
                None => missing.push(format!("{name} has no row")),
                Some(cell) => {
                    let all = cell.starts_with("all") && !cell.contains(&format!("`{function}`"));
                    if !all && !cell.contains(&format!("`{function}`")) {
                        missing.push(format!("{name} does not name {function}"));
                    }
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "docs/settings.md: {missing:#?}");
}

//! The README and the page of the settings say what they have to.

use std::collections::BTreeSet;

use accounts_core::{Kind, RequestStatus};

use super::settings::is_variable;
use super::{FUNCTIONS, sources, text};

fn assert_mentions(page: &str, what: &str, word: &str) {
    let quoted = format!("`{word}`");
    assert!(text(page).contains(&quoted), "{page} does not mention the {what} {quoted}");
}

#[test]
fn the_readme_lists_every_word_that_makes_the_landing_zone_misbehave() {
    for entry in accounts_landing_zone::words() {
        assert_mentions("README.md", "word", entry.word);
    }
}

#[test]
fn the_readme_lists_every_status() {
    // The others are those of requests that are still to come.
    let to_come = [RequestStatus::Done, RequestStatus::Cancelled];
    for status in RequestStatus::ALL.into_iter().filter(|status| !to_come.contains(status)) {
        assert_mentions("README.md", "status", status.name());
    }
}

#[test]
fn the_architecture_lists_every_kind_of_error_with_its_http_status() {
    let page = text("ARCHITECTURE.md");
    for kind in Kind::ALL {
        let has_row = page.lines().any(|line| {
            let mut cells = line.trim_matches(['|', ' ']).split(" | ");
            let is_named = cells.next().is_some_and(|cell| cell.split(' ').next() == Some(kind.name()));
            is_named && cells.next().is_some_and(|cell| cell.starts_with(&kind.http_status().to_string()))
        });
        assert!(has_row, "ARCHITECTURE.md does not say that {} is {}", kind.name(), kind.http_status());
    }
}

#[test]
fn the_page_of_the_settings_lists_every_one_that_a_function_reads() {
    let found = settings();
    for known in [
        "SFN_ARN",
        "ISSUER",
        "DYNAMO_TABLE",
        "CONTROL_TOWER_SLOTS",
        "POLL_SECONDS",
        "BACKOFF_SECONDS",
        "TOPIC_ARN",
        "METRICS_NAMESPACE",
    ] {
        assert!(found.contains(known), "the settings were not found in the sources: {found:?}");
    }
    for setting in &found {
        assert_mentions("docs/settings.md", "setting", setting);
    }
}

/// The variables that the functions read, as their sources name them.
fn settings() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in FUNCTIONS
        .map(|function| format!("crates/{function}/src"))
        .into_iter()
        .chain(["crates/lambda/src".to_owned()])
    {
        for file in sources(&folder) {
            let source = std::fs::read_to_string(&file).expect("a source");
            let product = source.split("#[cfg(test)]").next().unwrap_or_default();
            for call in ["required(", "optional(", ".or(", "number(", "poll_of(", "positive("] {
                for rest in product.split(call).skip(1) {
                    let name = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                    found.extend(name.filter(|name| is_variable(name)).map(str::to_owned));
                }
            }
        }
    }
    found
}

//! The lists of the product's guards and protections stay true: what `remove_guards` removes is there, once, and the tests
//! exist.

use serde_json::Value;

use super::{sources, text as text_of};

fn guards() -> Vec<Value> {
    serde_json::from_str(&text_of("tests/guards.json")).expect("a list")
}

fn text<'a>(guard: &'a Value, name: &str) -> &'a str {
    guard[name].as_str().unwrap_or_else(|| panic!("{guard} has no {name}"))
}

#[test]
fn each_guard_of_the_list_is_in_its_file_once() {
    for guard in guards() {
        let times = text_of(text(&guard, "file")).matches(text(&guard, "from")).count();
        assert_eq!(times, 1, "{} is in {} so often", text(&guard, "name"), text(&guard, "file"));
    }
}

#[test]
fn each_guard_has_a_test_or_a_reason_why_it_has_none() {
    let sources = every_source();
    for guard in guards() {
        let name = text(&guard, "name");
        match guard["noticed_by"].as_str() {
            None => assert!(text(&guard, "redundant").len() > 20, "{name} has neither a test nor a reason"),
            Some(test) => assert!(has_test(&sources, test), "{name}: there is no test {test}"),
        }
    }
}

#[test]
fn each_protection_that_is_redundant_has_a_reason_and_a_test_of_its_scenario() {
    let sources = every_source();
    let protections = text_of("crates/simulation/protections.json");
    let protections: Vec<Value> = serde_json::from_str(&protections).expect("a list");
    for protection in protections.iter().filter(|protection| !protection["redundant"].is_null()) {
        assert!(text(protection, "redundant").len() > 20, "{protection}");
        assert!(has_test(&sources, text(protection, "test")), "{protection}");
    }
}

fn every_source() -> String {
    let files = ["crates", "tests/suites"].into_iter().flat_map(sources);
    files.map(|file| std::fs::read_to_string(file).expect("a source")).collect()
}

fn has_test(sources: &str, test: &str) -> bool {
    let function = test.rsplit("::").next().unwrap_or(test);
    sources.contains(&format!("fn {function}("))
}

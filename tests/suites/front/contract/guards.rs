//! The list of the product's guards stays true: what `remove_guards` removes is there, once, and the tests exist.

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
    let files = ["crates", "tests/suites"].into_iter().flat_map(sources);
    let sources: String = files.map(|file| std::fs::read_to_string(file).expect("a source")).collect();
    for guard in guards() {
        let name = text(&guard, "name");
        match guard["noticed_by"].as_str() {
            None => assert!(text(&guard, "redundant").len() > 20, "{name} has neither a test nor a reason"),
            Some(test) => {
                let function = test.rsplit("::").next().unwrap_or(test);
                assert!(sources.contains(&format!("fn {function}(")), "{name}: there is no test {test}");
            }
        }
    }
}

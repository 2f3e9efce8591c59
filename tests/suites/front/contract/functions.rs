//! Each function: one word for folder, package and binary; a `main.rs` that only wires.

use super::architecture::packages;
use super::{FUNCTIONS, root, text};

#[test]
fn each_function_is_a_folder_a_package_and_a_binary_of_one_name() {
    let packages = packages();
    for function in FUNCTIONS {
        let manifest = root().join("crates").join(function).join("Cargo.toml");
        let package = packages
            .iter()
            .find(|package| package["manifest_path"].as_str() == manifest.to_str())
            .unwrap_or_else(|| panic!("there is no package in crates/{function}"));
        assert_eq!(package["name"], function);
        let targets = package["targets"].as_array().expect("targets");
        let binaries: Vec<_> = targets
            .iter()
            .filter(|target| target["kind"][0] == "bin")
            .map(|target| &target["name"])
            .collect();
        assert_eq!(binaries, [function]);
    }
}

#[test]
fn a_function_that_is_no_function_of_ours_would_be_noticed() {
    // Whatever is built on the Lambda boundary is in the list above.
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let main = root().join("crates").join(name).join("src/main.rs");
        let serves = std::fs::read_to_string(main)
            .is_ok_and(|main| main.contains("serve(") || main.contains("lambda_http"));
        assert_eq!(serves, FUNCTIONS.contains(&name), "{name}");
    }
}

#[test]
fn each_main_only_wires() {
    for function in FUNCTIONS {
        let main = text(format!("crates/{function}/src/main.rs"));
        assert!(main.lines().count() <= 25, "{function}: {} lines", main.lines().count());
        for word in ["unwrap", "expect(", "if ", "match ", "panic", "std::env"] {
            assert!(!main.contains(word), "the main of {function} holds {word:?}");
        }
        let flavor = "#[tokio::main(flavor = \"current_thread\")]";
        assert!(main.contains(flavor), "{function} does not run on one thread");
        assert!(main.contains("log::init();"), "{function} starts no log");
    }
}

//! Where a dependency must stop.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::{root, sources, text};

/// What Cargo says about the packages of the workspace.
pub(super) fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    metadata["packages"].as_array().expect("packages").clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("a name")
}

fn dependencies(package: &Value) -> &[Value] {
    package["dependencies"].as_array().expect("dependencies")
}

#[test]
fn only_the_aws_crate_depends_on_the_sdk() {
    for package in packages() {
        let of_the_sdk: Vec<_> = dependencies(&package)
            .iter()
            .map(name)
            .filter(|name| {
                ["aws-sdk-", "aws-config", "aws-smithy", "aws-types"].iter().any(|sdk| name.starts_with(sdk))
            })
            .collect();
        assert_eq!(
            !of_the_sdk.is_empty(),
            name(&package) == "accounts-aws",
            "{}: {of_the_sdk:?}",
            name(&package)
        );
    }
}

#[test]
fn no_source_outside_the_aws_crate_names_the_sdk() {
    // Put together, or this file would name it.
    let words = [concat!("aws", "_sdk_"), concat!("aws", "_smithy"), concat!("aws", "_config")];
    let aws = root().join("crates/aws");
    for file in sources("crates").into_iter().chain(sources("tests")).filter(|file| !file.starts_with(&aws)) {
        let source = std::fs::read_to_string(&file).expect("a source");
        for word in words {
            assert!(!source.contains(word), "{} names {word}", file.display());
        }
    }
    assert!(
        sources("crates/aws")
            .iter()
            .any(|file| std::fs::read_to_string(file).expect("a source").contains(words[0]))
    );
}

/// Which crates of the workspace each crate may know.
const KNOWS: [(&str, &[&str]); 15] = [
    ("accounts-core", &[]),
    ("accounts-aws", &["accounts-core"]),
    ("accounts-lambda", &["accounts-core"]),
    ("api", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("authorizer", &["accounts-core", "accounts-lambda"]),
    ("stream-trigger", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("validate", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("provision", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("check-status", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("update-status", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("update-failed", &["accounts-aws", "accounts-core", "accounts-lambda"]),
    ("accounts-state-machine", &[]),
    ("accounts-landing-zone", &[]),
    ("accounts-emulated-cloud", &["accounts-landing-zone"]),
    ("accounts", &["accounts-core"]),
];

#[test]
fn each_crate_knows_the_crates_below_it_and_no_others() {
    let packages = packages();
    let ours: BTreeSet<_> = packages.iter().map(name).collect();
    for (crate_name, known) in KNOWS {
        let package = packages.iter().find(|package| name(package) == crate_name);
        let package = package.unwrap_or_else(|| panic!("there is no {crate_name}"));
        let normal = dependencies(package).iter().filter(|dependency| dependency["kind"] == Value::Null);
        let found: Vec<_> = normal.map(name).filter(|name| ours.contains(name)).collect();
        let others: Vec<_> = found.iter().filter(|name| !known.contains(name)).collect();
        assert!(others.is_empty(), "{crate_name} knows {others:?}");
    }
    // The fleet, the simulation and the suites put all of them together.
    let listed: BTreeSet<_> = KNOWS.iter().map(|(name, _)| *name).collect();
    let together: Vec<_> = ours.difference(&listed).copied().collect();
    assert_eq!(together, ["accounts-local", "accounts-simulation", "accounts-tests"]);
}

#[test]
fn the_domain_knows_no_aws_no_http_no_lambda_and_no_runtime() {
    let packages = packages();
    let core = packages.iter().find(|package| name(package) == "accounts-core").expect("the domain");
    let normal: BTreeSet<_> =
        dependencies(core).iter().filter(|dependency| dependency["kind"] == Value::Null).map(name).collect();
    assert_eq!(normal, BTreeSet::from(["serde", "serde_json", "time", "uuid"]));
}

#[test]
fn the_release_profile_writes_all_four_keys() {
    // cargo-lambda fills in what is missing, `panic = "abort"` among them.
    let manifest = text("Cargo.toml");
    let (_, profile) = manifest.split_once("[profile.release]\n").expect("a release profile");
    let profile = profile.split("\n[").next().unwrap_or_default();
    for line in ["codegen-units = 1", "lto = \"fat\"", "panic = \"unwind\"", "strip = true"] {
        assert!(
            profile.lines().any(|written| written == line),
            "{line} is not in the release profile:\n{profile}"
        );
    }
}

//! What binds the parts together, so that they cannot drift apart in silence.

mod architecture;
mod cold_start;
mod documentation;
mod functions;
mod guards;
mod lambda;
mod log;
mod modules;
mod operations;
mod rights;
mod routes;
mod samples;
mod settings;
mod state_machine;
mod stream;
mod table;

use std::path::{Path, PathBuf};

/// The functions; each is a folder, a package and a binary of this name.
const FUNCTIONS: [&str; 8] = [
    "api",
    "authorizer",
    "stream-trigger",
    "validate",
    "provision",
    "check-status",
    "update-status",
    "update-failed",
];

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The text of a file of the workspace.
fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A sample, as JSON.
fn sample(name: &str) -> serde_json::Value {
    serde_json::from_str(&text(format!("samples/{name}.json")))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every Rust source file below a folder of the workspace.
fn sources(folder: &str) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "{folder} holds no sources");
    files
}

//! Installs MiniStack into a folder of its own, once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release that everything here was written against.
pub const VERSION: &str = "1.5.33";

/// The Python that has MiniStack, or why there is none. It is installed below `tools`, once for all who ask.
///
/// # Errors
/// In words: there is no Python with `venv` and `pip`, or no package index that has MiniStack.
pub fn install(tools: &Path) -> Result<PathBuf, String> {
    let home = tools.join(format!("ministack-{VERSION}-signing"));
    let python = home.join("bin/python");
    let complete = home.join(".complete");

    fs::create_dir_all(tools).map_err(|error| format!("{}: {error}", tools.display()))?;
    // Two may come here at once; the lock ends with the file, also when one is killed.
    let lock = File::create(tools.join("ministack.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if complete.exists() {
        return Ok(python);
    }

    // What is there without the marker is a half-finished install.
    if home.exists() {
        fs::remove_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    }
    run(Command::new("python3").arg("-m").arg("venv").arg(&home))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        // Without cryptography, which it does not ask for, its tokens bear no signature.
        .args([&format!("ministack=={VERSION}"), "cryptography>=41"]))?;
    File::create(&complete).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{command:?}: {}: {}", output.status, String::from_utf8_lossy(&said).trim()))
}

//! Installs MiniStack into a folder of its own, once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release that the comparison was written against.
pub(crate) const VERSION: &str = "1.5.33";

/// The Python that has MiniStack, or why there is none.
pub(crate) fn python() -> Result<PathBuf, String> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let home = tools.join(format!("ministack-{VERSION}"));
    let python = home.join("bin/python");
    let complete = home.join(".complete");

    fs::create_dir_all(&tools).map_err(|error| format!("{}: {error}", tools.display()))?;
    // Two test runs may come here at once; the lock ends with the file, also when a run is killed.
    let lock = File::create(tools.join("ministack.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if complete.exists() {
        return Ok(python);
    }

    // What is there without the marker is a half-finished install.
    let _ = fs::remove_dir_all(&home);
    run(Command::new("python3").arg("-m").arg("venv").arg(&home))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("ministack=={VERSION}")))?;
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

//! Processes that end with this one, whatever ends it.
//!
//! A guarded process runs in a process group of its own beside a shell that reads a pipe from us. When the
//! value is dropped the group is killed; when we are killed ourselves the pipe closes, and the shell kills it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use crate::error::{CloudError, While};

/// Runs its arguments with an empty input, and ends as they end. Descriptor 3 is the pipe: at its end (`read`
/// then returns) the folder of the processes is removed, and the whole group is killed, this shell included.
const GUARD: &str = "folder=$1; shift
exec 3<&0
(read -r _ <&3; test -z \"$folder\" || rm -rf \"$folder\"; kill -KILL 0) >/dev/null 2>&1 &
watch=$!
\"$@\" </dev/null 3<&-
code=$?
kill \"$watch\" 2>/dev/null
exit $code";

/// A process, and all that it starts. Dropping it kills them.
#[derive(Debug)]
pub(crate) struct Guarded {
    shell: Child,
    group: Option<u32>,
}

/// A command whose process will be guarded; [`spawn`] starts it.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    command_in(Path::new(""), program)
}

/// The same, with a folder that is to go where this process is killed and cannot remove it itself.
pub(crate) fn command_in(folder: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", GUARD, "guard"]).arg(folder).arg(program).stdin(Stdio::piped()).process_group(0);
    command
}

/// Starts a command made by [`command`].
pub(crate) fn spawn(command: &mut Command, what: &str) -> Result<Guarded, CloudError> {
    let shell = command.spawn().or_cloud(format!("{what} cannot be started"))?;
    let group = shell.id();
    Ok(Guarded { shell, group })
}

impl Guarded {
    /// The process group.
    pub(crate) const fn group(&self) -> Option<u32> {
        self.group
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.shell.try_wait().ok().flatten()
    }

    /// Its output and its errors, where they are pipes.
    pub(crate) const fn outputs(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.shell.stdout.take(), self.shell.stderr.take())
    }

    /// Waits for its end. What it started and left behind lives on until this is dropped.
    pub(crate) async fn wait(&mut self) -> std::io::Result<std::process::ExitStatus> {
        // Not `Child::wait`, which closes the input first: the shell would take that for our end.
        let input = self.shell.stdin.take();
        let status = self.shell.wait().await;
        drop(input);
        status
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let Some(group) = self.group else { return };
        // The group may be gone already; whoever is left of it is what this is for.
        let _gone = std::process::Command::new("kill")
            .args(["-KILL", "--", &format!("-{group}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        // Reaped within moments, or left to the system: what was killed does nothing any more.
        let deadline = Instant::now() + Duration::from_secs(5);
        while matches!(self.shell.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::yield_now();
        }
    }
}

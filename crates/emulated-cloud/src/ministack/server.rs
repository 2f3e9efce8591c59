//! A MiniStack of one's own, on a free port, ended with the value.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::emulator::Emulator;
use crate::error::{CloudError, While};
use crate::guarded::{self, Guarded};
use crate::waiting::{Seen, until};

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// Variables of MiniStack beside those that every one gets.
pub type Environment<'a> = &'a [(&'a str, &'a str)];

/// A running MiniStack. Dropping it, or being killed, ends it with every function that it started, and
/// nothing of it is left on disk.
#[derive(Debug)]
pub struct MiniStack {
    // In this order: first the processes go, then what they wrote.
    process: Guarded,
    emulator: Emulator,
    port: u16,
    folder: TempDir,
}

impl MiniStack {
    /// Starts it by the Python that [`install`](super::install) found.
    ///
    /// # Errors
    /// It does not come up; the error has what it said.
    pub async fn start(python: &Path, environment: Environment<'_>) -> Result<Self, CloudError> {
        let cannot = "MiniStack cannot be started";
        let folder = tempfile::tempdir().or_cloud(cannot)?;
        let port = free_port().or_cloud(cannot)?;
        let address = format!("http://127.0.0.1:{port}");
        let log = File::create(folder.path().join("log")).or_cloud(cannot)?;
        let mut command = guarded::command_in(folder.path(), python);
        command
            .args(["-m", "ministack"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .env("STATE_DIR", folder.path().join("state"))
            .env("S3_DATA_DIR", folder.path().join("s3"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            // Functions get it too: it is how their SDK finds the emulator.
            .env("AWS_ENDPOINT_URL", &address)
            .env("LOG_LEVEL", "WARNING")
            .envs(environment.iter().copied())
            .stdout(log.try_clone().or_cloud(cannot)?)
            .stderr(log);
        let process = guarded::spawn(&mut command, "MiniStack")?;
        let mut this = Self { process, emulator: Emulator::at(&address)?, port, folder };
        this.ready().await?;
        Ok(this)
    }

    async fn ready(&mut self) -> Result<(), CloudError> {
        let Self { process, emulator, .. } = self;
        let answers = until("MiniStack is up", START, async || {
            if let Some(status) = process.ended() {
                return Err(CloudError::new("MiniStack ended", status.to_string()));
            }
            Ok(if emulator.is_up().await { Seen::Yes(()) } else { Seen::NotYet("no answer".to_owned()) })
        });
        answers.await.map_err(|error| CloudError::new(error.story(), self.log()))
    }

    /// Calls on it.
    pub const fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Where it listens, on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps its files: also a place for others that have to be gone when it is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_else(|error| error.to_string())
    }

    /// The private key that it signs access tokens of a user pool with, in PEM.
    ///
    /// # Errors
    /// The pool has signed nothing yet.
    pub fn access_token_key(&self, pool: &str) -> Result<String, CloudError> {
        let file = self.folder.path().join("state/cognito-pool-keys").join(format!("{pool}-access.pem"));
        fs::read_to_string(&file).or_cloud(format!("{}", file.display()))
    }

    /// The group of its process and of all functions.
    pub(crate) fn group(&self) -> Option<u32> {
        self.process.group()
    }
}

/// Nobody can promise that it stays free until somebody listens there; MiniStack says so if it does not.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

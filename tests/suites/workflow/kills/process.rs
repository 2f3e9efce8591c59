//! The real program, as a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use accounts_tests::Client;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a start or a stop may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A fleet in a process. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts a fleet in this folder, and waits until it is ready.
    pub(super) async fn start(folder: &Path) -> Self {
        let mut process = Self::spawn(folder);
        timeout(PATIENCE, process.ready()).await.expect("the fleet is ready in time");
        process
    }

    /// Starts a fleet that is to live so long, ready or not, and says where it is as soon as it is ready.
    pub(super) async fn start_for(folder: &Path, life: Duration, address: &watch::Sender<String>) -> Self {
        let end = Instant::now() + life;
        let mut process = Self::spawn(folder);
        if timeout_at(end, process.ready()).await.is_ok() {
            address.send_replace(process.address.clone());
            tokio::time::sleep_until(end).await;
        }
        process
    }

    fn spawn(folder: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_accounts-local-under-test"))
            .args(["--port", "0", "--provision-seconds", "0.2", "--poll-seconds", "0.1", "--data"])
            .arg(folder)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        Self { child, address: String::new() }
    }

    /// Reads its output as far as the line with its address; somebody reads the rest.
    async fn ready(&mut self) {
        let mut lines = BufReader::new(self.child.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next_line().await.expect("its output") {
            if let Some((_, address)) = line.split_once("is ready at ") {
                self.address = address.trim().to_owned();
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return;
            }
        }
        panic!("it ended before it was ready: {:?}", self.child.wait().await);
    }

    /// Whether it said that it is ready.
    pub(super) const fn is_ready(&self) -> bool {
        !self.address.is_empty()
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// A token of an administrator.
    pub(super) async fn token(&self) -> String {
        let client = Client::new(self.address.clone(), String::new());
        let path = "/local/token?group=Administrators";
        let answer = Client::send(client.bare(reqwest::Method::GET, path)).await;
        answer.body.get("token").and_then(Value::as_str).expect("a token").to_owned()
    }

    /// An administrator.
    pub(super) async fn client(&self) -> Client {
        Client::new(self.address.clone(), self.token().await)
    }

    /// `kill -9`.
    pub(super) async fn kill(mut self) {
        self.child.kill().await.expect("a kill");
    }

    /// Tells it to stop (SIGTERM), and sees that it does so in good order.
    pub(super) async fn stop(mut self) {
        let id = self.child.id().expect("a process that runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await.expect("a signal");
        assert!(told.success());
        let ended = timeout(PATIENCE, self.child.wait()).await.expect("it stops in time").expect("its end");
        assert!(ended.success(), "{ended}");
    }
}

//! A MiniStack of the test's own: a process group on a free port, ended with the value.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(crate) struct MiniStack {
    process: Child,
    python: PathBuf,
    address: String,
    client: reqwest::Client,
    folder: tempfile::TempDir,
}

impl MiniStack {
    /// Starts it, with waits and retry intervals multiplied by `time_scale`.
    pub(crate) async fn start(python: &Path, time_scale: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scripts = folder.path().join("scripts");
        fs::create_dir(&scripts).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // Plain http; but this reqwest builds no client without a TLS provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let process = Command::new(python)
            .args(["-m", "ministack"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .env("STATE_DIR", folder.path().join("state"))
            .env("S3_DATA_DIR", folder.path().join("s3"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SFN_WAIT_SCALE", time_scale.to_string())
            .env("LOG_LEVEL", "WARNING")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap();
        let mut this = Self {
            process,
            python: python.to_owned(),
            address: format!("http://127.0.0.1:{port}"),
            client,
            folder,
        };
        this.ready().await;
        this
    }

    async fn ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let health = self.client.get(format!("{}/_ministack/health", self.address)).send().await;
            if health.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let ended = self.process.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "MiniStack does not start ({ended:?}): {}",
                fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where the scripts of the functions lie, and the logs of their invocations.
    pub(crate) fn scripts(&self) -> PathBuf {
        self.folder.path().join("scripts")
    }

    /// Deploys scripted functions of those names. They are of a custom runtime: MiniStack's Python runtime
    /// names every error `Runtime.HandlerError`.
    pub(crate) async fn create_functions(&self, names: impl IntoIterator<Item = &str>) {
        let folder = self.folder.path();
        let bootstrap = "#!/bin/sh\nexec \"$PYTHON\" \"$(dirname \"$0\")/handler.py\"\n";
        fs::write(folder.join("bootstrap"), bootstrap).unwrap();
        fs::write(folder.join("handler.py"), include_str!("handler.py")).unwrap();
        let zipped = Command::new(&self.python)
            .args(["-m", "zipfile", "-c", "code.zip", "bootstrap", "handler.py"])
            .current_dir(folder)
            .status()
            .unwrap();
        assert!(zipped.success());
        let code = STANDARD.encode(fs::read(folder.join("code.zip")).unwrap());

        for name in names {
            let function = json!({
                "FunctionName": name,
                "Runtime": "provided.al2023",
                "Handler": "bootstrap",
                "Role": "arn:aws:iam::000000000000:role/scripted",
                "Timeout": 60,
                "Code": { "ZipFile": code },
                "Environment": { "Variables": { "SCRIPTS": self.scripts(), "PYTHON": self.python } },
            });
            let url = format!("{}/2015-03-31/functions", self.address);
            let answer = self.client.post(url).json(&function).send().await.unwrap();
            let status = answer.status();
            assert!(status.is_success(), "{name}: {status} {}", answer.text().await.unwrap());
        }
    }

    /// An operation of Step Functions.
    pub(crate) async fn states(&self, operation: &str, body: &Value) -> Result<Value, Value> {
        let answer = self
            .client
            .post(&self.address)
            .header("x-amz-target", format!("AWSStepFunctions.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            // Only the scope is read: it says which service the request is for.
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let good = answer.status().is_success();
        let body: Value = answer.json().await.unwrap();
        if good { Ok(body) } else { Err(body) }
    }
}

impl Drop for MiniStack {
    fn drop(&mut self) {
        // The functions are processes of the same group.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.process.wait();
    }
}

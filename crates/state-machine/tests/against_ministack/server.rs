//! A MiniStack with scripted functions in it.

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use accounts_emulated_cloud::ministack::MiniStack;
use accounts_emulated_cloud::{CloudError, Service};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) struct ScriptedMiniStack {
    ministack: MiniStack,
    python: PathBuf,
}

impl ScriptedMiniStack {
    /// Starts it, with waits and retry intervals multiplied by `time_scale`.
    pub(crate) async fn start(python: &Path, time_scale: f64) -> Self {
        let environment = [("SFN_WAIT_SCALE", &*time_scale.to_string())];
        let ministack = MiniStack::start(python, &environment).await.unwrap();
        fs::create_dir(ministack.folder().join("scripts")).unwrap();
        Self { ministack, python: python.to_owned() }
    }

    /// Where the scripts of the functions lie, and the logs of their invocations.
    pub(crate) fn scripts(&self) -> PathBuf {
        self.ministack.folder().join("scripts")
    }

    /// Deploys scripted functions of those names. They are of a custom runtime: MiniStack's Python runtime
    /// names every error `Runtime.HandlerError`.
    pub(crate) async fn create_functions(&self, names: impl IntoIterator<Item = &str>) {
        let folder = self.ministack.folder();
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
            let emulator = self.ministack.emulator();
            emulator.rest(Method::POST, Service::LAMBDA, "/2015-03-31/functions", &function).await.unwrap();
        }
    }

    /// An operation of Step Functions.
    pub(crate) async fn states(&self, operation: &str, body: &Value) -> Result<Value, Value> {
        let refusal = |error: CloudError| serde_json::from_str(&error.source().unwrap().to_string()).unwrap();
        self.ministack.emulator().json(Service::STEP_FUNCTIONS, operation, body).await.map_err(refusal)
    }
}

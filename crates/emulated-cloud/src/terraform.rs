//! Terraform, on a copy of `infra/` and an emulator.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::error::{CloudError, While};
use crate::guarded;
use crate::tools::Tools;

/// The bucket that holds the state.
pub(crate) const STATE_BUCKET: &str = "accounts-terraform-state";

/// What of this machine's environment Terraform is given: ways to programs and to the registry, nothing of AWS.
const PASSED_ON: [&str; 9] = [
    "PATH",
    "TMPDIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "https_proxy",
    "http_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "USER",
];

/// A copy of `infra/` in a folder of its own, with its state in a bucket of the emulator.
#[derive(Debug)]
pub(crate) struct Terraform {
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
    mirror: Option<PathBuf>,
}

/// What a run of Terraform said.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    output: String,
    errors: String,
}

impl Terraform {
    /// Copies `infra` into `folder` and writes the variables beside it; nothing is changed in the copy. The
    /// first endpoint is that of every service but those which the others name, `_SERVICE_CATALOG` for one.
    pub(crate) fn prepare(
        infra: &Path,
        folder: &Path,
        variables: &Value,
        tools: &Tools,
        endpoints: &[(&str, &str)],
    ) -> Result<Self, CloudError> {
        let cannot = "Terraform's folder cannot be prepared";
        let copy = folder.join("infra");
        copy_sources(infra, &copy).or_cloud(cannot)?;
        fs::write(folder.join("variables.tfvars.json"), variables.to_string()).or_cloud(cannot)?;
        fs::write(folder.join("backend.tfvars"), backend(endpoints)).or_cloud(cannot)?;
        let empty = folder.join("terraform.rc");
        fs::write(&empty, "").or_cloud(cannot)?;

        let mut environment: Vec<(OsString, OsString)> =
            PASSED_ON.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect();
        let mut set = |name: &str, value: &dyn AsRef<std::ffi::OsStr>| {
            environment.push((name.into(), value.as_ref().to_owned()));
        };
        set("HOME", &folder);
        set("NO_PROXY", &"127.0.0.1,localhost");
        set("no_proxy", &"127.0.0.1,localhost");
        set("TF_IN_AUTOMATION", &"1");
        set("TF_INPUT", &"0");
        set("CHECKPOINT_DISABLE", &"1");
        // Every service has its place here, and the keys open nothing anywhere else.
        for (service, endpoint) in endpoints {
            set(&format!("AWS_ENDPOINT_URL{service}"), endpoint);
        }
        set("AWS_REGION", &"us-east-1");
        set("AWS_ACCESS_KEY_ID", &"test");
        set("AWS_SECRET_ACCESS_KEY", &"test");
        set("AWS_EC2_METADATA_DISABLED", &"true");
        // Where no mirror was found, the machine's own configuration may know the way to the registry.
        let own = std::env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from).filter(|file| file.exists());
        let home = std::env::home_dir().map(|home| home.join(".terraformrc")).filter(|file| file.exists());
        let config = match tools.mirror {
            Some(_) => empty,
            None => own.or(home).unwrap_or(empty),
        };
        set("TF_CLI_CONFIG_FILE", &config);
        Ok(Self { folder: folder.to_owned(), environment, mirror: tools.mirror.clone() })
    }

    /// Copies `infra` again; what is gone there goes here.
    pub(crate) fn renew(&self, infra: &Path) -> Result<(), CloudError> {
        let copy = self.folder.join("infra");
        fs::remove_dir_all(&copy)
            .and_then(|()| copy_sources(infra, &copy))
            .or_cloud("Terraform's folder cannot be renewed")
    }

    /// `terraform init`.
    pub(crate) async fn init(&self) -> Result<(), CloudError> {
        let mut arguments =
            vec!["init".into(), "-no-color".into(), option("-backend-config", &self.file("backend.tfvars"))];
        arguments.extend(self.mirror.as_ref().map(|mirror| option("-plugin-dir", mirror)));
        self.succeed(&arguments).await.map(drop)
    }

    /// `terraform apply`.
    pub(crate) async fn apply(&self) -> Result<(), CloudError> {
        self.succeed(&self.with_variables(&["apply", "-auto-approve", "-no-color"])).await.map(drop)
    }

    /// `terraform plan`: what it would change, where it would change anything.
    pub(crate) async fn plan(&self) -> Result<Option<String>, CloudError> {
        let arguments = self.with_variables(&["plan", "-detailed-exitcode", "-no-color"]);
        let run = self.run(&arguments).await?;
        match run.code {
            Some(0) => Ok(None),
            // Not what was looked at on the way.
            Some(2) => Ok(run.output.split("will perform the following actions:").last().map(str::to_owned)),
            _ => Err(run.failed(&arguments)),
        }
    }

    /// `terraform destroy`.
    pub(crate) async fn destroy(&self) -> Result<(), CloudError> {
        self.succeed(&self.with_variables(&["destroy", "-auto-approve", "-no-color"])).await.map(drop)
    }

    /// The addresses of the resources in the state, without data sources.
    pub(crate) async fn resources(&self) -> Result<Vec<String>, CloudError> {
        let run = self.succeed(&["state".into(), "list".into()]).await?;
        let is_resource = |line: &&str| !line.is_empty() && !line.split('.').any(|part| part == "data");
        Ok(run.output.lines().map(str::trim).filter(is_resource).map(str::to_owned).collect())
    }

    /// The values of the outputs.
    pub(crate) async fn outputs(&self) -> Result<Value, CloudError> {
        let run = self.succeed(&["output".into(), "-json".into()]).await?;
        let outputs: Value = serde_json::from_str(&run.output).or_cloud("Terraform's outputs are no JSON")?;
        let values = outputs.as_object().into_iter().flatten();
        Ok(values.map(|(name, output)| (name.clone(), output["value"].clone())).collect())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn with_variables(&self, arguments: &[&str]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
        arguments.push(option("-var-file", &self.file("variables.tfvars.json")));
        arguments
    }

    async fn succeed(&self, arguments: &[OsString]) -> Result<Run, CloudError> {
        let run = self.run(arguments).await?;
        if run.code == Some(0) { Ok(run) } else { Err(run.failed(arguments)) }
    }

    async fn run(&self, arguments: &[OsString]) -> Result<Run, CloudError> {
        let mut command: Command = guarded::command("terraform");
        command
            .args(arguments)
            .current_dir(self.folder.join("infra"))
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = guarded::spawn(&mut command, "Terraform")?;
        let (output, errors) = process.outputs();
        let (status, output, errors) = tokio::join!(process.wait(), all_of(output), all_of(errors));
        let code = status.or_cloud("Terraform cannot be waited for")?.code();
        Ok(Run { code, output, errors })
    }
}

impl Run {
    fn failed(&self, arguments: &[OsString]) -> CloudError {
        let what = arguments.first().map(|name| name.to_string_lossy()).unwrap_or_default();
        CloudError::new(
            format!("terraform {what} fails ({:?})", self.code),
            format!("{}\n{}", self.errors, self.output),
        )
    }
}

async fn all_of(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What came before the stream broke is what there is to tell.
        let _read = stream.read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push("=");
    option.push(value);
    option
}

/// The partial backend configuration of `infra/`, completed. The real one names a bucket, a key and a region;
/// the rest is what an emulator needs.
fn backend(endpoints: &[(&str, &str)]) -> String {
    let endpoint = endpoints.first().map(|(_, endpoint)| *endpoint).unwrap_or_default();
    format!(
        "bucket = \"{STATE_BUCKET}\"\nkey = \"account-factory/emulated.tfstate\"\nregion = \"us-east-1\"\n\
         use_path_style = true\nendpoints = {{ s3 = \"{endpoint}\" }}\n"
    )
}

/// Every source of a folder; not what Terraform or a person left there: state, providers, settings.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text == ".terraform"
            || text.contains(".tfstate")
            || text.ends_with(".tfvars")
            || text.ends_with(".tfvars.json")
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_sources(&entry.path(), &to.join(&name))?;
        } else {
            fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}

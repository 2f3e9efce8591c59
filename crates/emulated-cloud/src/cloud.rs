//! The fleet, deployed by its own Terraform to an emulator.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Service};
use crate::error::{CloudError, While};
use crate::front::Front;
use crate::identity::Identity;
use crate::leftovers;
use crate::mending::Mending;
use crate::ministack::MiniStack;
use crate::packages::Packages;
use crate::simulator::Simulator;
use crate::terraform::{STATE_BUCKET, Terraform};
use crate::tools::Tools;

/// What a cloud is made of, and how fast it works.
#[derive(Clone, Debug)]
pub struct CloudSettings {
    /// The Terraform to apply; it is copied and never touched.
    pub infra: PathBuf,
    /// The functions.
    pub packages: Packages,
    /// The port of the API on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The wait between two polls of an operation, 1 to 3600; the other times of the workflow follow from it.
    pub poll_seconds: u32,
    /// How long the landing zone takes for an account.
    pub provision_seconds: f64,
}

/// A MiniStack, a landing zone and a front door on this machine, and the fleet in them once it is
/// [applied](Self::apply). Everything ends with the value.
#[derive(Debug)]
pub struct Cloud {
    terraform: Terraform,
    front: Front,
    ministack: MiniStack,
    simulator: Simulator,
    _mending: Mending,
    outputs: Value,
}

impl Cloud {
    /// Starts the servers and prepares Terraform; nothing is deployed yet.
    ///
    /// # Errors
    /// Something does not start, or Terraform finds no provider.
    pub async fn start(tools: &Tools, settings: &CloudSettings) -> Result<Self, CloudError> {
        let ministack = MiniStack::start(&tools.python, &[]).await?;
        let emulator = ministack.emulator();
        // Everything in the emulator's folder: it goes with it, also where this process is killed.
        let (simulated, work) =
            (ministack.folder().join("landing-zone"), ministack.folder().join("terraform"));
        for folder in [&simulated, &work] {
            fs::create_dir(folder).or_cloud("no folder to work in")?;
        }
        let simulator = Simulator::start(&simulated, settings.provision_seconds, emulator).await?;
        let front = Front::start(settings.port, emulator).await?;
        emulator.rest(Method::PUT, Service::S3, &format!("/{STATE_BUCKET}"), &Value::Null).await?;
        let variables = variables(settings, &simulator);
        let mending = Mending::start(emulator).await?;
        let endpoints = [
            ("", emulator.address()),
            ("_APIGATEWAYV2", mending.address()),
            ("_CLOUDWATCH", mending.address()),
            ("_SERVICE_CATALOG", simulator.address()),
            ("_SFN", mending.address()),
        ];
        let terraform = Terraform::prepare(&settings.infra, &work, &variables, tools, &endpoints)?;
        terraform.init().await?;
        Ok(Self { terraform, front, ministack, simulator, _mending: mending, outputs: Value::Null })
    }

    /// Deploys what is not deployed as it should be.
    ///
    /// # Errors
    /// `terraform apply` fails, and says why.
    pub async fn apply(&mut self) -> Result<(), CloudError> {
        self.terraform.apply().await?;
        self.outputs = self.terraform.outputs().await?;
        self.simulator.serve_keys_of(self.output("user_pool_id")?);
        self.front.lead_to(self.output("api_endpoint")?)
    }

    /// Takes Terraform as it is in `infra` now, for the next [`apply`](Self::apply).
    ///
    /// # Errors
    /// It cannot be copied, or wants what is not there.
    pub async fn renew(&self, infra: &Path) -> Result<(), CloudError> {
        self.terraform.renew(infra)?;
        self.terraform.init().await
    }

    /// What another `terraform apply` would change, where it would change anything.
    ///
    /// # Errors
    /// `terraform plan` fails.
    pub async fn plan(&self) -> Result<Option<String>, CloudError> {
        self.terraform.plan().await
    }

    /// Takes everything away again.
    ///
    /// # Errors
    /// `terraform destroy` fails.
    pub async fn destroy(&self) -> Result<(), CloudError> {
        self.terraform.destroy().await
    }

    /// The addresses of what Terraform has made.
    ///
    /// # Errors
    /// The state cannot be read.
    pub async fn resources(&self) -> Result<Vec<String>, CloudError> {
        self.terraform.resources().await
    }

    /// What the emulator holds of what Terraform makes, kind by kind.
    ///
    /// # Errors
    /// The emulator does not say.
    pub async fn holdings(&self) -> Result<Vec<(&'static str, Vec<String>)>, CloudError> {
        leftovers::holdings(self.emulator()).await
    }

    /// An output of Terraform that is a text.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn output(&self, name: &str) -> Result<&str, CloudError> {
        let text = self.outputs[name].as_str();
        text.ok_or_else(|| CloudError::new(format!("no output {name}"), self.outputs.to_string()))
    }

    /// The name of a function as it is deployed.
    ///
    /// # Errors
    /// There is no such function.
    pub fn function_name(&self, function: &str) -> Result<&str, CloudError> {
        let name = self.outputs["function_names"][function].as_str();
        name.ok_or_else(|| CloudError::new(format!("no function {function}"), self.outputs.to_string()))
    }

    /// Where the API is, for a client that knows nothing of emulators.
    pub fn address(&self) -> &str {
        self.front.address()
    }

    /// Calls on the emulator.
    pub const fn emulator(&self) -> &Emulator {
        self.ministack.emulator()
    }

    /// The emulator.
    pub const fn ministack(&self) -> &MiniStack {
        &self.ministack
    }

    /// The landing zone.
    pub const fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The user pool, and the client that people sign in by.
    ///
    /// # Errors
    /// Nothing is deployed.
    pub fn identity(&self) -> Result<Identity, CloudError> {
        let (pool, client) = (self.output("user_pool_id")?, self.output("user_pool_client_id")?);
        Ok(Identity::new(self.emulator(), pool, client))
    }
}

/// The wait before the first poll: a fifth of what an account takes, and at least one poll.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn first_poll_seconds(poll_seconds: u32, provision_seconds: f64) -> u32 {
    let fifth = (provision_seconds / 5.0).ceil().clamp(0.0, LONGEST_FIRST_POLL_SECONDS) as u32;
    fifth.max(poll_seconds)
}

/// When an operation is overdue: later than the ten times of `sim-slow`, and soon enough to see it of `sim-never`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn operation_timeout_seconds(poll_seconds: u32, provision_seconds: f64) -> u32 {
    (15.0 * provision_seconds + 10.0 * f64::from(poll_seconds)).ceil() as u32
}

/// The overrides: nothing but variables that `infra/` has for everybody.
fn variables(settings: &CloudSettings, simulator: &Simulator) -> Value {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    json!({
        "environment": "dev",
        "aws_region": "us-east-1",
        "packages_dir": settings.packages.folder(),
        "lambda_architecture": architecture,
        "poll_seconds": settings.poll_seconds,
        "first_poll_seconds": first_poll_seconds(settings.poll_seconds, settings.provision_seconds),
        "operation_timeout_seconds": operation_timeout_seconds(settings.poll_seconds, settings.provision_seconds),
        "backoff_seconds": settings.poll_seconds,
        "reconcile_minutes": RECONCILE_MINUTES,
        "stream_maximum_record_age_seconds": OLDEST_RECORD.as_secs(),
        "account_factory_portfolio_id": accounts_landing_zone::PORTFOLIO_ID,
        "jwks_url": simulator.jwks_url(),
        // The functions find everything else at the emulator: it says so in their environment itself.
        "function_environment": {
            "AWS_ENDPOINT_URL_ORGANIZATIONS": simulator.address(),
            "AWS_ENDPOINT_URL_SERVICE_CATALOG": simulator.address(),
        },
    })
}

/// The least that Lambda takes: after this a record of the stream that cannot be dealt with is given up.
const OLDEST_RECORD: Duration = Duration::from_secs(60);

/// The least that a schedule takes: after a lost record or execution nobody waits for longer.
const RECONCILE_MINUTES: u32 = 1;

/// The longest first poll that the functions take.
const LONGEST_FIRST_POLL_SECONDS: f64 = 3600.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_poll_comes_after_a_fifth_of_the_time_for_an_account_and_before_the_operation_is_overdue() {
        for (poll, provision, first) in [(2, 20.0, 4), (1, 3.0, 1), (5, 0.0, 5), (1, 1.0e9, 3600)] {
            assert_eq!(first_poll_seconds(poll, provision), first, "{poll} {provision}");
            assert!(operation_timeout_seconds(poll, provision) >= first, "{poll} {provision}");
        }
    }
}

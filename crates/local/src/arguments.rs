//! The command line.

use std::path::PathBuf;

use accounts_core::DEFAULT_CONTROL_TOWER_SLOTS;
use accounts_landing_zone::OrganizationTree;
use clap::{Args, Parser, Subcommand};

/// The account factory on one machine. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "accounts-local", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Runs the whole fleet: API, functions, workflow, table, landing zone, tokens.
    Serve(Serve),
    /// Runs the simulated landing zone alone: Organizations and Service Catalog on one port.
    LandingZone(LandingZoneAlone),
    /// Deploys the fleet by its own Terraform to an emulator of AWS, and keeps it up.
    Cloud(EmulatedCloud),
}

/// How a fleet runs.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// The port of the API on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The wait between two polls of an operation. Every wait and retry interval of the workflow shrinks in the same
    /// proportion to the deployed 60 seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = positive)]
    pub poll_seconds: f64,
    /// The wait before the first poll of an operation, at most sixty polls; a fifth of the landing zone's time for an
    /// account if it is not given, and at least one poll.
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    pub first_poll_seconds: Option<f64>,
    /// How many account operations run at once.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CONTROL_TOWER_SLOTS, value_parser = clap::value_parser!(u32).range(1..))]
    pub slots: u32,
    /// The time between two runs of the reconciler; 0 turns it off. Two and a half polls if it is not given, and at
    /// least half a second.
    #[arg(long, value_name = "SECONDS", value_parser = not_negative)]
    pub reconcile_seconds: Option<f64>,
    /// After this time a call to start an operation that was not answered can no longer arrive: longer than any call
    /// of the AWS SDK takes with its retries.
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = positive)]
    pub attempt_expiry_seconds: f64,
    /// Another state machine file than the deployed one.
    #[arg(long, value_name = "FILE")]
    pub state_machine: Option<PathBuf>,
    /// The landing zone and where everything is kept.
    #[command(flatten)]
    pub landing_zone: LandingZone,
}

/// How the landing zone runs alone.
#[derive(Args, Clone, Debug)]
pub struct LandingZoneAlone {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 3001)]
    pub port: u16,
    /// The landing zone and where everything is kept.
    #[command(flatten)]
    pub landing_zone: LandingZone,
}

/// How the deployed fleet runs on this machine.
#[derive(Args, Clone, Debug)]
pub struct EmulatedCloud {
    /// The port of the API on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The wait between two polls of an operation: Terraform's `poll_seconds`, from which its other times follow.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub poll_seconds: u32,
    /// How long the landing zone takes for an account.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = not_negative)]
    pub provision_seconds: f64,
    /// Packages that were made elsewhere, `<function>/bootstrap.zip` each; without it they are built here.
    #[arg(long, value_name = "DIR")]
    pub packages: Option<PathBuf>,
}

/// The simulated landing zone.
#[derive(Args, Clone, Debug)]
pub struct LandingZone {
    /// Where everything is kept; it survives restarts. One process at a time uses it.
    #[arg(long, value_name = "DIR", default_value = ".accounts-local")]
    pub data: PathBuf,
    /// How long the landing zone takes for an account.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = not_negative)]
    pub provision_seconds: f64,
    /// A JSON tree of organizational units, as in {"Engineering": {"Platform": {}}, "Sandbox": {}}.
    #[arg(long, value_name = "FILE", value_parser = organization)]
    pub organization: Option<OrganizationTree>,
}

impl Arguments {
    /// What the command line asks for.
    pub fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

impl LandingZone {
    pub(crate) fn settings(&self) -> accounts_landing_zone::Settings {
        accounts_landing_zone::Settings {
            provision_seconds: self.provision_seconds,
            organization: self.organization.clone().unwrap_or_default(),
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("it has to be 0 to 86400".to_owned()) }
}

fn not_negative(text: &str) -> Result<f64, String> {
    seconds(text)
}

fn positive(text: &str) -> Result<f64, String> {
    seconds(text).and_then(|seconds| {
        if seconds >= 0.001 { Ok(seconds) } else { Err("it has to be at least 0.001".to_owned()) }
    })
}

fn organization(file: &str) -> Result<OrganizationTree, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    text.parse().map_err(|error| format!("{error}"))
}

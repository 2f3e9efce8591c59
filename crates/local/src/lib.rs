//! The whole account factory in one process: the functions that are deployed, the state machine file that is
//! deployed, a DynamoDB in a file, a simulated landing zone, and a token issuer. Loopback only.

mod arguments;
mod cloud;
mod database;
mod error;
mod execution_events;
mod fleet;
mod functions;
mod gateway;
mod greeting;
mod http_event;
mod landing_zone;
mod listener;
mod progress;
mod reconciler;
mod settings;
mod stream;
pub mod stream_filters;
mod tokens;

use std::io::IsTerminal as _;

use clap::Parser;

pub use arguments::{Arguments, Command, EmulatedCloud, LandingZone, Serve};
pub use error::LocalError;
pub use fleet::Fleet;
pub use functions::catch_panic;
pub use tokens::Group;

/// Reads the command line and does what it says, until a signal stops the process.
///
/// # Errors
/// What keeps it from starting, with its causes.
pub async fn run() -> Result<(), LocalError> {
    // The embedded database logs each refused condition as a warning; they are answers. The last directive wins.
    let levels = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(format!("dynoxide=error,{levels}")))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match Arguments::parse().command() {
        Command::Serve(serve) => {
            let fleet = Fleet::start_observed(serve, Some(progress::print)).await?;
            greeting::print(&fleet)?;
            listener::stop_signal().await;
            fleet.stop().await;
            Ok(())
        }
        Command::LandingZone(alone) => landing_zone::serve(alone).await,
        Command::Cloud(cloud) => cloud::keep_up(cloud).await,
    }
}

//! The account factory on one machine.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match accounts_local::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

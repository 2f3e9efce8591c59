//! The command-line client of the account factory.

use std::process::ExitCode;

use accounts::{Arguments, Backoff, Console, run};
use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    run(Arguments::parse(), Console::of_this_process(), Backoff::default()).await.into()
}

//! The command-line client of the account factory: it requests accounts and says what became of each.

mod address;
mod arguments;
mod backoff;
mod client;
mod commands;
mod console;
mod error;
mod exit;
mod history;
mod item;
mod next_step;
mod output;
mod problem;
mod progress;
mod token;
mod wait;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use arguments::{Arguments, Command, Create, Format, Get, Request, Requests, Resolve};
pub use backoff::Backoff;
pub use console::Console;
pub use error::Error;
pub use exit::Exit;
pub use history::History;
pub use item::Item;
pub use problem::Problem;
pub use progress::Progress;
pub use token::Token;

use client::Client;
use output::Output;

/// Does what the command line says, and says how it ended.
pub async fn run(arguments: Arguments, mut console: Console<'_>, backoff: Backoff) -> Exit {
    let Arguments { address, token, output: format, command } = arguments;
    let token = token.filter(|token| !token.is_empty());
    if token.is_some() && address.is_unencrypted_remote() {
        console.note(&format!("the token goes to {address} unencrypted"));
    }

    let result = execute(address, token.as_ref(), &command, &mut console, backoff).await;
    console.progress.clear();
    let (exit, written) = match result {
        Ok(output) => (Exit::Done, output::result(&mut console.output, format, &output)),
        Err(error) => {
            let written = output::error(&mut console.output, &mut console.errors, format, &error);
            if let Error::Problem(problem) = &error
                && let Some(text) = next_step::after(&command, problem, token.is_some())
            {
                console.note(&text);
            }
            (error.exit(), written)
        }
    };
    match written {
        Err(error) if exit == Exit::Done => {
            console.note(&format!("cannot write the result: {error}"));
            Exit::Usage
        }
        _ => exit,
    }
}

async fn execute(
    address: Address,
    token: Option<&Token>,
    command: &Command,
    console: &mut Console<'_>,
    backoff: Backoff,
) -> Result<Output, Error> {
    let client = Client::new(address, token, backoff)?;
    commands::execute(&client, command, console).await
}

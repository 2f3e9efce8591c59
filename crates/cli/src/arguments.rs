//! The command line.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::address::Address;
use crate::exit::Exit;
use crate::token::Token;

/// Asks for AWS accounts and says what became of each.
#[derive(Debug, Parser)]
#[command(name = "accounts", version, after_help = Exit::table())]
pub struct Arguments {
    /// Where the API is
    #[arg(
        long,
        global = true,
        env = "ACCOUNTS_ADDRESS",
        default_value = "http://127.0.0.1:3000",
        value_name = "URL"
    )]
    pub address: Address,

    /// The token to show the API; the variable keeps it out of the list of processes
    #[arg(
        long,
        global = true,
        env = "ACCOUNTS_TOKEN",
        hide_env_values = true,
        value_parser = token,
        value_name = "TOKEN"
    )]
    pub token: Option<Token>,

    /// A few lines to read, or exactly one JSON document: the stored item, or the problem
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub output: Format,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// How to write what the API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A few lines to read
    Text,
    /// One JSON document
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask for an account
    Create(Create),
    /// Say where a request for an account stands
    Get(Get),
}

/// Asks for an account.
#[derive(Debug, Args)]
pub struct Create {
    /// The JSON file with the request, or `-` for the standard input
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,

    /// Wait until the account exists or the request has failed
    #[arg(long)]
    pub wait: bool,

    /// How long to wait at most
    #[arg(
        long,
        requires = "wait",
        default_value = "10800",
        value_parser = seconds,
        value_name = "SECONDS"
    )]
    pub timeout_seconds: Duration,

    /// Under which key the API remembers the answer, for scripts that call again: the same key and input
    /// never ask for a second account [default: a new one for each call]
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
}

/// Says where a request for an account stands.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Get {
    /// The account's e-mail address
    #[arg(long)]
    pub email: Option<String>,

    /// The account's id, twelve digits
    #[arg(long)]
    pub id: Option<String>,
}

/// Never fails, as clap would quote a value that it refuses.
#[allow(clippy::unnecessary_wraps, reason = "clap wants a result")]
fn token(text: &str) -> Result<Token, Infallible> {
    Ok(Token::new(text))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn get_wants_exactly_one_of_email_and_id() {
        assert!(parse("accounts get --email a@example.com").is_ok());
        assert!(parse("accounts get --id 123456789012").is_ok());
        assert!(parse("accounts get").is_err());
        assert!(parse("accounts get --id 123456789012 --email a@example.com").is_err());
    }

    #[test]
    fn a_time_limit_without_wait_is_wrong_usage() {
        assert!(parse("accounts create --input x --wait --timeout-seconds 1.5").is_ok());
        assert!(parse("accounts create --input x --timeout-seconds 5").is_err());
        assert!(parse("accounts create --input x --wait --timeout-seconds -1").is_err());
        assert!(parse("accounts create --input x --wait --timeout-seconds NaN").is_err());
    }

    #[test]
    fn wrong_usage_has_the_exit_code_of_the_table() {
        let error = parse("accounts get").expect_err("nothing is asked for");
        assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()));
    }

    #[test]
    fn the_help_never_shows_the_token_and_the_debug_form_neither() {
        let arguments = parse("accounts --token sesame get --id 1").expect("a good line");
        assert!(!format!("{arguments:?}").contains("sesame"));
        let mut command = Arguments::command();
        assert!(command.render_long_help().to_string().contains("[env: ACCOUNTS_TOKEN]"));
    }
}

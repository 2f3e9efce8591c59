//! The command line.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

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

    /// A few lines to read, or exactly one JSON document: what the API answered, or the problem
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
    /// Say where an account stands
    Get(Get),
    /// Say where a request stands, with its operations
    Request(Request),
    /// List the requests made for an account, newest first
    Requests(Requests),
    /// State the outcome of an overdue operation; for operators
    Resolve(Resolve),
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

/// Says where an account stands.
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

/// Says where a request stands.
#[derive(Debug, Args)]
pub struct Request {
    /// The request's id
    #[arg(value_name = "ID")]
    pub id: Uuid,
}

/// Lists the requests made for an account.
#[derive(Debug, Args)]
pub struct Requests {
    /// The account's e-mail address, or its id of twelve digits
    #[arg(value_parser = account, value_name = "ACCOUNT")]
    pub account: String,

    /// How many requests to list at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub limit: u32,

    /// List every request
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
}

/// States the outcome of an overdue operation.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("outcome").required(true)))]
pub struct Resolve {
    /// The id of the request whose operation is overdue
    #[arg(value_name = "ID")]
    pub id: Uuid,

    /// The operation made this account
    #[arg(long, group = "outcome", value_name = "ACCOUNT_ID")]
    pub account_exists: Option<String>,

    /// The operation made no account
    #[arg(long, group = "outcome")]
    pub no_account: bool,

    /// How you know; it is stored with your name
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// An e-mail address or an account id, as far as it takes to tell them from a request id or a name.
fn account(text: &str) -> Result<String, String> {
    let is_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_id || text.contains('@') {
        Ok(text.to_owned())
    } else {
        Err("neither an e-mail address nor an account id of twelve digits".to_owned())
    }
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
    fn resolve_wants_exactly_one_outcome_and_a_reason() {
        let resolve =
            |rest: &str| parse(&format!("accounts resolve 01990000-0000-7000-8000-000000000001{rest}"));
        assert!(resolve(" --account-exists 123456789012 --reason seen").is_ok());
        assert!(resolve(" --no-account --reason seen").is_ok());
        assert!(resolve(" --reason seen").is_err());
        assert!(resolve(" --no-account").is_err());
        assert!(resolve(" --account-exists 123456789012").is_err());
        assert!(resolve(" --no-account --account-exists 123456789012 --reason seen").is_err());
    }

    #[test]
    fn requests_wants_an_email_or_twelve_digits_and_at_most_one_of_limit_and_all() {
        assert!(parse("accounts requests a@example.com").is_ok());
        assert!(parse("accounts requests 123456789012 --limit 1000").is_ok());
        assert!(parse("accounts requests 123456789012 --all").is_ok());
        assert!(parse("accounts requests a@example.com --all --limit 5").is_err());
        assert!(parse("accounts requests a@example.com --limit 0").is_err());
        for account in ["..", "12345678901", "1234567890123", "01990000-0000-7000-8000-000000000001"] {
            assert!(parse(&format!("accounts requests {account}")).is_err(), "{account}");
        }
    }

    #[test]
    fn a_request_id_that_is_no_uuid_is_wrong_usage() {
        assert!(parse("accounts request 01990000-0000-7000-8000-000000000001").is_ok());
        assert!(parse("accounts request ..").is_err());
        assert!(parse("accounts request a@example.com").is_err());
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

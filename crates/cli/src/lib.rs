//! The command-line client of the account factory: it asks for accounts and says what became of each.

mod address;
mod arguments;
mod backoff;
mod client;
mod error;
mod exit;
mod item;
mod output;
mod problem;
mod progress;
mod token;
mod wait;

#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};
use std::path::Path;

pub use address::Address;
pub use arguments::{Arguments, Command, Create, Format, Get};
pub use backoff::Backoff;
pub use error::Error;
pub use exit::Exit;
pub use item::Item;
pub use problem::Problem;
pub use progress::Progress;
pub use token::Token;

use client::{By, Client};

/// The streams that the client reads and writes.
pub struct Console<'a> {
    /// Where `--input -` reads.
    pub input: Box<dyn Read + 'a>,
    /// Where the result goes.
    pub output: Box<dyn Write + 'a>,
    /// Where a word about an error goes.
    pub errors: Box<dyn Write + 'a>,
    /// What shows that the client works.
    pub progress: Progress,
}

impl Console<'static> {
    /// The standard streams.
    pub fn of_this_process() -> Self {
        Self {
            input: Box::new(io::stdin()),
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
            progress: Progress::on_standard_error(),
        }
    }
}

/// Does what the command line says, and says how it ended.
pub async fn run(mut arguments: Arguments, mut console: Console<'_>, backoff: Backoff) -> Exit {
    let format = arguments.output;
    arguments.token = arguments.token.filter(|token| !token.is_empty());
    let has_token = arguments.token.is_some();
    if has_token && arguments.address.is_unencrypted_remote() {
        console.hint(&format!("the token goes to {} unencrypted", arguments.address));
    }

    let result = work(arguments, &mut console, backoff).await;
    console.progress.clear();
    let (exit, written) = match result {
        Ok(item) => (Exit::Done, output::item(&mut console.output, format, &item)),
        Err(error) => {
            let written = output::error(&mut console.output, &mut console.errors, format, &error);
            if !has_token && matches!(&error, Error::Problem(problem) if problem.status() == 401) {
                console.hint("no token was shown; give one by --token or ACCOUNTS_TOKEN");
            }
            (error.exit(), written)
        }
    };
    match written {
        Err(error) if exit == Exit::Done => {
            console.hint(&format!("cannot write the result: {error}"));
            Exit::Usage
        }
        _ => exit,
    }
}

async fn work(arguments: Arguments, console: &mut Console<'_>, backoff: Backoff) -> Result<Item, Error> {
    let Arguments { address, token, command, .. } = arguments;
    let client = Client::new(address, token.as_ref(), backoff)?;
    match command {
        Command::Create(create) => {
            let body = read(&create.input, &mut console.input)?;
            ask_for_an_account(&client, &create, &body, console).await
        }
        Command::Get(get) => {
            console.progress.start("asking");
            let by = match (&get.email, &get.id) {
                (Some(email), _) => By::Email(email),
                (None, id) => By::Id(id.as_deref().unwrap_or_default()),
            };
            client.get(by, client.backoff.max_attempts, &console.progress).await
        }
    }
}

async fn ask_for_an_account(
    client: &Client,
    create: &Create,
    body: &[u8],
    console: &mut Console<'_>,
) -> Result<Item, Error> {
    let key = create.idempotency_key.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    console.progress.start("asking for an account");
    let created = client.create(body, &key, &console.progress).await?;
    if !create.wait {
        return Ok(created);
    }
    let email = created.email().to_owned();
    let ended = wait::until_final(client, created, create.timeout_seconds, &console.progress).await;
    if let Err(error) = &ended
        && error.exit() != Exit::AccountFailed
    {
        console.progress.clear();
        console.hint(&format!("the request was accepted; ask for it by: accounts get --email '{email}'"));
    }
    ended
}

/// The input as it is, if it is JSON: what it says is for the API to judge.
fn read(path: &Path, standard_input: &mut dyn Read) -> Result<Vec<u8>, Error> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        ("the standard input".to_owned(), standard_input.read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (path.display().to_string(), std::fs::read(path))
    };
    let bytes = bytes.map_err(|source| Error::Input { name: name.clone(), source })?;
    match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(Error::NotJson { name, source }),
    }
}

impl Console<'_> {
    /// A word beside the result. It is no harm if nobody can read it.
    fn hint(&mut self, text: &str) {
        let _ = writeln!(self.errors, "note: {text}");
    }
}

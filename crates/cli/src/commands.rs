//! What each command does.

use std::io::Read;
use std::path::Path;

use crate::arguments::{Command, Create, Get, Requests, Resolve};
use crate::client::{Client, Lookup};
use crate::console::Console;
use crate::error::Error;
use crate::exit::Exit;
use crate::item::Item;
use crate::output::Output;
use crate::wait;

/// Executes a command.
pub(crate) async fn execute(
    client: &Client,
    command: &Command,
    console: &mut Console<'_>,
) -> Result<Output, Error> {
    match command {
        Command::Create(command) => create(client, command, console).await.map(Output::Item),
        Command::Get(command) => get(client, command, console).await.map(Output::Item),
        Command::Request(command) => {
            console.progress.start("asking");
            let id = command.id.to_string();
            client.request(&id, client.backoff.max_attempts, &console.progress).await.map(Output::Item)
        }
        Command::Requests(command) => requests(client, command, console).await,
        Command::Resolve(command) => resolve(client, command, console).await.map(Output::Item),
    }
}

async fn create(client: &Client, create: &Create, console: &mut Console<'_>) -> Result<Item, Error> {
    let body = read(&create.input, &mut console.input)?;
    let key = create.idempotency_key.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    console.progress.start("requesting an account");
    let created = client.create(&body, &key, &console.progress).await?;
    if !create.wait {
        return Ok(created);
    }
    let id = created.request_id().to_owned();
    let ended = wait::until_final(client, created, create.timeout_seconds, &console.progress).await;
    match &ended {
        Ok(_) => {}
        Err(Error::Failed(request)) if !request.account_may_exist() => {}
        Err(error) => {
            console.progress.clear();
            console.note(&match error.exit() {
                Exit::RequestFailed => {
                    format!(
                        "an account may exist all the same; an operator has to look: accounts request {id}"
                    )
                }
                _ => format!("the request was accepted; ask for it by: accounts request {id}"),
            });
        }
    }
    ended
}

async fn get(client: &Client, get: &Get, console: &mut Console<'_>) -> Result<Item, Error> {
    console.progress.start("asking");
    let lookup = match (&get.email, &get.id) {
        (Some(email), _) => Lookup::Email(email),
        (None, id) => Lookup::Id(id.as_deref().unwrap_or_default()),
    };
    client.get(lookup, &console.progress).await
}

async fn requests(client: &Client, requests: &Requests, console: &mut Console<'_>) -> Result<Output, Error> {
    console.progress.start("asking");
    let limit = if requests.all { None } else { Some(requests.limit) };
    let history = client.requests(&requests.account, limit, &console.progress).await?;
    if history.next_cursor().is_some() {
        console.progress.clear();
        console.note("there are older requests; list them by --all or a higher --limit");
    }
    Ok(Output::History(history))
}

async fn resolve(client: &Client, resolve: &Resolve, console: &mut Console<'_>) -> Result<Item, Error> {
    console.progress.start("stating the outcome");
    let id = resolve.id.to_string();
    let outcome = match &resolve.account_exists {
        Some(account_id) => serde_json::json!({
            "Outcome": "AccountExists", "AccountId": account_id, "Reason": resolve.reason,
        }),
        None => serde_json::json!({"Outcome": "NoAccount", "Reason": resolve.reason}),
    };
    let request = client.resolve(&id, &outcome, &console.progress).await?;
    if !request.is_final() {
        console.progress.clear();
        console.note(&format!("the workflow ends the request now; follow it by: accounts request {id}"));
    }
    Ok(request)
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

//! Waiting until a request is final.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::client::{By, Client};
use crate::error::Error;
use crate::item::Item;
use crate::progress::Progress;

/// Follows a request until it is Provisioned.
///
/// # Errors
/// It has failed, another one took its place, it could not be asked for, or the time ran out.
pub(crate) async fn until_final(
    client: &Client,
    created: Item,
    limit: Duration,
    progress: &Progress,
) -> Result<Item, Error> {
    let mut last = created;
    match timeout(limit, follow(client, &mut last, progress)).await {
        Ok(followed) => followed?,
        Err(_) => return Err(Error::StillRunning(last)),
    }
    if last.has_failed() { Err(Error::Failed(last)) } else { Ok(last) }
}

async fn follow(client: &Client, last: &mut Item, progress: &Progress) -> Result<(), Error> {
    let mut delay = client.backoff.initial_poll_interval;
    while !last.is_final() {
        progress.show_status(last);
        sleep(delay).await;
        delay = client.backoff.next_poll_interval(delay);
        let now =
            client.get(By::Email(last.email()), client.backoff.max_attempts_while_waiting, progress).await?;
        if now.request_id() != last.request_id() {
            return Err(Error::Replaced { request_id: last.request_id().to_owned(), now });
        }
        *last = now;
    }
    Ok(())
}

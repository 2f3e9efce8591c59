//! Waiting until a request is final.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::client::{By, Client};
use crate::item::Item;
use crate::progress::Progress;
use crate::trouble::Trouble;

/// Follows a request until it is Provisioned.
///
/// # Errors
/// It has failed, another one took its place, it could not be asked for, or the time ran out.
pub(crate) async fn until_final(
    client: &Client,
    created: Item,
    limit: Duration,
    progress: &Progress,
) -> Result<Item, Trouble> {
    let mut last = created;
    match timeout(limit, follow(client, &mut last, progress)).await {
        Ok(followed) => followed?,
        Err(_) => return Err(Trouble::StillRunning(last)),
    }
    if last.has_failed() { Err(Trouble::Failed(last)) } else { Ok(last) }
}

async fn follow(client: &Client, last: &mut Item, progress: &Progress) -> Result<(), Trouble> {
    let mut pause = client.pace.first_poll;
    while !last.is_final() {
        progress.stands_at(last);
        sleep(pause).await;
        pause = client.pace.next_poll(pause);
        let now = client.get(By::Email(last.email()), client.pace.tries_while_waiting, progress).await?;
        if now.request_id() != last.request_id() {
            return Err(Trouble::Replaced { request_id: last.request_id().to_owned(), now });
        }
        *last = now;
    }
    Ok(())
}

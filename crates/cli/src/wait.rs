//! Waiting until a request is final.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::error::Error;
use crate::item::Item;
use crate::progress::Progress;

/// Follows a request by its id until it is final, whatever else is requested for the same account meanwhile.
///
/// # Errors
/// It ended Failed or Cancelled, it could not be asked for, or the time ran out.
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

/// Only a final status ends it: an open one may go back to Requested, when the request is parked.
async fn follow(client: &Client, last: &mut Item, progress: &Progress) -> Result<(), Error> {
    let mut interval = client.backoff.initial_poll_interval;
    while !last.is_final() {
        progress.show_status(last);
        sleep(interval).await;
        interval = client.backoff.next_poll_interval(interval);
        let attempts = client.backoff.max_attempts_while_waiting;
        *last = client.request(last.request_id(), attempts, progress).await?;
    }
    Ok(())
}

//! Publishes how requests ended.

use accounts_core::transition::notified;
use accounts_core::{EndNotification, Request, Result, Timestamp};

use crate::{Sdk, Table, Topic};

/// Publishes the end of each request to a topic: at least once, and not again once that was noted.
#[derive(Clone, Debug)]
pub struct Notifications {
    topic: Option<Topic>,
    table: Table,
}

impl Notifications {
    /// Publishes to the topic of this ARN, and notes it with the requests; without a topic nothing is published.
    pub fn new(sdk: &Sdk, topic_arn: Option<String>, table: Table) -> Self {
        Self { topic: topic_arn.map(|arn| Topic::new(sdk, arn)), table }
    }

    /// Whether there is a topic, so that the end of a request is marked as unpublished.
    pub const fn enabled(&self) -> bool {
        self.topic.is_some()
    }

    /// Publishes how the request ended, if it has ended and that was not published. It is noted after it was
    /// published: what is lost between the two is published twice rather than never.
    ///
    /// # Errors
    /// As [`Topic::publish`]; or the table's. The end itself is stored, and the reconciler publishes it later.
    pub async fn publish(&self, request: &Request, now: Timestamp) -> Result<()> {
        let (Some(topic), Some(change), Some(end)) =
            (&self.topic, notified(request, now), EndNotification::of(request))
        else {
            return Ok(());
        };
        topic.publish(&end).await?;
        // If somebody else published it too, and noted it first, there is nothing left to note.
        self.table.commit(&change, now).await.map(|_| ())
    }
}

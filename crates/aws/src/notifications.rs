//! Who has been told how a request ended.

use accounts_core::{AccountRequest, Ending, RequestId, Result, Timestamp};

use crate::{Requests, Sdk, Topic};

/// Tells the end of each request to a topic: at least once, and not again once that was noted.
#[derive(Clone, Debug)]
pub struct Notifications {
    topic: Option<Topic>,
    requests: Requests,
}

impl Notifications {
    /// Tells the topic of this ARN, and notes it with the requests; without a topic nobody is told.
    pub fn new(sdk: &Sdk, topic_arn: Option<String>, requests: Requests) -> Self {
        Self { topic: topic_arn.map(|arn| Topic::new(sdk, arn)), requests }
    }

    /// Tells how the request ended, if it has and nobody was told. It is noted after it was told: if that is
    /// lost, it is told twice rather than never.
    ///
    /// # Errors
    /// As [`Topic::publish`]; or the table's. The end itself is written: what is left is to tell it.
    pub async fn tell(&self, request: &AccountRequest, now: Timestamp) -> Result<()> {
        let (Some(topic), None, Some(ending)) = (&self.topic, request.notified_at, Ending::of(request))
        else {
            return Ok(());
        };
        topic.publish(&ending).await?;
        self.requests.note_notified(request, now).await
    }

    /// The same for an earlier request that this one followed before its end was told.
    ///
    /// # Errors
    /// As [`Self::tell`].
    pub async fn tell_past(&self, request: &AccountRequest, past: RequestId, now: Timestamp) -> Result<()> {
        let place = request.previous_failures.iter().position(|failure| failure.request_id == past);
        let (Some(topic), Some(place)) = (&self.topic, place) else {
            return Ok(());
        };
        let failure = &request.previous_failures[place];
        if failure.notified_at.is_some() {
            return Ok(());
        }
        topic.publish(&Ending::of_past(&request.account_email, failure)).await?;
        self.requests.note_past_notified(request, place, now).await
    }
}

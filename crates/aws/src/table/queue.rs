//! The index of the queues: candidates for the dispatcher and the reconciler. It is eventually consistent, so every
//! entry is read again from the table before anything is decided.

use std::fmt;

use accounts_core::{Email, Pool, RequestId, Result, Timestamp};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;

use super::keys::{PARTITION, REQUEST_PREFIX, SORT};
use super::names::names;
use super::{Item, NOT_READ, QUEUE_INDEX, Table, text};
use crate::sdk_error::into_error;

/// A queue of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueName {
    /// Requests that wait for a slot, in the order of their ids.
    Waiting(Pool),
    /// Parked requests, by the time at which they are due.
    Parked(Pool),
    /// Requests that hold a slot, in the order of their ids.
    Held(Pool),
    /// Requests whose end was not published, by the time of their end.
    Unnotified,
    /// Requests that are looked at again after an operator stated their outcome, by the time of the next look.
    Watched,
}

/// A request that the index names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The request.
    pub request_id: RequestId,
    /// The key of its account.
    pub account_email: String,
}

impl Candidate {
    /// Of a key of the table; none where it is not a request's.
    pub fn of_key(partition: &str, sort: &str) -> Option<Self> {
        let request_id = RequestId::parse(sort.strip_prefix(REQUEST_PREFIX)?)?;
        Some(Self { request_id, account_email: partition.to_owned() })
    }

    /// The key of its account as an e-mail; none where it is malformed.
    pub fn email(&self) -> Option<Email> {
        Email::parse(&self.account_email).ok()
    }
}

impl Table {
    /// The first `limit` requests of a queue after this one: of those that wait, the oldest.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn queued(
        &self,
        queue: QueueName,
        after: Option<&Candidate>,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let mut query = self.queue_query(queue);
        query = match after {
            None => conditioned(query, "#Queue = :queue"),
            Some(after) => conditioned(query, "#Queue = :queue AND #QueueOrder > :after")
                .expression_attribute_values(":after", text(after.request_id.to_string())),
        };
        self.candidates(query, limit).await
    }

    /// The first `limit` requests of a queue by time that are due.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn due(&self, queue: QueueName, now: Timestamp, limit: usize) -> Result<Vec<Candidate>> {
        let query = conditioned(self.queue_query(queue), "#Queue = :queue AND #QueueOrder <= :now")
            .expression_attribute_values(":now", text(now.to_string()));
        self.candidates(query, limit).await
    }

    /// How many requests of a pool wait that are older than this one, counted to `most`.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn ahead_of(&self, pool: Pool, request: RequestId, most: usize) -> Result<usize> {
        let waiting = self.queue_query(QueueName::Waiting(pool));
        let query = conditioned(waiting, "#Queue = :queue AND #QueueOrder < :id")
            .expression_attribute_values(":id", text(request.to_string()));
        self.count(query, most).await
    }

    /// How many requests are in a queue, counted to `most`.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn queue_length(&self, queue: QueueName, most: usize) -> Result<usize> {
        self.count(conditioned(self.queue_query(queue), "#Queue = :queue"), most).await
    }

    fn queue_query(&self, queue: QueueName) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .index_name(QUEUE_INDEX)
            .expression_attribute_values(":queue", text(queue.to_string()))
    }

    async fn count(&self, query: QueryFluentBuilder, most: usize) -> Result<usize> {
        let answer = query
            .select(Select::Count)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| into_error(NOT_READ, error))?;
        Ok(usize::try_from(answer.count).unwrap_or_default())
    }

    async fn candidates(&self, query: QueryFluentBuilder, limit: usize) -> Result<Vec<Candidate>> {
        let answer = query
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| into_error(NOT_READ, error))?;
        Ok(answer.items.unwrap_or_default().iter().filter_map(candidate).collect())
    }
}

fn conditioned(query: QueryFluentBuilder, condition: &str) -> QueryFluentBuilder {
    query.key_condition_expression(condition).set_expression_attribute_names(names(condition))
}

fn candidate(item: &Item) -> Option<Candidate> {
    let part = |name: &str| item.get(name)?.as_s().ok();
    let found = Candidate::of_key(part(PARTITION)?, part(SORT)?);
    if found.is_none() {
        tracing::error!(
            record = part(SORT),
            inconsistency = true,
            "the index of the queues names what is no request"
        );
    }
    found
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting(pool) => write!(f, "{pool}"),
            Self::Parked(pool) => write!(f, "PARKED#{pool}"),
            Self::Held(pool) => write!(f, "HELD#{pool}"),
            Self::Unnotified => f.write_str("UNNOTIFIED"),
            Self::Watched => f.write_str("WATCHED"),
        }
    }
}

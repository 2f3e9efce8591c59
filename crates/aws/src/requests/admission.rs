//! The slots of the landing zone and the queue before them.
//!
//! A slot is an element of the set `Holders` of one item. It is taken before an operation may be begun and
//! given back in the very transaction that ends the request, so a crash between two writes leaks nothing: a
//! step that runs again finds itself a holder. The queue is the index of the requests that are `Valid`, the
//! oldest first.

use accounts_core::admission::{Rules, Turn, turn};
use accounts_core::{AccountRequest, Email, Error, Kind, RequestId, Result, Status, Timestamp};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Select, TransactWriteItem, Update};

use super::acceptance::cancellation;
use super::{KEY, NOT_READ, NOT_WRITTEN, Requests, STATUS_INDEX, number, text};
use crate::failed::{failed, sort};

/// The key of the item that holds the slots. Upper case, so that no e-mail equals it.
const SLOTS: &str = "SLOTS#";

/// Further back than this nobody counts; the wait is the longest anyway.
const MOST_COUNTED: usize = 600;

/// As many operands as an `IN` has (DynamoDB developer guide, "Condition and filter expressions").
const MOST_HOLDERS: usize = 100;

/// How many signs a workflow that looks often enough gives before it would count as gone.
const SIGNS_BEFORE_GONE: f64 = 12.0;

impl Requests {
    /// Takes a slot if it is the request's turn. A request that has one keeps it.
    ///
    /// # Errors
    /// If the table cannot be read or written; whether a slot was taken is then for the next try to find.
    pub async fn take_turn(&self, request: &AccountRequest, rules: &Rules, now: Timestamp) -> Result<Turn> {
        let holders = self.holders().await?;
        self.give_a_sign(request, rules, now).await?;
        if holders.contains(&holder(request)) {
            return Ok(Turn::Again);
        }
        let ahead = self.ahead_of(request, &holders, rules, now).await?;
        let mut free = rules.slots.saturating_sub(holders.len());
        if ahead == 0 && free == 0 {
            free = self.evict(holders, rules, now).await?;
        }
        let waited_seconds = now.seconds_since(request.created_at);
        match turn(ahead, rules.slots, free, rules.poll_seconds, waited_seconds) {
            Turn::Now if self.take_slot(request, rules.slots, now).await? => Ok(Turn::Now),
            Turn::Now => Ok(Turn::Later { wait_seconds: rules.poll_seconds }),
            other => Ok(other),
        }
    }

    /// Whether the request holds a slot, which it does as long as an operation of it may be running.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn holds_slot(&self, request: &AccountRequest) -> Result<bool> {
        Ok(self.holders().await?.contains(&holder(request)))
    }

    /// How many slots are taken.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn slots_in_use(&self) -> Result<usize> {
        Ok(self.holders().await?.len())
    }

    /// Gives the request's slot back; there is nothing to give back the second time.
    ///
    /// # Errors
    /// If the table cannot be written.
    pub async fn release_slot(&self, request: &AccountRequest) -> Result<()> {
        self.drop_holder(holder(request)).await
    }

    async fn holders(&self) -> Result<Vec<String>> {
        let item = self.item(SLOTS).await?.unwrap_or_default();
        Ok(item.get("Holders").and_then(|value| value.as_ss().ok()).cloned().unwrap_or_default())
    }

    /// Takes a slot, if there is one and the request still is what it was when it was read: one that was given
    /// up meanwhile begins nothing any more.
    async fn take_slot(&self, request: &AccountRequest, slots: usize, now: Timestamp) -> Result<bool> {
        let unwritable =
            |error: BuildError| Error::new(Kind::Internal, "The slot cannot be written.").caused_by(error);
        let slot = Update::builder()
            .table_name(&self.table)
            .key(KEY, text(SLOTS))
            .update_expression("ADD Holders :one")
            .condition_expression(
                "attribute_not_exists(Holders) OR size(Holders) < :slots OR contains(Holders, :holder)",
            )
            .expression_attribute_values(":one", AttributeValue::Ss(vec![holder(request)]))
            .expression_attribute_values(":holder", text(holder(request)))
            .expression_attribute_values(":slots", number(slots))
            .build()
            .map_err(unwritable)?;
        let taker = Update::builder()
            .table_name(&self.table)
            .key(KEY, text(request.account_email.as_str()))
            .update_expression("SET SeenAt = :now")
            .condition_expression("RequestID = :id AND #status = :status")
            .expression_attribute_names("#status", "Status")
            .expression_attribute_values(":id", text(request.request_id.to_string()))
            .expression_attribute_values(":status", text(request.status.name()))
            .expression_attribute_values(":now", text(now.to_string()))
            .build()
            .map_err(unwritable)?;
        let parts = [slot, taker].map(|update| TransactWriteItem::builder().update(update).build());
        match self.client.transact_write_items().set_transact_items(Some(parts.to_vec())).send().await {
            Ok(_) => Ok(true),
            // Full, or given up, or in each other's way: the next look tells.
            Err(error) => cancellation(error).map(|_| false),
        }
    }

    async fn drop_holder(&self, holder: String) -> Result<()> {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(KEY, text(SLOTS))
            .update_expression("DELETE Holders :one")
            .expression_attribute_values(":one", AttributeValue::Ss(vec![holder]))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(NOT_WRITTEN, error))
    }

    /// Says that the request's workflow is alive, so that it keeps its place in the queue. Not at every look:
    /// each sign is a record of the table's stream.
    async fn give_a_sign(&self, request: &AccountRequest, rules: &Rules, now: Timestamp) -> Result<()> {
        let fresh = |seen: Timestamp| now.seconds_since(seen) < rules.gone_after_seconds / SIGNS_BEFORE_GONE;
        if request.seen_at.is_some_and(fresh) {
            return Ok(());
        }
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(KEY, text(request.account_email.as_str()))
            .update_expression("SET SeenAt = :now")
            .condition_expression("RequestID = :id")
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":id", text(request.request_id.to_string()))
            .send()
            .await;
        match written.map_err(|error| sort(NOT_WRITTEN, error)) {
            Ok(_) => Ok(()),
            Err(refused) if refused.code.as_deref() == Some("ConditionalCheckFailedException") => {
                let sentence = format!("The request {} was followed by another.", request.request_id);
                Err(Error::new(Kind::Conflict, sentence))
            }
            Err(other) => Err(other.error),
        }
    }

    /// How many requests wait that are older and whose workflow is alive. One that holds a slot already (the
    /// landing zone's answer to it was lost, say) does not wait: it would count twice, and a few of them would
    /// stop everybody.
    async fn ahead_of(
        &self,
        request: &AccountRequest,
        holders: &[String],
        rules: &Rules,
        now: Timestamp,
    ) -> Result<usize> {
        let ids: Vec<_> =
            holders.iter().filter_map(|holder| Some(parse_holder(holder)?.0)).take(MOST_HOLDERS).collect();
        let names: Vec<_> = (0..ids.len()).map(|index| format!(":holder{index}")).collect();
        let mut waits = "SeenAt > :gone".to_owned();
        if !names.is_empty() {
            waits.push_str(&format!(" AND NOT RequestID IN ({})", names.join(", ")));
        }
        let mut ahead = 0;
        let mut from = None;
        loop {
            let mut query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(STATUS_INDEX)
                .key_condition_expression("#status = :valid AND CreatedAt < :created")
                .filter_expression(&waits)
                .expression_attribute_names("#status", "Status")
                .expression_attribute_values(":valid", text(Status::Valid.name()))
                .expression_attribute_values(":created", text(request.created_at.to_string()))
                .expression_attribute_values(
                    ":gone",
                    text(now.minus_seconds(rules.gone_after_seconds).to_string()),
                )
                .select(Select::Count)
                .limit(i32::try_from(MOST_COUNTED).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from);
            for (name, id) in names.iter().zip(&ids) {
                query = query.expression_attribute_values(name, text(id.to_string()));
            }
            let page = query.send().await.map_err(|error| failed(NOT_READ, error))?;
            ahead += usize::try_from(page.count).unwrap_or_default();
            from = page.last_evaluated_key;
            if from.is_none() || ahead >= MOST_COUNTED {
                return Ok(ahead);
            }
        }
    }

    /// Takes the slots of those that have lost them, and says how many are free then.
    async fn evict(&self, holders: Vec<String>, rules: &Rules, now: Timestamp) -> Result<usize> {
        let mut held = holders.len();
        for holder in holders {
            let Some((id, email)) = parse_holder(&holder) else {
                tracing::error!(holder, "a slot is held by nobody that can be found");
                self.drop_holder(holder).await?;
                held -= 1;
                continue;
            };
            let request = match self.of_email(&email).await {
                Ok(found) => found.filter(|request| request.request_id == id),
                Err(error) => {
                    // One item that cannot be read is its own request's trouble, not that of all who wait.
                    tracing::error!(request_id = %id, error = error.chain(), "who holds a slot cannot be read");
                    continue;
                }
            };
            match request {
                Some(request) if !rules.has_lost_its_place(&request, now) => continue,
                // It ended, and gave its slot back, since the holders were read.
                Some(request) if request.status.is_final() => {}
                _ => {
                    tracing::warn!(request_id = %id, "a slot is taken from a request that nobody follows any more")
                }
            }
            self.drop_holder(holder).await?;
            held -= 1;
        }
        Ok(rules.slots.saturating_sub(held))
    }
}

/// The part of a transaction that gives the request's slot back.
pub(super) fn release(table: &str, request: &AccountRequest) -> Result<Update, BuildError> {
    Update::builder()
        .table_name(table)
        .key(KEY, text(SLOTS))
        .update_expression("DELETE Holders :one")
        .expression_attribute_values(":one", AttributeValue::Ss(vec![holder(request)]))
        .build()
}

/// The part of a transaction that lets it happen only if the request holds no slot.
pub(super) fn holds_none(table: &str, request: &AccountRequest) -> Result<ConditionCheck, BuildError> {
    ConditionCheck::builder()
        .table_name(table)
        .key(KEY, text(SLOTS))
        .condition_expression("attribute_not_exists(Holders) OR NOT contains(Holders, :holder)")
        .expression_attribute_values(":holder", text(holder(request)))
        .build()
}

fn holder(request: &AccountRequest) -> String {
    format!("{} {}", request.request_id, request.account_email)
}

fn parse_holder(holder: &str) -> Option<(RequestId, Email)> {
    let (id, email) = holder.split_once(' ')?;
    Some((RequestId::parse(id)?, Email::parse(email).ok()?))
}

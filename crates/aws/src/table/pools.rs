//! The slots of a pool and its pause.

use accounts_core::{Error, Kind, Pool, PoolPause, RequestId, Result, Timestamp};

use super::keys::{Key, SORT, slot_partition};
use super::names::names;
use super::transaction::{Condition, Part, Transaction};
use super::{Item, NOT_READ, NOT_WRITTEN, Table, number, text};
use crate::sdk_error::{classify, into_error};

const SLOTS: &str = "#AccountEmail = :slots";
const HELD: &str = "#RequestID = :id AND #Admission = :admission";

/// Who holds a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotHolder {
    /// The slot's number, from 1.
    pub slot: u32,
    /// The key of the holder's account.
    pub account_email: String,
    /// The request.
    pub request_id: RequestId,
    /// Its admission.
    pub admission: u32,
    /// When it took the slot.
    pub taken_at: Timestamp,
}

impl Table {
    /// Who holds a slot of the pool, read consistently.
    ///
    /// # Errors
    /// If the table cannot be read, or a slot is malformed ([`Kind::Internal`]).
    pub async fn slot_holders(&self, pool: Pool) -> Result<Vec<SlotHolder>> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(SLOTS)
            .set_expression_attribute_names(names(SLOTS))
            .expression_attribute_values(":slots", text(slot_partition(pool)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| into_error(NOT_READ, error))?;
        answer.items.unwrap_or_default().iter().map(holder).collect()
    }

    /// Frees a slot whose holder does not hold it by its own record. Only a restored backup leaves such a slot.
    ///
    /// # Errors
    /// If the table cannot be written.
    pub async fn release_orphan(&self, pool: Pool, holder: &SlotHolder) -> Result<()> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(Key::slot(pool, holder.slot).item()))
            .condition_expression(HELD)
            .set_expression_attribute_names(names(HELD))
            .expression_attribute_values(":id", text(holder.request_id.to_string()))
            .expression_attribute_values(":admission", number(holder.admission))
            .send()
            .await;
        unless_changed(deleted.map(|_| ()).map_err(|error| classify(NOT_WRITTEN, error)))
    }

    /// The pause of the pool, if it has one; it may be over.
    ///
    /// # Errors
    /// If the table cannot be read, or holds something malformed.
    pub async fn pool_pause(&self, pool: Pool) -> Result<Option<PoolPause>> {
        let Some(item) = self.item(&Key::pool(pool)).await? else {
            return Ok(None);
        };
        serde_dynamo::from_item(item).map(Some).map_err(|error| {
            Error::new(Kind::Internal, "The stored state of a pool is malformed.").caused_by(error)
        })
    }

    /// Pauses the pool, longer each time, and says until when. A pool that is paused stays as it is.
    ///
    /// # Errors
    /// If the table cannot be read or written.
    pub async fn pause_pool(
        &self,
        pool: Pool,
        reason: &str,
        first_seconds: f64,
        now: Timestamp,
    ) -> Result<Timestamp> {
        let previous = self.pool_pause(pool).await?;
        let Some(pause) = PoolPause::after(previous.as_ref(), reason, first_seconds, now) else {
            return Ok(previous.map_or(now, |pause| pause.paused_until));
        };
        let mut item: Item = serde_dynamo::to_item(&pause)
            .map_err(|error| Error::new(Kind::Internal, NOT_WRITTEN).caused_by(error))?;
        item.extend(Key::pool(pool).item());
        let before = match &previous {
            None => Condition::absent(),
            Some(previous) => Condition::new("#Pauses = :pauses", [(":pauses", number(previous.pauses))]),
        };
        // In a transaction, although it is one write: every admission checks this item in one of its own.
        Transaction::new(self).put(Part::Pool, item, before)?.run().await?;
        tracing::error!(%pool, reason, until = %pause.paused_until, "the pool is paused");
        Ok(pause.paused_until)
    }

    /// Ends the pause of the pool, if it has one: an operation has begun.
    ///
    /// # Errors
    /// If the table cannot be read or written.
    pub async fn clear_pool_pause(&self, pool: Pool) -> Result<()> {
        if self.item(&Key::pool(pool)).await?.is_none() {
            return Ok(());
        }
        let there = Condition::new("attribute_exists(#AccountEmail)", []);
        Transaction::new(self).delete(Part::Pool, &Key::pool(pool), there)?.run().await?;
        tracing::info!(%pool, "the pause of the pool is over: an operation has begun");
        Ok(())
    }
}

/// A condition that failed says that somebody else has written: there is nothing left to do.
fn unless_changed(written: std::result::Result<(), crate::sdk_error::CallFailure>) -> Result<()> {
    match written {
        Ok(()) => Ok(()),
        Err(failure) if failure.code.as_deref() == Some("ConditionalCheckFailedException") => Ok(()),
        Err(failure) => Err(failure.error),
    }
}

fn holder(item: &Item) -> Result<SlotHolder> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let read = || {
        Some(SlotHolder {
            slot: text(SORT)?.parse().ok()?,
            account_email: text("Owner")?.clone(),
            request_id: RequestId::parse(text("RequestID")?)?,
            admission: item.get("Admission")?.as_n().ok()?.parse().ok()?,
            taken_at: Timestamp::try_from(text("TakenAt")?.clone()).ok()?,
        })
    };
    read().ok_or_else(|| {
        Error::new(Kind::Internal, "A stored slot is malformed.").caused_by(format!("slot {:?}", text(SORT)))
    })
}

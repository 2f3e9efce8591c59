//! The slots of a pool and its pause. Every write is a transaction, also where it is one write alone: admissions write and
//! check these items in transactions of their own, and a plain write that meets one is not tried again.

use accounts_core::{Error, Kind, Pool, PoolPause, RequestId, Result, Timestamp};

use super::keys::{Key, SORT, slot_partition};
use super::names::names;
use super::transaction::{Condition, Outcome, Part, Transaction};
use super::{Item, NOT_READ, NOT_WRITTEN, Table, number, text};
use crate::sdk_error::into_error;

/// How often a pause is decided anew that changes between a read and the write.
const TRIES: u32 = 8;

const SLOTS: &str = "#AccountEmail = :slots";

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
        let held = Condition::new(
            "#RequestID = :id AND #Admission = :admission",
            [(":id", text(holder.request_id.to_string())), (":admission", number(holder.admission))],
        );
        Transaction::new(self).delete(Part::Slot, &Key::slot(pool, holder.slot), held)?.run().await?;
        Ok(())
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
    /// If the table cannot be read or written; [`Kind::Transient`] if the pause changes each time.
    pub async fn pause_pool(
        &self,
        pool: Pool,
        reason: &str,
        first_seconds: f64,
        now: Timestamp,
    ) -> Result<Timestamp> {
        for _ in 0..TRIES {
            let previous = self.pool_pause(pool).await?;
            let Some(pause) = PoolPause::after(previous.as_ref(), reason, first_seconds, now) else {
                return Ok(previous.map_or(now, |pause| pause.paused_until));
            };
            let mut item: Item = serde_dynamo::to_item(&pause)
                .map_err(|error| Error::new(Kind::Internal, NOT_WRITTEN).caused_by(error))?;
            item.extend(Key::pool(pool).item());
            let before = match &previous {
                None => Condition::absent(),
                // Its time, and not its number: that begins anew after each end of a pause.
                Some(previous) => Condition::new(
                    "#PausedUntil = :until",
                    [(":until", text(previous.paused_until.to_string()))],
                ),
            };
            if let Outcome::Written = Transaction::new(self).put(Part::Pool, item, before)?.run().await? {
                tracing::error!(%pool, reason, until = %pause.paused_until, "the pool is paused");
                return Ok(pause.paused_until);
            }
        }
        Err(Error::new(Kind::Transient, "The pause of the pool changes too fast to be written."))
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

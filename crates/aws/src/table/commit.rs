//! Writes a change of the domain in one transaction.

use accounts_core::{Change, Error, Kind, Request, RequestStatus, Result, SlotChange, Timestamp};

use super::items::{self, Stored};
use super::keys::Key;
use super::transaction::{Condition, Outcome, Part, Transaction};
use super::{Table, number, text};

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is written.
    Written,
    /// Something it was decided on has changed: read and decide again.
    Stale,
    /// The slot is taken.
    SlotTaken,
    /// The pool is paused.
    PoolPaused,
    /// The account id is another account's.
    IdTaken,
}

impl Table {
    /// Writes a change, all of it or nothing.
    ///
    /// # Errors
    /// If the table could not be written, or whether it was is unknown.
    pub async fn commit(&self, change: &Change, now: Timestamp) -> Result<Commit> {
        let outcome = self.transaction_of(change, now, change.releases_name)?.run().await?;
        if change.releases_name
            && matches!(&outcome, Outcome::Refused(parts) if parts.iter().all(|(part, _)| *part == Part::Name))
        {
            // The name is not claimed by this request, which only a restored backup leaves. The end matters more.
            let request_id = change.request.as_ref().map(|request| request.request_id.to_string());
            tracing::error!(
                request_id,
                inconsistency = true,
                "the account's name is not claimed by this request"
            );
            let outcome = self.transaction_of(change, now, false)?.run().await?;
            return Ok(read(&outcome, change));
        }
        let commit = read(&outcome, change);
        let fails = change.request.as_ref().filter(|request| request.status == RequestStatus::Failed);
        if let (Commit::IdTaken, Some(request)) = (commit, fails) {
            // The account that may exist is known under another e-mail. The end matters more than the claim.
            let request_id = request.request_id;
            tracing::error!(%request_id, inconsistency = true, "the account's id is claimed by another account");
            let unclaimed = Change { claims: None, ..change.clone() };
            let outcome = self.transaction_of(&unclaimed, now, change.releases_name)?.run().await?;
            return Ok(read(&outcome, &unclaimed));
        }
        Ok(commit)
    }

    fn transaction_of(&self, change: &Change, now: Timestamp, release_name: bool) -> Result<Transaction<'_>> {
        let mut transaction = Transaction::new(self);
        if let Some(request) = &change.request {
            transaction = versioned(transaction, Part::Request, request)?;
        }
        if let Some(account) = &change.account {
            transaction = versioned(transaction, Part::Account, account)?;
        }
        if let Some(operation) = &change.operation {
            transaction = versioned(transaction, Part::Operation, operation)?;
        }
        if change.slot == SlotChange::None && !release_name && change.claims.is_none() {
            return Ok(transaction);
        }
        let request = change
            .request
            .as_ref()
            .ok_or_else(|| Error::new(Kind::Internal, "A change of a slot or a claim names no request."))?;
        transaction = slot(transaction, change.slot, request, now)?;
        if release_name {
            let own = Condition::new("#RequestID = :id", [(":id", text(request.request_id.to_string()))]);
            transaction = transaction.delete(Part::Name, &Key::name(&request.details().account_name), own)?;
        }
        if let Some(id) = &change.claims {
            let mut item = Key::account_id(id).item();
            item.insert("Owner".to_owned(), text(request.account_email.as_str()));
            item.insert("RequestID".to_owned(), text(request.request_id.to_string()));
            let free = Condition::new(
                "attribute_not_exists(#AccountEmail) OR #Owner = :owner",
                [(":owner", text(request.account_email.as_str()))],
            );
            transaction = transaction.put(Part::AccountId, item, free)?;
        }
        Ok(transaction)
    }
}

/// The item whole, if it still has the version before this one.
pub(super) fn versioned<'a, T: Stored>(
    transaction: Transaction<'a>,
    part: Part,
    value: &T,
) -> Result<Transaction<'a>> {
    let before = Condition::version(value.version().saturating_sub(1));
    transaction.put(part, items::write(value)?, before)
}

fn slot<'a>(
    transaction: Transaction<'a>,
    change: SlotChange,
    request: &Request,
    now: Timestamp,
) -> Result<Transaction<'a>> {
    // The admission is the fencing token: it differs each time a request is given a slot.
    let held = || {
        Condition::new(
            "#RequestID = :id AND #Admission = :admission",
            [(":id", text(request.request_id.to_string())), (":admission", number(request.admission))],
        )
    };
    match change {
        SlotChange::None => Ok(transaction),
        SlotChange::Check(pool, slot) => transaction.check(Part::Slot, &Key::slot(pool, slot), held()),
        SlotChange::Release(pool, slot) => transaction.delete(Part::Slot, &Key::slot(pool, slot), held()),
        SlotChange::Take(pool, slot) => {
            let mut item = Key::slot(pool, slot).item();
            item.insert("Owner".to_owned(), text(request.account_email.as_str()));
            item.insert("RequestID".to_owned(), text(request.request_id.to_string()));
            item.insert("Admission".to_owned(), number(request.admission));
            item.insert("TakenAt".to_owned(), text(now.to_string()));
            let open = Condition::new(
                "attribute_not_exists(#PausedUntil) OR #PausedUntil <= :now",
                [(":now", text(now.to_string()))],
            );
            transaction.put(Part::Slot, item, Condition::absent())?.check(Part::Pool, &Key::pool(pool), open)
        }
    }
}

fn read(outcome: &Outcome, change: &Change) -> Commit {
    let Outcome::Refused(_) = outcome else {
        return Commit::Written;
    };
    let refused = |part| outcome.refused(part).is_some();
    if refused(Part::Request) || refused(Part::Account) || refused(Part::Operation) {
        return Commit::Stale;
    }
    match change.slot {
        SlotChange::Take(..) if refused(Part::Pool) => Commit::PoolPaused,
        SlotChange::Take(..) if refused(Part::Slot) => Commit::SlotTaken,
        _ if refused(Part::Slot) => Commit::Stale,
        _ if refused(Part::AccountId) => Commit::IdTaken,
        _ => Commit::Stale,
    }
}

//! Applies a transition of the domain: reads, has it decided, writes, and starts over where something changed
//! meanwhile.

use accounts_core::{Change, Disposition, Ending, Error, Kind, Operation, Result, Snapshot, Timestamp};

use super::{Commit, Table};

/// How often a transition is decided anew whose items change meanwhile.
const TRIES: u32 = 10;

/// What became of a transition.
#[derive(Clone, Debug, PartialEq)]
pub enum Transitioned {
    /// It is written; this is the request after it.
    Written(Snapshot),
    /// Nothing had to be written; this is the request as it is.
    Unchanged(Snapshot),
    /// It was not written: the account's id is claimed by another account.
    IdTaken(Snapshot),
}

impl Transitioned {
    /// The request as it is now.
    pub fn into_snapshot(self) -> Snapshot {
        match self {
            Self::Written(snapshot) | Self::Unchanged(snapshot) | Self::IdTaken(snapshot) => snapshot,
        }
    }
}

impl Table {
    /// Applies a transition to a request that was read. `decide` gives what is to be written, or nothing; it is called
    /// again, with the request as it is by then, as long as something changes between a read and the write.
    ///
    /// # Errors
    /// Those of `decide`; the table's; [`Kind::Transient`] if the request changes each time.
    pub async fn transition(
        &self,
        mut snapshot: Snapshot,
        now: Timestamp,
        decide: impl Fn(&Snapshot) -> Result<Option<Change>>,
    ) -> Result<Transitioned> {
        for _ in 0..TRIES {
            let Some(change) = decide(&snapshot)? else {
                return Ok(Transitioned::Unchanged(snapshot));
            };
            match self.commit(&change, now).await? {
                Commit::Written => return Ok(Transitioned::Written(after(snapshot, change))),
                Commit::IdTaken => return Ok(Transitioned::IdTaken(snapshot)),
                Commit::Stale | Commit::SlotTaken | Commit::PoolPaused => {
                    let request = &snapshot.request;
                    snapshot = self.snapshot(&request.account_email, request.request_id).await?;
                }
            }
        }
        Err(Error::new(Kind::Transient, "The request changes too fast to be moved."))
    }

    /// Stores a fact about the operation of this number: an answer, or its outcome.
    ///
    /// # Errors
    /// As [`Self::transition`].
    pub async fn change_operation(
        &self,
        snapshot: Snapshot,
        number: u32,
        now: Timestamp,
        change: impl Fn(&Operation) -> Option<Operation>,
    ) -> Result<Transitioned> {
        let decide = |snapshot: &Snapshot| {
            let operation = snapshot.operation.as_ref().filter(|operation| operation.number == number);
            Ok(operation.and_then(&change).map(Snapshot::operation_changed))
        };
        self.transition(snapshot, now, decide).await
    }

    /// Ends a request whose account exists. Where another account has claimed its id, the request fails instead, and
    /// keeps its claims: somebody has to look.
    ///
    /// # Errors
    /// As [`Self::transition`].
    pub async fn complete(
        &self,
        snapshot: Snapshot,
        note: Option<String>,
        notify: bool,
        now: Timestamp,
    ) -> Result<Transitioned> {
        let complete = |snapshot: &Snapshot| match snapshot.disposition() {
            Disposition::Complete(_) => snapshot.complete(note.clone(), notify, now).map(Some),
            _ => Ok(None),
        };
        match self.transition(snapshot, now, complete).await? {
            Transitioned::IdTaken(snapshot) => self.fail_unclaimed(snapshot, notify, now).await,
            other => Ok(other),
        }
    }

    async fn fail_unclaimed(&self, snapshot: Snapshot, notify: bool, now: Timestamp) -> Result<Transitioned> {
        tracing::error!(
            request_id = %snapshot.request.request_id,
            inconsistency = true,
            "the id of the account is claimed by another account"
        );
        self.transition(snapshot, now, |snapshot| {
            let Disposition::Complete(account_id) = snapshot.disposition() else {
                return Ok(None);
            };
            let ending = Ending {
                reason: format!("The account {account_id} belongs to another request already."),
                account_may_exist: true,
                account_id: Some(account_id),
            };
            Ok(Some(Change { claims: None, ..snapshot.fail(&ending, notify, now)? }))
        })
        .await
    }
}

fn after(snapshot: Snapshot, change: Change) -> Snapshot {
    Snapshot {
        account: change.account.unwrap_or(snapshot.account),
        request: change.request.unwrap_or(snapshot.request),
        operation: change.operation.or(snapshot.operation),
    }
}

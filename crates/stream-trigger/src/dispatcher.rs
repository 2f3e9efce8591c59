//! The dispatcher: a FIFO queue for each pool, with a concurrency limit.
//!
//! # Theory
//!
//! A request that waits has no execution. The dispatcher gives each free slot of a pool to the oldest waiting request,
//! in one transaction: the slot is written if it is absent, the request if it still waits, and the pool is checked not
//! to be paused. Then it starts the execution. Two dispatchers at once, a late or doubled record and a stale index can
//! therefore only lose such a condition; the loser goes on with the next slot or the next request.
//!
//! | what is lost | what repairs it |
//! | --- | --- |
//! | the record of a request, or of a slot that became free | the next dispatch, or the reconciler's |
//! | the process, between admission and start | the reconciler: it starts slot holders that have no execution |
//! | the answer of `StartExecution` | the execution's name: it exists already |
//!
//! The candidates are the requests of the batch itself, which the index may not show yet, and the first ones of the
//! index. Each is read from the table before it is given a slot. What a dispatch costs depends on the number of free
//! slots, never on the number of requests that wait.

use std::collections::{BTreeSet, VecDeque};

use accounts_aws::{Candidate, Commit, QueueName};
use accounts_core::transition::admit;
use accounts_core::{Backend, Kind, Placement, Pool, Request, Result};

use crate::{Candidates, StreamTrigger};

/// How often one request is read again that changes while it is given a slot.
const TRIES: u32 = 4;

/// What became of one candidate.
enum Admission {
    /// It has the slot.
    Admitted(Box<Request>),
    /// It does not wait any more, or is not to be found.
    Skipped,
    /// The slot is somebody else's.
    SlotTaken,
    /// The pool is paused.
    PoolPaused,
}

impl<B: Backend> StreamTrigger<B> {
    /// Gives the free slots of a pool to the oldest waiting requests, and starts their executions. Says how many.
    ///
    /// # Errors
    /// If the table could not be read or written, or an execution could not be started. What was admitted is started all
    /// the same, and the reconciler starts what was not.
    pub(crate) async fn dispatch(&self, pool: Pool, inserted: &[Candidate]) -> Result<usize> {
        let taken: BTreeSet<_> =
            self.table.slot_holders(pool).await?.iter().map(|holder| holder.slot).collect();
        let mut free: VecDeque<_> = (1..=self.slots(pool)).filter(|slot| !taken.contains(slot)).collect();
        let mut admitted = 0;
        let mut not_started = None;
        let mut candidates = Candidates::of_batch(inserted);
        while let Some(limit) = candidates.next_page(free.len()) {
            let page = self.table.queued(QueueName::Waiting(pool), candidates.read_to(), limit).await?;
            candidates.add_page(page, limit);
            while let (Some(candidate), Some(slot)) = (candidates.first().cloned(), free.front().copied()) {
                match self.admit(pool, &candidate, slot).await? {
                    Admission::PoolPaused => return not_started.map_or(Ok(admitted), Err),
                    Admission::SlotTaken => {
                        free.pop_front();
                        continue;
                    }
                    Admission::Skipped => {}
                    Admission::Admitted(request) => {
                        free.pop_front();
                        admitted += 1;
                        if let Err(error) = self.start(&request).await {
                            not_started.get_or_insert(error);
                        }
                    }
                }
                candidates.remove(&candidate);
            }
        }
        not_started.map_or(Ok(admitted), Err)
    }

    async fn admit(&self, pool: Pool, candidate: &Candidate, slot: u32) -> Result<Admission> {
        let Some(email) = candidate.email() else {
            tracing::error!(request_id = %candidate.request_id, "the key of a waiting request is malformed");
            return Ok(Admission::Skipped);
        };
        for _ in 0..TRIES {
            let request = match self.table.request_of(&email, candidate.request_id).await {
                Ok(Some(request)) if request.placement() == Placement::Waiting(pool) => request,
                Ok(_) => return Ok(Admission::Skipped),
                Err(error) if error.kind() == Kind::Internal => {
                    // One malformed item stops its own request, and no other.
                    let request_id = candidate.request_id;
                    tracing::error!(%request_id, error = error.chain(), "a waiting request cannot be read");
                    return Ok(Admission::Skipped);
                }
                Err(error) => return Err(error),
            };
            let now = self.clock.now();
            let Some(change) = admit(&request, slot, now) else {
                return Ok(Admission::Skipped);
            };
            match self.table.commit(&change, now).await? {
                Commit::Written => {
                    let request = change.request.unwrap_or(request);
                    let (request_id, admission) = (request.request_id, request.admission);
                    tracing::info!(%request_id, %pool, slot, admission, "the request was admitted");
                    return Ok(Admission::Admitted(Box::new(request)));
                }
                Commit::SlotTaken => return Ok(Admission::SlotTaken),
                Commit::PoolPaused => return Ok(Admission::PoolPaused),
                Commit::Stale | Commit::IdTaken => {}
            }
        }
        Ok(Admission::Skipped)
    }

    /// Starts the current execution of a slot holder.
    ///
    /// # Errors
    /// As [`Executions::start`](accounts_aws::Executions::start).
    pub(crate) async fn start(&self, request: &Request) -> Result<()> {
        let (request_id, admission, execution) = (request.request_id, request.admission, request.execution);
        self.executions.start(request).await?;
        tracing::info!(%request_id, admission, execution, "the execution was started");
        Ok(())
    }
}

//! The reconciler: repairs what a lost event, record or execution left behind.
//!
//! # Theory
//!
//! An open request is exactly one of: waiting, parked, holding a slot. The reconciler looks at each of the three, and
//! at ended requests whose end was not published. It reads the table and Step Functions, and writes only by the
//! conditions of the transitions; so it may run beside itself, beside the dispatcher and beside every function.
//!
//! | it finds | it does |
//! | --- | --- |
//! | a parked request that is due | puts it back into its queue, at its original age |
//! | a slot holder whose execution does not exist | starts that execution |
//! | a slot holder whose execution has closed, and that is due | counts its execution up, and starts that one |
//! | a slot whose holder does not hold it | frees it, and alarms |
//! | a holder whose slot is not its own | gives it a free slot, and alarms |
//! | an end that was not published for a while | publishes it |
//! | a free slot | dispatches |
//! | a resolved request that is due | looks whether its account has appeared after all |
//!
//! Each part is bounded, so that a run costs the same however many requests wait.

use accounts_aws::{Candidate, Commit, ExecutionState, QueueName, SlotHolder};
use accounts_core::transition::{readmit, restart, unpark};
use accounts_core::{Backend, Change, Email, Error, Placement, Pool, Request, Result, Timestamp};
use accounts_lambda::PoolGauges;
use serde_json::{Value, json};

use crate::StreamTrigger;

/// How many parked requests one run puts back.
const MOST_UNPARKED: usize = 100;

/// How many ends one run publishes.
const MOST_PUBLISHED: usize = 25;

/// To what the gauges count waiting and parked requests.
const MOST_COUNTED: usize = 100;

/// What one run did.
#[derive(Default)]
struct Done {
    unparked: usize,
    restarted: usize,
    dispatched: usize,
    published: usize,
    watched: usize,
    first_error: Option<Error>,
}

impl Done {
    /// One part that fails stops no other; the run is reported as failed in the end, so that somebody looks.
    fn fail(&mut self, what: &str, error: Error) {
        tracing::error!(error = error.chain(), "{what}");
        self.first_error.get_or_insert(error);
    }
}

impl<B: Backend> StreamTrigger<B> {
    /// Runs once.
    ///
    /// # Errors
    /// The first of what could not be done, after everything else was tried.
    pub(crate) async fn reconcile(&self) -> Result<Value> {
        let mut done = Done::default();
        for pool in Pool::ALL {
            self.unpark_due(pool, &mut done).await;
            let gauges = self.check_holders(pool, &mut done).await;
            self.readmit_holders(pool, &mut done).await;
            match self.dispatch(pool, &[]).await {
                Ok(count) => done.dispatched += count,
                Err(error) => done.fail("the free slots could not be given", error),
            }
            // Where the slots could not be read, no gauge is better than a wrong one.
            if let Some(gauges) = gauges {
                match self.measured(pool, gauges).await {
                    Ok(gauges) => self.metrics.pool(pool, &gauges, self.clock.now()),
                    Err(error) => done.fail("the pool could not be measured", error),
                }
            }
        }
        self.publish_ends(&mut done).await;
        match self.watch().await {
            Ok(count) => done.watched = count,
            Err(error) => done.fail("the resolved requests could not be looked at", error),
        }
        let report = json!({
            "unparked": done.unparked, "restarted": done.restarted, "dispatched": done.dispatched,
            "published": done.published, "watched": done.watched,
        });
        done.first_error.map_or(Ok(report), Err)
    }

    async fn unpark_due(&self, pool: Pool, done: &mut Done) {
        let now = self.clock.now();
        let due = match self.table.due(QueueName::Parked(pool), now, MOST_UNPARKED).await {
            Ok(due) => due,
            Err(error) => return done.fail("the parked requests could not be listed", error),
        };
        for candidate in due {
            match self.change(&candidate, now, |request| unpark(request, now)).await {
                Ok(changed) => done.unparked += usize::from(changed.is_some()),
                Err(error) => done.fail("a parked request could not be put back", error),
            }
        }
    }

    async fn check_holders(&self, pool: Pool, done: &mut Done) -> Option<PoolGauges> {
        let slots = usize::try_from(self.slots(pool)).unwrap_or(usize::MAX);
        let mut gauges = PoolGauges { slots, ..PoolGauges::default() };
        let holders = match self.table.slot_holders(pool).await {
            Ok(holders) => holders,
            Err(error) => {
                done.fail("the slots could not be read", error);
                return None;
            }
        };
        gauges.slots_in_use = holders.len();
        for holder in holders {
            let age_seconds = self.clock.now().seconds_since(holder.taken_at);
            gauges.oldest_in_progress_seconds = gauges.oldest_in_progress_seconds.max(age_seconds);
            match self.check_holder(pool, &holder, &mut gauges).await {
                Ok(restarted) => done.restarted += usize::from(restarted),
                Err(error) => {
                    tracing::error!(request_id = %holder.request_id, slot = holder.slot, "a slot holder is not followed");
                    done.fail("a slot holder could not be looked at", error);
                }
            }
        }
        Some(gauges)
    }

    /// Says whether an execution was started.
    async fn check_holder(&self, pool: Pool, holder: &SlotHolder, gauges: &mut PoolGauges) -> Result<bool> {
        let now = self.clock.now();
        let request = self.request_of(holder).await?.filter(|request| holds(request, pool, holder));
        let Some(request) = request else {
            self.free_if_orphan(pool, holder, now).await?;
            return Ok(false);
        };
        gauges.overdue += usize::from(request.overdue_since.is_some());
        if request.resume_at.is_some_and(|at| at > now) {
            return Ok(false);
        }
        match self.executions.state(&request).await? {
            ExecutionState::Running => return Ok(false),
            // It was admitted, and whoever did it died before the start.
            ExecutionState::Missing => self.start(&request).await?,
            ExecutionState::Closed => {
                let Some(change) = restart(&request, now) else {
                    return Ok(false);
                };
                match (self.table.commit(&change, now).await?, change.request) {
                    (Commit::Written, Some(request)) => self.start(&request).await?,
                    // It moved on while it was looked at.
                    _ => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    /// A request that holds a slot by its own record, while the slot is free or somebody else's, gets a free one. No
    /// transition leaves one, only a restored backup does.
    async fn readmit_holders(&self, pool: Pool, done: &mut Done) {
        let most = usize::try_from(self.slots(pool)).unwrap_or(MOST_COUNTED).saturating_add(MOST_COUNTED);
        let readmitted = async {
            let held = self.table.queued(QueueName::Held(pool), None, most).await?;
            let holders = self.table.slot_holders(pool).await?;
            let mut taken: Vec<_> = holders.iter().map(|holder| holder.slot).collect();
            for candidate in held {
                if holders.iter().any(|holder| holder.request_id == candidate.request_id) {
                    continue;
                }
                let Some(slot) = (1..=self.slots(pool)).find(|slot| !taken.contains(slot)) else {
                    break;
                };
                taken.push(slot);
                self.readmit(pool, &candidate, slot).await?;
            }
            Ok(())
        };
        if let Err(error) = readmitted.await {
            done.fail("the slot holders could not be compared with the slots", error);
        }
    }

    async fn readmit(&self, pool: Pool, candidate: &Candidate, slot: u32) -> Result<()> {
        let Some(request) = self.read(candidate).await? else {
            return Ok(());
        };
        let Placement::Holding(_, own) = request.placement() else {
            return Ok(());
        };
        // It may have been admitted since the slots were read.
        let holders = self.table.slot_holders(pool).await?;
        if holders.iter().any(|holder| holder.slot == own && holder.request_id == request.request_id) {
            return Ok(());
        }
        let now = self.clock.now();
        let Some(change) = readmit(&request, slot, now) else {
            return Ok(());
        };
        tracing::error!(request_id = %request.request_id, slot = own, "a request holds a slot that is not its own");
        self.metrics.inconsistency(now);
        match (self.table.commit(&change, now).await?, change.request) {
            (Commit::Written, Some(request)) => self.start(&request).await,
            _ => Ok(()),
        }
    }

    /// Frees a slot whose holder does not hold it: no transition leaves one, only a restored backup does. A slot that
    /// was given back while the holder was read is none.
    async fn free_if_orphan(&self, pool: Pool, holder: &SlotHolder, now: Timestamp) -> Result<()> {
        if !self.table.slot_holders(pool).await?.contains(holder) {
            return Ok(());
        }
        if self.request_of(holder).await?.is_some_and(|request| holds(&request, pool, holder)) {
            return Ok(());
        }
        tracing::error!(request_id = %holder.request_id, slot = holder.slot, "a slot is held by a request that has none");
        self.metrics.inconsistency(now);
        self.table.release_orphan(pool, holder).await
    }

    async fn request_of(&self, holder: &SlotHolder) -> Result<Option<Request>> {
        match Email::parse(&holder.account_email) {
            Ok(email) => self.table.request_of(&email, holder.request_id).await,
            Err(_) => Ok(None),
        }
    }

    async fn measured(&self, pool: Pool, mut gauges: PoolGauges) -> Result<PoolGauges> {
        let now = self.clock.now();
        gauges.waiting = self.table.queue_length(QueueName::Waiting(pool), MOST_COUNTED).await?;
        gauges.parked = self.table.queue_length(QueueName::Parked(pool), MOST_COUNTED).await?;
        let oldest = self.table.queued(QueueName::Waiting(pool), None, 1).await?;
        gauges.oldest_waiting_seconds =
            oldest.first().map_or(0.0, |oldest| now.seconds_since(oldest.request_id.created_at()));
        gauges.paused = self.table.pool_pause(pool).await?.is_some_and(|pause| pause.paused_until > now);
        Ok(gauges)
    }

    /// Publishes ends whose function died before it did. Those that are new are left to their function.
    async fn publish_ends(&self, done: &mut Done) {
        if !self.notifications.enabled() {
            return;
        }
        let now = self.clock.now();
        let before = now.plus_seconds(-self.backoff_seconds);
        let unpublished = match self.table.due(QueueName::Unnotified, before, MOST_PUBLISHED).await {
            Ok(unpublished) => unpublished,
            Err(error) => return done.fail("the unpublished ends could not be listed", error),
        };
        for candidate in unpublished {
            let published = match self.read(&candidate).await {
                Ok(Some(request)) if request.notify_since.is_some() => {
                    self.notifications.publish(&request, now).await.map(|()| true)
                }
                Ok(_) => Ok(false),
                Err(error) => Err(error),
            };
            match published {
                Ok(published) => done.published += usize::from(published),
                Err(error) => done.fail("an end could not be published", error),
            }
        }
    }

    /// Reads the request of a candidate and writes what `decide` makes of it. None if there is nothing to write, or
    /// somebody else wrote it.
    pub(crate) async fn change(
        &self,
        candidate: &Candidate,
        now: Timestamp,
        decide: impl Fn(&Request) -> Option<Change>,
    ) -> Result<Option<Request>> {
        let Some(change) = self.read(candidate).await?.as_ref().and_then(decide) else {
            return Ok(None);
        };
        match self.table.commit(&change, now).await? {
            Commit::Written => Ok(change.request),
            _ => Ok(None),
        }
    }

    pub(crate) async fn read(&self, candidate: &Candidate) -> Result<Option<Request>> {
        match candidate.email() {
            Some(email) => self.table.request_of(&email, candidate.request_id).await,
            None => Ok(None),
        }
    }
}

/// Whether the request holds this slot by its own record.
fn holds(request: &Request, pool: Pool, holder: &SlotHolder) -> bool {
    request.placement() == Placement::Holding(pool, holder.slot) && request.admission == holder.admission
}

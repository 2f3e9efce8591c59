//! What is asked of the table at once with others, as the functions ask it.

use accounts_aws::{Candidate, Commit, HistoryPage, QueueName, SlotHolder, Table, Transitioned};
use accounts_core::transition::{Statement, admit, notified, readmit, restart, unpark, watched};
use accounts_core::{
    Acceptance, Account, AccountId, BackendName, Caller, Change, Disposition, ExecutionRef, Fields,
    IdempotencyKey, Kind, NewAccount, Operation, OperationOutcome, OperationState, Placement, Pool,
    PoolPause, Rejection, Request, RequestId, Resolution, Result, Snapshot, Timestamp, Unit,
};

/// The one pool.
pub(super) const POOL: Pool = Pool::ControlTower;

/// How often a change of one request is decided anew, as the dispatcher does.
const TRIES: u32 = 10;

/// After this an attempt can no longer arrive, in seconds.
const ATTEMPT_EXPIRY_SECONDS: f64 = 1020.0;

/// The backoff of a setback, in seconds.
const BACKOFF_SECONDS: f64 = 60.0;

/// What is asked. Numbers name one of a few names, keys, slots and ids, so that tasks meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    Accept { email: u8, name: u8, key: Option<u8>, unit: bool },
    Admit { slot: u32 },
    Readmit { slot: u32 },
    Restart,
    Unpark,
    Notified,
    Watched { again: bool },
    Validated,
    RejectedByValidation,
    Begin,
    Attempt,
    BackendAccepted,
    BackendRejected { is_final: bool },
    OperationEnded(End),
    Followed { is_overdue: bool },
    Park,
    Hold,
    Complete,
    Fail,
    Resolve { account: Option<u8> },
    PausePool { seconds: u16 },
    ClearPoolPause,
    ReleaseOrphan { slot: u32 },
    ReadAccount,
    ReadAccountOfId { id: u8 },
    ReadRequest,
    ReadSnapshot,
    ReadOperations,
    ReadSlotHolders,
    ReadPoolPause,
    ReadHistory { limit: u32, after: bool },
    ReadQueue { queue: Queue, limit: usize, after: bool },
    ReadDue { queue: Queue },
    CountQueue { queue: Queue },
    CountAhead,
}

/// How an operation ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Succeeded { id: u8 },
    Failed,
    MayExist { id: Option<u8> },
    Busy,
}

/// A queue of the index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Queue {
    Waiting,
    Parked,
    Held,
    Unnotified,
    Watched,
}

impl Queue {
    pub(super) fn name(self) -> QueueName {
        match self {
            Self::Waiting => QueueName::Waiting(POOL),
            Self::Parked => QueueName::Parked(POOL),
            Self::Held => QueueName::Held(POOL),
            Self::Unnotified => QueueName::Unnotified,
            Self::Watched => QueueName::Watched,
        }
    }
}

/// What came of a task.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    Accepted(Acceptance),
    /// A transition was written; of the items those that it wrote.
    Written(Parts),
    Unchanged,
    IdTaken,
    Committed(Commit),
    Skipped,
    PausedUntil(Timestamp),
    Done,
    Account(Option<Account>),
    Request(Option<Request>),
    Snapshot(Parts),
    Operations(Vec<Operation>),
    SlotHolders(Vec<SlotHolder>),
    Pause(Option<PoolPause>),
    History(HistoryPage),
    Candidates(Vec<Candidate>),
    Count(usize),
    Refused(Kind),
}

/// Items of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) request: Option<Request>,
    pub(super) account: Option<Account>,
    pub(super) operation: Option<Operation>,
}

impl Parts {
    pub(super) fn of(snapshot: Snapshot) -> Self {
        Self {
            request: Some(snapshot.request),
            account: Some(snapshot.account),
            operation: snapshot.operation,
        }
    }

    /// Whether these have all that those have.
    pub(super) fn contain(&self, others: &Self) -> bool {
        (others.request.is_none() || self.request == others.request)
            && (others.account.is_none() || self.account == others.account)
            && (others.operation.is_none() || self.operation == others.operation)
    }
}

/// A task with all that it was given when it began.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    pub(super) task: Task,
    pub(super) now: Timestamp,
    /// The request that it is about.
    pub(super) target: Option<Target>,
    /// The request that it brings.
    pub(super) brings: Request,
    pub(super) body: NewAccount,
}

/// A request as it was when a task about it began.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) request: Request,
    pub(super) operation: Option<Operation>,
}

impl Assignment {
    /// Asks the table.
    pub(super) async fn run(self, table: Table) -> Outcome {
        self.asked(&table).await.unwrap_or_else(|error| Outcome::Refused(error.kind()))
    }

    async fn asked(&self, table: &Table) -> Result<Outcome> {
        let now = self.now;
        match self.task {
            Task::Accept { .. } => {
                let accepted = table.accept(&self.body, &self.brings, self.key().as_ref(), now).await?;
                return Ok(Outcome::Accepted(accepted));
            }
            Task::PausePool { seconds } => {
                let until = table.pause_pool(POOL, "a fault", f64::from(seconds), now).await?;
                return Ok(Outcome::PausedUntil(until));
            }
            Task::ClearPoolPause => return table.clear_pool_pause(POOL).await.map(|()| Outcome::Done),
            Task::ReleaseOrphan { slot } => return self.release_orphan(table, slot).await,
            Task::ReadAccountOfId { id } => {
                return Ok(Outcome::Account(table.account_of_id(&account_id(id)).await?));
            }
            Task::ReadSlotHolders => return Ok(Outcome::SlotHolders(table.slot_holders(POOL).await?)),
            Task::ReadPoolPause => return Ok(Outcome::Pause(table.pool_pause(POOL).await?)),
            Task::ReadQueue { queue, limit, .. } => {
                let after = self.after();
                return Ok(Outcome::Candidates(table.queued(queue.name(), after.as_ref(), limit).await?));
            }
            Task::ReadDue { queue } => {
                return Ok(Outcome::Candidates(table.due(queue.name(), now, 100).await?));
            }
            Task::CountQueue { queue } => {
                return Ok(Outcome::Count(table.queue_length(queue.name(), 100).await?));
            }
            _ => {}
        }
        let Some(target) = &self.target else {
            return Ok(Outcome::Skipped);
        };
        let (email, id) = (&target.request.account_email, target.request.request_id);
        match self.task {
            Task::Admit { .. } | Task::Restart | Task::Unpark | Task::Notified | Task::Watched { .. } => {
                self.change_request(table, &target.request).await
            }
            Task::Readmit { slot } => self.readmit(table, &target.request, slot).await,
            Task::ReadAccount => Ok(Outcome::Account(table.account(email).await?)),
            Task::ReadRequest => Ok(Outcome::Request(table.request(id).await?)),
            Task::ReadSnapshot => Ok(Outcome::Snapshot(Parts::of(table.snapshot(email, id).await?))),
            Task::ReadOperations => Ok(Outcome::Operations(table.operations(&target.request).await?)),
            Task::ReadHistory { limit, after } => {
                Ok(Outcome::History(table.history(email, limit, after.then_some(id)).await?))
            }
            Task::CountAhead => Ok(Outcome::Count(table.ahead_of(POOL, id, 100).await?)),
            Task::BackendAccepted | Task::BackendRejected { .. } | Task::OperationEnded(_) => {
                let Some(operation) = &target.operation else {
                    return Ok(Outcome::Unchanged);
                };
                let snapshot = table.snapshot(email, id).await?;
                let change = |operation: &Operation| self.fact(operation);
                table.change_operation(snapshot, operation.number, now, change).await.map(transitioned)
            }
            Task::Complete => {
                let snapshot = table.snapshot(email, id).await?;
                table.complete(snapshot, None, true, now).await.map(transitioned)
            }
            _ => {
                let snapshot = table.snapshot(email, id).await?;
                table.transition(snapshot, now, |snapshot| self.decide(snapshot)).await.map(transitioned)
            }
        }
    }

    pub(super) fn key(&self) -> Option<IdempotencyKey> {
        let Task::Accept { key: Some(key), .. } = self.task else {
            return None;
        };
        Some(IdempotencyKey { caller: "someone".to_owned(), key: format!("key {key}") })
    }

    /// The candidate after which a queue is read.
    pub(super) fn after(&self) -> Option<Candidate> {
        let (Task::ReadQueue { after: true, .. }, Some(target)) = (self.task, &self.target) else {
            return None;
        };
        let request = &target.request;
        Some(Candidate { request_id: request.request_id, account_email: request.account_email.to_string() })
    }

    /// What a change of a request alone writes, as the dispatcher and the reconciler decide it.
    pub(super) fn of_request(&self, request: &Request) -> Option<Change> {
        match self.task {
            Task::Admit { slot } => admit(request, slot, self.now),
            Task::Readmit { slot } => readmit(request, slot, self.now),
            Task::Restart => restart(request, self.now),
            Task::Unpark => unpark(request, self.now),
            Task::Notified => notified(request, self.now),
            Task::Watched { again } => watched(request, again.then(|| self.now.plus_seconds(60.0)), self.now),
            _ => None,
        }
    }

    /// A fact about an operation.
    pub(super) fn fact(&self, operation: &Operation) -> Option<Operation> {
        match self.task {
            Task::BackendAccepted => {
                let handle = Fields::from([("Record".to_owned(), format!("rec-{}", operation.token))]);
                operation.accepted(handle, self.now)
            }
            Task::BackendRejected { is_final } => {
                let seen = self.target.as_ref()?.operation.as_ref()?;
                let rejection =
                    is_final.then(|| Rejection { reason: "rejected".to_owned(), stale_input: false });
                operation.rejected(seen.attempts, rejection)
            }
            Task::OperationEnded(end) => operation.ended(outcome(end), self.now),
            _ => None,
        }
    }

    /// What a step of the workflow writes. Each looks first whether it is the current one.
    pub(super) fn decide(&self, snapshot: &Snapshot) -> Result<Option<Change>> {
        let now = self.now;
        let target = self.target.as_ref().unwrap();
        if let Task::Resolve { account } = self.task {
            let Some(seen) = &target.operation else {
                return Ok(None);
            };
            let statement = match account {
                Some(id) => Statement::AccountExists(account_id(id)),
                None => Statement::NoAccount("none".to_owned()),
            };
            let resolution = Resolution { by: Caller::default(), reason: "looked".to_owned(), at: now };
            return snapshot.resolve(seen, &statement, resolution).map(Some);
        }
        if !snapshot.is_current(&ExecutionRef::of(&target.request)) {
            return Ok(None);
        }
        let disposition = snapshot.disposition();
        let beginning = snapshot.operation.as_ref().is_some_and(|it| it.state == OperationState::Beginning);
        match self.task {
            Task::Validated => {
                let unit = Unit { id: "ou-1".to_owned(), name: "Sandbox".to_owned() };
                snapshot.validated(Some(unit), now).map(Some)
            }
            Task::RejectedByValidation if snapshot.operation.is_none() => {
                snapshot.rejected_by_validation("no such unit".to_owned(), now).map(Some)
            }
            Task::Begin if disposition == Disposition::Park && !beginning => {
                let input = Fields::from([("Number".to_owned(), snapshot.request.operation.to_string())]);
                snapshot.begin(BackendName::ControlTower, input, now).map(Some)
            }
            Task::Attempt if beginning => snapshot.attempt(now, ATTEMPT_EXPIRY_SECONDS),
            Task::Followed { is_overdue } => snapshot.followed(is_overdue, now),
            Task::Park if disposition == Disposition::Park => {
                snapshot.park("a fault", BACKOFF_SECONDS, None, now).map(Some)
            }
            Task::Hold if disposition == Disposition::Hold => snapshot.hold(BACKOFF_SECONDS, now).map(Some),
            Task::Fail => match disposition {
                Disposition::Fail(ending) => snapshot.fail(&ending, true, now).map(Some),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    async fn change_request(&self, table: &Table, target: &Request) -> Result<Outcome> {
        for _ in 0..TRIES {
            let request = table.request_of(&target.account_email, target.request_id).await?;
            let Some(change) = request.and_then(|request| self.of_request(&request)) else {
                return Ok(Outcome::Skipped);
            };
            match table.commit(&change, self.now).await? {
                Commit::Stale => {}
                other => return Ok(Outcome::Committed(other)),
            }
        }
        Ok(Outcome::Committed(Commit::Stale))
    }

    /// Gives a slot to a request that holds one by its own record alone. The request is read first: if it gives its slot
    /// back meanwhile, the write is refused.
    async fn readmit(&self, table: &Table, target: &Request, _: u32) -> Result<Outcome> {
        for _ in 0..TRIES {
            let Some(request) = table.request_of(&target.account_email, target.request_id).await? else {
                return Ok(Outcome::Skipped);
            };
            let holders = table.slot_holders(POOL).await?;
            let change =
                self.of_request(&request).filter(|_| !holders.iter().any(|it| is_held(it, &request)));
            let Some(change) = change else {
                return Ok(Outcome::Skipped);
            };
            match table.commit(&change, self.now).await? {
                Commit::Stale => {}
                other => return Ok(Outcome::Committed(other)),
            }
        }
        Ok(Outcome::Committed(Commit::Stale))
    }

    async fn release_orphan(&self, table: &Table, slot: u32) -> Result<Outcome> {
        let holders = table.slot_holders(POOL).await?;
        if let Some(holder) = holders.iter().find(|holder| holder.slot == slot) {
            let request = table.request(holder.request_id).await?;
            if !request.is_some_and(|request| is_held(holder, &request)) {
                table.release_orphan(POOL, holder).await?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// Whether slot and request name each other.
pub(super) fn is_held(holder: &SlotHolder, request: &Request) -> bool {
    holder.request_id == request.request_id
        && holder.admission == request.admission
        && request.placement() == Placement::Holding(POOL, holder.slot)
}

fn transitioned(transitioned: Transitioned) -> Outcome {
    match transitioned {
        Transitioned::Written(snapshot) => Outcome::Written(Parts::of(snapshot)),
        Transitioned::Unchanged(_) => Outcome::Unchanged,
        Transitioned::IdTaken(_) => Outcome::IdTaken,
    }
}

fn outcome(end: End) -> OperationOutcome {
    let failed = |may_exist, id: Option<u8>| OperationOutcome::Failed {
        reason: "it failed".to_owned(),
        account_may_exist: may_exist,
        account_id: id.map(account_id),
    };
    match end {
        End::Succeeded { id } => OperationOutcome::Succeeded { account_id: account_id(id) },
        End::Failed => failed(false, None),
        End::MayExist { id } => failed(true, id),
        End::Busy => OperationOutcome::Busy { reason: "busy".to_owned() },
    }
}

pub(super) fn account_id(number: u8) -> AccountId {
    AccountId::parse(&format!("{number:012}")).unwrap()
}

/// The number of a request as its id; ids sort by their numbers.
pub(super) fn request_id(number: u64) -> RequestId {
    let ms = 1_767_225_600_000 + number;
    RequestId::new(uuid::Uuid::from_u128((u128::from(ms) << 80) | (7 << 76) | (2 << 62) | u128::from(number)))
}

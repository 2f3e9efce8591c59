//! What surrounds the dispatcher: arrivals, the stream, the index, executions and the reconciler, over virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};

use accounts_aws::{Candidate, Commit};
use accounts_core::backoff::Polling;
use accounts_core::transition::unpark;
use accounts_core::{
    Account, AccountId, Action, BackendName, Caller, Change, Email, Fields, NewAccount, OperationOutcome,
    Pool, Request, RequestId, RequestStatus, Snapshot, Step, Timestamp, Unit,
};
use serde_json::json;

use crate::dispatch::{self, Dispatch};
use crate::table::{Effect, Table};

pub(crate) const SLOTS: u32 = 5;

const OPERATION_MS: i64 = 25 * 60_000;
const POLLING: Polling = Polling { first_seconds: 300, seconds: 60, timeout_seconds: 14_400.0 };
const RECONCILE_MS: i64 = 300_000;
const BACKOFF_SECONDS: f64 = 60.0;
const SHARDS: usize = 4;
const BATCH: usize = 10;

/// How long things take, in milliseconds: a record on its way, a write until the index shows it, a call of the table,
/// a function of the workflow.
const RECORD_MS: std::ops::Range<i64> = 100..1_000;
const INDEX_MS: std::ops::Range<i64> = 10..2_000;
const CALL_MS: std::ops::Range<i64> = 3..40;
const FUNCTION_MS: std::ops::Range<i64> = 300..2_000;

/// For how long a request waits before no dispatcher can have missed it: the index, and an invocation that runs.
const VISIBLE_MS: i64 = 5_000;

const EPOCH_MS: i64 = 1_700_000_000_000;

/// What goes wrong.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The time between two arrivals.
    pub(crate) every_ms: i64,
    /// Which share of the stream's records is lost.
    pub(crate) lost_records: f64,
    /// Which share of the dispatchers dies between an admission and its start.
    pub(crate) deaths: f64,
    /// Which share of the requests is parked once.
    pub(crate) parked: f64,
    /// How long a slot may be free while a request waits, in seconds.
    pub(crate) longest_free: f64,
}

/// What was seen. Times are in seconds.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) seconds: f64,
    pub(crate) ideal_seconds: f64,
    pub(crate) rounds: f64,
    pub(crate) longest_free: f64,
    pub(crate) mean_free: f64,
    /// The longest time from an admission to the start of its execution.
    pub(crate) longest_stand: f64,
    pub(crate) overtakings: usize,
    pub(crate) provisioned: usize,
    pub(crate) operations: usize,
    pub(crate) peak_running: usize,
    pub(crate) leaked_slots: usize,
}

enum Event {
    Accept,
    Record(usize, Option<Candidate>),
    Dispatch(usize),
    Index(Candidate, bool),
    Validate(RequestId, u32),
    Provision(RequestId, u32),
    Accepted(RequestId),
    Poll(RequestId),
    End(RequestId),
    Reconcile,
}

#[derive(Default)]
struct Shard {
    records: VecDeque<Option<Candidate>>,
    busy: bool,
}

/// All of it.
pub(crate) struct World<'a> {
    pub(crate) table: Table,
    scenario: &'a Scenario,
    random: fastrand::Rng,
    ms: i64,
    events: BinaryHeap<Reverse<(i64, usize)>>,
    pending: HashMap<usize, Event>,
    numbers: usize,
    dispatches: HashMap<usize, Dispatch>,
    shards: [Shard; SHARDS],
    template: NewAccount,
    requests: usize,
    accepted: usize,
    started: HashMap<RequestId, u32>,
    admitted_ms: HashMap<RequestId, i64>,
    waiting_from: HashMap<RequestId, i64>,
    free_from: BTreeMap<u32, i64>,
    somebody_waits_from: Option<i64>,
    running: usize,
    free_ms: Vec<i64>,
    report: Report,
}

impl<'a> World<'a> {
    pub(crate) fn new(scenario: &'a Scenario, requests: usize, seed: u64) -> Self {
        let body = json!({
            "AccountEmail": "user@example.com", "AccountName": "mine", "OrgUnit": "Engineering/Dev",
            "SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont",
        });
        Self {
            table: Table::default(),
            scenario,
            random: fastrand::Rng::with_seed(seed),
            ms: EPOCH_MS,
            events: BinaryHeap::new(),
            pending: HashMap::new(),
            numbers: 0,
            dispatches: HashMap::new(),
            shards: Default::default(),
            template: NewAccount::parse(body.to_string().as_bytes()).expect("a good body"),
            requests,
            accepted: 0,
            started: HashMap::new(),
            admitted_ms: HashMap::new(),
            waiting_from: HashMap::new(),
            free_from: (1..=SLOTS).map(|slot| (slot, EPOCH_MS)).collect(),
            somebody_waits_from: None,
            running: 0,
            free_ms: Vec::new(),
            report: Report::default(),
        }
    }

    /// Runs until every request has ended.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn run(mut self) -> Report {
        self.after(0, Event::Accept);
        self.after(RECONCILE_MS, Event::Reconcile);
        let mut last_end = EPOCH_MS;
        while self.report.provisioned < self.requests {
            let Reverse((ms, number)) = self.events.pop().expect("something happens until all have ended");
            self.ms = ms;
            let event = self.pending.remove(&number).expect("an event");
            self.happens(event);
            last_end = ms;
        }
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let last_arrival = self.scenario.every_ms * (self.requests as i64 - 1);
        let work = OPERATION_MS * self.requests as i64 / i64::from(SLOTS);
        Report {
            seconds: seconds(last_end - EPOCH_MS),
            ideal_seconds: seconds(work.max(last_arrival + OPERATION_MS)),
            rounds: self.requests as f64 / f64::from(SLOTS),
            longest_free: seconds(self.free_ms.iter().copied().max().unwrap_or_default()),
            mean_free: seconds(self.free_ms.iter().sum()) / self.free_ms.len().max(1) as f64,
            leaked_slots: self.table.slots.len(),
            ..self.report
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.ms)
    }

    pub(crate) fn dies(&mut self) -> bool {
        self.random.f64() < self.scenario.deaths
    }

    /// Starts the execution of a request, unless it was started.
    pub(crate) fn start(&mut self, id: RequestId) {
        let Some(request) = self.table.request(id).filter(|request| request.slot.is_some()) else {
            return;
        };
        let admission = request.admission;
        if self.started.insert(id, admission) == Some(admission) {
            return;
        }
        let stood = self.ms - self.admitted_ms.get(&id).copied().unwrap_or(self.ms);
        self.report.longest_stand = self.report.longest_stand.max(stood as f64 / 1000.0);
        self.function(Event::Validate(id, admission));
    }

    /// Writes a change, with all that follows.
    pub(crate) fn commit(&mut self, id: RequestId, change: Change) -> Commit {
        let mut effects = Vec::new();
        let written = self.table.commit(id, change, &mut effects);
        let waited_from = self.somebody_waits_from;
        for effect in effects {
            match effect {
                Effect::SlotTaken(slot) => {
                    self.is_overtaking(id);
                    self.admitted_ms.insert(id, self.ms);
                    let free_from = self.free_from.remove(&slot).expect("a free slot");
                    self.free_ms.push(self.ms - free_from.max(waited_from.unwrap_or(self.ms)));
                }
                Effect::SlotReleased(slot) => {
                    self.free_from.insert(slot, self.ms);
                    self.record(0, None);
                }
                Effect::Indexed { candidate, waits } => self.index(candidate, waits),
            }
        }
        self.somebody_waits(waited_from);
        written
    }

    fn somebody_waits(&mut self, waited_from: Option<i64>) {
        if !self.table.waiting.is_empty() {
            self.somebody_waits_from.get_or_insert(self.ms);
        } else if let Some(from) = self.somebody_waits_from.take().or(waited_from) {
            // Slots that nobody took were free all the same.
            self.free_ms.extend(self.free_from.values().map(|free| self.ms - from.max(*free)));
        }
    }

    fn is_overtaking(&mut self, id: RequestId) {
        let overtaken = self
            .table
            .waiting
            .range(..id)
            .filter(|older| self.waiting_from.get(older).is_some_and(|from| self.ms - from > VISIBLE_MS));
        self.report.overtakings += overtaken.count();
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Accept => self.accept(),
            Event::Record(shard, record) => {
                self.shards[shard].records.push_back(record);
                self.consume(shard);
            }
            Event::Dispatch(number) => {
                let Some(mut dispatch) = self.dispatches.remove(&number) else { return };
                match dispatch.step(self) {
                    dispatch::Step::Goes => self.call(number, dispatch),
                    dispatch::Step::Ended => {
                        if let Some(shard) = dispatch.shard {
                            self.shards[shard].busy = false;
                            self.consume(shard);
                        }
                    }
                }
            }
            Event::Index(candidate, waits) => {
                // The index is late, and never wrong in the end.
                if waits != self.table.waiting.contains(&candidate.request_id) {
                } else if waits {
                    self.table.index.insert(candidate);
                } else {
                    self.table.index.remove(&candidate);
                }
            }
            Event::Validate(id, admission) => self.validate(id, admission),
            Event::Provision(id, admission) => self.provision(id, admission),
            Event::Accepted(id) => {
                let now = self.now();
                self.operation(id, |operation| operation.accepted(Fields::new(), now));
                self.after(i64::from(POLLING.first_seconds) * 1000, Event::Poll(id));
            }
            Event::Poll(id) => self.poll(id),
            Event::End(id) => {
                let change = self.snapshot(id).complete(None, false, self.now()).expect("it ends");
                assert_eq!(self.commit(id, change), Commit::Written);
                self.report.provisioned += 1;
            }
            Event::Reconcile => self.reconcile(),
        }
    }

    fn accept(&mut self) {
        let email = Email::parse(&format!("user{}@example.com", self.accepted)).expect("an e-mail");
        let body = NewAccount { account_email: email, ..self.template.clone() };
        let id = RequestId::generate(self.now());
        let step = Step {
            action: Action::CreateAccount,
            backend: BackendName::ControlTower,
            pool: Pool::ControlTower,
        };
        let request =
            Request { steps: vec![step], version: 1, ..Request::create(body, id, Caller::default()) };
        let account = Account::requested(&request, request.details(), 0);
        let effect = self.table.accept(Snapshot { account, request, operation: None });
        if let Effect::Indexed { candidate, waits } = effect {
            self.record(self.accepted % SHARDS, Some(candidate.clone()));
            self.index(candidate, waits);
        }
        self.somebody_waits(None);
        self.accepted += 1;
        if self.accepted < self.requests {
            self.after(self.scenario.every_ms, Event::Accept);
        }
    }

    fn index(&mut self, candidate: Candidate, waits: bool) {
        if waits {
            self.waiting_from.insert(candidate.request_id, self.ms);
        } else {
            self.waiting_from.remove(&candidate.request_id);
        }
        let late = self.random.i64(INDEX_MS);
        self.after(late, Event::Index(candidate, waits));
    }

    fn record(&mut self, shard: usize, record: Option<Candidate>) {
        if self.random.f64() >= self.scenario.lost_records {
            let late = self.random.i64(RECORD_MS);
            self.after(late, Event::Record(shard, record));
        }
    }

    fn consume(&mut self, shard: usize) {
        let it = &mut self.shards[shard];
        if it.busy || it.records.is_empty() {
            return;
        }
        it.busy = true;
        let taken = it.records.len().min(BATCH);
        let batch: Vec<_> = it.records.drain(..taken).flatten().collect();
        self.dispatch(Some(shard), &batch);
    }

    fn dispatch(&mut self, shard: Option<usize>, batch: &[Candidate]) {
        self.numbers += 1;
        self.call(self.numbers, Dispatch::new(shard, batch));
    }

    fn call(&mut self, number: usize, dispatch: Dispatch) {
        self.dispatches.insert(number, dispatch);
        let takes = self.random.i64(CALL_MS);
        self.after(takes, Event::Dispatch(number));
    }

    fn validate(&mut self, id: RequestId, admission: u32) {
        let parks = admission == 1 && self.random.f64() < self.scenario.parked;
        let snapshot = self.snapshot(id);
        assert_eq!(snapshot.request.admission, admission);
        if parks {
            let change =
                snapshot.park("A call failed.", BACKOFF_SECONDS, None, self.now()).expect("it is parked");
            assert_eq!(self.commit(id, change), Commit::Written);
            return;
        }
        let unit = Unit { id: "ou-1234-12345678".to_owned(), name: "Dev".to_owned() };
        let change = snapshot.validated(Some(unit), self.now()).expect("it is valid");
        assert_eq!(self.commit(id, change), Commit::Written);
        self.function(Event::Provision(id, admission));
    }

    fn provision(&mut self, id: RequestId, admission: u32) {
        let snapshot = self.snapshot(id);
        assert_eq!((snapshot.request.admission, snapshot.request.status), (admission, RequestStatus::Valid));
        let change = snapshot.begin(BackendName::ControlTower, Fields::new(), self.now()).expect("it begins");
        assert_eq!(self.commit(id, change), Commit::Written);
        self.running += 1;
        self.report.operations += 1;
        self.report.peak_running = self.report.peak_running.max(self.running);
        self.function(Event::Accepted(id));
    }

    fn poll(&mut self, id: RequestId) {
        let now = self.now();
        let operation = self.snapshot(id).operation.as_ref().expect("an operation");
        let (began, counts_from) = (operation.beginning_at, operation.timeout_counts_from());
        if now.seconds_since(began) * 1000.0 < OPERATION_MS as f64 {
            let wait = i64::from(POLLING.wait_seconds(counts_from, now));
            self.after(wait * 1000, Event::Poll(id));
            return;
        }
        let account_id = AccountId::parse(&format!("{:012}", self.report.operations)).expect("an id");
        let outcome = OperationOutcome::Succeeded { account_id };
        self.operation(id, |operation| operation.ended(outcome.clone(), now));
        self.running -= 1;
        self.function(Event::End(id));
    }

    fn reconcile(&mut self) {
        let now = self.now();
        let due: Vec<_> = self.table.parked.iter().copied().collect();
        for id in due {
            if let Some(change) = self.table.request(id).and_then(|request| unpark(request, now)) {
                assert_eq!(self.commit(id, change), Commit::Written);
            }
        }
        let holders: Vec<_> = self.table.slots.values().map(|(id, _)| *id).collect();
        for id in holders {
            self.start(id);
        }
        self.dispatch(None, &[]);
        self.after(RECONCILE_MS, Event::Reconcile);
    }

    fn operation(
        &mut self,
        id: RequestId,
        change: impl Fn(&accounts_core::Operation) -> Option<accounts_core::Operation>,
    ) {
        let operation = self.snapshot(id).operation.as_ref().and_then(change).expect("a fact that is new");
        assert_eq!(self.commit(id, Snapshot::operation_changed(operation)), Commit::Written);
    }

    fn snapshot(&self, id: RequestId) -> &Snapshot {
        self.table.open.get(&id).expect("an open request")
    }

    fn function(&mut self, then: Event) {
        let takes = self.random.i64(FUNCTION_MS);
        self.after(takes, then);
    }

    fn after(&mut self, ms: i64, event: Event) {
        self.numbers += 1;
        self.events.push(Reverse((self.ms + ms, self.numbers)));
        self.pending.insert(self.numbers, event);
    }
}

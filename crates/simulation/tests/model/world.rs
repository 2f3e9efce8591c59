//! Plays rounds of tasks, and compares.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use accounts_aws::{Disconnected, Sdk, SlotHolder, Table, WireAnswer};
use accounts_core::{
    Action, BackendName, Caller, NewAccount, Operation, Placement, Request, Step, Timestamp,
};
use accounts_simulation::cancelled;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::case::{Begins, Fate, Restored, Stage, way_to};
use super::database::TableDatabase;
use super::invariants;
use super::network::{Connection, ParkedCall, ParkedCalls};
use super::state::{Model, Owner};
use super::task::{Assignment, Outcome, POOL, Target, Task, request_id};

/// When each case begins: 2026-01-01T00:00:00Z, in seconds since 1970.
const START_SECONDS: u64 = 1_767_225_600;

/// The most tasks of a round.
const TASKS: usize = 6;

/// How many faults one task meets at most, so that no fault makes it fail: the SDK tries three times.
const FAULTS: u32 = 2;

/// More turns than any round takes.
const TURNS: u32 = 5_000;

/// The table, and the model of it.
pub(super) struct World {
    database: TableDatabase,
    model: Model,
    calls: Arc<ParkedCalls>,
    tables: Vec<Table>,
    /// The tokens of the transactions that were carried out.
    tokens: HashSet<String>,
    requests: u64,
    now: Timestamp,
    restored: bool,
}

/// A task that runs.
struct Running {
    given: Assignment,
    handle: Option<JoinHandle<Outcome>>,
    faults: u32,
    /// What it has to say, because of what it wrote.
    wrote: Option<Outcome>,
    /// What it may say if it writes nothing: one for each instant since it began at which it had nothing to write.
    may_say: Vec<Outcome>,
    /// The operation of its request, as it was at each of these instants.
    operations: Vec<Operation>,
}

impl World {
    pub(super) fn new() -> Self {
        let calls = Arc::new(ParkedCalls::default());
        let table = |task| {
            let connection = Connection { task, calls: Arc::clone(&calls) };
            let now = || UNIX_EPOCH + Duration::from_secs(START_SECONDS);
            Table::new(&Sdk::simulated(Arc::new(connection), now), "AccountsTable".to_owned())
        };
        Self {
            database: TableDatabase::new(),
            model: Model::default(),
            tables: (0..TASKS).map(table).collect(),
            calls,
            tokens: HashSet::new(),
            requests: 0,
            now: Timestamp::from_ms(i64::try_from(START_SECONDS * 1000).unwrap()),
            restored: false,
        }
    }

    /// Brings requests to their stages, in the model; the table is given what it holds then.
    pub(super) fn begin_at(&mut self, stages: &[Stage]) {
        for (number, stage) in (0..).zip(stages) {
            for task in way_to(*stage, number) {
                let begins = Begins { task, request: usize::from(number), after_seconds: 1 };
                let given = self.assignment(&begins);
                self.model.perform(&given);
            }
        }
        self.model.items().values().for_each(|item| self.database.put(item));
    }

    /// Does the tasks of a round at once.
    pub(super) async fn round(
        &mut self,
        round: &[Begins],
        schedule: &mut impl Iterator<Item = (usize, Fate)>,
    ) -> Result<(), String> {
        let assignments: Vec<_> = round.iter().map(|begins| self.assignment(begins)).collect();
        let begin = |(given, table): (Assignment, &Table)| Running {
            may_say: self.model.without_a_write(&given).into_iter().collect(),
            operations: self.operation_of(&given).into_iter().collect(),
            handle: Some(tokio::spawn(given.clone().run(table.clone()))),
            given,
            faults: 0,
            wrote: None,
        };
        let mut running: Vec<_> = assignments.into_iter().zip(&self.tables).map(begin).collect();
        for _ in 0..TURNS {
            // Every task goes on until it waits for a call, or for a pause of its own.
            tokio::time::sleep(Duration::from_millis(1)).await;
            for task in &mut running {
                task.look().await?;
            }
            if running.iter().all(|task| task.handle.is_none()) {
                return Ok(());
            }
            let (number, fate) = schedule.next().unwrap_or((0, Fate::Answered));
            if let Some(call) = self.calls.take(number) {
                self.go_on(call, fate, &mut running)?;
            }
        }
        Err(format!("a round does not end: {round:?}"))
    }

    fn assignment(&mut self, begins: &Begins) -> Assignment {
        self.now = self.now.plus_seconds(f64::from(i32::try_from(begins.after_seconds).unwrap()));
        self.requests += 1;
        let (email, name, unit) = match begins.task {
            Task::Accept { email, name, unit, .. } => (email, name, unit),
            _ => (0, 0, false),
        };
        let body = json!({
            "AccountEmail": format!("user{email}@example.com"), "AccountName": format!("Account {name}"),
            "OrgUnit": if unit { "Sandbox" } else { "Security" },
            "SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont",
        });
        let body = NewAccount::parse(body.to_string().as_bytes()).unwrap();
        let mut brings = Request::create(body.clone(), request_id(self.requests), Caller::default());
        brings.steps =
            vec![Step { action: Action::CreateAccount, backend: BackendName::ControlTower, pool: POOL }];
        brings.version = 1;
        let requests = self.model.requests.len();
        let number = begins.request.checked_rem(requests);
        let target = number.and_then(|number| self.model.requests.values().nth(number)).map(|request| {
            let snapshot = self.model.snapshot(request.request_id);
            Target { request: snapshot.request, operation: snapshot.operation }
        });
        Assignment { task: begins.task, now: self.now, target, brings, body }
    }

    /// Lets a call go on.
    fn go_on(&mut self, call: ParkedCall, fate: Fate, running: &mut [Running]) -> Result<(), String> {
        let faults = &mut running[call.task].faults;
        // DynamoDB answers the token of a transaction that it carried out as it did then, and with no conflict.
        let may_conflict = call.action == "TransactWriteItems" && !self.tokens.contains(token(&call.body));
        let may_fail = *faults < FAULTS && (fate != Fate::Conflict || may_conflict);
        let fate = if may_fail { fate } else { Fate::Answered };
        *faults += u32::from(fate != Fate::Answered);
        match fate {
            Fate::Conflict => {
                let answer = conflict(&call.body);
                call.answer(Ok(answer));
            }
            Fate::LostBefore => call.answer(Err(Disconnected)),
            Fate::LostAfter => {
                self.carry_out(&call, running)?;
                call.answer(Err(Disconnected));
            }
            Fate::Answered => {
                let answer = self.carry_out(&call, running)?;
                call.answer(Ok(answer));
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, call: &ParkedCall, running: &mut [Running]) -> Result<WireAnswer, String> {
        if call.action != "TransactWriteItems" {
            return Ok(self.database.call(&call.action, &call.body));
        }
        let before = self.model.items();
        let answer = self.database.call(&call.action, &call.body);
        let token = token(&call.body).to_owned();
        let writer = &mut running[call.task];
        if answer.status == 200 && self.tokens.insert(token) {
            if let Some(first) = &writer.wrote {
                return Err(format!("{:?} has written already: {first:?}", writer.given));
            }
            let outcome = self.written_by(writer);
            writer.wrote = Some(outcome);
            for task in running.iter_mut() {
                task.may_say.extend(self.model.without_a_write(&task.given));
                task.operations.extend(self.operation_of(&task.given));
            }
        }
        let writer = &running[call.task];
        let (held, expected) = (self.database.items(), self.model.items());
        if held != expected {
            let keys: BTreeSet<_> = held.keys().chain(expected.keys()).collect();
            let differs = keys.into_iter().filter(|key| held.get(*key) != expected.get(*key));
            let shown = |item: Option<&Value>| item.map_or_else(|| "nothing".to_owned(), Value::to_string);
            let shown = differs.map(|key| {
                format!("\n  table: {}\n  model: {}", shown(held.get(key)), shown(expected.get(key)))
            });
            let task = &writer.given.task;
            return Err(format!(
                "{task:?} left another table than the model's: {}",
                shown.collect::<String>()
            ));
        }
        let faults = invariants::faults(&before, &held, self.restored);
        if faults.is_empty() { Ok(answer) } else { Err(format!("{:?}: {faults:?}", writer.given.task)) }
    }

    /// Has the model do what a task wrote.
    ///
    /// `hold` and `followed` write the request alone, and are decided on its operation too: it may have changed since it was
    /// read. What they write was right then, and costs one more backoff at most.
    fn written_by(&mut self, writer: &Running) -> Outcome {
        if matches!(writer.given.task, Task::Hold | Task::Followed { .. }) {
            let held = self.database.items();
            for operation in writer.operations.iter().rev() {
                let mut model = self.model.clone();
                let outcome = model.transition(&writer.given, Some(operation));
                if model.items() == held {
                    self.model = model;
                    return outcome;
                }
            }
        }
        self.model.perform(&writer.given)
    }

    fn operation_of(&self, given: &Assignment) -> Option<Operation> {
        self.model.snapshot(given.target.as_ref()?.request.request_id).operation
    }

    /// Makes the table that of an older backup.
    pub(super) fn restore(&mut self, restored: Restored) {
        self.restored = true;
        let another = |slot| SlotHolder {
            slot,
            account_email: "another@example.com".to_owned(),
            request_id: request_id(999_999),
            admission: 1,
            taken_at: self.now,
        };
        let held = self.model.requests.values().find_map(|request| match request.placement() {
            Placement::Holding(_, slot) => Some(slot),
            _ => None,
        });
        let name = self.model.names.keys().next().cloned();
        match restored {
            Restored::SlotFree => {
                if let Some(slot) = held {
                    self.model.slots.remove(&slot);
                    self.database.lose("SLOT#control-tower", &slot.to_string());
                }
            }
            Restored::SlotOfAnother | Restored::Orphan => {
                let slot = if matches!(restored, Restored::Orphan) { Some(3) } else { held };
                if let Some(slot) = slot {
                    self.model.slots.insert(slot, another(slot));
                    self.restored_item("SLOT#control-tower", &slot.to_string());
                }
            }
            Restored::SlotOfAnotherAdmission => {
                if let Some(holder) = held.and_then(|slot| self.model.slots.get_mut(&slot)) {
                    holder.admission += 1;
                    let slot = holder.slot;
                    self.restored_item("SLOT#control-tower", &slot.to_string());
                }
            }
            Restored::NameFree => {
                if let Some(name) = name {
                    self.model.names.remove(&name);
                    self.database.lose(&format!("NAME#{name}"), "CLAIM");
                }
            }
            Restored::NameOfAnother => {
                if let Some(name) = name {
                    let owner =
                        Owner { email: "another@example.com".to_owned(), request_id: request_id(999_999) };
                    self.model.names.insert(name.clone(), owner);
                    self.restored_item(&format!("NAME#{name}"), "CLAIM");
                }
            }
        }
    }

    fn restored_item(&self, partition: &str, record: &str) {
        self.database.put(&self.model.items()[&(partition.to_owned(), record.to_owned())]);
    }
}

impl Running {
    /// Looks whether it has ended, and whether what it says is right.
    async fn look(&mut self) -> Result<(), String> {
        let Some(handle) = self.handle.take_if(|handle| handle.is_finished()) else {
            return Ok(());
        };
        let said = handle.await.map_err(|error| error.to_string())?;
        let is_right = match &self.wrote {
            Some(expected) => agrees(&said, expected),
            None => explained(&said, &self.may_say),
        };
        if is_right {
            return Ok(());
        }
        let expected =
            self.wrote.as_ref().map_or_else(|| format!("{:?}", self.may_say), |it| format!("{it:?}"));
        Err(format!("{:?} said {said:?}\n  instead of {expected}", self.given.task))
    }
}

fn agrees(said: &Outcome, expected: &Outcome) -> bool {
    match (said, expected) {
        (Outcome::Written(said), Outcome::Written(expected)) => said.contain(expected),
        _ => said == expected,
    }
}

/// Whether this may be said by a task that wrote nothing.
fn explained(said: &Outcome, may_say: &[Outcome]) -> bool {
    let Outcome::Snapshot(said) = said else {
        return may_say.contains(said);
    };
    let any = |is_same: &dyn Fn(&super::task::Parts) -> bool| {
        may_say.iter().any(|other| matches!(other, Outcome::Snapshot(parts) if is_same(parts)))
    };
    any(&|parts| parts.request == said.request)
        && any(&|parts| parts.account == said.account)
        && any(&|parts| parts.operation == said.operation)
}

/// The token by which DynamoDB knows a transaction again.
fn token(body: &Value) -> &str {
    body["ClientRequestToken"].as_str().unwrap()
}

/// The answer of a transaction that met another one at its first part.
fn conflict(body: &Value) -> WireAnswer {
    let parts = body["TransactItems"].as_array().map_or(1, Vec::len);
    cancelled(parts, 0, "TransactionConflict", "Transaction is ongoing for the item")
}

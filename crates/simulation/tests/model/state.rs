//! The model: what the table holds, and what a task does to it in one instant.
//!
//! It knows no versions, conditions or expressions. A transition is decided on what is there now, by the pure functions
//! of the domain.

use std::collections::BTreeMap;

use accounts_aws::{Candidate, Commit, HistoryPage, SlotHolder};
use accounts_core::{
    Acceptance, Account, Change, Claim, Disposition, Ending, Kind, Operation, Placement, PoolPause, Request,
    RequestId, RequestStatus, SlotChange, Snapshot, Timestamp, canonical,
};
use serde_json::{Value, json};

use super::database::Items;
use super::task::{Assignment, Outcome, POOL, Parts, Queue, Task, account_id, is_held};

/// How long an answer is remembered, in seconds.
const ANSWER_KEPT_SECONDS: i64 = 86_400;

/// Whose a claim is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Owner {
    pub(super) email: String,
    pub(super) request_id: RequestId,
}

#[derive(Clone, Debug, PartialEq)]
struct Answer {
    body: String,
    account: Account,
    expires_at_seconds: i64,
}

/// What the table holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Model {
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) requests: BTreeMap<RequestId, Request>,
    operations: BTreeMap<(RequestId, u32), Operation>,
    pub(super) names: BTreeMap<String, Owner>,
    ids: BTreeMap<String, Owner>,
    pub(super) slots: BTreeMap<u32, SlotHolder>,
    pause: Option<PoolPause>,
    answers: BTreeMap<String, Answer>,
}

impl Model {
    /// Does a task, all of it at once.
    pub(super) fn perform(&mut self, given: &Assignment) -> Outcome {
        let now = given.now;
        match given.task {
            Task::Accept { .. } => return Outcome::Accepted(self.accept(given)),
            Task::PausePool { seconds } => return Outcome::PausedUntil(self.pause_pool(seconds, now)),
            Task::ClearPoolPause => {
                self.pause = None;
                return Outcome::Done;
            }
            Task::ReleaseOrphan { slot } => {
                self.release_orphan(slot);
                return Outcome::Done;
            }
            Task::ReadAccountOfId { id } => {
                let owner = self.ids.get(account_id(id).as_str());
                return Outcome::Account(owner.and_then(|owner| self.accounts.get(&owner.email)).cloned());
            }
            Task::ReadSlotHolders => return Outcome::SlotHolders(self.slots.values().cloned().collect()),
            Task::ReadPoolPause => return Outcome::Pause(self.pause.clone()),
            Task::ReadQueue { queue, limit, .. } => {
                let after = given.after().map(|it| it.request_id.to_string()).unwrap_or_default();
                let queue = self.queue(queue).into_iter().filter(|(order, _)| *order > after);
                return Outcome::Candidates(queue.map(|(_, it)| it).take(limit).collect());
            }
            Task::ReadDue { queue } => {
                let due = self.queue(queue).into_iter().filter(|(order, _)| *order <= now.to_string());
                return Outcome::Candidates(due.map(|(_, it)| it).collect());
            }
            Task::CountQueue { queue } => return Outcome::Count(self.queue(queue).len()),
            _ => {}
        }
        let Some(target) = &given.target else {
            return Outcome::Skipped;
        };
        let (email, id) = (target.request.account_email.to_string(), target.request.request_id);
        match given.task {
            Task::Admit { .. }
            | Task::Restart
            | Task::Unpark
            | Task::Notified
            | Task::Watched { .. }
            | Task::Readmit { .. } => self.change_request(given, id),
            Task::ReadAccount => Outcome::Account(self.accounts.get(&email).cloned()),
            Task::ReadRequest => Outcome::Request(self.requests.get(&id).cloned()),
            Task::ReadSnapshot => Outcome::Snapshot(Parts::of(self.snapshot(id))),
            Task::ReadOperations => {
                let operations = self.operations.range((id, 0)..=(id, u32::MAX));
                Outcome::Operations(operations.map(|(_, it)| it.clone()).collect())
            }
            Task::ReadHistory { limit, after } => {
                Outcome::History(self.history(&email, limit, after.then_some(id)))
            }
            Task::CountAhead => {
                let waiting = self.queue(Queue::Waiting);
                Outcome::Count(waiting.iter().filter(|(_, it)| it.request_id < id).count())
            }
            Task::BackendAccepted | Task::BackendRejected { .. } | Task::OperationEnded(_) => {
                let Some(seen) = &target.operation else {
                    return Outcome::Unchanged;
                };
                let snapshot = self.snapshot(id);
                let operation = snapshot.operation.filter(|operation| operation.number == seen.number);
                match operation.and_then(|operation| given.fact(&operation)) {
                    Some(operation) => self.written(&Snapshot::operation_changed(operation), now),
                    None => Outcome::Unchanged,
                }
            }
            Task::Complete => self.complete(id, now),
            _ => self.transition(given, None),
        }
    }

    /// A transition that is decided by [`Assignment::decide`], on this operation where one is given.
    pub(super) fn transition(&mut self, given: &Assignment, operation: Option<&Operation>) -> Outcome {
        let Some(target) = &given.target else {
            return Outcome::Skipped;
        };
        let now_there = self.snapshot(target.request.request_id);
        let operation = operation.cloned().or(now_there.operation);
        match given.decide(&Snapshot { operation, ..now_there }) {
            Ok(Some(change)) => self.written(&change, given.now),
            Ok(None) => Outcome::Unchanged,
            Err(error) => Outcome::Refused(error.kind()),
        }
    }

    /// What comes of a task that has nothing to write now; none where it has.
    pub(super) fn without_a_write(&self, given: &Assignment) -> Option<Outcome> {
        let mut after = self.clone();
        let outcome = after.perform(given);
        (after == *self).then_some(outcome)
    }

    pub(super) fn snapshot(&self, id: RequestId) -> Snapshot {
        let request = self.requests[&id].clone();
        let account = self.accounts[request.account_email.as_str()].clone();
        let operation = self.operations.get(&(id, request.operation)).cloned();
        Snapshot { account, request, operation }
    }

    fn accept(&mut self, given: &Assignment) -> Acceptance {
        let seconds = given.now.as_ms() / 1000;
        let body = &given.body;
        let key = given.key().map(|key| key.key);
        let remembered = key.as_ref().and_then(|key| self.answers.get(key));
        if let Some(answer) = remembered.filter(|answer| answer.expires_at_seconds >= seconds) {
            return if answer.body == canonical(body) {
                Acceptance::Repeated(Box::new(answer.account.clone()))
            } else {
                Acceptance::KeyHasOtherBody
            };
        }
        let email = body.account_email.to_string();
        let standing = self.accounts.get(&email);
        let name = body.details.account_name.folded();
        let mut taken = Vec::new();
        if let Some(standing) = standing.filter(|account| !account.can_be_requested_again()) {
            let (status, account_may_exist) = (standing.status, standing.account_may_exist);
            taken.push(Claim::Email { status, account_may_exist });
        }
        // The name of an account that stands is not named again; only a restored backup makes it another's.
        let own_name = |account: &Account| account.details.account_name.folded() == name;
        let is_named = !taken.is_empty() && standing.is_some_and(own_name);
        if self.names.get(&name).is_some_and(|owner| owner.email != email) && !is_named {
            taken.push(Claim::Name);
        }
        if !taken.is_empty() {
            return Acceptance::Taken(taken);
        }
        let previous = standing.map_or(0, |account| account.version);
        let account = Account::requested(&given.brings, &body.details, previous);
        self.accounts.insert(email.clone(), account.clone());
        let mut request = given.brings.clone();
        request.version = 1;
        let request_id = request.request_id;
        self.requests.insert(request_id, request);
        self.names.insert(name, Owner { email, request_id });
        if let Some(key) = key {
            let expires_at_seconds = seconds + ANSWER_KEPT_SECONDS;
            let answer = Answer { body: canonical(body), account: account.clone(), expires_at_seconds };
            self.answers.insert(key, answer);
        }
        Acceptance::Accepted(Box::new(account))
    }

    fn pause_pool(&mut self, seconds: u16, now: Timestamp) -> Timestamp {
        if let Some(pause) = PoolPause::after(self.pause.as_ref(), "a fault", f64::from(seconds), now) {
            self.pause = Some(pause);
        }
        self.pause.as_ref().map_or(now, |pause| pause.paused_until)
    }

    fn release_orphan(&mut self, slot: u32) {
        let is_orphan = |holder: &SlotHolder| {
            !self.requests.get(&holder.request_id).is_some_and(|request| is_held(holder, request))
        };
        if self.slots.get(&slot).is_some_and(is_orphan) {
            self.slots.remove(&slot);
        }
    }

    fn change_request(&mut self, given: &Assignment, id: RequestId) -> Outcome {
        let request = &self.requests[&id];
        let holds = self.slots.values().any(|holder| is_held(holder, request));
        if matches!(given.task, Task::Readmit { .. }) && holds {
            return Outcome::Skipped;
        }
        match given.of_request(request) {
            Some(change) => Outcome::Committed(self.apply(&change, given.now)),
            None => Outcome::Skipped,
        }
    }

    fn complete(&mut self, id: RequestId, now: Timestamp) -> Outcome {
        let snapshot = self.snapshot(id);
        let Disposition::Complete(account_id) = snapshot.disposition() else {
            return Outcome::Unchanged;
        };
        let change = match snapshot.complete(None, true, now) {
            Ok(change) => change,
            Err(error) => return Outcome::Refused(error.kind()),
        };
        match self.written(&change, now) {
            Outcome::IdTaken => {
                let ending = Ending {
                    reason: format!("The account {account_id} belongs to another request already."),
                    account_may_exist: true,
                    account_id: Some(account_id),
                };
                let change = snapshot.fail(&ending, true, now).unwrap();
                self.written(&Change { claims: None, ..change }, now)
            }
            other => other,
        }
    }

    /// Applies the change of a transition.
    fn written(&mut self, change: &Change, now: Timestamp) -> Outcome {
        let (request, account, operation) =
            (change.request.clone(), change.account.clone(), change.operation.clone());
        match self.apply(change, now) {
            Commit::Written => Outcome::Written(Parts { request, account, operation }),
            Commit::IdTaken => Outcome::IdTaken,
            // It is decided again and again, and nothing else comes of it: the request's slot is not its own.
            _ => Outcome::Refused(Kind::Transient),
        }
    }

    fn apply(&mut self, change: &Change, now: Timestamp) -> Commit {
        if let Some(request) = &change.request {
            let (request_id, admission) = (request.request_id, request.admission);
            let email = request.account_email.to_string();
            let taken_at = now;
            match change.slot {
                SlotChange::None => {}
                SlotChange::Take(..) if self.pause.as_ref().is_some_and(|it| it.paused_until > now) => {
                    return Commit::PoolPaused;
                }
                SlotChange::Take(_, slot) if self.slots.contains_key(&slot) => return Commit::SlotTaken,
                SlotChange::Check(_, slot) | SlotChange::Release(_, slot) => {
                    let holder = self.slots.get(&slot);
                    if !holder.is_some_and(|it| it.request_id == request_id && it.admission == admission) {
                        return Commit::Stale;
                    }
                }
                SlotChange::Take(..) => {}
            }
            if let Some(id) = &change.claims {
                let others = self.ids.get(id.as_str()).is_some_and(|owner| owner.email != email);
                // The end matters more than the claim, where an account may exist.
                if others && request.status != RequestStatus::Failed {
                    return Commit::IdTaken;
                }
                if !others {
                    self.ids.insert(id.to_string(), Owner { email: email.clone(), request_id });
                }
            }
            match change.slot {
                SlotChange::Take(_, slot) => {
                    let holder = SlotHolder { slot, account_email: email, request_id, admission, taken_at };
                    self.slots.insert(slot, holder);
                }
                SlotChange::Release(_, slot) => {
                    self.slots.remove(&slot);
                }
                SlotChange::None | SlotChange::Check(..) => {}
            }
            let name = request.details().account_name.folded();
            if change.releases_name && self.names.get(&name).is_some_and(|it| it.request_id == request_id) {
                self.names.remove(&name);
            }
            self.requests.insert(request_id, request.clone());
        }
        if let Some(account) = &change.account {
            self.accounts.insert(account.account_email.to_string(), account.clone());
        }
        if let Some(operation) = &change.operation {
            self.operations.insert((operation.request_id, operation.number), operation.clone());
        }
        Commit::Written
    }

    fn queue(&self, queue: Queue) -> BTreeMap<String, Candidate> {
        let place = |request: &Request| {
            let id = request.request_id.to_string();
            Some(match (queue, request.placement()) {
                (Queue::Waiting, Placement::Waiting(_)) | (Queue::Held, Placement::Holding(..)) => id,
                (Queue::Parked, Placement::Parked(_, at))
                | (Queue::Unnotified, Placement::Unnotified(at))
                | (Queue::Watched, Placement::Watched(at)) => at.to_string(),
                _ => return None,
            })
        };
        let candidate = |request: &Request| Candidate {
            request_id: request.request_id,
            account_email: request.account_email.to_string(),
        };
        self.requests.values().filter_map(|it| Some((place(it)?, candidate(it)))).collect()
    }

    fn history(&self, email: &str, limit: u32, after: Option<RequestId>) -> HistoryPage {
        let limit = usize::try_from(limit).unwrap();
        let older = self.requests.values().rev().filter(|it| it.account_email.as_str() == email);
        let older = older.filter(|it| after.is_none_or(|after| it.request_id < after));
        let requests: Vec<_> = older.take(limit).cloned().collect();
        let next = requests.last().map(|it| it.request_id).filter(|_| requests.len() == limit);
        HistoryPage { requests, next }
    }

    /// What the table has to hold.
    pub(super) fn items(&self) -> Items {
        let mut items = Vec::new();
        let written = |value: Value, record: String| {
            let mut value = value;
            value["Record"] = json!(record);
            value
        };
        for account in self.accounts.values() {
            items.push(written(json!(account), "ACCOUNT".to_owned()));
        }
        for request in self.requests.values() {
            let id = request.request_id;
            let mut item = written(json!(request), format!("REQUEST#{id}"));
            let place = match request.placement() {
                Placement::Waiting(_) => Some(("control-tower", id.to_string())),
                Placement::Holding(..) => Some(("HELD#control-tower", id.to_string())),
                Placement::Parked(_, at) => Some(("PARKED#control-tower", at.to_string())),
                Placement::Unnotified(at) => Some(("UNNOTIFIED", at.to_string())),
                Placement::Watched(at) => Some(("WATCHED", at.to_string())),
                Placement::Nowhere => None,
            };
            if let Some((queue, order)) = place {
                item["Queue"] = json!(queue);
                item["QueueOrder"] = json!(order);
            }
            items.push(item);
            let owner = Owner { email: request.account_email.to_string(), request_id: id };
            items.push(claim(&format!("REQUESTID#{id}"), "KEY", &owner));
        }
        for operation in self.operations.values() {
            let record = format!("OPERATION#{}#{:03}", operation.request_id, operation.number);
            items.push(written(json!(operation), record));
        }
        items.extend(self.names.iter().map(|(name, owner)| claim(&format!("NAME#{name}"), "CLAIM", owner)));
        items.extend(self.ids.iter().map(|(id, owner)| claim(&format!("ID#{id}"), "CLAIM", owner)));
        for holder in self.slots.values() {
            let owner = Owner { email: holder.account_email.clone(), request_id: holder.request_id };
            let mut item = claim("SLOT#control-tower", &holder.slot.to_string(), &owner);
            item["Admission"] = json!(holder.admission);
            item["TakenAt"] = json!(holder.taken_at);
            items.push(item);
        }
        if let Some(pause) = &self.pause {
            let mut item = written(json!(pause), "STATE".to_owned());
            item["AccountEmail"] = json!(format!("POOL#{POOL}"));
            items.push(item);
        }
        for answer in self.answers.values() {
            items.push(json!({
                "AccountEmail": format!("IDEMPOTENCY#{}", answer.account.request_id), "Record": "ANSWER",
                "Answer": answer.account, "ExpiresAt": answer.expires_at_seconds,
            }));
        }
        let part = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
        items.into_iter().map(|it| ((part(&it, "AccountEmail"), part(&it, "Record")), it)).collect()
    }
}

fn claim(partition: &str, record: &str, owner: &Owner) -> Value {
    json!({
        "AccountEmail": partition, "Record": record,
        "Owner": owner.email, "RequestID": owner.request_id,
    })
}

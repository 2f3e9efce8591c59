//! A request's whole life, broken off at each of its writes: before the effect, and after it with the answer lost.
//!
//! The life is run once to record its writes; then once more for each of them and each way to break off. What goes on
//! afterwards is either the same step again, as the state machine retries it, or the next execution, which the
//! reconciler starts after the first one was lost.

use accounts_core::{OperationState, Placement, Request, RequestStatus};
use accounts_tests::{Function, Functions, Held, TOPIC_ARN, Workbench, inserted, start_event};
use serde_json::{Value, json};

use super::EMAIL;
use super::check_status::due;

/// Names: an account that is made, one that is given up as busy first and then made, and one that fails.
const MADE: &str = "mine";
const PARKED: &str = "sim-refused-late";
const FAILS: &str = "sim-account-limit";

const SETTINGS: &[(&str, &str)] = &[("TOPIC_ARN", TOPIC_ARN), ("BACKOFF_SECONDS", "0.0001")];

/// How the life is broken off at a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Crash {
    /// The call never arrives.
    BeforeEffect,
    /// The call has its effect, and nobody learns of it.
    AfterEffect,
}

/// How it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recovery {
    /// The step is repeated.
    Repeated,
    /// The execution is lost, and the reconciler starts the next one.
    Reconciled,
}

/// A life that may break off.
struct Life {
    bench: Workbench,
    functions: Functions,
    name: &'static str,
    recovery: Recovery,
    crash: Option<Held>,
}

impl Life {
    async fn new(name: &'static str, recovery: Recovery) -> Self {
        let bench = Workbench::start(0.0).await;
        let functions = bench.functions(SETTINGS);
        Self { bench, functions, name, recovery, crash: None }
    }

    /// Runs something; where it breaks off it answers nothing, and its connections are gone.
    async fn unless_crashed<T>(&mut self, run: impl AsyncFnOnce(&Self) -> T) -> Option<T> {
        let Some(held) = self.crash.take() else {
            return Some(run(self).await);
        };
        let done = tokio::select! {
            biased;
            () = held.arrived() => None,
            done = run(self) => Some(done),
        };
        match done {
            // The held call is dropped with the crash.
            None => drop(held),
            Some(_) => self.crash = Some(held),
        }
        done
    }

    async fn accept(&mut self) -> Request {
        loop {
            let name = self.name;
            if let Some(request) =
                self.unless_crashed(async |life| life.bench.accept(EMAIL, name).await).await
            {
                return request;
            }
            // The client does not know whether it was accepted; here it looks, and sends it again if it was not.
            let email = accounts_core::Email::parse(EMAIL).expect("an e-mail");
            if let Some(account) = self.bench.table.account(&email).await.expect("the table answers") {
                let stored = self.bench.table.request(account.request_id).await.expect("the table answers");
                return stored.expect("a request");
            }
        }
    }

    /// Goes on until the request has ended and its end was published.
    async fn live(&mut self) -> Request {
        let request = self.accept().await;
        let records = json!({"Records": [inserted(&request)]});
        self.unless_crashed(async |life| life.bench.trigger(SETTINGS).handle(&records).await).await;
        for _ in 0..12 {
            let now = self.bench.request(&request).await;
            match now.placement() {
                Placement::Nowhere => return now,
                Placement::Parked(..) => due(&self.bench, &now),
                Placement::Holding(..) if self.bench.executions().contains(&name_of(&now)) => {
                    self.execute(&start_event(&now)).await;
                    if self.bench.request(&request).await.status.is_final() {
                        continue;
                    }
                    self.bench.stop_execution(&request).await;
                }
                _ => {}
            }
            let schedule = json!({"reconcile": true});
            self.unless_crashed(async |life| life.bench.trigger(SETTINGS).handle(&schedule).await).await;
        }
        panic!("it does not end: {:?}", self.bench.request(&request).await);
    }

    /// Goes the way of the state machine; a step that crashes is repeated, or the execution is lost.
    async fn execute(&mut self, event: &Value) {
        let (mut function, mut event) = (Function::Validate, event.clone());
        loop {
            let step = event.clone();
            let answer = self.unless_crashed(async |life| life.functions.call(function, &step).await).await;
            match answer {
                None if self.recovery == Recovery::Reconciled => return,
                None => continue,
                Some(answer) => event = answer.expect("a step"),
            }
            match Function::after(&event) {
                Some(next) if !matches!(function, Function::UpdateStatus | Function::UpdateFailed) => {
                    function = next;
                }
                _ => return,
            }
        }
    }

    /// Exactly one account or one clear failure, and nothing is left behind.
    async fn judge(&self, ended: &Request, what: &str) {
        let (bench, done) = (&self.bench, self.bench.done());
        let exists = self.name != FAILS;
        let made = if self.name == PARKED { 2 } else { 1 };
        assert_eq!((done.operations, done.accounts.len()), (made, usize::from(exists)), "{what}");
        assert_eq!(bench.holders().await, [], "{what}");
        let operations = bench.table.operations(ended).await.expect("the operations");
        assert_eq!(operations.len() as u64, made, "{what}");
        for operation in operations {
            assert!(operation.state == OperationState::Ended && operation.outcome.is_some(), "{what}");
        }
        let published: Vec<_> = bench.topic.published().into_iter().map(|it| it.status).collect();
        assert!((1..=2).contains(&published.len()), "{what}: published {published:?}");

        let expected = if exists { RequestStatus::Provisioned } else { RequestStatus::Failed };
        let account = bench.account(EMAIL).await;
        assert_eq!((ended.status, account.status.name()), (expected, expected.name()), "{what}");
        assert!(published.iter().all(|status| status == expected.name()), "{what}: {published:?}");
        let claims = bench.items.keys().into_iter().filter(|key| key.ends_with(" CLAIM")).collect::<Vec<_>>();
        if exists {
            let id = &done.accounts[0].id;
            assert_eq!(claims, [format!("ID#{id} CLAIM"), format!("NAME#{} CLAIM", self.name)], "{what}");
            assert_eq!(account.account_id.expect("an id").as_str(), id, "{what}");
            assert_eq!((account.error_message, done.accounts[0].tags.len()), (None, 1), "{what}");
        } else {
            assert_eq!(claims, [""; 0], "{what}");
            assert!(account.can_be_requested_again(), "{what}");
            assert_eq!((ended.setbacks, ended.admission), (0, 1), "{what}: never parked");
        }
    }
}

fn name_of(request: &Request) -> String {
    accounts_core::ExecutionRef::of(request).name()
}

/// Breaks a life off at each of its writes.
async fn at_every_write(name: &'static str, recovery: Recovery, expected: Option<&[&str]>) {
    let mut life = Life::new(name, recovery).await;
    let ended = life.live().await;
    life.judge(&ended, "unbroken").await;
    let writes = life.bench.wire.take_writes();
    assert!(expected.is_none_or(|expected| writes == expected), "{writes:?}");
    for number in 1..=writes.len() {
        for crash in [Crash::BeforeEffect, Crash::AfterEffect] {
            let mut life = Life::new(name, recovery).await;
            let at = life.bench.wire.on_write().nth(number);
            let held = if crash == Crash::BeforeEffect { at.hold() } else { at.hold_answer() };
            life.crash = Some(held);
            let what = format!("{} {number} of {name}, {crash:?}, {recovery:?}", writes[number - 1]);
            let ended = life.live().await;
            assert!(life.crash.is_none(), "{what}: it was not broken off");
            life.judge(&ended, &what).await;
        }
    }
}

/// The writes of a life that ends well: accept, admit, start; validated; intent, call, answer; outcome; tags, end,
/// notification, note.
const TO_AN_ACCOUNT: [&str; 12] = [
    "TransactWriteItems",
    "TransactWriteItems",
    "StartExecution",
    "TransactWriteItems",
    "TransactWriteItems",
    "ProvisionProduct",
    "TransactWriteItems",
    "TransactWriteItems",
    "TagResource",
    "TransactWriteItems",
    "Publish",
    "TransactWriteItems",
];

/// The writes of one that ends Failed: there is nothing to tag.
const TO_A_FAILURE: [&str; 11] = [
    "TransactWriteItems",
    "TransactWriteItems",
    "StartExecution",
    "TransactWriteItems",
    "TransactWriteItems",
    "ProvisionProduct",
    "TransactWriteItems",
    "TransactWriteItems",
    "TransactWriteItems",
    "Publish",
    "TransactWriteItems",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_ends_with_an_account_is_repeated_at_every_write() {
    at_every_write(MADE, Recovery::Repeated, Some(&TO_AN_ACCOUNT)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_ends_with_an_account_is_reconciled_at_every_write() {
    at_every_write(MADE, Recovery::Reconciled, Some(&TO_AN_ACCOUNT)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_ends_failed_is_repeated_at_every_write() {
    at_every_write(FAILS, Recovery::Repeated, Some(&TO_A_FAILURE)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_ends_failed_is_reconciled_at_every_write() {
    at_every_write(FAILS, Recovery::Reconciled, Some(&TO_A_FAILURE)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_is_parked_in_between_is_repeated_at_every_write() {
    at_every_write(PARKED, Recovery::Repeated, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_is_parked_in_between_is_reconciled_at_every_write() {
    at_every_write(PARKED, Recovery::Reconciled, None).await;
}

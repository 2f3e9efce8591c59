//! Any function, with any event that a request ever led to, in any order, also two at once.

use accounts_core::{Kind, Status};
use accounts_tests::{Function, Functions, Workbench, start_event};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::caught;

const EMAIL: &str = "user@example.com";

/// Names whose accounts are made, fail, are half made, or are begun twice.
const NAMES: [&str; 6] =
    ["mine", "sim-email-in-use", "sim-tainted", "sim-refused-late", "sim-busy", "sim-account-limit"];

/// An invocation out of place.
#[derive(Clone, Debug)]
struct Stray {
    function: Function,
    /// Which of the events so far, counted backwards.
    event: usize,
    /// It comes by way of a `Catch`.
    caught: bool,
    /// What comes at the same time with the same event: the same again, or another.
    also: Option<Function>,
}

fn function() -> impl Strategy<Value = Function> {
    prop_oneof![
        3 => Just(Function::Validate),
        6 => Just(Function::Provision),
        6 => Just(Function::CheckStatus),
        3 => Just(Function::UpdateStatus),
        2 => Just(Function::UpdateFailed),
    ]
}

fn stray() -> impl Strategy<Value = Stray> {
    (function(), 0usize..4, proptest::bool::weighted(0.2), proptest::option::of(function()))
        .prop_map(|(function, event, caught, also)| Stray { function, event, caught, also })
}

/// One request, and what has been seen of it.
struct Watched {
    bench: Workbench,
    functions: Functions,
    name: &'static str,
    events: Vec<Value>,
    last: (Status, Value),
}

impl Watched {
    async fn new(name: &'static str) -> Self {
        let bench = Workbench::start(0.0).await;
        let request = bench.accept(EMAIL, name).await;
        let last = (request.status, bench.item(EMAIL).await);
        let functions = bench.functions(&[]);
        Self { events: vec![start_event(&request)], bench, functions, name, last }
    }

    async fn invoke(&mut self, stray: &Stray) {
        let mut event = self.events[self.events.len().saturating_sub(1 + stray.event)].clone();
        if stray.caught {
            event = caught(&event, "Transient", "The table could not be read.");
        }
        let call = |function: Function| self.functions.call(function, &event);
        let answers = match stray.also {
            Some(other) => {
                let (one, other) = tokio::join!(call(stray.function), call(other));
                vec![one, other]
            }
            None => vec![call(stray.function).await],
        };
        self.events.extend(answers.into_iter().flatten());
        self.check(stray).await;
    }

    async fn check(&mut self, stray: &Stray) {
        let (request, item) = (self.bench.stored(EMAIL).await, self.bench.item(EMAIL).await);
        let (before, item_before) = &self.last;
        let rank = |status: Status| Status::ALL.iter().position(|other| *other == status);
        assert!(rank(request.status) >= rank(*before), "{before} became {} by {stray:?}", request.status);
        assert!(!before.is_final() || item == *item_before, "{before} is final, and {stray:?} changed it");

        let done = self.bench.done();
        let most = if self.name == "sim-refused-late" { 2 } else { 1 };
        assert!(done.operations <= most, "{} operations by {stray:?}", done.operations);
        assert!(done.accounts.len() <= 1, "{} accounts by {stray:?}", done.accounts.len());
        let holders = self.bench.table.holders().await;
        assert!(holders.len() <= 1, "{holders:?}");
        assert!(!request.status.is_final() || holders.is_empty(), "{} holds a slot", request.status);
        self.last = (request.status, item);
    }

    /// Goes the way of the state machine to its end.
    async fn end(&mut self) {
        let mut function = Function::Validate;
        let mut event = self.events[0].clone();
        for _ in 0..40 {
            let stray = Stray { function, event: 0, caught: false, also: None };
            event = match self.functions.call(function, &event).await {
                Ok(answer) => answer,
                Err(error) if error.kind() == Kind::Busy => continue,
                Err(error) => {
                    event = caught(&event, error.kind().name(), &error.to_string());
                    function = Function::UpdateFailed;
                    continue;
                }
            };
            self.check(&stray).await;
            function = match (function, event["Status"].as_str()) {
                (Function::UpdateStatus | Function::UpdateFailed, _) => return,
                (_, Some("Valid")) => Function::Provision,
                (_, Some("InProgress")) => Function::CheckStatus,
                (_, Some("Provisioned")) => Function::UpdateStatus,
                _ => Function::UpdateFailed,
            };
        }
        panic!("it does not end: {event}");
    }

    /// What the table says in the end is what the landing zone knows.
    async fn judge(&self) {
        let (request, done) = (self.bench.stored(EMAIL).await, self.bench.done());
        assert_eq!(self.bench.table.holders().await, [""; 0], "no slot is leaked");
        let name_is_taken = !self.bench.table.item(&format!("NAME#{}", self.name)).await.is_null();
        match request.status {
            Status::Provisioned => {
                let account = request.account_id.as_ref().expect("an account").as_str();
                assert_eq!(account, done.accounts[0].id);
                assert!(name_is_taken);
            }
            Status::Failed if request.account_may_exist => assert!(name_is_taken),
            Status::Failed => {
                assert_eq!(done.accounts, [], "an account that nobody knows of");
                assert!(!name_is_taken, "the name is free");
            }
            other => panic!("it has not ended: {other}"),
        }
    }
}

#[test]
fn no_order_of_steps_makes_a_second_account_or_moves_a_request_backwards() {
    let runtime = Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let strategy = (proptest::sample::select(&NAMES[..]), proptest::collection::vec(stray(), 0..14));
    let result = runner.run(&strategy, |(name, strays)| {
        runtime.block_on(async {
            let mut watched = Watched::new(name).await;
            for stray in &strays {
                watched.invoke(stray).await;
            }
            watched.end().await;
            watched.judge().await;
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

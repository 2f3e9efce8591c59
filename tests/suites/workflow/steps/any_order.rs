//! Any function, with any event that a request ever led to, in any order, also two at once, and with executions that
//! die in between.

use accounts_core::{Kind, Placement, Request, RequestStatus};
use accounts_tests::{Function, Functions, Workbench, caught, start_event};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::EMAIL;
use super::check_status::due;

/// Names whose accounts are made, fail, are half made, or are started twice.
const NAMES: [&str; 6] =
    ["mine", "sim-email-in-use", "sim-tainted", "sim-refused-late", "sim-busy", "sim-account-limit"];

/// Something out of place.
#[derive(Clone, Debug)]
enum Stray {
    /// An invocation with one of the events so far, counted backwards; by way of a `Catch`; and another at once.
    Invocation { function: Function, event: usize, caught: bool, also: Option<Function> },
    /// The execution is gone, and the reconciler runs.
    Reconciled,
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
    let invocation = (function(), 0usize..4, proptest::bool::weighted(0.2), proptest::option::of(function()))
        .prop_map(|(function, event, caught, also)| Stray::Invocation { function, event, caught, also });
    prop_oneof![6 => invocation, 1 => Just(Stray::Reconciled)]
}

/// One request, and what has been seen of it.
struct Watched {
    bench: Workbench,
    functions: Functions,
    name: &'static str,
    request: Request,
    events: Vec<Value>,
}

impl Watched {
    async fn new(name: &'static str) -> Self {
        let bench = Workbench::start(0.0).await;
        let (request, event) = bench.admitted(EMAIL, name).await;
        let functions = bench.functions(&[]);
        Self { events: vec![event], bench, functions, name, request }
    }

    async fn happens(&mut self, stray: &Stray) {
        match stray {
            Stray::Reconciled => self.reconciled().await,
            Stray::Invocation { function, event, caught: is_caught, also } => {
                let mut event = self.events[self.events.len().saturating_sub(1 + event)].clone();
                if *is_caught {
                    event = caught(&event, "Transient", "The table could not be read.");
                }
                let call = |function: Function| self.functions.call(function, &event);
                let answers = match also {
                    Some(other) => {
                        let (one, other) = tokio::join!(call(*function), call(*other));
                        vec![one, other]
                    }
                    None => vec![call(*function).await],
                };
                self.events.extend(answers.into_iter().flatten());
            }
        }
        self.check(stray).await;
    }

    async fn reconciled(&mut self) {
        let request = self.bench.request(&self.request).await;
        match request.placement() {
            Placement::Parked(..) => due(&self.bench, &request),
            Placement::Holding(..) => {
                self.bench.stop_execution(&request).await;
                let record = format!("REQUEST#{}", request.request_id);
                self.bench.items.edit(EMAIL, &record, |item| {
                    item.as_object_mut().expect("an item").remove("ResumeAt");
                });
            }
            _ => {}
        }
        self.bench.reconcile().await;
        self.events.push(start_event(&self.bench.request(&self.request).await));
    }

    async fn check(&mut self, stray: &Stray) {
        let request = self.bench.request(&self.request).await;
        let before = &self.request;
        if before.status.is_final() {
            assert_eq!(request, *before, "{} is final, and {stray:?} changed it", before.status);
        }
        let done = self.bench.done();
        let most = if self.name == "sim-refused-late" { 2 } else { 1 };
        assert!(done.operations <= most, "{} operations by {stray:?}", done.operations);
        assert!(done.accounts.len() <= 1, "{} accounts by {stray:?}", done.accounts.len());
        let holders = self.bench.holders().await;
        match request.placement() {
            Placement::Holding(_, slot) => {
                assert_eq!(
                    (holders.len(), holders[0].slot, holders[0].admission),
                    (1, slot, request.admission)
                );
            }
            _ => assert_eq!(holders, [], "{stray:?}"),
        }
        self.request = request;
    }

    /// Lets the product go on until the request has ended.
    async fn end(&mut self) {
        for _ in 0..12 {
            if self.request.status.is_final() {
                return;
            }
            self.happens(&Stray::Reconciled).await;
            let event = start_event(&self.request);
            if let Err(error) = self.functions.run(&event).await {
                assert!(error.kind() == Kind::Transient, "{error}");
            }
            self.check(&Stray::Reconciled).await;
        }
        panic!("it does not end: {:?}", self.request);
    }

    /// What the table says in the end is what the landing zone knows.
    fn judge(&self) {
        let done = self.bench.done();
        let name_is_taken = !self.bench.items.get(&format!("NAME#{}", self.name), "CLAIM").is_null();
        match self.request.status {
            RequestStatus::Provisioned => {
                let account = self.request.account_id.as_ref().expect("an account").as_str();
                assert_eq!(account, done.accounts[0].id);
                assert!(name_is_taken);
            }
            RequestStatus::Failed if self.request.account_may_exist => assert!(name_is_taken),
            RequestStatus::Failed => {
                assert_eq!(done.accounts, [], "an account that nobody knows of");
                assert!(!name_is_taken, "the name is free");
            }
            other => panic!("it has not ended: {other}"),
        }
    }
}

#[test]
fn no_order_of_steps_makes_a_second_account_or_moves_a_request_that_has_ended() {
    let runtime = Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let strategy = (proptest::sample::select(&NAMES[..]), proptest::collection::vec(stray(), 0..14));
    let result = runner.run(&strategy, |(name, strays)| {
        runtime.block_on(async {
            let mut watched = Watched::new(name).await;
            for stray in &strays {
                watched.happens(stray).await;
            }
            watched.end().await;
            watched.judge();
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

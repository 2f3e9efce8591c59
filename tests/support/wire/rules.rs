//! The rules by which calls go wrong.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::Wire;

/// Which calls go wrong, and how.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    actions: Vec<String>,
    containing: Option<String>,
    lacking: Vec<String>,
    skip: usize,
    times: usize,
    fault: Fault,
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// It is answered so, and has no effect.
    Answer(StatusCode, String),
    /// It has its effect, and its answer is lost.
    LoseAnswer,
    /// It is held before its effect until it is released.
    Hold(Gate),
    /// It has its effect, and its answer is held until it is released.
    HoldAnswer(Gate),
}

/// What holds a call.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

/// A call that is held. Dropped before its release, the call is lost.
#[derive(Debug)]
pub struct Held(Gate);

/// A rule that is being written.
#[derive(Debug)]
pub struct On<'a> {
    wire: &'a Wire,
    rule: Rule,
}

impl Rule {
    /// What goes wrong with this call.
    pub(super) fn fault_of(&mut self, action: &str, body: &str) -> Option<Fault> {
        if self.times == 0 || !self.matches(action, body) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times -= 1;
        Some(self.fault.clone())
    }

    fn matches(&self, action: &str, body: &str) -> bool {
        self.actions.iter().any(|other| other == action)
            && self.containing.as_ref().is_none_or(|text| body.contains(text))
            && !self.lacking.iter().any(|text| body.contains(text))
    }
}

impl<'a> On<'a> {
    pub(super) fn new(wire: &'a Wire, actions: &[&str]) -> Self {
        let actions = actions.iter().map(|&action| action.to_owned()).collect();
        let rule = Rule {
            actions,
            containing: None,
            lacking: Vec::new(),
            skip: 0,
            times: 1,
            fault: Fault::LoseAnswer,
        };
        Self { wire, rule }
    }

    /// Only calls with this text in their body.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        self.rule.containing = Some(text.to_owned());
        self
    }

    /// Only calls without this text in their body; it can be said of several.
    #[must_use]
    pub fn lacking(mut self, text: &str) -> Self {
        self.rule.lacking.push(text.to_owned());
        self
    }

    /// Only the n-th of them, from 1.
    #[must_use]
    pub fn nth(mut self, number: usize) -> Self {
        self.rule.skip = number - 1;
        self
    }

    /// So many of them.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.rule.times = times;
        self
    }

    /// All of them, until the wire is cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// It is answered so, and has no effect.
    pub fn answer(self, body: &Value) {
        self.fault(Fault::Answer(StatusCode::OK, body.to_string()));
    }

    /// The service refuses it with this status and code.
    pub fn refuse(self, status: u16, code: &str) {
        self.refuse_with(status, code, "no");
    }

    /// The same, with a text.
    pub fn refuse_with(self, status: u16, code: &str, text: &str) {
        let body = if self.rule.actions == ["Publish"] {
            format!(
                "<ErrorResponse><Error><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>"
            )
        } else {
            json!({"__type": code, "message": text, "Message": text}).to_string()
        };
        self.fault(Fault::Answer(StatusCode::from_u16(status).expect("a status"), body));
    }

    /// It is refused with this status, and no code says by whom or why.
    pub fn refuse_without_code(self, status: u16) {
        self.fault(Fault::Answer(StatusCode::from_u16(status).expect("a status"), json!({}).to_string()));
    }

    /// DynamoDB cancels the transaction, with these reasons for its items in their order.
    pub fn cancel(self, reasons: &[Value]) {
        let body = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": reasons,
        });
        self.fault(Fault::Answer(StatusCode::BAD_REQUEST, body.to_string()));
    }

    /// It never reaches the service; the caller does not know that.
    pub fn drop_call(self) {
        self.fault(Fault::Answer(StatusCode::BAD_GATEWAY, String::new()));
    }

    /// It has its effect, and its answer is lost.
    pub fn lose_answer(self) {
        self.fault(Fault::LoseAnswer);
    }

    /// It is held before its effect.
    pub fn hold(self) -> Held {
        let gate = Gate::closed();
        self.fault(Fault::Hold(gate.clone()));
        Held(gate)
    }

    /// It has its effect, and its answer is held.
    pub fn hold_answer(self) -> Held {
        let gate = Gate::closed();
        self.fault(Fault::HoldAnswer(gate.clone()));
        Held(gate)
    }

    fn fault(self, fault: Fault) {
        let rule = Rule { fault, ..self.rule };
        self.wire.add(rule);
    }
}

impl Gate {
    fn closed() -> Self {
        Self { arrived: Arc::new(Semaphore::new(0)), released: Arc::new(Semaphore::new(0)) }
    }

    /// Whether the call goes on.
    pub(super) async fn pass(&self) -> bool {
        self.arrived.add_permits(1);
        self.released.acquire().await.is_ok()
    }
}

impl Held {
    /// Waits until the call has come so far.
    pub async fn arrived(&self) {
        self.0.arrived.acquire().await.expect("a call").forget();
    }

    /// Lets it go on.
    pub fn release(self) {
        self.0.released.add_permits(Semaphore::MAX_PERMITS / 2);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.0.released.available_permits() == 0 {
            self.0.released.close();
        }
    }
}

//! A transport that parks each call of the SDK until the schedule lets it go on.

use std::sync::{Arc, Mutex};

use accounts_aws::{AnswerFuture, Disconnected, Transport, WireAnswer, WireCall};
use serde_json::Value;
use tokio::sync::oneshot;

/// A call that waits.
#[derive(Debug)]
pub(super) struct ParkedCall {
    /// Which task of the round made it.
    pub(super) task: usize,
    /// `GetItem` and so on.
    pub(super) action: String,
    pub(super) body: Value,
    answer: oneshot::Sender<Result<WireAnswer, Disconnected>>,
}

impl ParkedCall {
    /// Answers it. Nobody listens where the task was ended.
    pub(super) fn answer(self, answer: Result<WireAnswer, Disconnected>) {
        drop(self.answer.send(answer));
    }
}

/// All calls that wait.
#[derive(Debug, Default)]
pub(super) struct ParkedCalls(Mutex<Vec<ParkedCall>>);

impl ParkedCalls {
    /// Takes one of those that wait: the schedule's number counts them in the order of their tasks. None where none
    /// waits.
    pub(super) fn take(&self, number: usize) -> Option<ParkedCall> {
        let mut calls = self.0.lock().unwrap();
        calls.sort_by_key(|call| call.task);
        let number = number.checked_rem(calls.len())?;
        Some(calls.remove(number))
    }
}

/// The connection of one task of a round.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) task: usize,
    pub(super) calls: Arc<ParkedCalls>,
}

impl Transport for Connection {
    fn call(&self, call: WireCall) -> AnswerFuture {
        let (answer, answered) = oneshot::channel();
        let action = call.target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(&call.body).unwrap();
        self.calls.0.lock().unwrap().push(ParkedCall { task: self.task, action, body, answer });
        Box::pin(async move { answered.await.unwrap_or(Err(Disconnected)) })
    }
}

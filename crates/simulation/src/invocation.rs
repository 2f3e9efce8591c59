//! One invocation of a function: a process that can crash and stand still.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::clock::whole_ms;
use crate::locks::lock;

tokio::task_local! {
    pub(crate) static CURRENT: Arc<Invocation>;
}

/// The invocation that makes a call.
pub(crate) fn current() -> Option<Arc<Invocation>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// One invocation of a function.
pub(crate) struct Invocation {
    number: u64,
    function: &'static str,
    pub(crate) timeout_seconds: u32,
    crashed: Notify,
    stalled: Mutex<Option<Instant>>,
}

impl Invocation {
    pub(crate) fn new(number: u64, function: &'static str, timeout_seconds: u32) -> Self {
        Self { number, function, timeout_seconds, crashed: Notify::new(), stalled: Mutex::new(None) }
    }

    /// Waits until its process crashes.
    pub(crate) async fn crashed(&self) {
        self.crashed.notified().await;
    }

    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.function, self.number)
    }

    /// Ends its process now.
    pub(crate) fn crash(&self) {
        self.crashed.notify_one();
    }

    /// Lets its whole process stand still.
    pub(crate) async fn stall(&self, seconds: f64) {
        *lock(&self.stalled) = Some(Instant::now() + whole_ms(seconds));
        tokio::task::yield_now().await;
    }
}

/// A function at work. While it is stalled nothing of it runs, its timers included.
pub(crate) struct Process<T> {
    work: Pin<Box<dyn Future<Output = T> + Send>>,
    invocation: Arc<Invocation>,
    stall: Option<Pin<Box<Sleep>>>,
}

impl<T> Process<T> {
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static, invocation: &Arc<Invocation>) -> Self {
        Self { work: Box::pin(work), invocation: Arc::clone(invocation), stall: None }
    }
}

impl<T> Future for Process<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        loop {
            if let Some(stall) = &mut self.stall {
                ready!(stall.as_mut().poll(context));
                self.stall = None;
            }
            let polled = self.work.as_mut().poll(context);
            let Some(until) = lock(&self.invocation.stalled).take() else {
                return polled;
            };
            if polled.is_ready() {
                return polled;
            }
            self.stall = Some(Box::pin(sleep_until(until)));
        }
    }
}

/// Counts invocations.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

//! What the executions of one engine share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::options::{Event, Options};
use crate::definition::Definition;
use crate::store::{Millis, Store};
use crate::tasks::AnyTasks;

/// What the executions of an engine need of it.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) definition: Arc<Definition>,
    pub(super) definition_id: i64,
    pub(super) created: Millis,
    pub(super) tasks: Arc<dyn AnyTasks>,
    pub(super) invocations: Semaphore,
    pub(super) options: Options,
    pub(super) runtime: Handle,
    pub(super) running: Mutex<HashMap<String, JoinHandle<()>>>,
}

impl Shared {
    /// The executions under way, by name.
    pub(super) fn running(&self) -> MutexGuard<'_, HashMap<String, JoinHandle<()>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes an execution that has ended from those under way.
    pub(super) fn forget(&self, name: &str) {
        self.running().remove(name);
    }

    /// Notifies the observer, where there is one.
    pub(super) fn notify(&self, execution: &str, event: &Event) {
        if let Some(observer) = &self.options.observer {
            observer.on_event(execution, event);
        }
    }
}

/// Stops every execution when the last engine that shares it is dropped.
pub(super) struct StopOnDrop(pub(super) Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        for (_, handle) in self.0.running().drain() {
            handle.abort();
        }
    }
}

//! Runs the executions of one state machine, and survives being killed.

mod clock;
mod error;
mod executions;
mod options;
mod run;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::definition::Definition;
use crate::store::{Millis, Store};
use crate::tasks::{AnyTasks, Tasks};

pub use error::EngineError;
pub use executions::{Execution, Page, Started};
pub use options::{Event, Observer, Options};

use run::{From, Run};

/// Runs one state machine. Clones are the same engine (a router holds one); when the last one is dropped,
/// its executions stop where they are. [`Engine::shutdown`] waits for that.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    _stop: Arc<StopOnDrop>,
}

/// What the executions of an engine need of it.
struct Shared {
    store: Store,
    definition: Arc<Definition>,
    definition_id: i64,
    created: Millis,
    tasks: Arc<dyn AnyTasks>,
    invocations: Semaphore,
    options: Options,
    runtime: Handle,
    running: Mutex<HashMap<String, JoinHandle<()>>>,
}

impl Engine {
    /// Opens the database, and makes it where there is none. Nothing runs before [`Engine::resume`] or
    /// [`Engine::start_execution`]. One database is for one engine at a time.
    pub fn open(
        database: impl AsRef<Path>,
        definition: Definition,
        tasks: impl Tasks,
        options: Options,
    ) -> Result<Self, EngineError> {
        if !(options.time_scale.is_finite() && options.time_scale >= 0.0) {
            return Err(EngineError::Options("time_scale must be a number of at least 0"));
        }
        if options.concurrency == 0 || options.concurrency > Semaphore::MAX_PERMITS {
            return Err(EngineError::Options("concurrency must be at least 1"));
        }
        let runtime = Handle::try_current()?;
        let store = Store::open(database.as_ref())?;
        let (definition_id, created) = store.definition(definition.text(), clock::now())?;
        let shared = Arc::new(Shared {
            store,
            definition: Arc::new(definition),
            definition_id,
            created,
            tasks: Arc::new(tasks),
            invocations: Semaphore::new(options.concurrency),
            options,
            runtime,
            running: Mutex::default(),
        });
        Ok(Self { _stop: Arc::new(StopOnDrop(Arc::clone(&shared))), shared })
    }

    /// Goes on with every execution that has not ended, and says how many: a task that was under way is
    /// invoked again, a wait ends when it was to end, retries are counted on.
    pub fn resume(&self) -> Result<usize, EngineError> {
        let mut definitions =
            HashMap::from([(self.shared.definition_id, Arc::clone(&self.shared.definition))]);
        let mut runs = Vec::new();
        for execution in self.shared.store.unfinished()? {
            let definition = match definitions.get(&execution.definition) {
                Some(definition) => Arc::clone(definition),
                None => {
                    let text = self.shared.store.definition_text(execution.definition)?;
                    let definition = Definition::parse(&text).map_err(|source| {
                        EngineError::OldDefinition { execution: execution.name.clone(), source }
                    })?;
                    let definition = Arc::new(definition);
                    definitions.insert(execution.definition, Arc::clone(&definition));
                    definition
                }
            };
            let from = match execution.position {
                Some(position) => From::Position(position, execution.wake),
                None => From::Input(executions::json(&execution.input)?),
            };
            let (name, started) = (execution.name, execution.started);
            runs.push(Run { shared: Arc::clone(&self.shared), definition, name, started, from });
        }
        Ok(runs.into_iter().map(|run| self.shared.spawn(run)).filter(|new| *new).count())
    }

    /// Stops every execution where it is and waits until none does anything any more; another engine
    /// can then resume them.
    pub async fn shutdown(&self) {
        let running: Vec<_> = self.shared.running().drain().map(|(_, handle)| handle).collect();
        for handle in &running {
            handle.abort();
        }
        for handle in running {
            // It was aborted, or has ended by itself: either is what was wanted.
            let _ = handle.await;
        }
    }

    /// The definition that new executions run.
    pub fn definition(&self) -> &Definition {
        &self.shared.definition
    }

    /// The state machine's ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:states:us-east-1:000000000000:stateMachine:{}", self.shared.options.name)
    }

    /// The ARN of the execution of that name.
    pub fn execution_arn(&self, name: &str) -> String {
        format!("{}{name}", self.execution_prefix())
    }

    fn execution_prefix(&self) -> String {
        format!("arn:aws:states:us-east-1:000000000000:execution:{}:", self.shared.options.name)
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<String, JoinHandle<()>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an execution unless it runs already.
    fn spawn(&self, run: Run) -> bool {
        let mut running = self.running();
        if running.contains_key(&run.name) {
            return false;
        }
        // Under the lock, so that an execution that ends at once is not entered after it was forgotten.
        running.insert(run.name.clone(), self.runtime.spawn(run.run()));
        true
    }

    fn forget(&self, name: &str) {
        self.running().remove(name);
    }

    fn tell(&self, execution: &str, event: &Event) {
        if let Some(observer) = &self.options.observer {
            observer.on_event(execution, event);
        }
    }
}

struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        for (_, handle) in self.0.running().drain() {
            handle.abort();
        }
    }
}

//! Runs the executions of one state machine, and survives being killed.

mod clock;
mod error;
mod executions;
mod input;
mod invocation;
mod options;
mod run;
mod shared;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::definition::Definition;
use crate::store::Store;
use crate::tasks::Tasks;

pub use error::EngineError;
pub use executions::{Execution, Page, Started};
pub use options::{Event, Observer, Options};

use run::{Entry, Run};
use shared::{Shared, StopOnDrop};

/// Runs one state machine. Clones are the same engine (a router holds one); when the last one is dropped,
/// its executions stop where they are. [`Engine::shutdown`] waits for that.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    _stop: Arc<StopOnDrop>,
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
            let entry = match execution.position {
                Some(position) => Entry::Position(position, execution.wake),
                None => Entry::Input(input::parse(&execution.input)?),
            };
            let (name, started) = (execution.name, execution.started);
            runs.push(Run { shared: Arc::clone(&self.shared), definition, name, started, entry });
        }
        Ok(runs.into_iter().map(Run::spawn).filter(|new| *new).count())
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

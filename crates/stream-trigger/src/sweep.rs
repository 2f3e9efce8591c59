//! The sweep over the requests that have not ended: the table is the truth, a record of its stream only a
//! witness, which may be lost.

use accounts_core::{Backlog, Error, Kind, OpenRequest, Result, Status};
use accounts_lambda::now;
use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use crate::StreamTrigger;

/// How many executions are started at once.
const AT_ONCE: usize = 10;

impl StreamTrigger {
    /// Writes the gauges, and starts the execution of every request that is still `Requested`: one whose
    /// record was lost, or set aside as a dead letter, gets it here. One that has it keeps it.
    ///
    /// # Errors
    /// If the table cannot be read; or, after all others were started, what kept one from being started, or
    /// that there are requests that cannot be read.
    pub(crate) async fn sweep(&self) -> Result<Value> {
        let open = self.requests.open().await?;
        let slots_in_use = self.requests.slots_in_use().await?;
        let now = now();
        let backlogs = Backlog::of(&open.requests, now);
        self.metrics.backlog(&backlogs, slots_in_use, now);

        let requested: Vec<_> =
            open.requests.into_iter().filter(|request| request.status == Status::Requested).collect();
        let started = self.start_all(&requested).await?;
        if open.unreadable > 0 {
            // The gauges do not count them, so nothing else would tell that they are there.
            let sentence =
                format!("{} open requests cannot be read; the log names them by their key.", open.unreadable);
            return Err(Error::new(Kind::Internal, sentence));
        }
        let count = |backlog: &Backlog| (backlog.status.name().to_owned(), json!(backlog.requests));
        let open: Map<_, _> = backlogs.iter().map(count).collect();
        Ok(json!({"started": started, "open": open, "slotsInUse": slots_in_use}))
    }

    /// One that cannot be started stops no other, and is an error in the end: somebody has to look.
    async fn start_all(&self, requested: &[OpenRequest]) -> Result<usize> {
        let start = |request: &OpenRequest| {
            let start = request.start.clone();
            async move { (start.request_id, self.executions.start(&start).await) }
        };
        let starts: Vec<_> = requested.iter().map(start).collect();
        let outcomes: Vec<_> = stream::iter(starts).buffer_unordered(AT_ONCE).collect().await;
        let mut failed: Option<Error> = None;
        let mut started = 0;
        for (request_id, outcome) in outcomes {
            match outcome {
                Ok(()) => started += 1,
                Err(error) => {
                    tracing::error!(%request_id, error = error.chain(), "the workflow could not be started");
                    failed = failed.or(Some(error));
                }
            }
        }
        failed.map_or(Ok(started), Err)
    }
}

//! Looks again at operations of which an operator stated that no account came: an account that appears later is alarmed.

use accounts_aws::{Candidate, QueueName};
use accounts_core::transition::{WATCH_SECONDS, watched};
use accounts_core::{AccountId, Backend, Found, OperationOutcome, Progress, Result, Snapshot};

use crate::StreamTrigger;

/// How many resolved requests one run looks at.
const MOST_WATCHED: usize = 3;

/// The shortest time between two looks at one request, in seconds; it grows with the time since its end.
const FIRST_LOOK_SECONDS: f64 = 3600.0;

impl<B: Backend> StreamTrigger<B> {
    /// Looks at the resolved requests that are due, and says at how many.
    ///
    /// # Errors
    /// If the table could not be read or written, or the backend not asked.
    pub(crate) async fn watch(&self) -> Result<usize> {
        let due = self.table.due(QueueName::Watched, self.clock.now(), MOST_WATCHED).await?;
        let mut first_error = None;
        for candidate in &due {
            if let Err(error) = self.look_again(candidate).await {
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(due.len()), Err)
    }

    async fn look_again(&self, candidate: &Candidate) -> Result<()> {
        let Some(email) = candidate.email() else {
            return Ok(());
        };
        let snapshot = self.table.snapshot(&email, candidate.request_id).await?;
        let now = self.clock.now();
        let since_end = now.seconds_since(snapshot.request.last_update_date);
        let again = now.plus_seconds((since_end / 4.0).max(FIRST_LOOK_SECONDS));
        let again = (since_end < WATCH_SECONDS).then_some(again);
        // Before the look, which can take long: if this run dies of it, the next one looks at others.
        self.change(candidate, now, |request| watched(request, again, now)).await?;
        let found = self.account_of(&snapshot).await?;
        if let Some(account_id) = &found {
            let request_id = candidate.request_id;
            tracing::error!(%request_id, account_id, "an account appeared that an operator had said does not exist");
            self.metrics.unexpected_account(now);
            self.change(candidate, now, |request| watched(request, None, now)).await?;
        }
        Ok(())
    }

    /// What the operation has made after all: the account's id, or a word for an operation that runs.
    async fn account_of(&self, snapshot: &Snapshot) -> Result<Option<String>> {
        let Some(operation) = &snapshot.operation else {
            return Ok(None);
        };
        if operation.handle.is_some() {
            return Ok(match self.backend.outcome(operation).await? {
                Progress::Ended(OperationOutcome::Succeeded { account_id }) => Some(text(&account_id)),
                Progress::Ended(OperationOutcome::Failed { account_id, account_may_exist: true, .. })
                    if snapshot.account.request_id == snapshot.request.request_id =>
                {
                    Some(account_id.as_ref().map_or_else(|| "unknown".to_owned(), text))
                }
                _ => None,
            });
        }
        Ok(match self.backend.find(operation).await? {
            Found::Operation(_) => Some("not known yet".to_owned()),
            // The account of a later request for the same e-mail is no surprise.
            Found::Account(id) if snapshot.account.request_id == snapshot.request.request_id => {
                Some(text(&id))
            }
            Found::Account(_) | Found::Nothing => None,
        })
    }
}

fn text(account_id: &AccountId) -> String {
    account_id.to_string()
}

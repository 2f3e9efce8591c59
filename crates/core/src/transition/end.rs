//! How a request ends, and what decides it: the table, and nothing else.

use super::{Change, SlotChange, Snapshot};
use crate::text::shortened;
use crate::{
    AccountId, Error, Kind, MAX_OPERATIONS, OperationOutcome, OperationState, RequestEvent, Result, Timestamp,
};

/// How long an account that an operator said does not exist is looked for, in seconds.
pub const WATCH_SECONDS: f64 = 30.0 * 86_400.0;

/// What the table says about a request whose step failed, or whose execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It has ended.
    Ended,
    /// Its account exists: it ends well.
    Complete(AccountId),
    /// It was definitely rejected, or failed: it ends.
    Fail(Ending),
    /// Nothing was started: it gives its slot back and comes again later.
    Park,
    /// Something may be running: it keeps its slot, and another execution goes on later.
    Hold,
}

/// The end of a request without a usable account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Why, for the person who asked.
    pub reason: String,
    /// An account may exist: every claim is kept.
    pub account_may_exist: bool,
    /// That account, where it is known.
    pub account_id: Option<AccountId>,
}

impl Ending {
    fn without_account(reason: &str) -> Self {
        Self { reason: reason.to_owned(), account_may_exist: false, account_id: None }
    }
}

impl Snapshot {
    /// What the table says about this request.
    pub fn disposition(&self) -> Disposition {
        if self.request.status.is_final() {
            return Disposition::Ended;
        }
        let Some(operation) = &self.operation else {
            let rejection = self.request.rejection.as_deref();
            return rejection
                .map_or(Disposition::Park, |reason| Disposition::Fail(Ending::without_account(reason)));
        };
        match (&operation.state, &operation.outcome) {
            (OperationState::Beginning, _)
                if operation.nothing_started() && operation.rejection.is_none() =>
            {
                Disposition::Park
            }
            (OperationState::Beginning | OperationState::Begun, _) | (OperationState::Ended, None) => {
                Disposition::Hold
            }
            (OperationState::Ended, Some(outcome)) => match outcome {
                OperationOutcome::Succeeded { account_id } => Disposition::Complete(account_id.clone()),
                OperationOutcome::Failed { reason, account_may_exist, account_id } => {
                    Disposition::Fail(Ending {
                        reason: reason.clone(),
                        account_may_exist: *account_may_exist,
                        account_id: account_id.clone(),
                    })
                }
                OperationOutcome::Rejected { reason } => Disposition::Fail(Ending::without_account(reason)),
                OperationOutcome::InputRejected { reason } | OperationOutcome::Busy { reason } => {
                    if operation.number >= MAX_OPERATIONS {
                        Disposition::Fail(Ending::without_account(reason))
                    } else {
                        Disposition::Park
                    }
                }
            },
        }
    }

    /// `InProgress → Provisioned`: the account exists. A `note` says what could not be done for it. `notify` says
    /// whether its end is published.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if no operation of it succeeded, or it has ended otherwise.
    pub fn complete(&self, note: Option<String>, notify: bool, now: Timestamp) -> Result<Change> {
        let Disposition::Complete(account_id) = self.disposition() else {
            return Err(Error::new(Kind::Conflict, "No operation of the request has succeeded."));
        };
        let (pool, slot) = self.held()?;
        let (mut request, mut account) = self.after(RequestEvent::Completed, now)?;
        request.account_id = Some(account_id.clone());
        request.error_message.clone_from(&note);
        self.close(&mut request, notify, now);
        if let Some(account) = &mut account {
            account.account_id = Some(account_id.clone());
            account.error_message = note;
        }
        Ok(Change {
            request: Some(request),
            account,
            slot: SlotChange::Release(pool, slot),
            claims: Some(account_id),
            ..Change::default()
        })
    }

    /// `→ Failed`. Unless an account may exist, the account's name is free again.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if it has ended otherwise, or holds no slot.
    pub fn fail(&self, ending: &Ending, notify: bool, now: Timestamp) -> Result<Change> {
        let (pool, slot) = self.held()?;
        let (mut request, mut account) = self.after(RequestEvent::Failed, now)?;
        let reason = shortened(&ending.reason);
        request.error_message = Some(reason.clone());
        request.account_may_exist = ending.account_may_exist;
        request.account_id.clone_from(&ending.account_id);
        self.close(&mut request, notify, now);
        if let Some(account) = &mut account {
            account.error_message = Some(reason);
            account.account_may_exist = ending.account_may_exist;
            account.account_id.clone_from(&ending.account_id);
        }
        Ok(Change {
            releases_name: !ending.account_may_exist,
            request: Some(request),
            account,
            slot: SlotChange::Release(pool, slot),
            claims: ending.account_id.clone(),
            ..Change::default()
        })
    }

    fn close(&self, request: &mut crate::Request, notify: bool, now: Timestamp) {
        let stated_absent = self.operation.as_ref().is_some_and(|operation| {
            operation.resolution.is_some()
                && !matches!(operation.outcome, Some(OperationOutcome::Succeeded { .. }))
        });
        request.slot = None;
        request.overdue_since = None;
        request.resume_at = None;
        request.notify_since = notify.then_some(now);
        request.watch_at = stated_absent.then_some(now);
    }
}

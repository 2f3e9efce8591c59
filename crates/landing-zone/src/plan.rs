//! When an operation ends and how, decided when it is accepted.

use crate::misbehaviour::Misbehaviour;
use crate::texts;

/// The times at which an operation changes its status, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// CREATED turns into IN_PROGRESS.
    pub(crate) progress_ms: i64,
    /// IN_PROGRESS turns into IN_PROGRESS_IN_ERROR, where it does.
    pub(crate) error_ms: Option<i64>,
    /// The end; never where there is none.
    pub(crate) end_ms: Option<i64>,
    pub(crate) outcome: Outcome,
}

/// The outcome of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With the account, unless its e-mail is taken by then.
    Account,
    /// With the account and a failed record.
    AccountThenFailure,
    /// Without an account, for this reason.
    Failure(String),
}

impl Plan {
    /// Plans an operation accepted at `created_ms` for an account name with these misbehaviours.
    pub(crate) fn new(
        misbehaviours: &[Misbehaviour],
        email: &str,
        email_in_flight: bool,
        created_ms: i64,
        provision_ms: i64,
    ) -> Self {
        let has = |misbehaviour| misbehaviours.contains(&misbehaviour);

        let outcome = if has(Misbehaviour::RefusedLate) {
            Outcome::Failure(texts::BUSY.to_owned())
        } else if has(Misbehaviour::EmailInUse) || email_in_flight {
            Outcome::Failure(texts::email_in_use(email))
        } else if has(Misbehaviour::AccountLimit) {
            Outcome::Failure(texts::ACCOUNT_LIMIT.to_owned())
        } else if has(Misbehaviour::InErrorThenFailed) {
            Outcome::Failure(texts::REMEDIATION_FAILED.to_owned())
        } else if has(Misbehaviour::Tainted) {
            Outcome::AccountThenFailure
        } else {
            Outcome::Account
        };

        let mut lasts_ms = provision_ms;
        if has(Misbehaviour::Slow) {
            lasts_ms = lasts_ms.saturating_mul(10);
        }
        if has(Misbehaviour::RefusedLate) {
            lasts_ms /= 10;
        }
        let after_ms = |ms: i64| created_ms.saturating_add(ms);
        Self {
            progress_ms: after_ms(lasts_ms / 10),
            error_ms: has(Misbehaviour::InErrorThenFailed).then(|| after_ms(lasts_ms / 2)),
            end_ms: (!has(Misbehaviour::Never)).then(|| after_ms(lasts_ms)),
            outcome,
        }
    }
}

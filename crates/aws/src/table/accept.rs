//! Accepts a new request: account, request, key, name and, with an idempotency key, its answer, in one transaction.

use accounts_core::{
    Acceptance, Account, Claim, Error, IdempotencyKey, Kind, NewAccount, Request, Result, Timestamp,
    canonical,
};
use sha2::{Digest, Sha256};

use super::commit::versioned;
use super::items;
use super::keys::Key;
use super::transaction::{Condition, Outcome, Part, Transaction, pause};
use super::{Item, Table, number, text};

/// The attribute by which the table drops an item after its TTL (seconds since the Unix epoch).
pub(super) const EXPIRY: &str = "ExpiresAt";

/// How long an `Idempotency-Key` is remembered, in seconds.
const KEY_KEPT_SECONDS: i64 = 24 * 3600;

/// How often acceptance is tried whose account changed between a read and the write.
const TRIES: u32 = 8;

impl Table {
    /// Stores a request, its account and its claims, if e-mail and name are free, under any concurrency. A Failed
    /// account is requested again, unless an account may exist for it.
    ///
    /// # Errors
    /// If the table could not be written, or was too contested: nothing is written then, or all of it.
    pub async fn accept(
        &self,
        body: &NewAccount,
        request: &Request,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Acceptance> {
        let mut previous: Option<Account> = None;
        for attempt in 0..TRIES {
            let version = previous.as_ref().map_or(0, |account| account.version);
            let account = Account::requested(request, &body.details, version);
            let outcome = self.acceptance(body, request, &account, key, now)?.run().await?;
            let Outcome::Refused(_) = outcome else {
                return Ok(Acceptance::Accepted(Box::new(account)));
            };
            if let Some(Some(answer)) = outcome.refused(Part::Answer) {
                return remembered(answer, body);
            }
            let name_taken = outcome.refused(Part::Name).is_some();
            let standing = match outcome.refused(Part::Account) {
                Some(Some(item)) => Some(items::read::<Account>(item.clone())?),
                _ => None,
            };
            match standing {
                Some(standing) if standing.can_be_requested_again() && !name_taken => {
                    previous = Some(standing)
                }
                Some(standing) => return Ok(Acceptance::Taken(claims(&standing, name_taken, body))),
                None if name_taken => return Ok(Acceptance::Taken(vec![Claim::Name])),
                // The account changed or vanished meanwhile, or the answer's item did: judge anew.
                None => {
                    previous = None;
                    tokio::time::sleep(pause(attempt)).await;
                }
            }
        }
        Err(Error::new(Kind::Transient, "Too many requests for the same account at once.")
            .caused_by("the account changed each time"))
    }

    fn acceptance(
        &self,
        body: &NewAccount,
        request: &Request,
        account: &Account,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Transaction<'_>> {
        let id = request.request_id.to_string();
        let owned = |mut item: Item| {
            item.insert("Owner".to_owned(), text(request.account_email.as_str()));
            item.insert("RequestID".to_owned(), text(id.as_str()));
            item
        };
        let mut transaction = versioned(Transaction::new(self), Part::Account, account)?;
        transaction = versioned(transaction, Part::Request, request)?;
        let by_id = Key::request_id(request.request_id).item();
        transaction = transaction.put(Part::RequestKey, owned(by_id), Condition::absent())?;
        let name = Key::name(&body.details.account_name).item();
        transaction = transaction.put(Part::Name, owned(name), Condition::absent())?;
        if let Some(key) = key {
            let mut answer = Key::idempotency(&hash(&[&key.caller, &key.key])).item();
            let stored = serde_json::to_string(account).map_err(|error| {
                Error::new(Kind::Internal, "The answer cannot be written.").caused_by(error)
            })?;
            answer.insert("Fingerprint".to_owned(), text(fingerprint(body)));
            answer.insert("Answer".to_owned(), text(stored));
            let seconds = now.as_ms() / 1000;
            answer.insert(EXPIRY.to_owned(), number(seconds + KEY_KEPT_SECONDS));
            let unknown = Condition::new(
                "attribute_not_exists(#AccountEmail) OR #ExpiresAt < :now",
                [(":now", number(seconds))],
            );
            transaction = transaction.put(Part::Answer, answer, unknown)?;
        }
        Ok(transaction)
    }
}

/// The claims that are in the way. A Failed account that may exist holds its own name too.
fn claims(standing: &Account, name_taken: bool, body: &NewAccount) -> Vec<Claim> {
    let mut claims = Vec::new();
    if !standing.can_be_requested_again() {
        claims.push(Claim::Email { status: standing.status, account_may_exist: standing.account_may_exist });
    }
    let own_name = standing.details.account_name.folded() == body.details.account_name.folded();
    if name_taken && !own_name || claims.is_empty() {
        claims.push(Claim::Name);
    }
    claims
}

fn remembered(answer: &Item, body: &NewAccount) -> Result<Acceptance> {
    let stored = |name: &str| answer.get(name).and_then(|value| value.as_s().ok());
    if stored("Fingerprint") != Some(&fingerprint(body)) {
        return Ok(Acceptance::KeyHasOtherBody);
    }
    let answer = stored("Answer").map(String::as_str).unwrap_or_default();
    serde_json::from_str(answer)
        .map(|first| Acceptance::Repeated(Box::new(first)))
        .map_err(|error| Error::new(Kind::Internal, "The remembered answer is malformed.").caused_by(error))
}

fn fingerprint(body: &NewAccount) -> String {
    hash(&[&canonical(body)])
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The organization: its units, its accounts, their tags.

use std::time::Duration;

use accounts_core::{AccountId, AccountName, Email, Error, Kind, OrgUnit, Result, Tag, Unit};
use aws_sdk_organizations::types;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Sdk;
use crate::sdk_error::{classify, into_error};

const SENTENCE: &str = "The organization could not be asked.";

/// No listing has more pages than this; one that goes on is a fault of the service, not a reason to loop.
const MOST_PAGES: usize = 10_000;

/// The codes by which Organizations refuses tags for good (API reference, `TagResource`).
const REFUSED_TAGS: [&str; 3] =
    ["InvalidInputException", "ConstraintViolationException", "TagPolicyViolationException"];

/// How long a listing of all accounts is used again to say that a name or an e-mail is free. It is never used to say
/// that one is taken.
const LISTING_CACHE_TTL: Duration = Duration::from_secs(30);

/// The organization.
#[derive(Debug)]
pub struct Organization {
    client: aws_sdk_organizations::Client,
    listing: Mutex<Option<(Instant, Vec<Account>)>>,
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name, as it was written.
    pub name: String,
    /// Its e-mail, in lower case.
    pub email: String,
    /// It is closed or on its way there; it keeps its e-mail for 90 days.
    pub closed: bool,
}

impl Account {
    fn has(&self, email: &Email, name: &AccountName) -> bool {
        self.email == email.as_str()
            || (!self.closed && self.name.trim().to_ascii_lowercase() == name.folded())
    }
}

impl Organization {
    /// The organization that these credentials see.
    pub fn new(sdk: &Sdk) -> Self {
        Self { client: sdk.organizations(), listing: Mutex::new(None) }
    }

    /// The unit of this path or id, whose names are compared exactly.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if there is none; otherwise the organization could not be asked.
    pub async fn unit(&self, unit: &OrgUnit) -> Result<Unit> {
        let missing = || Error::new(Kind::Invalid, format!("There is no organizational unit {unit}."));
        match unit {
            OrgUnit::Id(id) => {
                let answer =
                    self.client.describe_organizational_unit().organizational_unit_id(id).send().await;
                match answer.map_err(|error| classify(SENTENCE, error)) {
                    Ok(answer) => answer.organizational_unit.and_then(managed).ok_or_else(missing),
                    Err(failure)
                        if failure.code.as_deref() == Some("OrganizationalUnitNotFoundException") =>
                    {
                        Err(missing())
                    }
                    Err(failure) => Err(failure.error),
                }
            }
            OrgUnit::Path(names) => {
                let mut parent = self.root().await?;
                let mut found = None;
                for name in names {
                    let unit = self.child(&parent, name).await?.ok_or_else(missing)?;
                    parent.clone_from(&unit.id);
                    found = Some(unit);
                }
                found.ok_or_else(missing)
            }
        }
    }

    async fn root(&self) -> Result<String> {
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .client
                .list_roots()
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| into_error(SENTENCE, error))?;
            if let Some(id) = page.roots.unwrap_or_default().into_iter().find_map(|root| root.id) {
                return Ok(id);
            }
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        Err(Error::new(Kind::Internal, SENTENCE).caused_by("the organization has no root"))
    }

    async fn child(&self, parent: &str, name: &str) -> Result<Option<Unit>> {
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .client
                .list_organizational_units_for_parent()
                .parent_id(parent)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| into_error(SENTENCE, error))?;
            let mut units = page.organizational_units.unwrap_or_default().into_iter();
            if let Some(unit) = units.find(|unit| unit.name.as_deref() == Some(name)) {
                return Ok(managed(unit));
            }
            token = page.next_token;
            if token.is_none() {
                return Ok(None);
            }
        }
        Err(Error::new(Kind::Internal, SENTENCE).caused_by("the list of units does not end"))
    }

    /// The account that already has this e-mail, or this name unless it is closed. A listing a few seconds old
    /// may say that there is none; only a fresh one says that there is.
    ///
    /// # Errors
    /// If the organization could not be asked, which never means that there is none.
    pub async fn account_with(&self, email: &Email, name: &AccountName) -> Result<Option<Account>> {
        let mut listing = self.listing.lock().await;
        if let Some((at, accounts)) = listing.as_ref()
            && at.elapsed() < LISTING_CACHE_TTL
            && !accounts.iter().any(|account| account.has(email, name))
        {
            return Ok(None);
        }
        let accounts = self.accounts().await?;
        let found = accounts.iter().find(|account| account.has(email, name)).cloned();
        *listing = Some((Instant::now(), accounts));
        Ok(found)
    }

    /// The account that has this e-mail now.
    ///
    /// # Errors
    /// If the organization could not be asked, which never means that there is none.
    pub async fn account_of(&self, email: &Email) -> Result<Option<Account>> {
        Ok(self.accounts().await?.into_iter().find(|account| account.email == email.as_str()))
    }

    /// The account of this id; none if the organization has none.
    ///
    /// # Errors
    /// If the organization could not be asked, which never means that there is none.
    pub async fn account_of_id(&self, id: &AccountId) -> Result<Option<Account>> {
        let answer = self.client.describe_account().account_id(id.as_str()).send().await;
        match answer.map_err(|error| classify(SENTENCE, error)) {
            Ok(answer) => Ok(answer.account.as_ref().and_then(account)),
            Err(failure) if failure.code.as_deref() == Some("AccountNotFoundException") => Ok(None),
            Err(failure) => Err(failure.error),
        }
    }

    async fn accounts(&self) -> Result<Vec<Account>> {
        let mut accounts = Vec::new();
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .client
                .list_accounts()
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| into_error(SENTENCE, error))?;
            accounts.extend(page.accounts.unwrap_or_default().iter().filter_map(account));
            token = page.next_token;
            if token.is_none() {
                return Ok(accounts);
            }
        }
        Err(Error::new(Kind::Internal, SENTENCE).caused_by("the list of accounts does not end"))
    }

    /// Puts tags on an account; those that it has already under these keys are replaced.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the organization refuses these tags for good; any other kind says that they could not be set
    /// now.
    pub async fn tag(&self, account: &AccountId, tags: &[Tag]) -> Result<()> {
        if tags.is_empty() {
            return Ok(());
        }
        let tags: Vec<_> = tags
            .iter()
            .map(|tag| types::Tag::builder().key(&tag.key).value(&tag.value).build())
            .collect::<Result<_, _>>()
            .map_err(|error| Error::new(Kind::Internal, "A tag cannot be written.").caused_by(error))?;
        self.client
            .tag_resource()
            .resource_id(account.as_str())
            .set_tags(Some(tags))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| {
                let failure = classify("The account's tags could not be set.", error);
                match failure.code.as_deref() {
                    Some(code) if REFUSED_TAGS.contains(&code) => {
                        Error::new(Kind::Invalid, "The organization refuses the account's tags.")
                            .caused_by(failure.error)
                    }
                    _ => failure.error,
                }
            })
    }
}

fn managed(unit: types::OrganizationalUnit) -> Option<Unit> {
    Some(Unit { id: unit.id?, name: unit.name? })
}

/// `State` is read first, `Status` where it is missing: the latter was to retire on 2026-09-09 (Organizations
/// API reference, `Account`).
fn account(account: &types::Account) -> Option<Account> {
    let state = account.state().map(types::AccountState::as_str);
    #[allow(deprecated)]
    let state = state.or_else(|| account.status().map(types::AccountStatus::as_str)).unwrap_or_default();
    Some(Account {
        id: AccountId::parse(account.id()?).ok()?,
        name: account.name().unwrap_or_default().to_owned(),
        email: account.email().unwrap_or_default().to_ascii_lowercase(),
        closed: matches!(state, "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED"),
    })
}

//! The HTTP client of the API, with timeouts and retries.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{RequestBuilder, redirect};
use serde_json::Value;
use tokio::time::sleep;

use crate::address::Address;
use crate::backoff::Backoff;
use crate::error::Error;
use crate::history::History;
use crate::item::Item;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::token::Token;

/// Longer than the gateway lets a function answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest page of requests that the API gives.
const MAX_PAGE: u32 = 100;

/// What an account is looked up by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lookup<'a> {
    Email(&'a str),
    Id(&'a str),
}

/// A client of one API.
#[derive(Debug)]
pub(crate) struct Client {
    address: Address,
    http: reqwest::Client,
    pub(crate) backoff: Backoff,
}

impl Client {
    pub(crate) fn new(address: Address, token: Option<&Token>, backoff: Backoff) -> Result<Self, Error> {
        // It fails where the process has a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();

        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token.authorization().map_err(|_| Error::Header("token"))?);
        }
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("accounts/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT);
        if !address.is_https() {
            // A machine without any root certificates can still speak to its own fleet.
            http = http.tls_certs_only([]);
        }
        let http = http.build().map_err(Error::Setup)?;
        Ok(Self { address, http, backoff })
    }

    /// Requests an account. However often it has to be sent, the key makes it one request.
    pub(crate) async fn create(&self, body: &[u8], key: &str, progress: &Progress) -> Result<Item, Error> {
        let key = HeaderValue::from_str(key).map_err(|_| Error::Header("idempotency key"))?;
        let url = self.address.route(&["createAccount"], &[]);
        let call = || {
            self.http
                .post(url.clone())
                .header(CONTENT_TYPE, "application/json")
                .header("Idempotency-Key", key.clone())
                .body(body.to_owned())
        };
        self.send(call, Item::of, self.backoff.max_attempts, progress).await
    }

    /// An account.
    pub(crate) async fn get(&self, lookup: Lookup<'_>, progress: &Progress) -> Result<Item, Error> {
        let query = match lookup {
            Lookup::Email(email) => ("accountEmail", email),
            Lookup::Id(id) => ("accountId", id),
        };
        let url = self.address.route(&["getAccount"], &[query]);
        self.send(|| self.http.get(url.clone()), Item::of, self.backoff.max_attempts, progress).await
    }

    /// A request, with its operations.
    pub(crate) async fn request(&self, id: &str, attempts: u32, progress: &Progress) -> Result<Item, Error> {
        let url = self.address.route(&["requests", id], &[]);
        let request = self.send(|| self.http.get(url.clone()), Item::of, attempts, progress).await?;
        if request.request_id().eq_ignore_ascii_case(id) { Ok(request) } else { Err(self.not_the_api()) }
    }

    /// The newest requests of an account, so many at most or all, page after page.
    pub(crate) async fn requests(
        &self,
        account: &str,
        limit: Option<u32>,
        progress: &Progress,
    ) -> Result<History, Error> {
        let mut history = History::default();
        loop {
            let count = u32::try_from(history.requests().len()).unwrap_or(u32::MAX);
            let size = limit.map_or(MAX_PAGE, |limit| limit.saturating_sub(count).min(MAX_PAGE));
            if size == 0 {
                return Ok(history);
            }
            let page = self.page(account, size, history.next_cursor(), progress).await?;
            if page.next_cursor().is_some() && page.next_cursor() == history.next_cursor() {
                // It would go on for ever.
                return Err(self.not_the_api());
            }
            history.append(page);
            if history.next_cursor().is_none() {
                return Ok(history);
            }
            progress.show(&format!("asking for requests of {account}: {} so far", history.requests().len()));
        }
    }

    async fn page(
        &self,
        account: &str,
        size: u32,
        cursor: Option<&str>,
        progress: &Progress,
    ) -> Result<History, Error> {
        let size = size.to_string();
        let query: Vec<_> =
            [("limit", size.as_str())].into_iter().chain(cursor.map(|cursor| ("cursor", cursor))).collect();
        let url = self.address.route(&["accounts", account, "requests"], &query);
        self.send(|| self.http.get(url.clone()), History::of, self.backoff.max_attempts, progress).await
    }

    /// States the outcome of the overdue operation of a request.
    pub(crate) async fn resolve(
        &self,
        id: &str,
        outcome: &Value,
        progress: &Progress,
    ) -> Result<Item, Error> {
        let url = self.address.route(&["requests", id, "resolve"], &[]);
        let call = || self.http.post(url.clone()).json(outcome);
        self.send(call, Item::of, self.backoff.max_attempts, progress).await
    }

    /// Sends a call until it is answered, its attempts are used up, or the error will not go away.
    async fn send<T>(
        &self,
        call: impl Fn() -> RequestBuilder,
        parse: fn(&[u8]) -> Option<T>,
        attempts: u32,
        progress: &Progress,
    ) -> Result<T, Error> {
        let mut attempts_made = 0;
        loop {
            let (error, retry_after) = match self.send_once(call(), parse).await {
                Ok(parsed) => return Ok(parsed),
                Err(failed) => failed,
            };
            attempts_made += 1;
            if attempts_made >= attempts || !error.is_retryable() {
                return Err(error);
            }
            let Some(delay) = self.backoff.delay(attempts_made, retry_after, fastrand::f64()) else {
                return Err(error);
            };
            progress.show_retry(&error, delay);
            sleep(delay).await;
        }
    }

    async fn send_once<T>(
        &self,
        call: RequestBuilder,
        parse: fn(&[u8]) -> Option<T>,
    ) -> Result<T, (Error, Option<Duration>)> {
        // The URL of a call may hold an e-mail address, and the error names the API already.
        let unreachable = |error: reqwest::Error| {
            (Error::Unreachable { address: self.address.to_string(), source: error.without_url() }, None)
        };
        let response = call.send().await.map_err(unreachable)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(seconds);
        let body = response.bytes().await.map_err(unreachable)?;

        if status.is_success() {
            return parse(&body).ok_or_else(|| (self.not_the_api(), None));
        }
        let title = status.canonical_reason().unwrap_or("Unknown answer");
        Err((Error::Problem(Problem::of(status.as_u16(), title, &body)), retry_after))
    }

    fn not_the_api(&self) -> Error {
        Error::NotTheApi { address: self.address.to_string() }
    }
}

/// The delay in a `Retry-After` that counts seconds, as this API's does.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

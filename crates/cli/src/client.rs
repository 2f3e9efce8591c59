//! The HTTP client of the API, with timeouts and retries.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect;
use tokio::time::sleep;

use crate::address::Address;
use crate::backoff::Backoff;
use crate::error::Error;
use crate::item::Item;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::token::Token;

/// Longer than the gateway lets a function answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What an item is asked for by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'a> {
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

    /// Asks for an account. However often it has to be sent, the key makes it one request.
    pub(crate) async fn create(&self, body: &[u8], key: &str, progress: &Progress) -> Result<Item, Error> {
        let key = HeaderValue::from_str(key).map_err(|_| Error::Header("idempotency key"))?;
        let url = self.address.route("createAccount", None);
        let request = || {
            self.http
                .post(url.clone())
                .header(CONTENT_TYPE, "application/json")
                .header("Idempotency-Key", key.clone())
                .body(body.to_owned())
        };
        self.send(request, self.backoff.max_attempts, progress).await
    }

    /// The stored item.
    pub(crate) async fn get(&self, by: By<'_>, attempts: u32, progress: &Progress) -> Result<Item, Error> {
        let query = match by {
            By::Email(email) => ("accountEmail", email),
            By::Id(id) => ("accountId", id),
        };
        let url = self.address.route("getAccount", Some(query));
        self.send(|| self.http.get(url.clone()), attempts, progress).await
    }

    async fn send(
        &self,
        request: impl Fn() -> reqwest::RequestBuilder,
        attempts: u32,
        progress: &Progress,
    ) -> Result<Item, Error> {
        let mut attempts_made = 0;
        loop {
            let (error, retry_after) = match self.send_once(request()).await {
                Ok(item) => return Ok(item),
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

    async fn send_once(&self, request: reqwest::RequestBuilder) -> Result<Item, (Error, Option<Duration>)> {
        // The URL of a request holds an e-mail address, and the error names the API already.
        let unreachable = |error: reqwest::Error| {
            (Error::Unreachable { address: self.address.to_string(), source: error.without_url() }, None)
        };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(seconds);
        let body = answer.bytes().await.map_err(unreachable)?;

        if status.is_success() {
            return Item::of(&body).ok_or((Error::NotTheApi { address: self.address.to_string() }, None));
        }
        let title = status.canonical_reason().unwrap_or("Unknown answer");
        Err((Error::Problem(Problem::of(status.as_u16(), title, &body)), retry_after))
    }
}

/// The delay in a `Retry-After` that counts seconds, as this API's does.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

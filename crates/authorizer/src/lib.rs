//! The authorizer of the API: who shows this token, and may they use this route?
//!
//! A Lambda REQUEST authorizer of an HTTP API: payload format 2.0, simple responses. A bad token is a denial,
//! never an error; what cannot be decided now is an error, never a denial, for the gateway caches denials too.
//! The log names requests by the gateway's id and callers by a hash, never a person.

mod cache;
mod clock;
mod config;
mod download;
mod event;
mod keys;
mod routes;
mod token;

#[cfg(test)]
mod tests;

use accounts_core::Result;
use accounts_lambda::Settings;
use serde_json::Value;

pub use clock::Clock;
pub use routes::Role;

use cache::KeyCache;
use config::Config;
use download::Jwks;
use event::Request;
use token::{Caller, Denial, Expectations, Token};

/// Decides who may use which route.
#[derive(Debug)]
pub struct Authorizer {
    keys: KeyCache,
    expectations: Expectations,
    clock: Clock,
}

impl Authorizer {
    /// An authorizer for the issuer that the settings name, its keys fetched already where that was possible.
    ///
    /// # Errors
    /// A setting is missing or unusable, or HTTPS is not available.
    pub async fn connect(settings: &Settings) -> std::result::Result<Self, accounts_lambda::Error> {
        Self::with_clock(settings, Clock::system()).await
    }

    /// The same, by another clock.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn with_clock(
        settings: &Settings,
        clock: Clock,
    ) -> std::result::Result<Self, accounts_lambda::Error> {
        let config = Config::read(settings)?;
        let jwks = Jwks::new(config.jwks_url, &config.roots)?;
        let keys = KeyCache::new(jwks, clock.clone(), config.refresh);
        keys.prefetch().await;
        Ok(Self { keys, expectations: config.expectations, clock })
    }

    /// Answers an event of the gateway.
    ///
    /// # Errors
    /// `Invalid`, naming what is wrong with the event; `Transient`, if nobody can say now whether the issuer has
    /// the token's key: the gateway answers 500 and caches nothing.
    pub async fn handle(&self, event: Value) -> Result<Value> {
        let request = Request::of(&event)?;
        let (request_id, route) = (request.id, request.route);
        match self.decide(&request).await {
            Ok(caller) => {
                tracing::debug!(request_id, route, client = caller.client_id, "allowed");
                Ok(event::allowed(&caller))
            }
            Err(Stop::Denied { denial, kid, caller }) => {
                let kid = kid.as_deref().map(shortened);
                let (client, subject) = caller.map(|c| (c.client_id.clone(), c.subject_hash())).unzip();
                tracing::info!(request_id, route, reason = %denial, kid, client, subject, "denied");
                Ok(event::denied())
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    async fn decide(&self, request: &Request<'_>) -> std::result::Result<Caller, Stop> {
        // First what costs nothing: only a token that could be good is worth a fetch of keys.
        let permission = routes::permission(request.route).ok_or(Denial::UnknownRoute)?;
        let token = Token::parse(request.bearer_token()?)?;
        let keys = self.keys.deciding(token.kid()).await?;
        let denied = |denial, caller| Stop::Denied { denial, kid: Some(token.kid().to_owned()), caller };

        let caller = token
            .check(&keys, self.clock.now(), &self.expectations)
            .map_err(|denial| denied(denial, None))?;
        if !caller.may(permission) {
            return Err(denied(Denial::NotAllowed, Some(caller)));
        }
        Ok(caller)
    }
}

/// Why there is no caller who may.
enum Stop {
    Denied { denial: Denial, kid: Option<String>, caller: Option<Caller> },
    Failed(accounts_core::Error),
}

impl From<Denial> for Stop {
    fn from(denial: Denial) -> Self {
        Self::Denied { denial, kid: None, caller: None }
    }
}

impl From<accounts_core::Error> for Stop {
    fn from(error: accounts_core::Error) -> Self {
        Self::Failed(error)
    }
}

/// A key id for the log: whoever sends a token chooses how long it is.
fn shortened(kid: &str) -> String {
    kid.chars().take(64).collect()
}

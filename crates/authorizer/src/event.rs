//! What the gateway asks and what it is answered.

use accounts_core::{Error, Kind, Result};
use serde_json::{Map, Value, json};

use crate::token::{Caller, Denial};

/// The part of the gateway's event that matters here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    /// The route that the gateway chose, such as `POST /createAccount`.
    pub(crate) route: &'a str,
    /// The gateway's id of the request, by which its access log and `api` name it too.
    pub(crate) id: Option<&'a str>,
    authorization: Option<&'a str>,
}

impl<'a> Request<'a> {
    pub(crate) fn of(event: &'a Value) -> Result<Self> {
        let event = event.as_object().ok_or_else(|| invalid("it is not an object"))?;
        match event.get("version") {
            Some(version) if version == "2.0" => {}
            Some(_) => return Err(invalid("`version` is not \"2.0\"")),
            None => return Err(invalid("`version` is missing")),
        }
        let route = event.get("routeKey").ok_or_else(|| invalid("`routeKey` is missing"))?;
        let route = route.as_str().ok_or_else(|| invalid("`routeKey` is not a string"))?;
        let headers = event.get("headers").ok_or_else(|| invalid("`headers` is missing"))?;
        let headers = headers.as_object().ok_or_else(|| invalid("`headers` is not an object"))?;
        let id = event.get("requestContext").and_then(|context| context["requestId"].as_str());
        Ok(Self { route, id, authorization: authorization(headers)? })
    }

    /// The token in the Authorization header.
    pub(crate) fn bearer_token(&self) -> std::result::Result<&'a str, Denial> {
        let header = self.authorization.ok_or(Denial::NoToken)?;
        let (scheme, token) = header.trim_matches(' ').split_once(' ').ok_or(Denial::NotBearer)?;
        if scheme.eq_ignore_ascii_case("bearer") {
            Ok(token.trim_start_matches(' '))
        } else {
            Err(Denial::NotBearer)
        }
    }
}

/// The one Authorization header, however it is capitalised; none if there are two.
fn authorization(headers: &Map<String, Value>) -> Result<Option<&str>> {
    let mut found = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => {
            value.as_str().map(Some).ok_or_else(|| invalid("`headers.authorization` is not a string"))
        }
        _ => Ok(None),
    }
}

fn invalid(what: &str) -> Error {
    Error::new(
        Kind::Invalid,
        format!("This is no event of an HTTP API for its authorizer (payload 2.0): {what}."),
    )
}

/// The answer that lets the caller in, with what the functions behind may know of them. The gateway passes on
/// strings, numbers and booleans only, and caches the answer, possibly for longer than the token lives: `api`
/// rejects the caller after `expiresAt`.
pub(crate) fn allowed(caller: &Caller) -> Value {
    let groups: Vec<_> = caller.roles.iter().map(|role| role.name()).collect();
    let mut context = json!({
        "subject": caller.subject,
        "groups": groups.join(","),
        "clientId": caller.client_id,
        "expiresAt": caller.expires_at,
    });
    if let Some(name) = &caller.name {
        context["name"] = json!(name);
    }
    json!({"isAuthorized": true, "context": context})
}

/// The answer that does not, and does not say why.
pub(crate) fn denied() -> Value {
    json!({"isAuthorized": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_authorization(value: &str) -> Value {
        json!({"version": "2.0", "routeKey": "GET /getAccount", "headers": {"authorization": value}})
    }

    #[test]
    fn the_sample_is_such_an_event() {
        let sample = include_str!("../../../samples/authorizer.json");
        let event: Value = serde_json::from_str(sample).expect("the sample is JSON");
        let request = Request::of(&event).expect("the sample is an event");
        assert_eq!(request.route, "POST /createAccount");
        assert_eq!(request.id, Some("AbCdEfGhIjKlMnO="));
        assert!(request.bearer_token().is_ok());
    }

    #[test]
    fn a_malformed_event_is_invalid_and_says_what_is_wrong() {
        for (event, what) in [
            (json!(null), "not an object"),
            (json!([]), "not an object"),
            (json!({}), "`version` is missing"),
            (json!({"version": "1.0"}), "`version` is not"),
            (json!({"version": 2.0}), "`version` is not"),
            (json!({"version": "2.0"}), "`routeKey` is missing"),
            (json!({"version": "2.0", "routeKey": 1}), "`routeKey` is not a string"),
            (json!({"version": "2.0", "routeKey": "GET /x"}), "`headers` is missing"),
            (json!({"version": "2.0", "routeKey": "GET /x", "headers": null}), "`headers` is not an object"),
            (
                json!({"version": "2.0", "routeKey": "GET /x", "headers": {"authorization": ["a"]}}),
                "`headers.authorization` is not a string",
            ),
        ] {
            let error = Request::of(&event).expect_err("the event is malformed");
            assert_eq!(error.kind(), Kind::Invalid);
            assert!(error.to_string().contains(what), "{error}");
        }
    }

    #[test]
    fn only_the_bearer_scheme_carries_a_token() {
        for (value, expected) in [
            ("Bearer abc", Ok("abc")),
            ("bearer  abc ", Ok("abc")),
            ("Basic abc", Err(Denial::NotBearer)),
            ("abc", Err(Denial::NotBearer)),
            ("Bearer", Err(Denial::NotBearer)),
            ("", Err(Denial::NotBearer)),
        ] {
            let event = with_authorization(value);
            let request = Request::of(&event).expect("a good event");
            assert_eq!(request.bearer_token(), expected, "{value}");
        }
    }

    #[test]
    fn no_token_and_two_tokens_are_no_token() {
        let mut event = with_authorization("Bearer a");
        event["headers"]["Authorization"] = json!("Bearer b");
        assert_eq!(
            Request::of(&event).map(|request| request.bearer_token()).ok(),
            Some(Err(Denial::NoToken))
        );
        event["headers"] = json!({"host": "x"});
        assert_eq!(
            Request::of(&event).map(|request| request.bearer_token()).ok(),
            Some(Err(Denial::NoToken))
        );
    }
}

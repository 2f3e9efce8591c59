//! `GET /getAccount`.

use accounts_core::{AccountId, AccountRequest, Email, Error, Fault, Kind};
use lambda_http::{Body, Request, RequestExt, Response};
use serde_json::Value;

use crate::problem::Problem;
use crate::{Api, json_answer};

/// Where it is.
pub(crate) const PATH: &str = "/getAccount";

impl Api {
    pub(crate) async fn get(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let found = match asked_for(request)? {
            Asked::Email(email) => self.requests.of_email(&email).await?,
            Asked::Id(id) => self.requests.of_account(&id).await?,
        };
        let request =
            found.ok_or_else(|| Problem::from(Error::new(Kind::NotFound, "There is no such request.")))?;
        Ok(json_answer(200, &shown(&request)?))
    }
}

enum Asked {
    Email(Email),
    Id(AccountId),
}

fn asked_for(request: &Request) -> Result<Asked, Problem> {
    let query = request.query_string_parameters();
    let all = |name: &str| query.all(name).unwrap_or_default();
    let fault = |field: &str, (code, message)| {
        Problem::invalid("A parameter has a fault.", vec![Fault::new(field, code, message)])
    };
    match (all("accountEmail").as_slice(), all("accountId").as_slice()) {
        // A plus sign that nobody escaped arrives as a blank, which no e-mail holds.
        ([email], []) => Email::parse(&email.replace(' ', "+"))
            .map(Asked::Email)
            .map_err(|rule| fault("accountEmail", rule)),
        ([], [id]) => AccountId::parse(id).map(Asked::Id).map_err(|rule| fault("accountId", rule)),
        ([], []) => Err(Problem::invalid("One of accountEmail and accountId is needed.", Vec::new())),
        _ => {
            Err(Problem::invalid("Exactly one of accountEmail and accountId may be given, once.", Vec::new()))
        }
    }
}

/// A request as clients see it.
pub(crate) fn shown(request: &AccountRequest) -> Result<Value, Problem> {
    serde_json::to_value(request).map_err(|error| {
        Problem::from(Error::new(Kind::Internal, "The request cannot be shown.").caused_by(error))
    })
}

/// Where a request can be read.
pub(crate) fn location(email: &Email) -> String {
    let escaped = email.as_str().bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    });
    format!("{PATH}?accountEmail={escaped}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_location_escapes_what_a_query_reads_otherwise() {
        let email = Email::parse("first+tag=x/y@example.com").unwrap();
        assert_eq!(location(&email), "/getAccount?accountEmail=first%2Btag%3Dx%2Fy@example.com");
    }
}

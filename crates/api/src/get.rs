//! `GET /getAccount`.

use accounts_core::{Account, AccountId, AccountStatus, Email, Error, Fault, Kind, Placement};
use lambda_http::{Body, Request, RequestExt, Response};
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::{Api, json_answer, shown};

/// The position in a queue is counted to this.
const MOST_COUNTED: usize = 100;

/// How often an account is read that changes between two reads.
const MOST_READS: u32 = 4;

impl Api {
    pub(crate) async fn get(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let found = match asked_for(request)? {
            Lookup::Email(email) => self.table.account(&email).await?,
            Lookup::Id(id) => self.table.account_of_id(&id).await?,
        };
        let account = found.ok_or_else(|| Problem::not_found("There is no such account."))?;
        Ok(json_answer(200, &self.shown_account(&account).await?))
    }

    /// An account with what its open request waits for.
    async fn shown_account(&self, account: &Account) -> Result<Value, Problem> {
        let (account, request) = self.with_open_request(account.clone()).await?;
        let mut body = shown_alone(&account)?;
        let Some(request) = request else {
            return Ok(body);
        };
        if let Some(position) = self.queue_position(&request).await? {
            body["QueuePosition"] = json!(position);
        }
        if let Some(until) = request.parked_until {
            body["ParkedUntil"] = json!(until);
        }
        if let Some(since) = request.overdue_since {
            body["OverdueSince"] = json!(since);
        }
        Ok(body)
    }

    /// The account and its open request, as they were at one time: a transition can write both between two reads. An
    /// account that changes again and again is shown as it was read last.
    async fn with_open_request(
        &self,
        mut account: Account,
    ) -> Result<(Account, Option<accounts_core::Request>), Problem> {
        let mut reads = 0;
        loop {
            if matches!(account.status, AccountStatus::Provisioned | AccountStatus::Failed) {
                return Ok((account, None));
            }
            let request = self.table.request_of(&account.account_email, account.request_id).await?;
            let request = request
                .ok_or_else(|| Problem::from(Error::new(Kind::Internal, "The account has no request.")))?;
            reads += 1;
            if request.status.name() == account.status.name() || reads == MOST_READS {
                return Ok((account, Some(request)));
            }
            if let Some(again) = self.table.account(&account.account_email).await? {
                account = again;
            }
        }
    }

    /// How many requests are served up to and including this one; none if it does not wait.
    pub(crate) async fn queue_position(
        &self,
        request: &accounts_core::Request,
    ) -> Result<Option<String>, Problem> {
        let Placement::Waiting(pool) = request.placement() else {
            return Ok(None);
        };
        let ahead = self.table.ahead_of(pool, request.request_id, MOST_COUNTED).await?;
        Ok(Some(if ahead < MOST_COUNTED { (ahead + 1).to_string() } else { format!("{MOST_COUNTED}+") }))
    }
}

/// An account as clients see it: all of it but the count of its writes.
pub(crate) fn shown_alone(account: &Account) -> Result<Value, Problem> {
    let mut body = shown(account)?;
    if let Some(members) = body.as_object_mut() {
        members.remove("Version");
    }
    Ok(body)
}

enum Lookup {
    Email(Email),
    Id(AccountId),
}

fn asked_for(request: &Request) -> Result<Lookup, Problem> {
    let query = request.query_string_parameters();
    let all = |name: &str| query.all(name).unwrap_or_default();
    let fault = |field: &str, (code, message)| {
        Problem::invalid("A parameter has a fault.", vec![Fault::new(field, code, message)])
    };
    match (all("accountEmail").as_slice(), all("accountId").as_slice()) {
        // A plus sign that nobody escaped arrives as a blank, which no e-mail holds.
        ([email], []) => Email::parse(&email.replace(' ', "+"))
            .map(Lookup::Email)
            .map_err(|rule| fault("accountEmail", rule)),
        ([], [id]) => AccountId::parse(id).map(Lookup::Id).map_err(|rule| fault("accountId", rule)),
        ([], []) => Err(Problem::invalid("One of accountEmail and accountId is needed.", Vec::new())),
        _ => {
            Err(Problem::invalid("Exactly one of accountEmail and accountId may be given, once.", Vec::new()))
        }
    }
}

/// Where an account can be read.
pub(crate) fn location(email: &Email) -> String {
    let escaped = email.as_str().bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    });
    format!("/getAccount?accountEmail={escaped}")
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

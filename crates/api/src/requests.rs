//! `GET /requests/{requestId}` and `GET /accounts/{account}/requests`.

use accounts_core::{AccountId, Email, Fault, RequestId};
use lambda_http::{Body, Request, RequestExt, Response};
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::{Api, json_answer, shown};

/// How many requests a page has, if nobody says otherwise, and at most.
const DEFAULT_LIMIT: u32 = 20;
const MOST: u32 = 100;

impl Api {
    pub(crate) async fn request(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let found = self.request_of_path(request).await?;
        Ok(json_answer(200, &self.shown_request(&found).await?))
    }

    /// The request that the path names.
    pub(crate) async fn request_of_path(&self, request: &Request) -> Result<accounts_core::Request, Problem> {
        let text = parameter(request, "requestId");
        let id = RequestId::parse(&text).ok_or_else(|| {
            let fault = Fault::new("requestId", "invalid_format", "A request id is a UUID.");
            Problem::invalid("A parameter has a fault.", vec![fault])
        })?;
        self.table.request(id).await?.ok_or_else(|| Problem::not_found("There is no such request."))
    }

    /// A request with its operations, and its place in the queue.
    pub(crate) async fn shown_request(&self, request: &accounts_core::Request) -> Result<Value, Problem> {
        let mut body = shown(request)?;
        if let Some(position) = self.queue_position(request).await? {
            body["QueuePosition"] = json!(position);
        }
        body["Operations"] = shown(&self.table.operations(request).await?)?;
        Ok(body)
    }

    pub(crate) async fn history(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let (limit, cursor) = page_of(request)?;
        let text = parameter(request, "account");
        let account = match AccountId::parse(&text) {
            Ok(id) => self.table.account_of_id(&id).await?,
            Err(_) => {
                let email = Email::parse(&text).map_err(account_fault)?;
                self.table.account(&email).await?
            }
        };
        let account = account.ok_or_else(|| Problem::not_found("There is no such account."))?;
        let page = self.table.history(&account.account_email, limit, cursor).await?;
        let mut body = json!({"Requests": shown(&page.requests)?});
        if let Some(next) = page.next {
            body["NextCursor"] = json!(next.to_string());
        }
        Ok(json_answer(200, &body))
    }
}

fn account_fault((code, message): (&'static str, String)) -> Problem {
    let message = format!("An account is an e-mail or twelve digits. {message}");
    Problem::invalid("A parameter has a fault.", vec![Fault::new("account", code, message)])
}

/// A parameter of the path, decoded by the gateway.
fn parameter(request: &Request, name: &str) -> String {
    request.path_parameters().first(name).unwrap_or_default().to_owned()
}

/// `limit` and `cursor`; both faults at once.
fn page_of(request: &Request) -> Result<(u32, Option<RequestId>), Problem> {
    let query = request.query_string_parameters();
    let one = |name: &str| match query.all(name).unwrap_or_default().as_slice() {
        [] => Ok(None),
        [value] => Ok(Some((*value).to_owned())),
        _ => Err(Fault::new(name, "duplicate", "The parameter may be given once.")),
    };
    let limit = one("limit").and_then(|text| match text {
        None => Ok(DEFAULT_LIMIT),
        Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(|| {
            Fault::new("limit", "invalid_format", format!("The limit is a whole number from 1 to {MOST}."))
        }),
    });
    let cursor = one("cursor").and_then(|text| match text {
        None => Ok(None),
        Some(text) => RequestId::parse(&text).map(Some).ok_or_else(|| {
            Fault::new("cursor", "invalid_format", "The cursor is the NextCursor of the page before.")
        }),
    });
    match (limit, cursor) {
        (Ok(limit), Ok(cursor)) => Ok((limit, cursor)),
        (limit, cursor) => {
            let faults = limit.err().into_iter().chain(cursor.err()).collect();
            Err(Problem::invalid("A parameter has a fault.", faults))
        }
    }
}

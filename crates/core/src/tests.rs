//! Tests of the transitions, and what the tests of other modules share.
#![allow(clippy::unwrap_used)]

mod operations;
mod transitions;

use serde_json::json;

use crate::{
    Account, Action, BackendName, Caller, NewAccount, Pool, Request, RequestId, Snapshot, Step, Timestamp,
};

pub(crate) const CREATE: Step =
    Step { action: Action::CreateAccount, backend: BackendName::ControlTower, pool: Pool::ControlTower };

/// A request as it is accepted.
pub(crate) fn request(email: &str, name: &str) -> Request {
    let body = json!({
        "AccountEmail": email, "AccountName": name, "OrgUnit": "Engineering/Dev",
        "SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont",
        "Tags": [{"Key": "env", "Value": "dev"}]
    });
    let account = NewAccount::parse(body.to_string().as_bytes()).unwrap();
    let caller = Caller { subject: "s-1".into(), client_id: "c-1".into(), name: Some("Ada".into()) };
    let id = RequestId::generate(Timestamp::from_ms(1_700_000_000_000));
    Request { steps: vec![CREATE], version: 1, ..Request::create(account, id, caller) }
}

/// A snapshot of a request as it is accepted.
pub(crate) fn accepted() -> Snapshot {
    let request = request("user@example.com", "mine");
    let account = Account::requested(&request, request.details(), 0);
    Snapshot { account, request, operation: None }
}

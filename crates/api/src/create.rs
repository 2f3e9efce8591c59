//! `POST /createAccount`.

use accounts_aws::ControlTower;
use accounts_core::{Acceptance, Account, Backend, Caller, Claim, Fault, IdempotencyKey, NewAccount};
use accounts_lambda::subject_hash;
use lambda_http::http::header;
use lambda_http::{Body, Request, Response};

use crate::problem::Problem;
use crate::{Api, body_of, json_answer};

const KEY_HEADER: &str = "Idempotency-Key";

impl Api {
    pub(crate) async fn create(&self, request: &Request, caller: Caller) -> Result<Response<Body>, Problem> {
        let body = body_of(request)?;
        let key = idempotency_key(request, &caller)?;
        let account =
            NewAccount::parse(body).map_err(|faults| Problem::invalid("The body has faults.", faults))?;
        let now = self.clock.now();
        let mut new = accounts_core::Request::create(account.clone(), (self.request_ids)(now), caller);
        new.steps = ControlTower::plan(&new);
        new.version = 1;
        match self.table.accept(&account, &new, key.as_ref(), now).await? {
            Acceptance::Accepted(account) => {
                self.metrics.accepted(now);
                tracing::info!(
                    request_id = %new.request_id,
                    kind = %new.content.kind(),
                    subject = subject_hash(&new.requested_by.subject),
                    client_id = new.requested_by.client_id,
                    "the request was accepted"
                );
                created(&account)
            }
            Acceptance::Repeated(account) => created(&account),
            Acceptance::KeyHasOtherBody => Err(Problem::idempotency_key_reused(KEY_HEADER)),
            Acceptance::Taken(claims) => Err(taken(&claims)),
        }
    }
}

fn created(account: &Account) -> Result<Response<Body>, Problem> {
    let mut answer = json_answer(201, &crate::get::shown_alone(account)?);
    let location = crate::get::location(&account.account_email);
    if let Ok(location) = header::HeaderValue::from_str(&location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

fn taken(claims: &[Claim]) -> Problem {
    let faults = claims.iter().map(|claim| match claim {
        Claim::Email { account_may_exist: true, .. } => Fault::new(
            "AccountEmail",
            "account_may_exist",
            "The last request for this e-mail failed, but an account may exist for it. An operator has to look before \
             it can be requested again.",
        ),
        Claim::Email { status, .. } => {
            Fault::new("AccountEmail", "taken", format!("This e-mail has an account; it is {status}."))
        }
        Claim::Name => Fault::new("AccountName", "taken", "Another account has this name."),
    });
    Problem::taken(faults.collect())
}

/// The key that makes a repeated request harmless (draft-ietf-httpapi-idempotency-key-header), bound to who sent it.
fn idempotency_key(request: &Request, caller: &Caller) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = request.headers().get_all(KEY_HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let is_key = |key: &&str| {
        (1..=255).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic())
            && values.next().is_none()
    };
    let key = value.to_str().ok().filter(is_key);
    let Some(key) = key else {
        let fault =
            Fault::new(KEY_HEADER, "invalid_format", "The key is one header of 1 to 255 visible characters.");
        return Err(Problem::invalid("A header has a fault.", vec![fault]));
    };
    let caller = format!("{} {}", caller.subject, caller.client_id);
    Ok(Some(IdempotencyKey { caller, key: key.to_owned() }))
}

//! `POST /createAccount`.

use accounts_core::{Acceptance, AccountRequest, Claim, Fault, IdempotencyKey, NewAccount, RequestId};
use accounts_lambda::now;
use lambda_http::http::header;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};

use crate::problem::Problem;
use crate::{Api, json_answer};

/// Where it is.
pub(crate) const PATH: &str = "/createAccount";

/// The largest body, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

const KEY_HEADER: &str = "Idempotency-Key";

impl Api {
    pub(crate) async fn create(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let body: &[u8] = request.body();
        if body.len() > LARGEST_BODY {
            return Err(Problem::body_too_large(LARGEST_BODY));
        }
        let key = idempotency_key(request)?;
        let account =
            NewAccount::parse(body).map_err(|faults| Problem::invalid("The body has faults.", faults))?;
        let now = now();
        let new = AccountRequest::new(account, RequestId::random(), now);
        match self.requests.accept(new, key.as_ref(), now).await? {
            Acceptance::Accepted(request) => {
                self.metrics.accepted(now);
                tracing::info!(
                    request_id = %request.request_id,
                    account_email = %request.account_email,
                    attempt = request.attempt,
                    to = %request.status,
                    "the request was accepted"
                );
                created(&request)
            }
            Acceptance::Repeated(request) => created(&request),
            Acceptance::KeyHasOtherBody => Err(Problem::idempotency_key_reused(KEY_HEADER)),
            Acceptance::Taken(claims) => Err(taken(&claims)),
        }
    }
}

fn created(request: &AccountRequest) -> Result<Response<Body>, Problem> {
    let mut answer = json_answer(201, &crate::get::shown(request)?);
    let location = crate::get::location(&request.account_email);
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
            "The last request for this e-mail failed, but an account may exist for it. An operator has to look \
             before it can be asked for again.",
        ),
        Claim::Email { status, .. } => {
            Fault::new("AccountEmail", "taken", format!("There is a request for this e-mail; it is {status}."))
        }
        Claim::Name => Fault::new("AccountName", "taken", "Another request has this account name."),
    });
    Problem::taken(faults.collect())
}

/// The key that makes a repeated request harmless (draft-ietf-httpapi-idempotency-key-header), bound to who
/// sent it.
fn idempotency_key(request: &Request) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = request.headers().get_all(KEY_HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()) && values.next().is_none());
    let Some(key) = key else {
        let fault =
            Fault::new(KEY_HEADER, "invalid_format", "The key is one header of 1 to 255 visible characters.");
        return Err(Problem::invalid("A header has a fault.", vec![fault]));
    };
    Ok(Some(IdempotencyKey { caller: caller(request), key: key.to_owned() }))
}

/// Who is calling, as the authorizer found; empty where there was none.
fn caller(request: &Request) -> String {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return String::new();
    };
    let fields = context.authorizer.as_ref().map(|authorizer| &authorizer.fields);
    let field = |name: &str| fields.and_then(|fields| fields.get(name)?.as_str()).unwrap_or_default();
    format!("{} {}", field("subject"), field("clientId"))
}

//! Who is calling, as the authorizer found.

use accounts_core::{Caller, Timestamp};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use serde_json::Value;

use crate::problem::Problem;

/// The caller. Empty where there was no authorizer, which only the tests of this function leave out.
///
/// # Errors
/// 401 if the token has expired: the gateway may use a verdict again for longer than the token is valid.
pub(crate) fn caller(request: &Request, now: Timestamp) -> Result<Caller, Problem> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return Ok(Caller::default());
    };
    let fields = context.authorizer.as_ref().map(|authorizer| &authorizer.fields);
    let field = |name: &str| fields.and_then(|fields| fields.get(name));
    let text =
        |name: &str| field(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    // The gateway may pass a number on as a text.
    let expires_at = field("expiresAt")
        .and_then(|value| value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok())));
    if expires_at.is_some_and(|seconds| now.as_ms() / 1000 >= seconds) {
        return Err(Problem::token_expired());
    }
    Ok(Caller {
        subject: text("subject").unwrap_or_default(),
        client_id: text("clientId").unwrap_or_default(),
        name: text("name"),
    })
}

//! The event that an HTTP API sends (payload format 2.0).

use accounts_lambda::now;
use accounts_lambda::routes::Match;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// What cannot be passed on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EventError {
    #[error("A header holds what is not visible ASCII.")]
    Header,
    #[error("The path parameter {0} is not UTF-8.")]
    Parameter(&'static str),
}

/// The event of a request, without its body. The path is as it was sent, its parameters are decoded.
pub(crate) fn of(parts: &Parts, route: &Match<'_>) -> Result<Value, EventError> {
    let headers = headers(parts)?;
    let (path, route_key, now) = (parts.uri.path(), route.route.key(), now());
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "requestId": uuid::Uuid::new_v4().to_string(),
            "routeKey": route_key,
            "stage": "$default",
            "time": now.to_string(),
            "timeEpoch": now.as_ms(),
            "http": {
                "method": parts.method.as_str(), "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent").cloned().unwrap_or_default(),
            },
        },
        "headers": headers,
        "isBase64Encoded": false,
    });
    if !route.parameters.is_empty() {
        event["pathParameters"] = Value::Object(path_parameters(route)?);
    }
    Ok(event)
}

fn headers(parts: &Parts) -> Result<Map<String, Value>, EventError> {
    let mut headers = Map::new();
    for name in parts.headers.keys() {
        let values = parts.headers.get_all(name).iter().map(|value| value.to_str());
        let values: Vec<_> = values.collect::<Result<_, _>>().map_err(|_| EventError::Header)?;
        headers.insert(name.to_string(), json!(values.join(",")));
    }
    // A gateway says itself how it was reached; what a client writes there is not passed on.
    headers.insert("host".to_owned(), json!("localhost"));
    headers.insert("x-forwarded-proto".to_owned(), json!("http"));
    Ok(headers)
}

fn path_parameters(route: &Match<'_>) -> Result<Map<String, Value>, EventError> {
    let decoded = |(name, value): &(&'static str, &str)| {
        let text = percent_decode_str(value).decode_utf8().map_err(|_| EventError::Parameter(name))?;
        Ok(((*name).to_owned(), json!(text)))
    };
    route.parameters.iter().map(decoded).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use accounts_lambda::routes;
    use axum::http::Request;

    use super::*;

    fn event(method: &str, path: &str) -> Result<Value, EventError> {
        let (parts, ()) = Request::builder().method(method).uri(path).body(()).unwrap().into_parts();
        of(&parts, &routes::find(method, parts.uri.path()).unwrap())
    }

    #[test]
    fn a_path_parameter_is_decoded_and_the_path_is_not() {
        let event = event("GET", "/accounts/a%2Fb%2B1%40example.com/requests?limit=1").unwrap();
        assert_eq!(event["routeKey"], "GET /accounts/{account}/requests");
        assert_eq!(event["pathParameters"], json!({"account": "a/b+1@example.com"}));
        assert_eq!(event["rawPath"], "/accounts/a%2Fb%2B1%40example.com/requests");
        assert_eq!(event["rawQueryString"], "limit=1");
    }

    #[test]
    fn a_plus_in_a_path_is_a_plus_and_a_lonely_percent_sign_stays() {
        let parameters = |path: &str| event("GET", path).unwrap()["pathParameters"].clone();
        assert_eq!(parameters("/requests/a+b"), json!({"requestId": "a+b"}));
        assert_eq!(parameters("/requests/100%25%"), json!({"requestId": "100%%"}));
    }

    #[test]
    fn a_route_without_parameters_has_none_in_its_event() {
        assert_eq!(event("GET", "/health").unwrap().get("pathParameters"), None);
    }

    #[test]
    fn a_parameter_that_is_no_text_is_refused() {
        assert_eq!(event("GET", "/requests/%ff"), Err(EventError::Parameter("requestId")));
    }
}

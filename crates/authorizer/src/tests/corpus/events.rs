//! Where the token is in the event: headers by other names, several of them, other schemes, and events of other
//! shapes.

use super::Change::{Authorization, Event};
use super::Verdict::{Allowed, Denied};
use super::*;

/// The Authorization header by another name.
macro_rules! named {
    ($name:literal) => {
        Event(|event| {
            let value = event["headers"]["authorization"].take();
            event["headers"] = json!({ $name: value });
        })
    };
}

/// A member of the event is of this value.
macro_rules! member {
    ($name:literal: $($value:tt)+) => {
        Event(|event| event[$name] = json!($($value)+))
    };
}

/// The Authorization header is of this value.
macro_rules! header {
    ($($value:tt)+) => {
        Event(|event| event["headers"]["authorization"] = json!($($value)+))
    };
}

pub(super) fn tables() -> Vec<Table> {
    let cases = [of_names(), of_several(), of_schemes(), of_shapes()].into_iter().flatten().collect();
    vec![Table { good: Good::administrator(), cases }]
}

/// Takes the Authorization header out of the event.
fn taken(event: &mut Value) -> Value {
    event["headers"].as_object_mut().and_then(|headers| headers.remove("authorization")).expect("a header")
}

fn of_names() -> Vec<Case> {
    let denied = Denied(Denial::NoToken);
    vec![
        ("the header in upper case", named!("AUTHORIZATION"), Allowed),
        ("the header with a space behind its name", named!("authorization "), denied),
        ("the header with a space in front of its name", named!(" authorization"), denied),
        ("the header with a colon behind its name", named!("authorization:"), denied),
        ("the header with a zero byte behind its name", named!("authorization\0"), denied),
        ("the header with a dotless i", named!("author\u{131}zation"), denied),
        ("the header in British spelling", named!("authorisation"), denied),
        ("the header of an extension", named!("x-authorization"), denied),
        ("the header for proxies", named!("proxy-authorization"), denied),
        ("the header that a proxy has renamed", named!("x-amzn-remapped-authorization"), denied),
        ("the header of a gateway in front", named!("x-forwarded-authorization"), denied),
        ("the token in a header of its own", named!("x-access-token"), denied),
        (
            "the token in a cookie",
            Event(|event| {
                let value = taken(event);
                event["cookies"] = json!([value]);
            }),
            denied,
        ),
        (
            "the token in the query",
            Event(|event| {
                let value = taken(event);
                event["queryStringParameters"] = json!({"authorization": value});
            }),
            denied,
        ),
        (
            "the token in the identity source alone",
            Event(|event| {
                let value = taken(event);
                event["identitySource"] = json!([value]);
            }),
            denied,
        ),
        (
            "the token as authorizers of format 1.0 get it",
            Event(|event| {
                let value = taken(event);
                event["authorizationToken"] = value;
            }),
            denied,
        ),
        (
            "the token in the headers of several values",
            Event(|event| {
                let value = taken(event);
                event["multiValueHeaders"] = json!({"authorization": [value]});
            }),
            denied,
        ),
        (
            "the token in the body",
            Event(|event| {
                let value = taken(event);
                event["body"] = value;
            }),
            denied,
        ),
        (
            "the token beside the headers",
            Event(|event| {
                let value = taken(event);
                event["authorization"] = value;
            }),
            denied,
        ),
    ]
}

fn of_several() -> Vec<Case> {
    let (no_token, signature) = (Denied(Denial::NoToken), Denied(Denial::Signature));
    vec![
        (
            "the header twice with one value",
            Event(|event| event["headers"]["Authorization"] = event["headers"]["authorization"].clone()),
            no_token,
        ),
        (
            "the header twice, empty once",
            Event(|event| event["headers"]["Authorization"] = json!("")),
            no_token,
        ),
        (
            "the header twice, null once",
            Event(|event| event["headers"]["AUTHORIZATION"] = json!(null)),
            no_token,
        ),
        (
            "two values that the gateway has joined",
            Authorization(|t| format!("Bearer {t},Bearer {t}")),
            signature,
        ),
        (
            "two values that the gateway has joined, a password last",
            Authorization(|t| format!("Bearer {t},Basic dXNlcjpwYXNz")),
            signature,
        ),
        (
            "two values that the gateway has joined, a password first",
            Authorization(|t| format!("Basic dXNlcjpwYXNz,Bearer {t}")),
            Denied(Denial::NotBearer),
        ),
        ("two tokens with a space between them", Authorization(|t| format!("Bearer {t} {t}")), signature),
        (
            "another header behind a line break",
            Authorization(|t| format!("Bearer {t}\r\nx-groups: Administrators")),
            signature,
        ),
        (
            "a cookie beside the header",
            Event(|event| event["cookies"] = json!(["authorization=Bearer x"])),
            Allowed,
        ),
        (
            "another identity source than the header",
            Event(|event| event["identitySource"] = json!(["Bearer x"])),
            Allowed,
        ),
    ]
}

fn of_schemes() -> Vec<Case> {
    let (not_bearer, malformed) = (Denied(Denial::NotBearer), Denied(Denial::Malformed));
    let signature = Denied(Denial::Signature);
    vec![
        ("the token alone", Authorization(str::to_owned), not_bearer),
        ("the scheme in upper case", Authorization(|t| format!("BEARER {t}")), Allowed),
        ("spaces around the header's value", Authorization(|t| format!("  Bearer   {t}  ")), Allowed),
        ("the scheme without a space", Authorization(|t| format!("Bearer{t}")), not_bearer),
        ("the scheme with a tab", Authorization(|t| format!("Bearer\t{t}")), not_bearer),
        ("the scheme with a line break", Authorization(|t| format!("Bearer\n{t}")), not_bearer),
        ("the scheme with a no-break space", Authorization(|t| format!("Bearer\u{a0}{t}")), not_bearer),
        ("the scheme with a colon", Authorization(|t| format!("Bearer: {t}")), not_bearer),
        ("the scheme with an equals sign", Authorization(|t| format!("Bearer={t}")), not_bearer),
        ("the scheme with a comma", Authorization(|t| format!("Bearer, {t}")), not_bearer),
        ("the scheme with a Cyrillic letter", Authorization(|t| format!("B\u{435}arer {t}")), not_bearer),
        ("the scheme in full-width letters", Authorization(|t| format!("\u{ff22}earer {t}")), not_bearer),
        (
            "the scheme with a character of no width",
            Authorization(|t| format!("Bearer\u{200b} {t}")),
            not_bearer,
        ),
        ("the scheme in quotes", Authorization(|t| format!("\"Bearer\" {t}")), not_bearer),
        ("a scheme with the token's name", Authorization(|t| format!("JWT {t}")), not_bearer),
        ("a scheme that proves possession", Authorization(|t| format!("DPoP {t}")), not_bearer),
        ("the scheme of passwords with the token", Authorization(|t| format!("Basic {t}")), not_bearer),
        (
            "the name of the header in its value",
            Authorization(|t| format!("Authorization: Bearer {t}")),
            not_bearer,
        ),
        ("the scheme twice", Authorization(|t| format!("Bearer Bearer {t}")), malformed),
        ("the token as a parameter", Authorization(|t| format!("Bearer token={t}")), malformed),
        ("a no-break space before the token", Authorization(|t| format!("Bearer \u{a0}{t}")), malformed),
        ("a line break before the token", Authorization(|t| format!("Bearer \n{t}")), malformed),
        ("a line break behind the token", Authorization(|t| format!("Bearer {t}\n")), signature),
        ("a no-break space behind the token", Authorization(|t| format!("Bearer {t}\u{a0}")), signature),
        ("a line break before the scheme", Authorization(|t| format!("\nBearer {t}")), not_bearer),
        ("nothing but spaces", Authorization(|_| "   ".to_owned()), not_bearer),
        ("the scheme and a space", Authorization(|_| "Bearer ".to_owned()), not_bearer),
    ]
}

fn of_shapes() -> Vec<Case> {
    let error = Verdict::Error(Kind::Invalid);
    vec![
        ("the Authorization header is null", header!(null), error),
        ("the Authorization header is a number", header!(7), error),
        ("the Authorization header is a boolean", header!(true), error),
        ("the Authorization header is an object", header!({"scheme": "Bearer"}), error),
        ("the headers are a list", member!("headers": [["authorization", "Bearer x"]]), error),
        ("the headers are a text", member!("headers": "authorization: Bearer x"), error),
        ("the headers are true", member!("headers": true), error),
        ("the format is 1.0", member!("version": "1.0"), error),
        ("the format is a number", member!("version": 2), error),
        ("the format with a space behind", member!("version": "2.0 "), error),
        ("the format is null", member!("version": null), error),
        ("the route is null", member!("routeKey": null), error),
        ("the route is a list", member!("routeKey": ["POST /createAccount"]), error),
        ("the route is an object", member!("routeKey": {"method": "POST"}), error),
        ("the event in a list", Event(|event| *event = json!([event.take()])), error),
        ("the event as a text", Event(|event| *event = json!(event.to_string())), error),
        ("the event in another event", Event(|event| *event = json!({"Records": [event.take()]})), error),
        ("a context of the request that is a text", member!("requestContext": "x"), Allowed),
        ("an id of the request that is a list", member!("requestContext": {"requestId": ["x"]}), Allowed),
        ("another type of event", member!("type": "TOKEN"), Allowed),
    ]
}

#[tokio::test]
async fn a_token_comes_in_one_header_behind_one_scheme_in_an_event_of_the_gateway() {
    judge(tables()).await;
}

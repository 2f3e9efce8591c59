//! Which route is asked for: keys that are nearly those of the table, and other members of the event that name
//! a route.

use super::Change::{Event, Route};
use super::Verdict::{Allowed, Denied};
use super::*;

pub(super) fn tables() -> Vec<Table> {
    let good = Good { route: GET, ..Good::administrator() };
    let reader = Good { route: GET, claims: access(&["Readers"]), ..Good::administrator() };
    vec![Table { good, cases: of_administrators() }, Table { good: reader, cases: of_readers() }]
}

fn of_administrators() -> Vec<Case> {
    let denied = Denied(Denial::UnknownRoute);
    vec![
        ("a method in mixed case", Route("Get /getAccount"), denied),
        ("a path in lower case", Route("GET /getaccount"), denied),
        ("a path in upper case", Route("GET /GETACCOUNT"), denied),
        ("a path with two slashes in front", Route("GET //getAccount"), denied),
        ("a path with a dot behind", Route("GET /getAccount/."), denied),
        ("a path that climbs", Route("GET /x/../getAccount"), denied),
        ("a path with an encoded letter", Route("GET /%67etAccount"), denied),
        ("a path with an encoded slash", Route("GET %2FgetAccount"), denied),
        ("a path with a backslash", Route("GET \\getAccount"), denied),
        ("a path with a query", Route("GET /getAccount?"), denied),
        ("a path with a fragment", Route("GET /getAccount#"), denied),
        ("a path with a parameter of its own", Route("GET /getAccount;x=1"), denied),
        ("a path with an ending", Route("GET /getAccount.json"), denied),
        ("a path with its stage", Route("GET /prod/getAccount"), denied),
        ("a path with its host", Route("GET https://api.example.com/getAccount"), denied),
        ("a path with a Cyrillic letter", Route("GET /getAcc\u{43e}unt"), denied),
        ("a path with a zero byte behind", Route("GET /getAccount\0"), denied),
        ("a path with a line break behind", Route("GET /getAccount\n"), denied),
        ("a space behind the route", Route("GET /getAccount "), denied),
        ("a space in front of the route", Route(" GET /getAccount"), denied),
        ("two spaces in the route", Route("GET  /getAccount"), denied),
        ("a tab in the route", Route("GET\t/getAccount"), denied),
        ("a route without a method", Route("/getAccount"), denied),
        ("a route without a path", Route("GET"), denied),
        ("a route of two methods", Route("GET,POST /getAccount"), denied),
        ("two routes in one", Route("GET /getAccount,POST /createAccount"), denied),
        ("the method HEAD", Route("HEAD /getAccount"), denied),
        ("the method OPTIONS", Route("OPTIONS /getAccount"), denied),
        ("the method PUT", Route("PUT /createAccount"), denied),
        ("the method PATCH", Route("PATCH /createAccount"), denied),
        ("the method TRACE", Route("TRACE /getAccount"), denied),
        ("the method CONNECT", Route("CONNECT /getAccount"), denied),
        ("any method", Route("ANY /getAccount"), denied),
        ("a method that is a wildcard", Route("* /getAccount"), denied),
        ("a path that is every path", Route("GET /{proxy+}"), denied),
        ("a parameter by another name", Route("GET /requests/{id}"), denied),
        ("a parameter in lower case", Route("GET /requests/{requestid}"), denied),
        ("a parameter that takes the rest of the path", Route("GET /requests/{requestId+}"), denied),
        ("a parameter that is missing", Route("GET /requests/"), denied),
        ("a route with another method than the table's", Route("GET /requests/{requestId}/resolve"), denied),
        ("a route with a segment more", Route("GET /requests/{requestId}/{step}"), denied),
        ("the route that is open, about which nobody asks", Route("GET /health"), denied),
        ("the key of a socket's route", Route("$connect"), denied),
    ]
}

fn of_readers() -> Vec<Case> {
    let denied = Denied(Denial::NotAllowed);
    vec![
        (
            "a route to write, with a header that calls it a read",
            Event(|event| {
                event["routeKey"] = json!(CREATE);
                event["headers"]["x-http-method-override"] = json!("GET");
                event["headers"]["x-original-url"] = json!("/getAccount");
            }),
            denied,
        ),
        (
            "a route to write, with the path and method of a read",
            Event(|event| {
                event["routeKey"] = json!(CREATE);
                event["rawPath"] = json!("/getAccount");
                event["requestContext"] = json!({"http": {"method": "GET", "path": "/getAccount"}});
            }),
            denied,
        ),
        (
            "a route to write, with the route of a read elsewhere in the event",
            Event(|event| {
                event["routeKey"] = json!(CREATE);
                event["requestContext"] = json!({"routeKey": GET, "resourcePath": "/getAccount"});
                event["routeArn"] =
                    json!("arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/getAccount");
            }),
            denied,
        ),
        (
            "a route to write, with the verdict on an administrator in the event",
            Event(|event| {
                event["routeKey"] = json!(CREATE);
                event["isAuthorized"] = json!(true);
                event["requestContext"] = json!({"authorizer": {"lambda": {"groups": "Administrators"}}});
            }),
            denied,
        ),
        ("a route to resolve", Route("POST /requests/{requestId}/resolve"), denied),
        (
            "a read by its route, whatever else the event calls it",
            Event(|event| {
                event["requestContext"] = json!({"http": {"method": "POST", "path": "/createAccount"}})
            }),
            Allowed,
        ),
    ]
}

#[tokio::test]
async fn a_route_is_one_of_the_table_character_by_character_and_opens_to_whom_it_says() {
    judge(tables()).await;
}

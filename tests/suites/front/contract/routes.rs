//! One table of routes: Terraform, the local gateway, the authorizer and the API go by it.

use std::collections::BTreeMap;

use accounts_lambda::routes::{Permission, ROUTES, Route};
use accounts_local::Group;
use accounts_tests::{Client, LocalFleet, Pace};
use authorizer::Authorizer;
use reqwest::Method;
use serde_json::{Value, json};

use super::samples::authorizer_settings;
use super::{sample, text};

const TERRAFORM: &str = "infra/modules/api/main.tf";

/// The routes that Terraform makes, and whether each is open to everybody.
fn terraform_routes() -> BTreeMap<String, bool> {
    let module = text(TERRAFORM);
    let (_, map) = module.split_once("  routes = {\n").expect("a map of routes");
    let entries = map.lines().take_while(|line| *line != "  }");
    entries
        .map(|line| {
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line} is no route"));
            let open = match value.trim() {
                "{ open = true }" => true,
                "{ open = false }" => false,
                other => panic!("{line}: {other}"),
            };
            (key.trim().trim_matches('"').to_owned(), open)
        })
        .collect()
}

/// A path of the route, with a value for each parameter.
fn path_of(route: &Route) -> String {
    let values = |path: String, (name, value): (&str, &str)| path.replace(name, value);
    [("{requestId}", "0b8f2c3e-0000-7000-8000-000000000001"), ("{account}", "user@example.com")]
        .into_iter()
        .fold(route.path.to_owned(), values)
}

#[test]
fn terraform_makes_the_routes_of_the_table_and_opens_those_that_are_open() {
    let table: BTreeMap<_, _> =
        ROUTES.iter().map(|route| (route.key(), route.permission == Permission::Open)).collect();
    assert_eq!(terraform_routes(), table);
}

#[test]
fn no_other_source_holds_a_table_of_its_own() {
    for crate_name in ["local", "authorizer", "api", "emulated-cloud"] {
        for file in super::sources(&format!("crates/{crate_name}/src")) {
            let source = std::fs::read_to_string(&file).expect("a source");
            let product = source.split("#[cfg(test)]").next().unwrap_or_default();
            let is_test = file.components().any(|part| part.as_os_str() == "tests");
            for route in ROUTES.iter().filter(|_| !is_test) {
                let named = format!("\"{}\"", route.key());
                assert!(!product.contains(&named), "{} names {named}", file.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorizer_lets_each_group_use_the_routes_that_the_table_gives_it() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let authorizer = Authorizer::connect(&authorizer_settings(&fleet)).await.expect("an authorizer");
    for (group, permissions) in [
        (Group::Administrators, &[Permission::Read, Permission::Administer][..]),
        (Group::Readers, &[Permission::Read]),
    ] {
        let token = fleet.client_of(group).token().to_owned();
        for route in ROUTES {
            let mut question = sample("authorizer");
            question["headers"]["authorization"] = json!(format!("Bearer {token}"));
            question["routeKey"] = json!(route.key());
            let answer = authorizer.handle(question).await.expect("an answer");
            let expected = permissions.contains(&route.permission);
            assert_eq!(answer["isAuthorized"], expected, "{} for {group:?}", route.key());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_asks_for_a_token_on_every_route_that_is_not_open_and_the_api_serves_each() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for route in ROUTES {
        let method: Method = route.method.parse().expect("a method");
        let path = path_of(route);
        let bare = Client::send(fleet.bare(method.clone(), &path)).await;
        let expected = if route.permission == Permission::Open { 200 } else { 401 };
        assert_eq!(bare.status, expected, "{}: {}", route.key(), bare.body);
        let served = Client::send(fleet.request(method, &path)).await;
        assert!(
            served.status < 500 && served.body["code"] != "no_such_route",
            "{}: {}",
            route.key(),
            served.body
        );
    }
}

#[test]
fn every_sample_of_the_api_is_a_call_of_a_route() {
    for name in ["api", "api_get", "api_request", "api_history", "api_resolve"] {
        let event = sample(name);
        let key = event["routeKey"].as_str().expect("a route key");
        let (method, path) =
            (&event["requestContext"]["http"]["method"], event["rawPath"].as_str().expect("a path"));
        let found = accounts_lambda::routes::find(method.as_str().expect("a method"), path);
        assert_eq!(found.map(|found| found.route.key()).as_deref(), Some(key), "{name}");
        let parameters =
            event.get("pathParameters").and_then(Value::as_object).map_or(0, |found| found.len());
        assert_eq!(parameters, key.matches('{').count(), "{name}");
    }
}

//! The one table of routes: the gateways, the authorizer and `api` go by it. What is not in it does not exist.

/// What a caller needs to use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Nothing, not even a token.
    Open,
    /// To see accounts and requests.
    Read,
    /// To make accounts and to resolve requests.
    Administer,
}

/// A route of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path; a segment in braces is a parameter.
    pub path: &'static str,
    /// What a caller needs.
    pub permission: Permission,
    /// The name of the operation in the API's description.
    pub operation_id: &'static str,
}

/// Every route of the API. No two of them match the same request.
pub const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/health", permission: Permission::Open, operation_id: "getHealth" },
    Route {
        method: "POST",
        path: "/createAccount",
        permission: Permission::Administer,
        operation_id: "createAccount",
    },
    Route { method: "GET", path: "/getAccount", permission: Permission::Read, operation_id: "getAccount" },
    Route {
        method: "GET",
        path: "/requests/{requestId}",
        permission: Permission::Read,
        operation_id: "getRequest",
    },
    Route {
        method: "GET",
        path: "/accounts/{account}/requests",
        permission: Permission::Read,
        operation_id: "listAccountRequests",
    },
    Route {
        method: "POST",
        path: "/requests/{requestId}/resolve",
        permission: Permission::Administer,
        operation_id: "resolveRequest",
    },
];

/// A route and what a path gives for its parameters.
#[derive(Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The route.
    pub route: &'static Route,
    /// The names of its parameters, and their values as they are in the path: percent-encoding is not undone.
    pub parameters: Vec<(&'static str, &'a str)>,
}

impl Route {
    /// The route key of an HTTP API, such as `GET /requests/{requestId}`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The values of the parameters, if the path is one of this route's.
    fn parameters<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let (mut pattern, mut segments) = (self.path.split('/'), path.split('/'));
        let mut parameters = Vec::new();
        loop {
            match (pattern.next(), segments.next()) {
                (None, None) => return Some(parameters),
                (Some(expected), Some(segment)) => match parameter(expected) {
                    Some(_) if segment.is_empty() => return None,
                    Some(name) => parameters.push((name, segment)),
                    None if expected != segment => return None,
                    None => {}
                },
                _ => return None,
            }
        }
    }
}

impl<'a> Match<'a> {
    /// The value of the parameter of this name, as it is in the path.
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The route of a request, by its method and its path (without the query). A parameter matches one whole segment
/// that is not empty.
pub fn find<'a>(method: &str, path: &'a str) -> Option<Match<'a>> {
    ROUTES.iter().filter(|route| route.method == method).find_map(|route| {
        let parameters = route.parameters(path)?;
        Some(Match { route, parameters })
    })
}

/// The route of this key, which a gateway has chosen.
pub fn by_key(key: &str) -> Option<&'static Route> {
    let (method, path) = key.split_once(' ')?;
    ROUTES.iter().find(|route| route.method == method && route.path == path)
}

/// The name of the parameter, if the segment of a pattern is one.
fn parameter(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// The path of a route with these values for its parameters.
    fn path_with<'v>(route: &Route, values: impl IntoIterator<Item = &'v str>) -> String {
        let mut values = values.into_iter();
        let segment = |segment| match parameter(segment) {
            Some(_) => values.next().expect("a value for each parameter"),
            None => segment,
        };
        route.path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }

    fn any_route() -> impl Strategy<Value = &'static Route> {
        prop::sample::select(ROUTES.iter().collect::<Vec<_>>())
    }

    /// What may stand in a segment, the words of the table among it.
    fn any_segment() -> impl Strategy<Value = String> {
        prop_oneof!["[^/]{1,20}", "resolve|requests|accounts|health|%2F|%40|\\.\\.|\\{requestId\\}"]
    }

    /// Paths that are close to the table's.
    fn any_path() -> impl Strategy<Value = String> {
        let segment = prop_oneof![any_segment(), Just(String::new()), Just("requests".to_owned())];
        prop::collection::vec(segment, 0..5).prop_map(|segments| segments.join("/"))
    }

    proptest! {
        #[test]
        fn every_route_is_found_by_its_paths_with_the_raw_values_of_its_parameters(
            route in any_route(),
            values in prop::collection::vec(any_segment(), 3),
        ) {
            let path = path_with(route, values.iter().map(String::as_str));
            let found = find(route.method, &path).expect("a path of the route");
            prop_assert_eq!(found.route, route);
            let names: Vec<_> = route.path.split('/').filter_map(parameter).collect();
            let expected: Vec<_> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
            for (name, value) in &expected {
                prop_assert_eq!(found.parameter(name), Some(*value));
            }
            prop_assert_eq!(found.parameters, expected);
        }

        #[test]
        fn whatever_is_found_is_the_path_again_with_its_values_filled_in(path in any_path()) {
            for path in [path.clone(), format!("/{path}")] {
                for method in ["GET", "POST"] {
                    let Some(found) = find(method, &path) else { continue };
                    prop_assert_eq!(found.route.method, method);
                    let values = found.parameters.iter().map(|(_, value)| *value);
                    prop_assert_eq!(path_with(found.route, values), path.as_str());
                    for (name, value) in &found.parameters {
                        prop_assert!(!value.is_empty() && !value.contains('/'), "{}: {:?}", name, value);
                    }
                }
            }
        }

        #[test]
        fn a_parameter_never_matches_an_empty_segment_or_a_slash(
            value in any_segment(),
            other in any_segment(),
        ) {
            for route in ROUTES.iter().filter(|route| route.path.contains('{')) {
                for value in ["", "/", &format!("{value}/"), &format!("/{value}"), &format!("{value}/{other}")] {
                    let path = path_with(route, [value]);
                    let found = find(route.method, &path);
                    prop_assert!(found.is_none_or(|found| found.route != route), "{}", path);
                }
            }
        }

        #[test]
        fn a_route_is_of_one_method_and_ends_with_its_last_segment(
            route in any_route(),
            value in any_segment(),
            method in "[A-Za-z]{0,6}",
        ) {
            let path = path_with(route, [value.as_str()]);
            if method != "GET" && method != "POST" {
                prop_assert_eq!(find(&method, &path), None);
            }
            prop_assert_eq!(find(&route.method.to_lowercase(), &path), None);
            for path in [format!("{path}/"), format!("/{path}"), path[1..].to_owned(), format!("{path}?a=b/c")] {
                prop_assert!(find(route.method, &path).is_none_or(|found| found.route != route), "{}", path);
            }
        }
    }

    #[test]
    fn every_route_is_found_by_its_key_and_by_nothing_else() {
        for route in ROUTES {
            assert_eq!(by_key(&route.key()), Some(route));
        }
        assert_eq!(by_key("GET /requests/{requestId}").map(|route| route.operation_id), Some("getRequest"));
        for key in ["", "$default", "GET", "GET  /health", "get /health", "ANY /health", "GET /requests/1"] {
            assert_eq!(by_key(key), None, "{key}");
        }
    }

    #[test]
    fn no_two_routes_match_the_same_request_or_share_a_name() {
        for (index, one) in ROUTES.iter().enumerate() {
            for other in &ROUTES[index + 1..] {
                let (ours, theirs): (Vec<_>, Vec<_>) =
                    (one.path.split('/').collect(), other.path.split('/').collect());
                let differ = |(a, b): (&&'static str, &&'static str)| {
                    parameter(a).is_none() && parameter(b).is_none() && a != b
                };
                let apart = one.method != other.method
                    || ours.len() != theirs.len()
                    || ours.iter().zip(&theirs).any(differ);
                assert!(apart, "{} and {}", one.key(), other.key());
            }
        }
        let names: HashSet<_> = ROUTES.iter().map(|route| route.operation_id).collect();
        assert_eq!(names.len(), ROUTES.len());
    }

    #[test]
    fn only_the_look_at_the_health_needs_no_token() {
        let open = ROUTES.iter().filter(|route| route.permission == Permission::Open);
        assert_eq!(open.map(Route::key).collect::<Vec<_>>(), ["GET /health"]);
    }

    #[test]
    fn whatever_changes_something_needs_an_administrator() {
        for route in ROUTES.iter().filter(|route| route.method != "GET") {
            assert_eq!(route.permission, Permission::Administer, "{}", route.key());
        }
    }
}

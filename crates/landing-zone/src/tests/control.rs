use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Bench, PROVISION_MS, Refused};
use crate::catalogue::PRODUCT_ID;
use crate::{CONCURRENT_OPERATIONS, Settings, texts};

fn artifacts(bench: &Bench) -> Vec<Value> {
    let answer = bench.catalog("ListProvisioningArtifacts", json!({"ProductId": PRODUCT_ID}));
    answer["ProvisioningArtifactDetails"].as_array().unwrap().clone()
}

/// The ids of the artifacts that are active and DEFAULT.
fn launchable(bench: &Bench) -> Vec<String> {
    let right = |artifact: &&Value| artifact["Active"] == true && artifact["Guidance"] == "DEFAULT";
    artifacts(bench)
        .iter()
        .filter(right)
        .map(|artifact| artifact["Id"].as_str().unwrap().to_owned())
        .collect()
}

fn found(bench: &Bench, query: &str) -> Vec<Value> {
    let answer = bench
        .catalog("SearchProvisionedProducts", json!({"Filters": {"SearchQuery": [query]}, "PageSize": 1}));
    assert_eq!(answer["TotalResultsCount"], answer["ProvisionedProducts"].as_array().unwrap().len());
    answer["ProvisionedProducts"].as_array().unwrap().clone()
}

fn refused(exception: &'static str, message: impl Into<String>) -> Refused {
    Refused { exception, message: message.into() }
}

#[test]
fn a_denied_action_answers_access_denied_until_it_is_allowed_again() {
    let bench = Bench::new();
    bench.zone.set_denied("ProvisionProduct", true);
    bench.zone.set_denied("ListAccounts", true);
    assert_eq!(
        bench.try_provision(bench.request("new")).unwrap_err(),
        refused("AccessDeniedException", texts::access_denied("servicecatalog", "ProvisionProduct")),
    );
    assert_eq!(
        bench.try_organizations("ListAccounts", json!({})).unwrap_err(),
        refused("AccessDeniedException", texts::access_denied("organizations", "ListAccounts")),
    );
    bench.organizations("ListRoots", json!({}));
    bench.zone.set_denied("ListAccounts", false);
    bench.organizations("ListAccounts", json!({}));
    bench.try_provision(bench.request("new")).unwrap_err();
}

#[tokio::test]
async fn a_denial_is_a_400_in_aws_json_and_comes_before_the_parameters_are_checked() {
    let bench = Bench::new();
    bench.zone.set_denied("DescribeRecord", true);
    let request = Request::post("/").header("x-amz-target", "AWS242ServiceCatalogService.DescribeRecord");
    let request = request.body(Body::from("no JSON")).unwrap();
    let response = bench.zone.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let body: Value =
        serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap();
    assert_eq!(body["__type"], "AccessDeniedException");
    let text = body["message"].as_str().unwrap();
    assert!(text.contains("is not authorized to perform: servicecatalog:DescribeRecord"), "{text}");
}

#[test]
fn a_retired_artifact_is_refused_and_a_new_default_one_is_listed() {
    let bench = Bench::new();
    let request = bench.request("new");
    let old = request["ProvisioningArtifactId"].as_str().unwrap();
    assert_eq!(launchable(&bench), [old]);
    bench.zone.retire_artifact(old);
    assert_eq!(
        bench.try_provision(request.clone()).unwrap_err(),
        refused("InvalidParametersException", texts::artifact_not_active(old)),
    );
    let [new] = &launchable(&bench)[..] else { panic!("one artifact to launch") };
    assert_eq!(bench.zone.default_artifact().as_ref(), Some(new));
    assert!(artifacts(&bench).iter().any(|artifact| artifact["Id"] == old && artifact["Active"] == false));
    assert_ne!(artifacts(&bench).last().unwrap()["Id"], json!(new), "the last is a guess");

    let mut again = request;
    again["ProvisioningArtifactId"] = json!(new);
    let record = bench.try_provision(again).unwrap();
    assert_eq!(bench.record(&record)["ProvisioningArtifactId"], json!(new));
}

#[test]
fn artifacts_are_retired_again_and_again_and_there_is_always_one_to_launch() {
    let bench = Bench::new();
    for _ in 0..3 {
        let before = bench.zone.default_artifact().unwrap();
        bench.zone.retire_artifact(&before);
        assert_eq!(launchable(&bench), [bench.zone.default_artifact().unwrap()]);
        assert_ne!(launchable(&bench), [before]);
    }
    let (number, launched) = (artifacts(&bench).len(), launchable(&bench));
    let deprecated = "pa-c9kfw3p5gq7sa";
    bench.zone.retire_artifact(deprecated);
    bench.zone.retire_artifact("pa-unknown");
    assert_eq!((artifacts(&bench).len(), launchable(&bench)), (number, launched));
    assert!(artifacts(&bench).iter().all(|one| one["Id"] != deprecated || one["Active"] == false));
}

#[test]
fn a_caller_outside_the_portfolio_finds_no_launch_path_where_an_administrator_finds_the_product() {
    let bench = Bench::new();
    bench.provision("before");
    bench.zone.set_product_missing(true);
    let expected = || refused("ResourceNotFoundException", texts::no_launch_paths(PRODUCT_ID));
    for name in ["new", "before"] {
        assert_eq!(bench.try_provision(bench.request(name)).unwrap_err(), expected());
    }
    let parameters = json!({"ProductId": PRODUCT_ID});
    assert_eq!(bench.try_catalog("ListLaunchPaths", parameters.clone()).unwrap_err(), expected());
    bench.catalog("DescribeProductAsAdmin", json!({"Id": PRODUCT_ID}));
    assert_eq!(artifacts(&bench).len(), 4);
    bench.zone.set_product_missing(false);
    bench.catalog("ListLaunchPaths", parameters);
    bench.provision("new");
}

#[test]
fn operations_of_somebody_else_count_towards_the_limit_until_they_end() {
    let bench = Bench::new();
    let busy = || refused("InvalidParametersException", texts::BUSY);
    bench.zone.occupy(CONCURRENT_OPERATIONS - 1);
    let first = bench.provision("first");
    assert_eq!(bench.try_provision(bench.request("second")).unwrap_err(), busy());
    bench.zone.occupy(CONCURRENT_OPERATIONS);
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.status(&first), "SUCCEEDED");
    assert_eq!(bench.try_provision(bench.request("second")).unwrap_err(), busy());
    bench.zone.occupy(0);
    bench.provision("second");
    let report = bench.zone.report().unwrap();
    assert_eq!((report.operations, report.peak_concurrent_operations, report.refused_operations), (2, 1, 2));
}

#[test]
fn a_forgotten_record_is_not_found_while_its_operation_goes_on() {
    let bench = Bench::new();
    let (record, other) = (bench.provision("new"), bench.provision("other"));
    bench.zone.forget_record(&record);
    let missing = bench.try_catalog("DescribeRecord", json!({"Id": record})).unwrap_err();
    assert_eq!(missing.exception, "ResourceNotFoundException");
    assert_eq!(bench.provision("new"), record, "the token is still known");
    bench.pass_ms(PROVISION_MS);
    assert!(bench.account_named("new").is_some());
    let product = bench.catalog("DescribeProvisionedProduct", json!({"Name": "new-1"}));
    assert_eq!(product["ProvisionedProductDetail"]["LastRecordId"], json!(record));
    assert_eq!(bench.status(&other), "SUCCEEDED");
}

#[test]
fn a_search_finds_no_provisioned_product_while_they_are_hidden() {
    let bench = Bench::new();
    bench.provision("new");
    for query in ["name:new-1", "idempotencyToken:new-token"] {
        bench.zone.hide_products(true);
        assert_eq!(found(&bench, query), [json!(null); 0]);
        bench.zone.hide_products(false);
        assert_eq!(found(&bench, query).len(), 1);
    }
}

#[test]
fn a_running_operation_is_found_by_name_and_by_token_with_its_record() {
    let bench = Bench::new();
    bench.provision("other");
    let record = bench.provision("new");
    for query in ["name:new-1", "name:\"new-1\"", "idempotencyToken:new-token"] {
        let products = found(&bench, query);
        assert_eq!(products.len(), 1, "{query}");
        assert_eq!(products[0]["LastProvisioningRecordId"], json!(record), "{query}");
        assert_eq!(products[0]["IdempotencyToken"], "new-token", "{query}");
        assert_eq!(products[0]["Status"], "UNDER_CHANGE", "{query}");
    }
    assert_eq!(found(&bench, "idempotencyToken:another-token"), [json!(null); 0]);
}

#[test]
fn a_known_token_gives_its_record_whatever_the_landing_zone_allows_by_then() {
    let bench = Bench::new();
    let first = bench.provision("new");
    bench.zone.occupy(CONCURRENT_OPERATIONS + 1);
    assert_eq!(bench.try_provision(bench.request("other")).unwrap_err().message, texts::BUSY);
    assert_eq!(bench.provision("new"), first);
    bench.zone.retire_artifact(&bench.zone.default_artifact().unwrap());
    assert_eq!(bench.provision("new"), first);

    let busy_word = Bench::new();
    for _ in 0..3 {
        busy_word.try_provision(busy_word.request("sim-busy-enrolled")).unwrap_err();
    }
    let accepted = busy_word.provision("sim-busy-enrolled");
    assert_eq!(busy_word.provision("sim-busy-enrolled"), accepted);
    assert_eq!(busy_word.zone.report().unwrap().refused_operations, 3);
}

#[test]
fn every_call_of_a_known_action_is_counted_refused_and_denied_ones_too() {
    let bench = Bench::new();
    assert_eq!(bench.zone.calls(), BTreeMap::new());
    bench.provision("new");
    bench.try_provision(json!({})).unwrap_err();
    bench.zone.set_denied("ProvisionProduct", true);
    bench.try_provision(bench.request("new")).unwrap_err();
    bench.organizations("ListAccounts", json!({}));
    bench.try_organizations("CloseAccount", json!({})).unwrap_err();
    let expected = [("ListAccounts", 1), ("ProvisionProduct", 3)];
    assert_eq!(bench.zone.calls(), expected.map(|(action, calls)| (action.to_owned(), calls)).into());
}

#[tokio::test]
async fn the_report_that_is_served_has_the_calls_beside_what_was_done() {
    let bench = Bench::new();
    bench.provision("new");
    let request = Request::get("/local/landing-zone").body(Body::empty()).unwrap();
    let response = bench.zone.report_router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let mut expected = serde_json::to_value(bench.zone.report().unwrap()).unwrap();
    expected["calls"] = json!({"ProvisionProduct": 1});
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
}

#[test]
fn conditions_hold_for_every_clone_and_end_when_the_landing_zone_is_opened_again() {
    let mut bench = Bench::new();
    let zone = bench.zone.clone();
    let record = bench.provision("before");
    zone.forget_record(&record);
    zone.set_product_missing(true);
    zone.occupy(CONCURRENT_OPERATIONS);
    zone.hide_products(true);
    zone.retire_artifact(&zone.default_artifact().unwrap());
    bench.try_provision(bench.request("new")).unwrap_err();
    bench.reopen(Settings::default());
    assert_eq!(bench.zone.calls(), BTreeMap::new());
    bench.provision("new");
    bench.record(&record);
    assert_eq!(found(&bench, "name:new-1").len(), 1);
}

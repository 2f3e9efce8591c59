use serde_json::{Value, json};

use super::Bench;

const NAME: &str = "AWS Control Tower Account Factory";

#[test]
fn the_product_is_found_by_owner_by_name_and_by_id() {
    let bench = Bench::new();
    let filters = json!({"Filters": {"Owner": ["AWS Control Tower"]}});
    let found = bench.catalog("SearchProductsAsAdmin", filters);
    let product = &found["ProductViewDetails"][0]["ProductViewSummary"];
    assert_eq!(product["Name"], NAME);
    for parameters in [json!({"Name": NAME}), json!({"Id": product["ProductId"]})] {
        let described = bench.catalog("DescribeProductAsAdmin", parameters);
        assert_eq!(&described["ProductViewDetail"]["ProductViewSummary"], product);
        assert_eq!(described["ProvisioningArtifactSummaries"].as_array().unwrap().len(), 4);
    }
    let others = bench.catalog("SearchProductsAsAdmin", json!({"Filters": {"Owner": ["Someone"]}}));
    assert_eq!(others["ProductViewDetails"], json!([]));
}

#[test]
fn an_unknown_product_or_filter_is_refused() {
    let bench = Bench::new();
    let cases = [
        ("DescribeProductAsAdmin", json!({"Name": "Account Factory"}), "ResourceNotFoundException"),
        ("DescribeProductAsAdmin", json!({}), "InvalidParametersException"),
        ("DescribeProductAsAdmin", json!({"Name": NAME, "Id": "prod-x"}), "InvalidParametersException"),
        ("ListProvisioningArtifacts", json!({"ProductId": "prod-x"}), "ResourceNotFoundException"),
        ("ListLaunchPaths", json!({"ProductId": "prod-x"}), "ResourceNotFoundException"),
        ("SearchProductsAsAdmin", json!({"Filters": {"Color": ["red"]}}), "InvalidParametersException"),
    ];
    for (operation, parameters, exception) in cases {
        assert_eq!(bench.try_catalog(operation, parameters).unwrap_err().exception, exception);
    }
}

#[test]
fn describe_product_fails_for_an_administrator() {
    let refused = Bench::new().try_catalog("DescribeProduct", json!({"Name": NAME})).unwrap_err();
    assert_eq!(refused.exception, "ResourceNotFoundException");
}

#[test]
fn only_one_artifact_is_active_and_default_and_no_shortcut_finds_it() {
    let bench = Bench::new();
    let parameters = json!({"ProductId": crate::catalogue::PRODUCT_ID});
    let answer = bench.catalog("ListProvisioningArtifacts", parameters);
    let artifacts = answer["ProvisioningArtifactDetails"].as_array().unwrap();
    let right = |artifact: &Value| artifact["Active"] == true && artifact["Guidance"] == "DEFAULT";
    assert_eq!(artifacts.iter().filter(|artifact| right(artifact)).count(), 1);
    assert!(!right(&artifacts[0]) && !right(&artifacts[artifacts.len() - 1]));
    let active = artifacts.iter().filter(|artifact| artifact["Active"] == true);
    let newest_active = active.max_by_key(|artifact| artifact["CreatedTime"].as_i64()).unwrap();
    assert_eq!(newest_active["Guidance"], "DEPRECATED");
}

#[test]
fn there_is_one_launch_path() {
    let parameters = json!({"ProductId": crate::catalogue::PRODUCT_ID});
    let answer = Bench::new().catalog("ListLaunchPaths", parameters);
    assert_eq!(answer["LaunchPathSummaries"].as_array().unwrap().len(), 1);
}

#[test]
fn provisioned_products_are_found_by_what_is_known_of_them() {
    let bench = Bench::new();
    bench.provision("other");
    let record_id = bench.provisioned("mine");
    let account_id = bench.output(&record_id, "AccountId").unwrap();
    for query in [
        "name:mine-1".to_owned(),
        "idempotencyToken:mine-token".to_owned(),
        format!("physicalId:{account_id}"),
        format!("lastRecordId:{record_id}"),
    ] {
        let found = bench.catalog("SearchProvisionedProducts", json!({"Filters": {"SearchQuery": [query]}}));
        assert_eq!(found["TotalResultsCount"], 1, "{query}");
        let product = &found["ProvisionedProducts"][0];
        assert_eq!(product["Name"], "mine-1", "{query}");
        assert_eq!(product["PhysicalId"], account_id);
        assert_eq!(product["Status"], "AVAILABLE");
        assert_eq!(product["IdempotencyToken"], "mine-token");
    }
    let nothing = json!({"Filters": {"SearchQuery": ["physicalId:999999999999"]}});
    assert_eq!(bench.catalog("SearchProvisionedProducts", nothing)["ProvisionedProducts"], json!([]));
    for queries in [json!(["color:red"]), json!(["name"]), json!([]), json!(["name:a", "name:b"])] {
        let parameters = json!({"Filters": {"SearchQuery": queries}});
        let refused = bench.try_catalog("SearchProvisionedProducts", parameters).unwrap_err();
        assert_eq!(refused.exception, "InvalidParametersException");
    }
}

#[test]
fn provisioned_products_are_scanned_page_by_page_after_an_empty_one() {
    let bench = Bench::new();
    for number in 0..3 {
        bench.provision(&format!("a{number}"));
    }
    let mut parameters = json!({"PageSize": 2});
    let mut pages = Vec::new();
    loop {
        let page = bench.catalog("ScanProvisionedProducts", parameters.clone());
        pages.push(page["ProvisionedProducts"].as_array().unwrap().len());
        let Some(token) = page.get("NextPageToken") else { break };
        parameters["PageToken"] = token.clone();
    }
    assert_eq!(pages, [0, 2, 1]);
    let refused = bench.try_catalog("ScanProvisionedProducts", json!({"PageToken": "x"})).unwrap_err();
    assert_eq!(refused.exception, "InvalidParametersException");
}

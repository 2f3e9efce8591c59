use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Bench;

async fn post(bench: &Bench, target: Option<&str>, body: &str) -> (StatusCode, String, Value) {
    let mut request = Request::post("/").header("content-type", "application/x-amz-json-1.1");
    if let Some(target) = target {
        request = request.header("x-amz-target", target);
    }
    send(bench, request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn send(bench: &Bench, request: Request<Body>) -> (StatusCode, String, Value) {
    let response = bench.zone.router().oneshot(request).await.unwrap();
    let status = response.status();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, content_type, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_call_is_answered_in_aws_json() {
    let bench = Bench::new();
    let (status, content_type, body) =
        post(&bench, Some("AWSOrganizationsV20161128.DescribeOrganization"), "{}").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(content_type, "application/x-amz-json-1.1");
    assert_eq!(body["Organization"]["MasterAccountEmail"], "management@example.com");
}

#[tokio::test]
async fn an_empty_body_is_a_call_without_parameters() {
    let bench = Bench::new();
    let (status, _, _) = post(&bench, Some("AWSOrganizationsV20161128.DescribeOrganization"), "").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_refusal_is_a_400_with_both_spellings_of_its_message() {
    let bench = Bench::new();
    let target = "AWSOrganizationsV20161128.DescribeAccount";
    let (status, content_type, body) =
        post(&bench, Some(target), &json!({"AccountId": "123456789012"}).to_string()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(content_type, "application/x-amz-json-1.1");
    assert_eq!(body["__type"], "AccountNotFoundException");
    assert_eq!(body["message"], body["Message"]);
    assert!(body["message"].as_str().unwrap().contains("123456789012"));
}

#[tokio::test]
async fn an_unknown_operation_is_named() {
    let bench = Bench::new();
    for target in [
        "AWSOrganizationsV20161128.CloseAccount",
        "AWS242ServiceCatalogService.CreatePortfolio",
        "Other.Thing",
    ] {
        let (status, _, body) = post(&bench, Some(target), "{}").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(body["__type"], "UnknownOperationException");
        let operation = target.split_once('.').unwrap().1;
        assert!(body["message"].as_str().unwrap().contains(operation), "{body}");
    }
}

#[tokio::test]
async fn a_call_without_a_target_is_an_unknown_operation() {
    let bench = Bench::new();
    for target in [None, Some("ListAccounts")] {
        let (status, _, body) = post(&bench, target, "{}").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(body["__type"], "UnknownOperationException");
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_not_found_and_the_answer_names_the_one_that_is() {
    let bench = Bench::new();
    for request in [Request::get("/"), Request::post("/accounts"), Request::get("/accounts")] {
        let (status, _, body) = send(&bench, request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(body["message"].as_str().unwrap().contains("POST /"), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_the_callers_fault() {
    let bench = Bench::new();
    for body in ["{", "[]", "7", "\u{0}", "{\"a\":}"] {
        let (status, _, answer) = post(&bench, Some("AWSOrganizationsV20161128.ListRoots"), body).await;
        assert_eq!((status, &answer["__type"]), (StatusCode::BAD_REQUEST, &json!("ValidationException")));
        let (status, _, answer) =
            post(&bench, Some("AWS242ServiceCatalogService.DescribeRecord"), body).await;
        assert_eq!(
            (status, &answer["__type"]),
            (StatusCode::BAD_REQUEST, &json!("InvalidParametersException"))
        );
    }
}

#[tokio::test]
async fn a_body_too_large_is_refused_without_a_5xx() {
    let bench = Bench::new();
    let (status, _, _) =
        post(&bench, Some("AWSOrganizationsV20161128.ListRoots"), &" ".repeat(3_000_000)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn a_missing_or_ill_typed_parameter_is_named() {
    let bench = Bench::new();
    let cases = [
        ("AWSOrganizationsV20161128.DescribeAccount", json!({}), "AccountId"),
        ("AWSOrganizationsV20161128.DescribeAccount", json!({"AccountId": 12}), "AccountId"),
        ("AWSOrganizationsV20161128.DescribeAccount", json!({"AccountId": null}), "AccountId"),
        ("AWSOrganizationsV20161128.ListAccounts", json!({"MaxResults": 0}), "MaxResults"),
        ("AWSOrganizationsV20161128.ListAccounts", json!({"MaxResults": 21}), "MaxResults"),
        ("AWSOrganizationsV20161128.ListAccounts", json!({"MaxResults": "5"}), "MaxResults"),
        ("AWSOrganizationsV20161128.ListAccounts", json!({"NextToken": []}), "NextToken"),
        ("AWSOrganizationsV20161128.TagResource", json!({"ResourceId": "000000000001"}), "Tags"),
        (
            "AWSOrganizationsV20161128.TagResource",
            json!({"ResourceId": "000000000001", "Tags": [{"Key": "a"}]}),
            "Tags[0].Value",
        ),
        ("AWS242ServiceCatalogService.DescribeRecord", json!({}), "Id"),
        ("AWS242ServiceCatalogService.ListLaunchPaths", json!({"ProductId": true}), "ProductId"),
        ("AWS242ServiceCatalogService.ScanProvisionedProducts", json!({"PageSize": -1}), "PageSize"),
        ("AWS242ServiceCatalogService.SearchProductsAsAdmin", json!({"Filters": []}), "Filters"),
        (
            "AWS242ServiceCatalogService.SearchProductsAsAdmin",
            json!({"Filters": {"Owner": "x"}}),
            "Filters.Owner",
        ),
    ];
    for (target, parameters, name) in cases {
        let refused = bench.call(target, &parameters).unwrap_err();
        assert!(
            matches!(refused.exception, "ValidationException" | "InvalidParametersException"),
            "{refused:?}"
        );
        assert!(refused.message.contains(&format!("Parameter {name} ")), "{refused:?}");
    }
}

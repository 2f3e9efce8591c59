use serde_json::{Value, json};

use super::{Bench, PROVISION_MS, again, with};
use crate::texts;

/// The message of the InvalidParametersException with which the request is refused.
fn invalid(bench: &Bench, request: Value) -> String {
    let refused = bench.try_provision(request).unwrap_err();
    assert_eq!(refused.exception, "InvalidParametersException", "{refused:?}");
    refused.message
}

#[test]
fn a_record_is_created_then_in_progress_then_succeeded_with_the_account() {
    let bench = Bench::new();
    let record_id = bench.provision("new");
    assert_eq!(bench.status(&record_id), "CREATED");
    bench.pass_ms(PROVISION_MS / 2);
    assert_eq!(bench.status(&record_id), "IN_PROGRESS");
    assert_eq!(bench.product(&record_id)["Status"], "UNDER_CHANGE");
    bench.pass_ms(PROVISION_MS / 2 - 1);
    assert_eq!(bench.status(&record_id), "IN_PROGRESS");
    assert_eq!(bench.account_named("new"), None);
    bench.pass_ms(1);
    assert_eq!(bench.status(&record_id), "SUCCEEDED");
    assert_eq!(bench.product(&record_id)["Status"], "AVAILABLE");
    assert_eq!(bench.product(&record_id)["LastSuccessfulProvisioningRecordId"], json!(record_id));
    let account = bench.account_named("new").unwrap();
    assert_eq!(bench.output(&record_id, "AccountId").unwrap(), account["Id"]);
}

#[test]
fn the_outputs_come_in_small_pages_after_an_empty_one() {
    let bench = Bench::new();
    let record_id = bench.provision("new");
    assert_eq!(bench.output_pages(&record_id), [vec![]]);
    bench.pass_ms(PROVISION_MS);
    let keys: Vec<Vec<String>> = bench
        .output_pages(&record_id)
        .into_iter()
        .map(|page| page.into_iter().map(|(key, _)| key).collect())
        .collect();
    assert_eq!(keys, [vec![], vec!["AccountEmail", "SSOUserEmail"], vec!["AccountId", "SSOUserPortal"]]);
    assert_eq!(bench.output(&record_id, "AccountEmail").unwrap(), "new@example.com");
    assert_eq!(bench.output(&record_id, "SSOUserEmail").unwrap(), "jean.dupont@example.com");
    let refused =
        bench.try_catalog("DescribeRecord", json!({"Id": record_id, "PageToken": "x"})).unwrap_err();
    assert_eq!(refused.exception, "InvalidParametersException");
}

#[test]
fn an_unknown_record_or_product_is_not_found() {
    let bench = Bench::new();
    for (operation, parameters) in [
        ("DescribeRecord", json!({"Id": "rec-x"})),
        ("DescribeProvisionedProduct", json!({"Id": "pp-x"})),
        ("DescribeProvisionedProduct", json!({"Name": "x"})),
    ] {
        let refused = bench.try_catalog(operation, parameters).unwrap_err();
        assert_eq!(refused.exception, "ResourceNotFoundException");
    }
}

#[test]
fn exactly_the_six_parameters_are_taken() {
    let bench = Bench::new();
    for missing in 0..6 {
        let mut request = bench.request("new");
        let gone = request["ProvisioningParameters"].as_array_mut().unwrap().remove(missing);
        assert!(invalid(&bench, request).contains(gone["Key"].as_str().unwrap()));
    }
    let mut request = bench.request("new");
    let unknown = json!({"Key": "x", "Value": "y"});
    request["ProvisioningParameters"].as_array_mut().unwrap().push(unknown);
    assert!(invalid(&bench, request).contains("parameter x"));

    let mut request = bench.request("new");
    let twice = request["ProvisioningParameters"][1].clone();
    request["ProvisioningParameters"].as_array_mut().unwrap().push(twice);
    assert!(invalid(&bench, request).contains("AccountEmail is given twice"));

    let mut request = bench.request("new");
    request.as_object_mut().unwrap().remove("ProvisioningParameters");
    assert!(invalid(&bench, request).contains("AccountName is required"));
    assert_eq!(bench.zone.report().unwrap().operations, 0);
}

#[test]
fn each_parameter_has_its_rule() {
    let bench = Bench::new();
    for (key, value) in [
        ("AccountName", "a<b"),
        ("AccountEmail", "nobody"),
        ("SSOUserEmail", "nobody"),
        ("SSOUserFirstName", ""),
        ("SSOUserLastName", " "),
    ] {
        let message = invalid(&bench, with(bench.request("new"), key, value));
        assert!(message.contains(key), "{message}");
    }
}

#[test]
fn product_artifact_path_name_and_token_are_checked() {
    let bench = Bench::new();
    for (member, value, exception) in [
        ("ProductId", "prod-x", "ResourceNotFoundException"),
        ("ProvisioningArtifactId", "pa-x", "ResourceNotFoundException"),
        ("ProvisioningArtifactId", "pa-h8zd6ym4ur3ln", "InvalidParametersException"),
        ("PathId", "lpv3-x", "ResourceNotFoundException"),
        ("ProvisionedProductName", "a b", "InvalidParametersException"),
        ("ProvisionToken", "a.b", "InvalidParametersException"),
    ] {
        let mut request = bench.request("new");
        request[member] = json!(value);
        assert_eq!(bench.try_provision(request).unwrap_err().exception, exception, "{member} {value}");
    }
    for member in ["ProductId", "ProvisioningArtifactId", "ProvisionedProductName", "ProvisionToken"] {
        let mut request = bench.request("new");
        request.as_object_mut().unwrap().remove(member);
        assert!(invalid(&bench, request).contains(member));
    }
    let mut request = bench.request("new");
    request["PathId"] = json!(crate::catalogue::PATH_ID);
    bench.try_provision(request).unwrap();
}

#[test]
fn a_unit_is_given_as_name_and_id_and_both_must_agree() {
    let bench = Bench::new();
    let dev = bench.unit_id("Engineering/Platform/Dev");
    let ask = |name: &str, unit: &str| with(bench.request(name), "ManagedOrganizationalUnit", unit);
    bench.try_provision(ask("in-dev", &format!("Dev ({dev})"))).unwrap();
    bench.pass_ms(PROVISION_MS);
    let of_dev = bench.every_page("ListAccountsForParent", json!({"ParentId": dev}), "Accounts");
    assert_eq!(of_dev[0]["Name"], "in-dev");
    assert_eq!(bench.zone.report().unwrap().accounts[0].organizational_unit, "Engineering/Platform/Dev");

    for unit in [format!("Prod ({dev})"), format!("dev ({dev})"), "Dev (ou-zzzz-zzzzzzzz)".to_owned()] {
        invalid(&bench, ask("other", &unit));
    }
}

#[test]
fn a_bare_name_works_only_at_the_top_level_and_a_path_never() {
    let bench = Bench::new();
    let ask = |name: &str, unit: &str| with(bench.request(name), "ManagedOrganizationalUnit", unit);
    bench.try_provision(ask("top", "Security")).unwrap();
    assert!(invalid(&bench, ask("below", "Dev")).contains("'Dev'"));
    assert_eq!(
        invalid(&bench, ask("path", "Engineering/Platform/Dev")),
        "The parent organizational unit 'Engineering/Platform' is not enrolled in AWS Control Tower"
    );
}

#[test]
fn the_same_token_and_input_give_the_same_record_even_after_its_end() {
    let bench = Bench::new();
    let first = bench.provision("new");
    let mut reordered = bench.request("new");
    reordered["ProvisioningParameters"].as_array_mut().unwrap().reverse();
    assert_eq!(bench.try_provision(reordered).unwrap(), first);
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.provision("new"), first);
    let report = bench.zone.report().unwrap();
    assert_eq!((report.operations, report.accounts.len()), (1, 1));
}

#[test]
fn the_same_token_with_another_input_is_refused() {
    let bench = Bench::new();
    bench.provision("new");
    let message = invalid(&bench, with(bench.request("new"), "SSOUserLastName", "Other"));
    assert!(message.contains("ProvisionToken"), "{message}");
    let mut renamed = bench.request("new");
    renamed["ProvisionedProductName"] = json!("another");
    invalid(&bench, renamed);
}

#[test]
fn a_taken_product_name_is_an_invalid_parameter_even_after_a_failure() {
    let bench = Bench::new();
    let failed = bench.provisioned("sim-account-limit");
    assert_eq!(bench.product(&failed)["Status"], "ERROR");
    let mut request = bench.request("other");
    request["ProvisionedProductName"] = json!("sim-account-limit-1");
    assert_eq!(invalid(&bench, request), "A stack named sim-account-limit-1 already exists.");
}

#[test]
fn a_sixth_operation_at_once_is_refused_as_busy() {
    let bench = Bench::new();
    let records: Vec<String> = (0..5).map(|number| bench.provision(&format!("a{number}"))).collect();
    assert_eq!(invalid(&bench, bench.request("sixth")), texts::BUSY);
    bench.pass_ms(PROVISION_MS);
    let sixth = bench.provisioned("sixth");
    assert_eq!(bench.status(&sixth), "SUCCEEDED");
    assert!(records.iter().all(|record| bench.status(record) == "SUCCEEDED"));
    let report = bench.zone.report().unwrap();
    assert_eq!(report.operations, 6);
    assert_eq!(report.peak_concurrent_operations, 5);
    assert_eq!(report.refused_operations, 1);
}

#[test]
fn a_repeated_call_is_answered_even_where_no_slot_is_free() {
    let bench = Bench::new();
    let first = bench.provision("a0");
    for number in 1..5 {
        bench.provision(&format!("a{number}"));
    }
    assert_eq!(bench.provision("a0"), first);
}

#[test]
fn an_email_of_the_organization_in_any_case_fails_the_record() {
    let bench = Bench::new();
    bench.provisioned("first");
    for (name, email) in [("second", "FIRST@Example.com"), ("third", "Management@example.com")] {
        let record = bench.try_provision(with(bench.request(name), "AccountEmail", email)).unwrap();
        bench.pass_ms(PROVISION_MS);
        assert_eq!(bench.status(&record), "FAILED");
        assert_eq!(bench.reason(&record), texts::email_in_use(email));
        assert_eq!(bench.account_named(name), None);
    }
}

#[test]
fn an_email_in_flight_fails_the_second_record_and_not_the_first() {
    let bench = Bench::new();
    let first = bench.provision("first");
    let second =
        bench.try_provision(with(bench.request("second"), "AccountEmail", "First@example.com")).unwrap();
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.status(&first), "SUCCEEDED");
    assert_eq!(bench.status(&second), "FAILED");
    assert_eq!(bench.reason(&second), texts::email_in_use("First@example.com"));
}

#[test]
fn an_email_is_free_again_after_a_failure_without_an_account() {
    let bench = Bench::new();
    bench.provisioned("sim-account-limit");
    let request = with(bench.request("better"), "AccountEmail", "sim-account-limit@example.com");
    let record = bench.try_provision(request).unwrap();
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.status(&record), "SUCCEEDED");
}

#[test]
fn two_accounts_may_have_one_name() {
    let bench = Bench::new();
    bench.provisioned("same");
    let request = with(again(bench.request("same"), 2), "AccountEmail", "other@example.com");
    bench.try_provision(request).unwrap();
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.accounts().iter().filter(|account| account["Name"] == "same").count(), 2);
}

#[test]
fn tags_of_the_call_are_the_records_and_the_products() {
    let bench = Bench::new();
    let mut request = bench.request("new");
    request["Tags"] = json!([{"Key": "env", "Value": "dev"}]);
    let record = bench.try_provision(request.clone()).unwrap();
    assert_eq!(bench.record(&record)["RecordTags"], request["Tags"]);
    let found = bench.catalog("SearchProvisionedProducts", json!({}));
    assert_eq!(found["ProvisionedProducts"][0]["Tags"], request["Tags"]);

    for (key, value) in [("env", ""), ("aws:env", "dev"), ("", "dev")] {
        let mut request = bench.request("other");
        request["Tags"] = json!([{"Key": key, "Value": value}]);
        assert!(invalid(&bench, request).contains("Tags[0]."));
    }
}

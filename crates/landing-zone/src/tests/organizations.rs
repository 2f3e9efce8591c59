use serde_json::{Value, json};

use super::Bench;
use crate::rules;

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["Name"].as_str().unwrap()).collect()
}

#[test]
fn the_organization_starts_with_its_units_and_its_management_account() {
    let bench = Bench::new();
    let root_id = bench.root_id();
    assert!(rules::is_root_id(&root_id));
    let units = bench.every_page(
        "ListOrganizationalUnitsForParent",
        json!({"ParentId": root_id}),
        "OrganizationalUnits",
    );
    assert_eq!(names(&units), ["Engineering", "Sandbox", "Security"]);
    assert!(units.iter().all(|unit| rules::is_unit_id(unit["Id"].as_str().unwrap())));
    assert!(rules::is_unit_id(&bench.unit_id("Engineering/Platform/Dev")));

    let accounts = bench.accounts();
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0]["Id"], "000000000001");
    assert_eq!(accounts[0]["Email"], "management@example.com");
}

#[test]
fn roots_and_units_start_with_an_empty_page_that_has_a_token() {
    let bench = Bench::new();
    let roots = bench.pages("ListRoots", json!({}), "Roots");
    assert_eq!(roots.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1]);
    let parameters = json!({"ParentId": bench.root_id(), "MaxResults": 2});
    let units = bench.pages("ListOrganizationalUnitsForParent", parameters, "OrganizationalUnits");
    assert_eq!(units.iter().map(Vec::len).collect::<Vec<_>>(), [0, 2, 1]);
}

#[test]
fn accounts_that_need_several_pages_start_with_an_empty_one() {
    let bench = Bench::new();
    assert_eq!(bench.pages("ListAccounts", json!({}), "Accounts").len(), 1);
    for number in 0..5 {
        bench.provision(&format!("account {number}"));
    }
    bench.pass_ms(super::PROVISION_MS);
    let pages = bench.pages("ListAccounts", json!({"MaxResults": 4}), "Accounts");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [0, 4, 2]);
    let mut ids: Vec<String> = pages.concat().iter().map(|account| account["Id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

#[test]
fn a_page_holds_twenty_by_default() {
    let bench = Bench::new();
    for number in 0..25 {
        bench.provisioned(&format!("account {number}"));
    }
    let pages = bench.pages("ListAccounts", json!({}), "Accounts");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [0, 20, 6]);
}

#[test]
fn a_token_of_no_listing_or_of_another_is_refused() {
    let bench = Bench::new();
    let token = bench.organizations("ListRoots", json!({}))["NextToken"].clone();
    for token in [json!("nonsense"), json!(""), token] {
        let refused = bench.try_organizations("ListAccounts", json!({"NextToken": token})).unwrap_err();
        assert_eq!(refused.exception, "InvalidInputException");
    }
}

#[test]
fn an_account_is_described_with_its_state_and_status() {
    let bench = Bench::new();
    let record_id = bench.provisioned("my account");
    let id = bench.output(&record_id, "AccountId").unwrap();
    let account = bench.organizations("DescribeAccount", json!({"AccountId": id}))["Account"].clone();
    assert_eq!(account["Id"], id);
    assert_eq!(account["Name"], "my account");
    assert_eq!(account["Email"], "my-account@example.com");
    assert_eq!(account["State"], "ACTIVE");
    assert_eq!(account["Status"], "ACTIVE");
    assert_eq!(account["JoinedMethod"], "CREATED");
    assert_eq!(account["JoinedTimestamp"], 1_700_000_020.0);
    let organization = bench.organizations("DescribeOrganization", json!({}));
    let organization_id = organization["Organization"]["Id"].as_str().unwrap();
    assert_eq!(account["Arn"], format!("arn:aws:organizations::000000000001:account/{organization_id}/{id}"));
}

#[test]
fn what_does_not_exist_has_its_own_exception_each() {
    let bench = Bench::new();
    let cases = [
        ("DescribeAccount", json!({"AccountId": "999999999999"}), "AccountNotFoundException"),
        (
            "DescribeOrganizationalUnit",
            json!({"OrganizationalUnitId": "ou-zzzz-zzzzzzzz"}),
            "OrganizationalUnitNotFoundException",
        ),
        (
            "ListOrganizationalUnitsForParent",
            json!({"ParentId": "ou-zzzz-zzzzzzzz"}),
            "ParentNotFoundException",
        ),
        ("ListAccountsForParent", json!({"ParentId": "r-zzzzz"}), "ParentNotFoundException"),
        ("ListParents", json!({"ChildId": "999999999999"}), "ChildNotFoundException"),
        ("ListTagsForResource", json!({"ResourceId": "999999999999"}), "TargetNotFoundException"),
        ("DescribeAccount", json!({"AccountId": "12"}), "InvalidInputException"),
        ("ListAccountsForParent", json!({"ParentId": "Sandbox"}), "InvalidInputException"),
    ];
    for (operation, parameters, exception) in cases {
        assert_eq!(bench.try_organizations(operation, parameters).unwrap_err().exception, exception);
    }
}

#[test]
fn units_and_accounts_know_their_parents() {
    let bench = Bench::new();
    let dev = bench.unit_id("Engineering/Platform/Dev");
    let described = bench.organizations("DescribeOrganizationalUnit", json!({"OrganizationalUnitId": dev}));
    assert_eq!(described["OrganizationalUnit"]["Name"], "Dev");
    let parents = bench.every_page("ListParents", json!({"ChildId": dev}), "Parents");
    assert_eq!(
        parents,
        [json!({"Id": bench.unit_id("Engineering/Platform"), "Type": "ORGANIZATIONAL_UNIT"})]
    );
    let parents = bench.every_page("ListParents", json!({"ChildId": "000000000001"}), "Parents");
    assert_eq!(parents, [json!({"Id": bench.root_id(), "Type": "ROOT"})]);
    let of_dev = bench.every_page("ListAccountsForParent", json!({"ParentId": dev}), "Accounts");
    assert_eq!(of_dev, Vec::<Value>::new());
}

#[test]
fn tags_are_put_replaced_removed_and_reported() {
    let bench = Bench::new();
    let id = bench.output(&bench.provisioned("tagged"), "AccountId").unwrap();
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    let tags = json!([tag("env", "dev"), tag("team", "a"), tag("empty", "")]);
    bench.organizations("TagResource", json!({"ResourceId": id, "Tags": tags}));
    bench.organizations("TagResource", json!({"ResourceId": id, "Tags": [tag("env", "prod")]}));
    bench.organizations("UntagResource", json!({"ResourceId": id, "TagKeys": ["team", "unknown"]}));
    let kept = bench.every_page("ListTagsForResource", json!({"ResourceId": id}), "Tags");
    assert_eq!(kept, [tag("empty", ""), tag("env", "prod")]);
    let report = serde_json::to_value(bench.zone.report().unwrap()).unwrap();
    assert_eq!(report["accounts"][0]["Tags"], json!(kept));
}

#[test]
fn bad_tags_are_refused_and_leave_none_behind() {
    let bench = Bench::new();
    let many: Vec<Value> = (0..51).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect();
    let cases = [
        (json!([{"Key": "good", "Value": ""}, {"Key": "aws:x", "Value": ""}]), "InvalidInputException"),
        (json!([{"Key": "good", "Value": "a*b"}]), "InvalidInputException"),
        (json!([{"Key": "twice", "Value": "1"}, {"Key": "twice", "Value": "2"}]), "InvalidInputException"),
        (json!(many), "ConstraintViolationException"),
    ];
    for (tags, exception) in cases {
        let parameters = json!({"ResourceId": "000000000001", "Tags": tags});
        assert_eq!(bench.try_organizations("TagResource", parameters).unwrap_err().exception, exception);
    }
    let kept = bench.every_page("ListTagsForResource", json!({"ResourceId": "000000000001"}), "Tags");
    assert_eq!(kept, Vec::<Value>::new());
}

//! The table that Terraform makes is the one that the local fleet makes.

use std::collections::BTreeSet;

use accounts_tests::{LocalFleet, Pace};
use serde_json::{Value, json};

use super::text;

/// The values of an attribute in a text of Terraform, in order.
fn values<'a>(terraform: &'a str, name: &str) -> Vec<&'a str> {
    let value = |line: &'a str| {
        let (found, value) = line.split_once('=')?;
        (found.trim() == name).then(|| value.trim().trim_matches('"'))
    };
    terraform.lines().filter_map(value).collect()
}

/// The bodies of the blocks of this kind.
fn blocks<'a>(terraform: &'a str, kind: &str) -> Vec<&'a str> {
    let start = format!("  {kind} {{\n");
    terraform.split(start.as_str()).skip(1).filter_map(|rest| rest.split("\n  }").next()).collect()
}

fn key_schema(hash: &str, range: &str) -> Value {
    json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}])
}

#[tokio::test(flavor = "multi_thread")]
async fn terraforms_table_is_the_one_that_the_functions_make_on_one_machine() {
    let terraform = text("infra/modules/table/main.tf");
    let fleet = LocalFleet::start(Pace::FAST).await;
    let made = fleet.table().description().await;

    let (hash, range) = (values(&terraform, "hash_key"), values(&terraform, "range_key"));
    assert_eq!((hash.len(), range.len()), (2, 2), "the table and its one index");
    assert_eq!(made["KeySchema"], key_schema(hash[0], range[0]));

    let [index] = blocks(&terraform, "global_secondary_index")[..] else { panic!("not one index") };
    let [made_index] = made["GlobalSecondaryIndexes"].as_array().expect("indexes").as_slice() else {
        panic!("not one index: {made}")
    };
    assert_eq!(made_index["IndexName"], values(index, "name")[0]);
    assert_eq!(
        made_index["KeySchema"],
        key_schema(values(index, "hash_key")[0], values(index, "range_key")[0])
    );
    assert_eq!(made_index["Projection"]["ProjectionType"], values(index, "projection_type")[0]);
    assert_eq!(made.get("LocalSecondaryIndexes").map_or(0, |them| them.as_array().map_or(0, Vec::len)), 0);

    let attributes: BTreeSet<_> = blocks(&terraform, "attribute")
        .into_iter()
        .map(|block| (values(block, "name")[0].to_owned(), values(block, "type")[0].to_owned()))
        .collect();
    let text_of = |value: &Value| value.as_str().expect("a text").to_owned();
    let made_attributes: BTreeSet<_> = made["AttributeDefinitions"]
        .as_array()
        .expect("attributes")
        .iter()
        .map(|attribute| (text_of(&attribute["AttributeName"]), text_of(&attribute["AttributeType"])))
        .collect();
    assert_eq!(made_attributes, attributes);

    let stream = &made["StreamSpecification"];
    assert_eq!(
        (values(&terraform, "stream_enabled"), &stream["StreamEnabled"]),
        (vec!["true"], &json!(true))
    );
    assert_eq!(stream["StreamViewType"], values(&terraform, "stream_view_type")[0]);

    let [ttl] = blocks(&terraform, "ttl")[..] else { panic!("not one TTL") };
    let made_ttl = fleet.table().time_to_live().await;
    assert_eq!(made_ttl["AttributeName"], values(ttl, "attribute_name")[0]);
    assert_eq!((values(ttl, "enabled"), &made_ttl["TimeToLiveStatus"]), (vec!["true"], &json!("ENABLED")));
}

//! What a good body is answered, and what becomes of it.

use std::collections::BTreeSet;

use accounts_core::{AccountId, RequestId, Timestamp};
use accounts_tests::{Client, body};
use reqwest::Method;
use serde_json::json;

use super::{assert_nothing_internal, fleet, without};
use crate::authorizer::Forge;

#[tokio::test(flavor = "multi_thread")]
async fn a_good_body_is_answered_with_the_stored_item_in_its_normal_form() {
    let fleet = fleet().await;
    let mut asked = body("First+Tag@Example.COM", "My-New-Account");
    asked["SSOUserEmail"] = json!("Owner@Example.com");
    let created = fleet.create(&asked).await;

    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("cache-control"), "no-store");
    for (name, value) in [
        ("AccountEmail", json!("first+tag@example.com")),
        ("AccountName", json!("My-New-Account")),
        ("OrgUnit", json!("Engineering/Platform/Dev")),
        ("SSOUserEmail", json!("owner@example.com")),
        ("SSOUserFirstName", json!("Jean")),
        ("SSOUserLastName", json!("Dupont")),
        ("Tags", json!([{"Key": "env", "Value": "dev"}])),
        ("Status", json!("Requested")),
    ] {
        assert_eq!(created.body[name], value, "{name}");
    }
    let id = RequestId::parse(created.text("RequestID")).expect("an id");
    assert_eq!(id.created_at().to_string(), created.text("CreatedAt"), "ids do not sort by acceptance");
    for time in ["CreatedAt", "UpdatedAt", "LastUpdateDate"] {
        assert!(created.text(time).ends_with('Z'), "{time} is not in UTC: {}", created.body);
        Timestamp::try_from(created.text(time).to_owned()).expect(time);
        assert_eq!(created.text(time), created.text("CreatedAt"));
    }
    assert_nothing_internal(&created);
    let names: BTreeSet<_> =
        created.body.as_object().expect("an object").keys().map(String::as_str).collect();
    let documented = [
        "AccountEmail",
        "AccountName",
        "CreatedAt",
        "LastUpdateDate",
        "OrgUnit",
        "RequestID",
        "RequestedBy",
        "SSOUserEmail",
        "SSOUserFirstName",
        "SSOUserLastName",
        "Status",
        "Tags",
        "UpdatedAt",
    ];
    assert_eq!(names, BTreeSet::from(documented), "a new field is shown to clients");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_location_of_a_request_leads_to_it() {
    let fleet = fleet().await;
    for email in ["plain@example.com", "first+tag=x/y?z@example.com", "a#b@example.com", "{x}^`~@example.com"]
    {
        let created = fleet.create(&body(email, email)).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let location = created.header("location").to_owned();
        assert!(location.starts_with("/getAccount?accountEmail="), "{location}");
        let found = Client::send(fleet.request(Method::GET, &location)).await;
        assert_eq!((found.status, found.text("RequestID")), (200, created.text("RequestID")), "{location}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_holds_its_email_its_name_and_its_id_and_its_requests_stay() {
    let fleet = fleet().await;
    let mut asked = body("user@example.com", "My-New-Account");
    asked["OrgUnit"] = json!("No/Such/Unit");
    let first = fleet.create(&asked).await.text("RequestID").to_owned();
    assert_eq!(fleet.ended("user@example.com").await["Status"], "Failed");
    let of_the_failed = [
        format!("REQUESTID#{first}|KEY"),
        "user@example.com|ACCOUNT".to_owned(),
        format!("user@example.com|REQUEST#{first}"),
    ];
    assert_eq!(fleet.keys().await, of_the_failed, "the name is free again, and no slot is taken");

    let second =
        fleet.create(&body("other@example.com", "My-New-Account")).await.text("RequestID").to_owned();
    let id = fleet.ended("other@example.com").await["AccountId"].as_str().expect("an id").to_owned();
    let mut all = of_the_failed.to_vec();
    all.extend([
        format!("ID#{id}|CLAIM"),
        "NAME#my-new-account|CLAIM".to_owned(),
        format!("REQUESTID#{second}|KEY"),
        "other@example.com|ACCOUNT".to_owned(),
        format!("other@example.com|OPERATION#{second}#001"),
        format!("other@example.com|REQUEST#{second}"),
    ]);
    all.sort();
    assert_eq!(fleet.keys().await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_is_stored_with_the_request_and_shown() {
    let fleet = fleet().await;
    let forge = Forge::of(&fleet);
    for (name, claims, caller) in [
        ("a person", json!({}), json!({"Name": "Local Administrator"})),
        ("an address", json!({"name": null, "email": "Ada@example.com"}), json!({"Name": "Ada@example.com"})),
        (
            "another",
            json!({"sub": "somebody-else", "name": "Ada"}),
            json!({"Subject": "somebody-else", "Name": "Ada"}),
        ),
    ] {
        let mut expected = json!({"Subject": "local-administrators", "ClientId": "accounts-local"});
        expected.as_object_mut().expect("an object").extend(caller.as_object().expect("an object").clone());
        let client = Client::new(fleet.address().to_owned(), forge.token(&claims));
        let email = format!("{}@example.com", name.replace(' ', "."));
        let created = client.create(&body(&email, name)).await;
        assert_eq!((created.status, &created.body["RequestedBy"]), (201, &expected), "{}", created.body);
        let request = fleet.show(created.text("RequestID")).await;
        assert_eq!(request.body["RequestedBy"], expected, "{}", request.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn first_and_last_names_are_capitalised_without_damage_to_mixed_case() {
    let fleet = fleet().await;
    for (number, (first, last, stored_first, stored_last)) in [
        ("maria", "DUPONT", "Maria", "Dupont"),
        ("McDonald", "Jean-Luc", "McDonald", "Jean-Luc"),
        ("ana  maria", "o'neill", "Ana Maria", "O'Neill"),
        ("élodie", "李", "Élodie", "李"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut asked = body(&format!("user{number}@example.com"), &format!("account-{number}"));
        asked["SSOUserFirstName"] = json!(first);
        asked["SSOUserLastName"] = json!(last);
        let created = fleet.create(&asked).await;
        assert_eq!(
            (created.text("SSOUserFirstName"), created.text("SSOUserLastName")),
            (stored_first, stored_last),
            "{}",
            created.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_may_be_left_out() {
    let fleet = fleet().await;
    let mut null = body("null@example.com", "null");
    null["Tags"] = json!(null);
    let mut empty = body("empty@example.com", "empty");
    empty["Tags"] = json!([]);
    for asked in [null, empty, without(body("none@example.com", "none"), "Tags")] {
        let created = fleet.create(&asked).await;
        assert_eq!((created.status, &created.body["Tags"]), (201, &json!([])), "{}", created.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_becomes_exactly_one_account_that_is_found_by_its_id() {
    let fleet = fleet().await;
    let created = fleet.create(&body("user@example.com", "my-new-account")).await;
    let ended = fleet.ended("user@example.com").await;
    assert_eq!((&ended["Status"], &ended["RequestID"]), (&json!("Provisioned"), &created.body["RequestID"]));
    assert_eq!(ended.get("ErrorMessage"), None, "{ended}");
    let id = ended["AccountId"].as_str().expect("an account id");
    assert!(AccountId::parse(id).is_ok(), "{id}");

    let found = Client::send(fleet.request(Method::GET, &format!("/getAccount?accountId={id}"))).await;
    assert_eq!((found.status, &found.body), (200, &ended));
    let zone = fleet.landing_zone().await;
    let accounts = zone["accounts"].as_array().expect("accounts");
    let made: Vec<_> = accounts.iter().filter(|account| account["Email"] == "user@example.com").collect();
    assert_eq!(made.len(), 1, "{zone}");
    assert_eq!((&made[0]["Id"], &made[0]["Name"]), (&json!(id), &json!("my-new-account")));
    assert_eq!(made[0]["Tags"], json!([{"Key": "env", "Value": "dev"}]), "{zone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organizational_unit_may_be_named_by_its_id() {
    let fleet = fleet().await;
    fleet.create(&body("path@example.com", "path")).await;
    let by_path = fleet.ended("path@example.com").await;
    let by_path = fleet.show(by_path["RequestID"].as_str().expect("an id")).await;
    let unit = &by_path.body["Unit"];
    assert_eq!(unit["Name"], "Dev", "{}", by_path.body);

    let mut asked = body("id@example.com", "id");
    asked["OrgUnit"] = unit["Id"].clone();
    let created = fleet.create(&asked).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let by_id = fleet.ended("id@example.com").await;
    assert_eq!((&by_id["Status"], &by_id["OrgUnit"]), (&json!("Provisioned"), &unit["Id"]), "{by_id}");
    assert_eq!(&fleet.show(created.text("RequestID")).await.body["Unit"], unit);
}

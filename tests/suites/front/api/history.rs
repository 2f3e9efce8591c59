//! `GET /accounts/{account}/requests`: the requests for an account, the newest first, page by page.

use accounts_tests::{Client, LocalFleet, body};
use reqwest::Method;
use serde_json::{Value, json};

use super::{assert_nothing_internal, assert_problem, fields, fleet};

/// Requests the e-mail so often, each time in vain; the ids, the oldest first.
async fn failed(fleet: &LocalFleet, email: &str, times: usize) -> Vec<String> {
    let mut asked = body(email, email);
    asked["OrgUnit"] = json!("No/Such/Unit");
    let mut ids = Vec::new();
    for _ in 0..times {
        ids.push(fleet.create(&asked).await.text("RequestID").to_owned());
        fleet.ended(email).await;
    }
    ids
}

fn ids(page: &Value) -> Vec<String> {
    let requests = page["Requests"].as_array().unwrap_or_else(|| panic!("no requests in {page}"));
    requests.iter().map(|request| request["RequestID"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_from_the_newest_request_to_the_oldest_and_show_each_once() {
    let fleet = fleet().await;
    let mut expected = failed(&fleet, "user@example.com", 7).await;
    failed(&fleet, "userx@example.com", 1).await;
    expected.reverse();
    for limit in [1, 2, 3, 6, 7, 8, 100] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = fleet.history("user@example.com", &format!("?limit={limit}{cursor}")).await;
            assert_eq!((page.status, page.header("cache-control")), (200, "no-store"), "{}", page.body);
            assert_nothing_internal(&page);
            let on_page = ids(&page.body);
            assert!(on_page.len() <= limit, "{} on a page of {limit}", on_page.len());
            found.extend(on_page);
            let Some(next) = page.body["NextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, expected, "{limit} a page");
    }
    let whole = fleet.history("user@example.com", "").await.body;
    assert_eq!((ids(&whole), whole.get("NextCursor")), (expected, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_account_shows_nothing_of_it() {
    let fleet = fleet().await;
    let of_one = failed(&fleet, "one@example.com", 1).await;
    let of_other = failed(&fleet, "other@example.com", 1).await;
    let of_one_again = failed(&fleet, "one@example.com", 1).await;
    let cursor = format!("?cursor={}", of_other[0]);
    assert_eq!(ids(&fleet.history("one@example.com", &cursor).await.body), of_one);
    let cursor = format!("?cursor={}", of_one_again[0]);
    assert_eq!(ids(&fleet.history("other@example.com", &cursor).await.body), of_other);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_named_by_its_id_or_by_its_email_whatever_characters_it_holds() {
    let fleet = fleet().await;
    for (number, email) in
        ["plain@example.com", "first+tag@example.com", "x/y?z#w@example.com", "{a}=b^c`~$!*@example.com"]
            .into_iter()
            .enumerate()
    {
        let created = fleet.create(&body(email, &format!("account-{number}"))).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let id = fleet.ended(email).await["AccountId"].as_str().expect("an account").to_owned();
        for account in [email.to_owned(), email.to_uppercase(), id] {
            let page = fleet.history(&account, "").await;
            assert_eq!(
                (page.status, ids(&page.body)),
                (200, vec![created.text("RequestID").to_owned()]),
                "{account}"
            );
        }
    }
    // What a path holds as it is need not be encoded.
    let plain = Client::send(fleet.request(Method::GET, "/accounts/first+tag@example.com/requests")).await;
    assert_eq!((plain.status, ids(&plain.body).len()), (200, 1), "{}", plain.body);
    // A plus is a plus, and no blank.
    assert_problem(&fleet.history("first tag@example.com", "").await, 400, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_parameter_is_named_and_all_of_the_query_at_once() {
    let fleet = fleet().await;
    failed(&fleet, "user@example.com", 1).await;
    let id = "0b8f2c3e-0000-7000-8000-000000000001";
    for (query, expected) in [
        ("?limit=0".to_owned(), vec!["limit"]),
        ("?limit=101".to_owned(), vec!["limit"]),
        ("?limit=-1".to_owned(), vec!["limit"]),
        ("?limit=1.5".to_owned(), vec!["limit"]),
        ("?limit=many".to_owned(), vec!["limit"]),
        ("?limit=99999999999999999999".to_owned(), vec!["limit"]),
        ("?limit=".to_owned(), vec!["limit"]),
        ("?limit=1&limit=1".to_owned(), vec!["limit"]),
        ("?cursor=1".to_owned(), vec!["cursor"]),
        ("?cursor=".to_owned(), vec!["cursor"]),
        (format!("?cursor={id}&cursor={id}"), vec!["cursor"]),
        ("?limit=x&cursor=y".to_owned(), vec!["limit", "cursor"]),
    ] {
        let answer = fleet.history("user@example.com", &query).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(fields(&answer), expected, "{query}");
    }
    for account in
        ["user", "12345678901", "1234567890123", "user@localhost", "us%er@example.com", "\u{0}@example.com"]
    {
        let answer = fleet.history(account, "").await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(fields(&answer), ["account"], "{account}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_requested_is_not_found() {
    let fleet = fleet().await;
    for account in ["nobody@example.com", "999999999999"] {
        assert_problem(&fleet.history(account, "").await, 404, "not_found");
    }
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

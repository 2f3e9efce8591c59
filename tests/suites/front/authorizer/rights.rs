//! What each group may do.

use accounts_local::Group;
use accounts_tests::{Client, LocalFleet, Pace, body};
use reqwest::Method;

use crate::api::assert_problem;

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_creates_and_reads() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    assert_eq!(fleet.create(&body("user@example.com", "my-account")).await.status, 201);
    assert_eq!(fleet.get("user@example.com").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_reads_and_never_creates_not_even_right_after_a_read() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let reader = fleet.client_of(Group::Readers);
    assert_eq!(fleet.create(&body("user@example.com", "my-account")).await.status, 201);
    fleet.ended("user@example.com").await;
    let before = fleet.keys().await;
    let asked = body("other@example.com", "other");

    assert_problem(&reader.create(&asked).await, 403, "forbidden");
    for _ in 0..3 {
        assert_eq!(reader.get("user@example.com").await.status, 200);
        assert_problem(&reader.create(&asked).await, 403, "forbidden");
    }
    assert_eq!(fleet.keys().await, before, "a Reader wrote something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_nobody_knows_is_open_to_nobody() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for client in [(*fleet).clone(), fleet.client_of(Group::Readers)] {
        for (method, path) in
            [(Method::DELETE, "/createAccount"), (Method::GET, "/accounts"), (Method::POST, "/getAccount")]
        {
            let answer = Client::send(client.request(method, path)).await;
            assert!([403, 404].contains(&answer.status), "{path}: {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_read_or_written() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let create = || fleet.bare(Method::POST, "/createAccount").json(&body("user@example.com", "my-account"));
    let get = || fleet.bare(Method::GET, "/getAccount?accountEmail=user@example.com");
    for request in [create(), get(), create().header("Authorization", ""), get().header("Authorization", "")]
    {
        assert_problem(&Client::send(request).await, 401, "unauthorized");
    }
    // A token anywhere else is none.
    let elsewhere = format!("/getAccount?accountEmail=user@example.com&access_token={}", fleet.token());
    assert_problem(&Client::send(fleet.bare(Method::GET, &elsewhere)).await, 401, "unauthorized");
    let cookie = get().header("Cookie", format!("Authorization=Bearer {}", fleet.token()));
    assert_problem(&Client::send(cookie).await, 401, "unauthorized");
    assert_eq!(fleet.keys().await, Vec::<String>::new());
}

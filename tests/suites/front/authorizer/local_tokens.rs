//! `GET /local/token`: the token issuer of one machine.

use accounts_tests::{Client, LocalFleet, Pace, body};
use reqwest::Method;

use crate::api::assert_problem;

#[tokio::test(flavor = "multi_thread")]
async fn each_group_gets_a_token_that_does_what_the_group_may() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for (group, creates) in [("Administrators", 201), ("Readers", 403)] {
        let answer = Client::send(fleet.bare(Method::GET, &format!("/local/token?group={group}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let client = Client::new(fleet.address().to_owned(), answer.text("token").to_owned());
        assert_eq!(client.create(&body("user@example.com", "my-account")).await.status, creates, "{group}");
        assert_eq!(client.get("user@example.com").await.status, 200, "{group}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_does_not_exist_gets_none() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for query in ["?group=Everyone", "?group=administrators", "?group=", "", "?group", "?group=Readers%00"] {
        let answer = Client::send(fleet.bare(Method::GET, &format!("/local/token{query}"))).await;
        assert_problem(&answer, 400, "invalid_request");
    }
    let twice = fleet.bare(Method::GET, "/local/token?group=Readers&group=Administrators").send().await;
    assert_eq!(twice.expect("an answer").status(), 400);
}

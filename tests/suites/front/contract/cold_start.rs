//! A setting that is missing or unusable stops the cold start with its name.

use super::lambda::process;

/// A port that nobody listens on (discard): a function that gets so far as to ask for work ends there.
const NOWHERE: &str = "127.0.0.1:9";

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_is_missing_or_unusable_stops_the_cold_start_with_its_name() {
    let issuer = ("ISSUER", "https://issuer.example.com".to_owned());
    let audience = ("AUDIENCE", "client".to_owned());
    for (function, environment, sentence) in [
        ("stream-trigger", vec![], "the environment variable SFN_ARN is not set"),
        ("stream-trigger", vec![("SFN_ARN", " ".to_owned())], "the environment variable SFN_ARN is not set"),
        ("authorizer", vec![], "the environment variable ISSUER is not set"),
        ("authorizer", vec![audience.clone()], "the environment variable ISSUER is not set"),
        ("authorizer", vec![issuer.clone()], "the environment variable AUDIENCE is not set"),
        (
            "authorizer",
            vec![issuer, audience, ("JWKS_REFRESH_SECONDS", "often".to_owned())],
            "the environment variable JWKS_REFRESH_SECONDS is \"often\"",
        ),
    ] {
        let output = process(function, NOWHERE, environment).output().await.expect("a process");
        let told = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{function} started: {told}");
        assert!(told.contains(sentence), "{function} says: {told}");
    }
}

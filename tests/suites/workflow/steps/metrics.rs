//! What the functions' metrics say: each transition once, by the invocation that made it.

use accounts_core::RequestStatus;
use accounts_lambda::now;
use accounts_tests::{Function, Line, Lines, Workbench, caught, start_event};

use super::EMAIL;

fn requests(status: RequestStatus) -> Line {
    ("Requests".to_owned(), Some(status.name().to_owned()), 1.0)
}

#[tokio::test]
async fn each_transition_is_counted_once_and_the_last_one_says_how_long_it_took() {
    let (bench, lines) = (Workbench::start(0.0).await, Lines::default());
    let functions = bench.functions_with(&lines.of(&[]));
    let request = bench.accept_at(EMAIL, "mine", now().plus_seconds(-100.0)).await;
    bench.dispatch(&[&request]).await;
    let mut event = start_event(&bench.request(&request).await);
    for (function, to) in
        [(Function::Validate, RequestStatus::Valid), (Function::Provision, RequestStatus::InProgress)]
    {
        event = functions.chain(&[function, function], &event).await;
        assert_eq!(lines.take(), [requests(to)], "{function:?}, twice");
    }
    event = functions.chain(&[Function::CheckStatus], &event).await;
    assert_eq!(lines.take(), [], "a poll is no transition of the request");
    functions.chain(&[Function::UpdateStatus, Function::UpdateStatus], &event).await;
    functions.chain(&[Function::UpdateFailed], &caught(&event, "Internal", "late")).await;

    let written = lines.take();
    assert_eq!(written[..1], [requests(RequestStatus::Provisioned)]);
    let [(name, status, seconds)] = &written[1..] else { panic!("{written:?}") };
    assert_eq!((name.as_str(), status.as_deref()), ("SecondsToEnd", Some("Provisioned")));
    assert!((100.0..160.0).contains(seconds), "{seconds}");
}

#[tokio::test]
async fn a_failure_is_counted_once() {
    let (bench, lines) = (Workbench::start(0.0).await, Lines::default());
    let (_, event) = bench.admitted(EMAIL, "sim-account-limit").await;
    let event = bench.functions(&[]).chain(&super::TO_PROVISION, &event).await;
    let functions = bench.functions_with(&lines.of(&[]));
    functions.chain(&[Function::CheckStatus, Function::UpdateFailed, Function::UpdateFailed], &event).await;
    let written = lines.take();
    assert_eq!(written[..1], [requests(RequestStatus::Failed)]);
    assert_eq!(
        (written.len(), written[1].0.as_str(), written[1].1.as_deref()),
        (2, "SecondsToEnd", Some("Failed"))
    );
}

#[tokio::test]
async fn of_two_invocations_at_once_the_one_that_made_the_transition_counts_it() {
    let (bench, lines) = (Workbench::start(0.0).await, Lines::default());
    let functions = bench.functions_with(&lines.of(&[]));
    let (_, event) = bench.admitted(EMAIL, "mine").await;
    let call = || functions.call(Function::Validate, &event);
    let (one, other) = tokio::join!(call(), call());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(lines.take(), [requests(RequestStatus::Valid)]);
}

//! The settings of the functions, as Terraform makes them in the cloud, at the pace of this fleet.
//!
//! The engine scales the waits of the workflow, so the polls are given as they are deployed. What functions compare with
//! the clock (timeout, expiry, backoff) is given in real seconds.

use std::net::SocketAddr;
use std::time::Duration;

use accounts_lambda::Settings;
use accounts_state_machine::Engine;

use crate::arguments::Serve;
use crate::gateway::JWKS_PATH;
use crate::tokens::{CLIENT, Issuer};

/// The table's name.
pub(crate) const TABLE: &str = "AccountsTable";

/// The deployed wait between two polls.
const DEPLOYED_POLL_SECONDS: f64 = 60.0;

/// The longest first poll that the functions take, in deployed seconds.
const LONGEST_FIRST_POLL_SECONDS: f64 = 3600.0;

/// By what the engine multiplies the waits of the workflow.
pub(crate) fn time_scale(serve: &Serve) -> f64 {
    serve.poll_seconds / DEPLOYED_POLL_SECONDS
}

/// The time between two runs of the reconciler; none if it is off.
pub(crate) fn reconcile_every(serve: &Serve) -> Option<Duration> {
    let seconds = serve.reconcile_seconds.unwrap_or_else(|| (2.5 * serve.poll_seconds).max(0.5));
    Duration::try_from_secs_f64(seconds).ok().filter(|every| !every.is_zero())
}

/// What the functions of the workflow, and `stream-trigger`, are set to.
fn pairs(serve: &Serve) -> Vec<(&'static str, String)> {
    vec![
        ("DYNAMO_TABLE", TABLE.to_owned()),
        ("CONTROL_TOWER_SLOTS", serve.slots.to_string()),
        ("FIRST_POLL_SECONDS", first_poll_seconds(serve).to_string()),
        ("POLL_SECONDS", DEPLOYED_POLL_SECONDS.to_string()),
        ("OPERATION_TIMEOUT_SECONDS", operation_timeout_seconds(serve).to_string()),
        ("ATTEMPT_EXPIRY_SECONDS", serve.attempt_expiry_seconds.to_string()),
        ("BACKOFF_SECONDS", serve.poll_seconds.max(0.05).to_string()),
    ]
}

/// The settings of the functions of the workflow.
pub(crate) fn of_workflow(serve: &Serve) -> Settings {
    Settings::from_pairs(pairs(serve))
}

/// The settings of `stream-trigger`, `api` and `authorizer`.
pub(crate) fn of_front(serve: &Serve, engine: &Engine, issuer: &Issuer, keys_at: SocketAddr) -> Settings {
    let mut pairs = pairs(serve);
    pairs.extend([
        ("SFN_ARN", engine.arn()),
        ("ISSUER", issuer.name().to_owned()),
        ("AUDIENCE", CLIENT.to_owned()),
        ("JWKS_URL", format!("http://{keys_at}{JWKS_PATH}")),
    ]);
    Settings::from_pairs(pairs)
}

/// The wait before the first poll, in whole deployed seconds.
fn first_poll_seconds(serve: &Serve) -> f64 {
    let fifth = serve.landing_zone.provision_seconds / 5.0;
    let seconds = serve.first_poll_seconds.unwrap_or_else(|| fifth.max(serve.poll_seconds));
    (seconds / time_scale(serve)).round().clamp(1.0, LONGEST_FIRST_POLL_SECONDS)
}

/// When an operation is overdue: later than the ten times of `sim-slow`, and soon enough to see it of `sim-never`.
fn operation_timeout_seconds(serve: &Serve) -> f64 {
    (15.0 * serve.landing_zone.provision_seconds + 10.0 * serve.poll_seconds).max(5.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn serve(arguments: &[&str]) -> Serve {
        let arguments = ["accounts-local"].iter().chain(arguments);
        match Arguments::try_parse_from(arguments).unwrap().command() {
            Command::Serve(serve) => serve,
            other => unreachable!("{other:?}"),
        }
    }

    /// What is waited in the end before the first poll.
    fn first_poll(arguments: &[&str]) -> f64 {
        let serve = serve(arguments);
        first_poll_seconds(&serve) * time_scale(&serve)
    }

    #[test]
    fn the_first_poll_comes_after_a_fifth_of_the_time_for_an_account_and_at_least_one_poll() {
        assert_eq!(first_poll(&[]), 4.0);
        assert_eq!(first_poll(&["--poll-seconds", "6"]), 6.0);
        assert_eq!(first_poll(&["--first-poll-seconds", "3"]), 3.0);
        assert_eq!(first_poll(&["--first-poll-seconds", "0.5"]), 0.5);
        assert_eq!(first_poll(&["--poll-seconds", "0.01"]), 0.6);
    }

    #[test]
    fn the_functions_take_every_setting() {
        for arguments in [&[][..], &["--poll-seconds", "0.001"], &["--poll-seconds", "86400"]] {
            let serve = serve(arguments);
            let settings = of_workflow(&serve);
            let polling = settings.polling().unwrap();
            assert_eq!(polling.seconds, 60);
            assert!(polling.timeout_seconds >= 5.0);
            assert_eq!(settings.attempt_expiry_seconds(), Ok(30.0));
            assert!(settings.backoff_seconds().unwrap() >= 0.05);
            assert_eq!(settings.number("CONTROL_TOWER_SLOTS", 0_u32), Ok(5));
        }
    }

    #[test]
    fn the_reconciler_runs_every_few_polls_unless_it_is_off() {
        let every = |arguments: &[&str]| reconcile_every(&serve(arguments)).map(|every| every.as_secs_f64());
        assert_eq!(every(&[]), Some(5.0));
        assert_eq!(every(&["--poll-seconds", "0.05"]), Some(0.5));
        assert_eq!(every(&["--reconcile-seconds", "0.1"]), Some(0.1));
        assert_eq!(every(&["--reconcile-seconds", "0"]), None);
    }
}

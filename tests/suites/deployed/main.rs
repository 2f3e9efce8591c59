//! The suite of the fleet as it is deployed: its own Terraform, its real binaries, on an emulator of AWS.
//!
//! One cloud for all checks. libtest cannot promise that something happens last, or that what is shared is
//! taken away; so this binary has no libtest, and reports in its manner.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod accounts;
mod callers;
mod end;
mod endurance;
mod report;
mod world;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use report::{Check, Report, Selection, check};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::timeout;
use world::World;

/// How long a check may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// In this order; the last two are what is left of the fleet.
fn checks() -> Vec<Check> {
    vec![
        check("anybody_may_ask_for_the_health", callers::anybody_may_ask_for_the_health),
        check(
            "a_create_by_an_administrator_ends_provisioned_with_the_tags_on_the_account",
            accounts::a_create_by_an_administrator_ends_provisioned_with_the_tags_on_the_account,
        ),
        check(
            "a_reader_reads_and_cannot_create_even_right_after_reading",
            callers::a_reader_reads_and_cannot_create_even_right_after_reading,
        ),
        check(
            "a_reader_sees_requests_and_histories_and_cannot_resolve",
            callers::a_reader_sees_requests_and_histories_and_cannot_resolve,
        ),
        check("no_token_is_401", callers::no_token_is_401),
        check("an_expired_token_is_refused", callers::an_expired_token_is_refused),
        check("a_token_of_another_pool_is_refused", callers::a_token_of_another_pool_is_refused),
        check(
            "a_machine_signs_in_and_may_do_what_its_scope_says",
            callers::a_machine_signs_in_and_may_do_what_its_scope_says,
        ),
        check("a_doubled_email_is_409", accounts::a_doubled_email_is_409),
        check(
            "an_email_in_use_ends_failed_with_its_reason_and_a_message_on_the_topic",
            accounts::an_email_in_use_ends_failed_with_its_reason_and_a_message_on_the_topic,
        ),
        check(
            "thirty_requests_at_once_all_end_provisioned_with_at_most_five_in_flight",
            accounts::thirty_requests_at_once_all_end_provisioned_with_at_most_five_in_flight,
        ),
        check(
            "functions_killed_in_the_middle_of_an_invocation_lose_nothing",
            endurance::functions_killed_in_the_middle_of_an_invocation_lose_nothing,
        ),
        check(
            "a_request_whose_execution_was_stopped_goes_on_with_the_next_one",
            endurance::a_request_whose_execution_was_stopped_goes_on_with_the_next_one,
        ),
        check(
            "a_record_that_cannot_be_dispatched_lands_in_the_queue_and_the_reconciler_does_it",
            endurance::a_record_that_cannot_be_dispatched_lands_in_the_queue_and_the_reconciler_does_it,
        ),
        check(
            "an_operation_that_never_ends_is_overdue_and_keeps_its_slot",
            endurance::an_operation_that_never_ends_is_overdue_and_keeps_its_slot,
        ),
        check("the_gauges_are_in_the_log", endurance::the_gauges_are_in_the_log),
        check(
            "the_stream_wakes_the_dispatcher_by_the_deployed_filters_alone",
            endurance::the_stream_wakes_the_dispatcher_by_the_deployed_filters_alone,
        ),
        check("a_second_plan_shows_no_change", end::a_second_plan_shows_no_change),
        check("destroy_leaves_nothing", end::destroy_leaves_nothing),
    ]
}

fn main() -> ExitCode {
    let selection = Selection::of_arguments();
    let (selected, filtered_out) = selection.of(checks());
    if selection.lists() {
        return report::list(&selected);
    }
    let mut report = Report::begin(selected.len(), filtered_out);
    if selected.is_empty() {
        return report.end();
    }
    let tools = match world::tools() {
        Ok(tools) => tools,
        Err(missing) if std::env::var_os("CI").is_none() => {
            return report.skip(&selected, &format!("{missing}"));
        }
        Err(missing) => return report.fail(&selected, &format!("{missing}; and CI is set")),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let world = match World::begin(&tools).await {
            Ok(world) => Arc::new(world),
            Err(error) => return report.fail(&selected, &error.story()),
        };
        for check in &selected {
            let began = Instant::now();
            // A task of its own, so that a panic ends the check alone.
            let running = spawn_local(timeout(PATIENCE, (check.run)(Arc::clone(&world))));
            let outcome = match running.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(format!("it took longer than {} s", PATIENCE.as_secs())),
                Err(ended) => Err(report::said(ended)),
            };
            report.checked(check, began.elapsed(), &outcome);
        }
        if report.has_failures() {
            println!("\nwhat the emulator said:\n{}", world.cloud.ministack().log());
        }
        report.end()
    })
}

use serde_json::json;

use super::{Bench, PROVISION_MS};
use crate::{LandingZone, OpenError, Settings};

#[test]
fn a_record_continues_after_a_restart_and_is_settled_late() {
    let mut bench = Bench::new();
    let record = bench.provision("new");
    bench.pass_ms(PROVISION_MS / 2);
    bench.reopen(Settings::default());
    assert_eq!(bench.status(&record), "IN_PROGRESS");
    assert_eq!(bench.provision("new"), record);
    bench.pass_ms(100 * PROVISION_MS);
    bench.reopen(Settings::default());
    assert_eq!(bench.status(&record), "SUCCEEDED");
    let ended = 1_700_000_000.0 + 20.0;
    assert_eq!(bench.record(&record)["UpdatedTime"], ended);
    assert_eq!(bench.account_named("new").unwrap()["JoinedTimestamp"], ended);
}

#[test]
fn what_is_due_is_settled_in_the_order_in_which_it_came_due() {
    let bench = Bench::new();
    bench.provision("sim-slow");
    bench.pass_ms(1);
    bench.provision("quick");
    bench.pass_ms(1);
    bench.provision("quicker");
    bench.pass_ms(100 * PROVISION_MS);
    let report = bench.zone.report().unwrap();
    let names: Vec<&str> = report.accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(names, ["quick", "quicker", "sim-slow"]);
}

#[test]
fn a_record_is_settled_once_however_often_it_is_read() {
    let bench = Bench::new();
    let record = bench.provisioned("new");
    let id = bench.output(&record, "AccountId");
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.output(&record, "AccountId"), id);
    assert_eq!(bench.zone.report().unwrap().accounts.len(), 1);
}

#[test]
fn counters_and_spoiled_calls_survive_a_restart() {
    let mut bench = Bench::new();
    bench.provision("a");
    bench.provision("b");
    bench.try_provision(bench.request("sim-busy")).unwrap_err();
    bench.try_provision(bench.request("sim-busy")).unwrap_err();
    bench.pass_ms(PROVISION_MS);
    bench.reopen(Settings::default());
    bench.try_provision(bench.request("sim-busy")).unwrap_err();
    bench.provision("sim-busy");
    let report = bench.zone.report().unwrap();
    assert_eq!(report.peak_concurrent_operations, 2);
    assert_eq!(report.refused_operations, 3);
    assert_eq!(report.operations, 3);
}

#[test]
fn another_time_to_provision_holds_for_what_is_accepted_from_then_on() {
    let mut bench = Bench::new();
    let old = bench.provision("old");
    bench.reopen(Settings { provision_seconds: 0.5, ..Settings::default() });
    let new = bench.provision("new");
    bench.pass_ms(500);
    assert_eq!(bench.status(&new), "SUCCEEDED");
    assert_eq!(bench.status(&old), "CREATED");
}

#[test]
fn units_keep_their_ids_when_the_tree_grows_and_none_is_removed() {
    let mut bench = Bench::new();
    let (root, dev, sandbox) =
        (bench.root_id(), bench.unit_id("Engineering/Platform/Dev"), bench.unit_id("Sandbox"));
    let tree = r#"{"Engineering":{"Platform":{"Test":{},"Dev":{}}},"New":{"Dev":{}}}"#;
    bench.reopen(Settings { organization: tree.parse().unwrap(), ..Settings::default() });
    assert_eq!(bench.root_id(), root);
    assert_eq!(bench.unit_id("Engineering/Platform/Dev"), dev);
    assert_eq!(bench.unit_id("Sandbox"), sandbox);
    assert_ne!(bench.unit_id("New/Dev"), dev);
    bench.unit_id("Engineering/Platform/Test");
}

#[test]
fn no_time_at_all_is_a_time_to_provision() {
    let mut bench = Bench::new();
    bench.reopen(Settings { provision_seconds: 0.0, ..Settings::default() });
    let record = bench.provision("new");
    assert_eq!(bench.status(&record), "SUCCEEDED");
}

#[test]
fn a_time_that_is_no_time_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for provision_seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
        let settings = Settings { provision_seconds, ..Settings::default() };
        let opened = LandingZone::open(folder.path(), settings);
        assert!(matches!(opened, Err(OpenError::ProvisionSeconds(_))), "{provision_seconds}");
    }
}

#[test]
fn a_file_of_a_newer_version_or_of_another_kind_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("landing-zone.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let opened = LandingZone::open(folder.path(), Settings::default());
    assert!(matches!(opened, Err(OpenError::Newer { version: 99, .. })));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("landing-zone.db"), "no database at all, but text").unwrap();
    let opened = LandingZone::open(folder.path(), Settings::default());
    assert!(matches!(opened, Err(OpenError::Database(..))));
}

#[test]
fn many_callers_at_once_never_exceed_five_operations() {
    let bench = Bench::new();
    let accepted = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..20)
            .map(|number| {
                let bench = &bench;
                scope.spawn(move || bench.try_provision(bench.request(&format!("a{number}"))).is_ok())
            })
            .collect();
        callers.into_iter().filter_map(|caller| caller.join().unwrap().then_some(())).count()
    });
    assert_eq!(accepted, 5);
    let report = bench.zone.report().unwrap();
    assert_eq!((report.peak_concurrent_operations, report.refused_operations), (5, 15));
}

#[test]
fn the_report_has_the_documented_keys() {
    let bench = Bench::new();
    bench.provisioned("new");
    let report = serde_json::to_value(bench.zone.report().unwrap()).unwrap();
    let id = bench.account_named("new").unwrap()["Id"].clone();
    assert_eq!(
        report,
        json!({
            "accounts": [{
                "Id": id,
                "Name": "new",
                "Email": "new@example.com",
                "OrganizationalUnit": "Sandbox",
                "Tags": [],
            }],
            "operations": 1,
            "peak_concurrent_operations": 1,
            "refused_operations": 0,
        })
    );
}

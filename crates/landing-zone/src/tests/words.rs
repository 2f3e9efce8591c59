use super::{Bench, PROVISION_MS, again, with};
use crate::{texts, words};

fn assert_failed_without_account(bench: &Bench, record_id: &str, name: &str, reason: &str) {
    assert_eq!(bench.status(record_id), "FAILED");
    assert_eq!(bench.reason(record_id), reason);
    assert_eq!(bench.product(record_id)["Status"], "ERROR");
    assert_eq!(bench.output(record_id, "AccountId"), None);
    assert_eq!(bench.account_named(name), None);
}

#[test]
fn every_word_starts_with_sim_and_has_a_sentence_and_stands_once() {
    for entry in words() {
        assert!(entry.word.starts_with("sim-"), "{}", entry.word);
        assert!(entry.effect.ends_with('.') && !entry.effect.contains("  "), "{}", entry.effect);
        assert_eq!(words().iter().filter(|other| other.word == entry.word).count(), 1);
    }
}

#[test]
fn sim_email_in_use_fails_with_that_text() {
    let bench = Bench::new();
    let name = "my SIM-Email-In-Use account";
    let record = bench.provisioned(name);
    let email = "my-SIM-Email-In-Use-account@example.com";
    assert_failed_without_account(&bench, &record, name, &texts::email_in_use(email));
}

#[test]
fn sim_account_limit_fails_with_that_text() {
    let bench = Bench::new();
    let record = bench.provisioned("sim-account-limit");
    assert_failed_without_account(&bench, &record, "sim-account-limit", texts::ACCOUNT_LIMIT);
}

#[test]
fn sim_tainted_fails_after_the_account_was_made_and_keeps_its_email() {
    let bench = Bench::new();
    let record = bench.provisioned("sim-tainted");
    assert_eq!(bench.status(&record), "FAILED");
    assert_eq!(bench.product(&record)["Status"], "TAINTED");
    let account = bench.account_named("sim-tainted").unwrap();
    assert_eq!(account["Email"], "sim-tainted@example.com");
    let reason = bench.reason(&record);
    assert_eq!(reason, texts::activation_not_complete(account["Id"].as_str().unwrap()));
    assert_eq!(bench.output(&record, "AccountId"), None);
    assert_eq!(bench.zone.report().unwrap().accounts.len(), 1);

    let second = bench.try_provision(again(bench.request("sim-tainted"), 2)).unwrap();
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.reason(&second), texts::email_in_use("sim-tainted@example.com"));
    assert_eq!(bench.product(&second)["Status"], "ERROR");
}

#[test]
fn sim_in_error_then_failed_is_in_error_for_a_while() {
    let bench = Bench::new();
    let record = bench.provision("sim-in-error-then-failed");
    bench.pass_ms(PROVISION_MS / 4);
    assert_eq!(bench.status(&record), "IN_PROGRESS");
    bench.pass_ms(PROVISION_MS / 2);
    assert_eq!(bench.status(&record), "IN_PROGRESS_IN_ERROR");
    assert_eq!(bench.product(&record)["Status"], "UNDER_CHANGE");
    bench.pass_ms(PROVISION_MS / 4);
    let name = "sim-in-error-then-failed";
    assert_failed_without_account(&bench, &record, name, texts::REMEDIATION_FAILED);
}

#[test]
fn sim_busy_refuses_three_calls_for_the_name_and_then_succeeds() {
    let bench = Bench::new();
    for call in 0..3 {
        let refused = bench.try_provision(again(bench.request("sim-busy"), call)).unwrap_err();
        assert_eq!(refused.exception, "InvalidParametersException");
        assert_eq!(refused.message, texts::BUSY);
    }
    assert_eq!(bench.zone.report().unwrap().refused_operations, 3);
    let record = bench.provisioned("sim-busy");
    assert_eq!(bench.status(&record), "SUCCEEDED");
    bench.try_provision(with(bench.request("sim-busy too"), "AccountName", "sim-busy too")).unwrap_err();
}

#[test]
fn sim_busy_enrolled_refuses_three_calls_with_the_other_text_and_then_succeeds() {
    let bench = Bench::new();
    for call in 0..3 {
        let refused = bench.try_provision(again(bench.request("sim-busy-enrolled"), call)).unwrap_err();
        assert_eq!(refused.exception, "InvalidParametersException");
        assert_eq!(refused.message, texts::BUSY_ENROLLED);
    }
    assert_eq!(bench.zone.report().unwrap().refused_operations, 3);
    let record = bench.provisioned("sim-busy-enrolled");
    assert_eq!(bench.status(&record), "SUCCEEDED");
}

#[test]
fn a_word_that_is_part_of_a_longer_one_counts_only_where_it_stands_alone() {
    let both = Bench::new();
    let texts: Vec<_> = (0..6)
        .map(|_| both.try_provision(both.request("sim-busy-enrolled sim-busy")).unwrap_err().message)
        .collect();
    assert_eq!(texts[..3], [texts::BUSY; 3]);
    assert_eq!(texts[3..], [texts::BUSY_ENROLLED; 3]);
    both.provision("sim-busy-enrolled sim-busy");
}

#[test]
fn sim_throttled_refuses_three_calls_for_the_name_and_then_succeeds() {
    let bench = Bench::new();
    for _ in 0..3 {
        let refused = bench.try_provision(bench.request("sim-throttled")).unwrap_err();
        assert_eq!((refused.exception, refused.message.as_str()), ("ThrottlingException", "Rate exceeded"));
    }
    let record = bench.provisioned("sim-throttled");
    assert_eq!(bench.status(&record), "SUCCEEDED");
    assert_eq!(bench.zone.report().unwrap().refused_operations, 0);
}

#[test]
fn sim_refused_late_fails_its_first_record_soon_as_busy() {
    let bench = Bench::new();
    let first = bench.provision("sim-refused-late");
    bench.pass_ms(PROVISION_MS / 10);
    assert_failed_without_account(&bench, &first, "sim-refused-late", texts::BUSY);
    let second = bench.try_provision(again(bench.request("sim-refused-late"), 2)).unwrap();
    bench.pass_ms(PROVISION_MS);
    assert_eq!(bench.status(&second), "SUCCEEDED");
}

#[test]
fn sim_refused_late_is_not_used_up_by_a_call_that_finds_no_slot() {
    let bench = Bench::new();
    for number in 0..5 {
        bench.provision(&format!("a{number}"));
    }
    bench.try_provision(bench.request("sim-refused-late")).unwrap_err();
    bench.pass_ms(PROVISION_MS);
    let record = bench.provisioned("sim-refused-late");
    assert_eq!(bench.status(&record), "FAILED");
}

#[test]
fn sim_slow_takes_ten_times_the_time() {
    let bench = Bench::new();
    let record = bench.provision("sim-slow");
    bench.pass_ms(PROVISION_MS * 10 - 1);
    assert_eq!(bench.status(&record), "IN_PROGRESS");
    bench.pass_ms(1);
    assert_eq!(bench.status(&record), "SUCCEEDED");
}

#[test]
fn sim_never_never_ends_and_keeps_its_slot() {
    let bench = Bench::new();
    let record = bench.provision("sim-never");
    bench.pass_ms(1000 * PROVISION_MS);
    assert_eq!(bench.status(&record), "IN_PROGRESS");
    for number in 0..4 {
        bench.provision(&format!("a{number}"));
    }
    assert_eq!(bench.try_provision(bench.request("a4")).unwrap_err().message, texts::BUSY);
}

#[test]
fn several_words_in_one_name_all_apply() {
    let bench = Bench::new();
    let name = "sim-throttled sim-slow sim-tainted";
    for _ in 0..3 {
        bench.try_provision(bench.request(name)).unwrap_err();
    }
    let record = bench.provisioned(name);
    assert_eq!(bench.status(&record), "IN_PROGRESS");
    bench.pass_ms(9 * PROVISION_MS);
    assert_eq!(bench.product(&record)["Status"], "TAINTED");
}

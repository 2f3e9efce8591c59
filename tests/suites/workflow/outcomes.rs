//! Every way in which a landing zone misbehaves, from the post to the end.

use std::collections::BTreeSet;

use accounts_landing_zone::words;
use accounts_tests::{Answer, Client, LocalFleet, Pace, body};
use serde_json::{Value, json};

use crate::integrity;

/// What becomes of a request whose account name holds a word.
enum Outcome {
    /// An account, for all that, after so many operations, the last of which took so many attempts.
    Provisioned { operations: usize, attempts: u64 },
    /// No account, for a reason that says this; the name and the e-mail are free again.
    Failed(&'static str),
    /// Perhaps an account, for a reason that says this; the name and the e-mail stay taken.
    Unclear(&'static str),
    /// It does not end: it is overdue, and keeps its slot.
    Overdue,
}

use Outcome::{Failed, Overdue, Provisioned, Unclear};

/// How a request ends whose account has one of these words in its name.
const OUTCOMES: [(&str, Outcome); 10] = [
    ("sim-email-in-use", Failed("is already in use by another AWS account")),
    (
        "sim-account-limit",
        Failed("you have reached the limit on the number of accounts in your organization"),
    ),
    ("sim-tainted", Unclear("activation of account")),
    (
        "sim-in-error-then-failed",
        Failed("could not provision the account, and its remediation did not succeed"),
    ),
    ("sim-busy", Provisioned { operations: 1, attempts: 4 }),
    ("sim-busy-enrolled", Provisioned { operations: 1, attempts: 4 }),
    ("sim-throttled", Provisioned { operations: 1, attempts: 4 }),
    ("sim-refused-late", Provisioned { operations: 2, attempts: 1 }),
    ("sim-slow", Provisioned { operations: 1, attempts: 1 }),
    ("sim-never", Overdue),
];

fn email(word: &str) -> String {
    format!("{word}@example.com")
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

/// The codes of the fields that a 409 names.
fn taken(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 409, "{}", answer.body);
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (text(error, "field").to_owned(), text(error, "code").to_owned())).collect()
}

fn pair(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

async fn overdue(client: &Client, email: &str) -> Value {
    client.once(email, |account| account["OverdueSince"].is_string()).await
}

#[test]
fn every_word_of_the_landing_zone_has_its_outcome_here() {
    let known: BTreeSet<_> = words().iter().map(|word| word.word).collect();
    assert_eq!(OUTCOMES.map(|(word, _)| word).into_iter().collect::<BTreeSet<_>>(), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_word_ends_as_it_should_and_leaves_nothing_behind() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for (word, _) in &OUTCOMES {
        let name = format!("My {} account", word.to_uppercase());
        let answer = fleet.create(&body(&email(word), &name)).await;
        assert_eq!(answer.status, 201, "{word}: {}", answer.body);
    }
    for (word, outcome) in &OUTCOMES {
        let account = match outcome {
            Overdue => overdue(&fleet, &email(word)).await,
            _ => fleet.ended(&email(word)).await,
        };
        let request = fleet.show(text(&account, "RequestID")).await.body;
        assert_eq!(request["Status"], account["Status"], "{word}: {request}");
        let reason = text(&account, "ErrorMessage");
        match outcome {
            Provisioned { operations, attempts } => {
                assert_eq!(text(&account, "Status"), "Provisioned", "{word}: {request}");
                assert_eq!(text(&account, "AccountId").len(), 12, "{word}: {account}");
                assert_eq!(reason, "", "{word}");
                let all = request["Operations"].as_array().expect("operations");
                assert_eq!(all.len(), *operations, "{word}: {request}");
                let last = all.last().expect("an operation");
                assert_eq!(last["Attempts"], *attempts, "{word}: {request}");
                assert_eq!(last["Outcome"]["Result"], "Succeeded", "{word}: {request}");
            }
            Failed(expected) | Unclear(expected) => {
                assert_eq!(text(&account, "Status"), "Failed", "{word}: {request}");
                assert!(reason.contains(expected), "{word}: {reason}");
            }
            Overdue => {
                assert_eq!(text(&account, "Status"), "InProgress", "{word}: {request}");
                assert_eq!(text(&request, "OverdueSince"), text(&account, "OverdueSince"));
                assert!(request["Slot"].is_u64(), "{word} keeps its slot: {request}");
            }
        }
    }

    let tainted = fleet.get(&email("sim-tainted")).await;
    let report = fleet.landing_zone().await;
    let accounts = report["accounts"].as_array().expect("accounts");
    let half_made = accounts.iter().find(|account| text(account, "Email") == email("sim-tainted"));
    assert_eq!(text(half_made.expect("the account exists"), "Id"), tainted.text("AccountId"));
    let provisioned = OUTCOMES.iter().filter(|(_, outcome)| matches!(outcome, Provisioned { .. })).count();
    assert_eq!(accounts.len(), provisioned + 1, "{report}");

    only_the_overdue_one_holds_a_slot(&fleet).await;
    normal_requests_still_work(&fleet).await;
}

async fn only_the_overdue_one_holds_a_slot(fleet: &LocalFleet) {
    let never = fleet.get(&email("sim-never")).await;
    let holders: Vec<_> = fleet.table().slots().await.into_values().collect();
    assert_eq!(holders, [never.text("RequestID")]);
    assert_eq!(integrity::faults(&fleet.table()).await, [""; 0]);
}

/// One operation of the landing zone never ends, so four slots are left.
async fn normal_requests_still_work(fleet: &LocalFleet) {
    let emails: Vec<_> = (0..8).map(|number| format!("after{number}@example.com")).collect();
    for email in &emails {
        assert_eq!(fleet.create(&body(email, email)).await.status, 201);
    }
    for email in &emails {
        let ended = fleet.ended(email).await;
        assert_eq!(text(&ended, "Status"), "Provisioned", "{ended}");
    }
    only_the_overdue_one_holds_a_slot(fleet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_refused_late_is_parked_for_the_reason_that_was_given_and_frees_its_slot() {
    // Nobody puts it back into the queue.
    let fleet = LocalFleet::start_with(Pace::FAST, |serve| serve.reconcile_seconds = Some(0.0)).await;
    let word = "sim-refused-late";
    assert_eq!(fleet.create(&body(&email(word), word)).await.status, 201);
    // Account and request are two reads: for a moment the one can be older than the other.
    let is_parked = |account: &Value| account["ParkedUntil"].is_string() && account["Status"] == "Requested";
    let parked = fleet.once(&email(word), is_parked).await;
    let request = fleet.show(text(&parked, "RequestID")).await.body;
    assert!(text(&request, "ParkReason").contains("in progress"), "{request}");
    assert_eq!(request["Operations"][0]["Outcome"]["Result"], "Busy", "{request}");
    assert_eq!(fleet.table().slots().await.len(), 0);
    assert_eq!(integrity::faults(&fleet.table()).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_say_that_no_account_came_of_an_operation_that_runs_or_name_another_one() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let accepted = fleet.create(&body(&email("sim-never"), "sim-never")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let id = accepted.text("RequestID");
    let no_account = json!({"Outcome": "NoAccount", "Reason": "It takes too long."});
    fleet.once(&email("sim-never"), |account| account["Status"] == "InProgress").await;
    let early = fleet.resolve(id, &no_account).await;
    assert_eq!((early.status, early.text("code")), (409, "not_overdue"), "{}", early.body);

    overdue(&fleet, &email("sim-never")).await;
    let refused = fleet.resolve(id, &no_account).await;
    assert_eq!((refused.status, refused.text("code")), (409, "operation_running"), "{}", refused.body);
    let exists = json!({"Outcome": "AccountExists", "AccountId": "123456789012", "Reason": "I saw it."});
    let refused = fleet.resolve(id, &exists).await;
    assert_eq!((refused.status, refused.text("code")), (422, "account_mismatch"), "{}", refused.body);
    let request = fleet.show(id).await.body;
    assert_eq!(request["Status"], "InProgress", "nothing was resolved: {request}");
    only_the_overdue_one_holds_a_slot(&fleet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_without_an_account_frees_its_name_and_its_email_and_stays_readable() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let failing: Vec<_> =
        OUTCOMES.iter().filter(|(_, outcome)| matches!(outcome, Failed(_))).map(|(word, _)| *word).collect();
    for word in &failing {
        assert_eq!(fleet.create(&body(&email(word), word)).await.status, 201);
    }
    for word in &failing {
        let failed = fleet.ended(&email(word)).await;
        assert_eq!(text(&failed, "Status"), "Failed", "{failed}");
        // Somebody else may have the name now, and this e-mail another name.
        let other = fleet.create(&body(&format!("other-{word}@example.com"), &word.to_uppercase())).await;
        assert_eq!(other.status, 201, "{word}: {}", other.body);
        let again = fleet.create(&body(&email(word), &format!("good {}", &word[4..]))).await;
        assert_eq!(again.status, 201, "{word}: {}", again.body);
        assert_ne!(again.text("RequestID"), text(&failed, "RequestID"));
    }
    for word in &failing {
        let ended = fleet.ended(&email(word)).await;
        assert_eq!(text(&ended, "Status"), "Provisioned", "{ended}");
        let history = fleet.history(&email(word), "").await.body;
        let requests = history["Requests"].as_array().expect("requests");
        let statuses: Vec<_> = requests.iter().map(|request| text(request, "Status")).collect();
        assert_eq!(statuses, ["Provisioned", "Failed"], "the newest first: {history}");
        assert_eq!(requests[1]["AccountName"], *word, "the old failure stays readable");
        assert_ne!(requests[1]["ErrorMessage"], Value::Null);
    }
    for word in &failing {
        fleet.ended(&format!("other-{word}@example.com")).await;
    }
    assert_eq!(integrity::faults(&fleet.table()).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_with_an_account_cannot_be_posted_again() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    let word = "sim-tainted";
    assert_eq!(fleet.create(&body(&email(word), word)).await.status, 201);
    let before = fleet.ended(&email(word)).await;
    assert_eq!(before["AccountMayExist"], true, "{before}");
    let again = fleet.create(&body(&email(word), "another-name")).await;
    assert_eq!(taken(&again), [pair("AccountEmail", "account_may_exist")]);
    let same_name = fleet.create(&body("other@example.com", &word.to_uppercase())).await;
    assert_eq!(taken(&same_name), [pair("AccountName", "taken")]);
    assert_eq!(fleet.get(&email(word)).await.body, before);
    assert_eq!(integrity::faults(&fleet.table()).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_overdue_cannot_be_posted_again() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    assert_eq!(fleet.create(&body(&email("sim-never"), "sim-never")).await.status, 201);
    overdue(&fleet, &email("sim-never")).await;
    let again = fleet.create(&body(&email("sim-never"), "another-name")).await;
    assert_eq!(taken(&again), [pair("AccountEmail", "taken")]);
    let same_name = fleet.create(&body("other@example.com", "Sim-Never")).await;
    assert_eq!(taken(&same_name), [pair("AccountName", "taken")]);
}

//! Every way in which a landing zone misbehaves, from the post to the end.

use accounts_landing_zone::words;
use accounts_tests::{LocalFleet, Pace, Table, body};
use serde_json::Value;

/// What becomes of a request whose account name holds a word.
enum Outcome {
    /// An account, for all that.
    Provisioned,
    /// No account, for a reason that says this; the name and the e-mail are free again.
    Failed(&'static str),
    /// Perhaps an account, for a reason that says this; the name and the e-mail stay taken.
    Unclear(&'static str),
}

use Outcome::{Failed, Provisioned, Unclear};

/// How a request ends whose account has one of these words in its name.
const OUTCOMES: [(&str, Outcome); 9] = [
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
    ("sim-busy", Provisioned),
    ("sim-throttled", Provisioned),
    ("sim-refused-late", Provisioned),
    ("sim-slow", Provisioned),
    ("sim-never", Unclear("The account may still appear; its record is rec-")),
];

fn email(word: &str) -> String {
    format!("{word}@example.com")
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

/// The codes of the fields that a 409 names.
fn taken(answer: &accounts_tests::Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 409, "{}", answer.body);
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (text(error, "field").to_owned(), text(error, "code").to_owned())).collect()
}

fn pair(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[test]
fn every_word_of_the_landing_zone_has_its_outcome_here() {
    let mut known: Vec<_> = words().iter().map(|word| word.word).collect();
    let mut told = OUTCOMES.map(|(word, _)| word).to_vec();
    known.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, known);
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
        let ended = fleet.ended(&email(word)).await;
        let reason = text(&ended, "ErrorMessage");
        match outcome {
            Provisioned => {
                assert_eq!(text(&ended, "Status"), "Provisioned", "{word}: {ended}");
                assert_eq!(text(&ended, "AccountId").len(), 12, "{word}: {ended}");
                assert_eq!(reason, "", "{word}");
            }
            Failed(expected) | Unclear(expected) => {
                assert_eq!(text(&ended, "Status"), "Failed", "{word}: {ended}");
                assert!(reason.contains(expected), "{word}: {reason}");
            }
        }
    }

    let tainted = fleet.get(&email("sim-tainted")).await;
    let report = fleet.landing_zone().await;
    let accounts = report["accounts"].as_array().expect("accounts");
    let half_made = accounts.iter().find(|account| text(account, "Email") == email("sim-tainted"));
    assert_eq!(text(half_made.expect("the account exists"), "Id"), tainted.text("AccountId"));
    let provisioned = OUTCOMES.iter().filter(|(_, outcome)| matches!(outcome, Provisioned)).count();
    assert_eq!(accounts.len(), provisioned + 1, "{report}");

    let table = Table::at(&fleet.fleet().endpoints().dynamodb);
    assert_eq!(table.holders().await, [""; 0], "a slot was leaked");
    normal_requests_still_work(&fleet).await;
}

/// One operation of the landing zone never ends, so four are left; the fifth request waits for one of them.
async fn normal_requests_still_work(fleet: &LocalFleet) {
    let emails: Vec<_> = (0..8).map(|number| format!("after{number}@example.com")).collect();
    for email in &emails {
        assert_eq!(fleet.create(&body(email, email)).await.status, 201);
    }
    for email in &emails {
        let ended = fleet.ended(email).await;
        assert_eq!(text(&ended, "Status"), "Provisioned", "{ended}");
    }
    let table = Table::at(&fleet.fleet().endpoints().dynamodb);
    assert_eq!(table.holders().await, [""; 0], "a slot was leaked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_without_an_account_frees_its_name_and_its_email() {
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
        assert_eq!(ended["Attempt"], 2);
        let past = &ended["PreviousFailures"][0];
        assert_eq!(text(past, "AccountName"), *word, "the old failure stays readable");
        assert_ne!(text(past, "ErrorMessage"), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_with_an_account_cannot_be_posted_again() {
    let fleet = LocalFleet::start(Pace::FAST).await;
    for word in ["sim-tainted", "sim-never"] {
        assert_eq!(fleet.create(&body(&email(word), word)).await.status, 201);
    }
    for word in ["sim-tainted", "sim-never"] {
        let before = fleet.ended(&email(word)).await;
        let again = fleet.create(&body(&email(word), "another-name")).await;
        assert_eq!(taken(&again), [pair("AccountEmail", "account_may_exist")], "{word}");
        let same_name = fleet.create(&body("other@example.com", &word.to_uppercase())).await;
        assert_eq!(taken(&same_name), [pair("AccountName", "taken")], "{word}");
        assert_eq!(fleet.get(&email(word)).await.body, before);
    }
}

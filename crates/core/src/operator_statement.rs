//! The body of a request to resolve an overdue operation, with every fault found at once.

use crate::AccountId;
use crate::fault::Fault;
use crate::members::Members;
use crate::transition::Statement;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// What an operator states about an overdue operation, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorStatement {
    /// The outcome.
    pub statement: Statement,
    /// Why the operator is certain.
    pub reason: String,
}

impl OperatorStatement {
    /// Reads the body of `POST /requests/{requestId}/resolve`.
    ///
    /// # Errors
    /// Every fault of the body at once; one with an empty `field` where it is no JSON object at all.
    pub fn parse(body: &[u8]) -> Result<Self, Vec<Fault>> {
        let mut body = Members::of_body(body, &["Outcome", "AccountId", "Reason"])?;
        let outcome = body.text("Outcome", |text| match text {
            "AccountExists" => Ok(true),
            "NoAccount" => Ok(false),
            _ => Err(("invalid_value", "The outcome is AccountExists or NoAccount.".to_owned())),
        });
        let reason = body.text("Reason", |text| {
            let code = match text.trim().chars().count() {
                0 => "too_short",
                1..=LONGEST_REASON if text.trim().chars().any(char::is_control) => "invalid_characters",
                1..=LONGEST_REASON => return Ok(text.trim().to_owned()),
                _ => "too_long",
            };
            let message =
                format!("The reason has 1 to {LONGEST_REASON} characters, and no control characters.");
            Err((code, message))
        });
        let account_id = match outcome {
            Some(true) => body.text("AccountId", AccountId::parse),
            Some(false) => {
                if body.take("AccountId").is_some() {
                    let message = "Only the outcome AccountExists names an account.".to_owned();
                    body.fault("AccountId", ("unknown_field", message));
                }
                None
            }
            None => None,
        };
        let Some(reason) = reason.filter(|_| body.faults.is_empty()) else {
            return Err(body.faults);
        };
        let statement = match account_id {
            Some(account_id) => Statement::AccountExists(account_id),
            None => Statement::NoAccount(format!("An operator has found that no account was made: {reason}")),
        };
        Ok(Self { statement, reason })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(body: &str) -> Result<OperatorStatement, Vec<String>> {
        OperatorStatement::parse(body.as_bytes()).map_err(|faults| {
            faults.into_iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect()
        })
    }

    #[test]
    fn both_outcomes_are_read() {
        let body = json!({"Outcome": "AccountExists", "AccountId": "123456789012", "Reason": " seen "});
        let id = AccountId::parse("123456789012").unwrap();
        let expected = OperatorStatement { statement: Statement::AccountExists(id), reason: "seen".into() };
        assert_eq!(read(&body.to_string()), Ok(expected));
        let statement = Statement::NoAccount("An operator has found that no account was made: none".into());
        let expected = OperatorStatement { statement, reason: "none".into() };
        assert_eq!(read(&json!({"Outcome": "NoAccount", "Reason": "none"}).to_string()), Ok(expected));
    }

    #[test]
    fn all_faults_are_reported_at_once_each_with_its_field() {
        let long = "x".repeat(501);
        for (body, faults) in [
            (json!({}), vec!["Outcome required", "Reason required"]),
            (json!({"Outcome": "Maybe", "Reason": ""}), vec!["Outcome invalid_value", "Reason too_short"]),
            (
                json!({"Outcome": "AccountExists", "Reason": 7}),
                vec!["Reason wrong_type", "AccountId required"],
            ),
            (
                json!({"Outcome": "AccountExists", "Reason": "x", "AccountId": "1"}),
                vec!["AccountId invalid_format"],
            ),
            (
                json!({"Outcome": "NoAccount", "Reason": "x", "AccountId": "123456789012"}),
                vec!["AccountId unknown_field"],
            ),
            (
                json!({"Outcome": "NoAccount", "Reason": long, "More": 1}),
                vec!["More unknown_field", "Reason too_long"],
            ),
            (json!([]), vec![" wrong_type"]),
        ] {
            assert_eq!(
                read(&body.to_string()),
                Err(faults.into_iter().map(str::to_owned).collect()),
                "{body}"
            );
        }
        assert_eq!(read("{"), Err(vec![" malformed_json".to_owned()]));
    }

    #[test]
    fn a_field_that_stands_twice_states_nothing() {
        let twice = r#"{"Outcome": "NoAccount", "Reason": "x", "Outcome": "AccountExists"}"#;
        assert_eq!(read(twice), Err(vec!["Outcome duplicate_field".to_owned()]));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}", reason in "\\PC{0,20}") {
            let body: Value = json!({"Outcome": text, "Reason": reason, "AccountId": text});
            prop_assert!(read(&body.to_string()).is_err());
            prop_assert!(read(&text).is_err());
        }
    }
}

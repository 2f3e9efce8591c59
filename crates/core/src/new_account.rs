//! The body of a request for an account, with every fault found at once.

use crate::fault::Fault;
use crate::json::Json;
use crate::members::Members;
use crate::tag::{self, MOST_TAGS, Tag};
use crate::{AccountDetails, AccountName, Email, OrgUnit, PersonName};

/// The body of `POST /createAccount`, which keeps every rule that can be checked without asking a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The root user's address, in lower case.
    pub account_email: Email,
    /// Everything else that was asked for.
    pub details: AccountDetails,
}

const FIELDS: [&str; 7] =
    ["AccountEmail", "AccountName", "OrgUnit", "SSOUserEmail", "SSOUserFirstName", "SSOUserLastName", "Tags"];

impl NewAccount {
    /// Reads the body of `POST /createAccount`.
    ///
    /// # Errors
    /// Every fault of the body at once; one with an empty `field` where it is no JSON object at all.
    pub fn parse(body: &[u8]) -> Result<Self, Vec<Fault>> {
        let mut body = Members::of_body(body, &FIELDS)?;
        let account_email = body.text("AccountEmail", Email::parse);
        let account_name = body.text("AccountName", AccountName::parse);
        let org_unit = body.text("OrgUnit", OrgUnit::parse);
        let sso_user_email = body.text("SSOUserEmail", Email::parse);
        let sso_user_first_name = body.text("SSOUserFirstName", PersonName::parse);
        let sso_user_last_name = body.text("SSOUserLastName", PersonName::parse);
        let tags = tags(&mut body);
        match (
            account_email,
            account_name,
            org_unit,
            sso_user_email,
            sso_user_first_name,
            sso_user_last_name,
            body.faults,
        ) {
            (
                Some(account_email),
                Some(account_name),
                Some(org_unit),
                Some(sso_user_email),
                Some(sso_user_first_name),
                Some(sso_user_last_name),
                faults,
            ) if faults.is_empty() => {
                let details = AccountDetails {
                    account_name,
                    org_unit,
                    sso_user_email,
                    sso_user_first_name,
                    sso_user_last_name,
                    tags,
                };
                Ok(Self { account_email, details })
            }
            (.., faults) => Err(faults),
        }
    }
}

fn tags(body: &mut Members) -> Vec<Tag> {
    let list = match body.take("Tags") {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::List(list)) => list,
        Some(other) => {
            let message = format!("The field is {}; it has to be a list.", other.kind());
            body.fault("Tags", ("wrong_type", message));
            return Vec::new();
        }
    };
    if list.len() > MOST_TAGS {
        body.fault("Tags", ("too_many", format!("An account has at most {MOST_TAGS} tags.")));
        // Without a fault for each of them: a small body must not draw a large answer.
        return Vec::new();
    }
    let mut tags: Vec<Tag> = Vec::new();
    for (index, element) in list.into_iter().enumerate() {
        let name = format!("Tags[{index}]");
        let Json::Object(members) = element else {
            let message = format!("A tag is {}; it has to be an object.", element.kind());
            body.fault(&name, ("wrong_type", message));
            continue;
        };
        let mut members = Members::new(&format!("{name}."), members, &["Key", "Value"]);
        let key = members.text("Key", |text| tag::check_key(text).map(|()| text.to_owned()));
        let value = members.text("Value", |text| tag::check_value(text).map(|()| text.to_owned()));
        body.faults.append(&mut members.faults);
        if let (Some(key), Some(value)) = (key, value) {
            if tags.iter().any(|tag| tag.key == key) {
                body.fault(&format!("{name}.Key"), ("duplicate", "Another tag has this key.".to_owned()));
            }
            tags.push(Tag { key, value });
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn body() -> Value {
        json!({
            "AccountEmail": "User@Example.com",
            "AccountName": "my-new-account",
            "OrgUnit": "Engineering/Platform/Dev",
            "SSOUserEmail": "owner@example.com",
            "SSOUserFirstName": "jean",
            "SSOUserLastName": "DUPONT",
            "Tags": [{"Key": "env", "Value": "dev"}]
        })
    }

    fn faults(body: &Value) -> Vec<(String, &'static str)> {
        let faults = NewAccount::parse(body.to_string().as_bytes()).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = body();
        body[field] = value;
        body
    }

    #[test]
    fn a_good_body_is_read_and_normalised() {
        let account = NewAccount::parse(body().to_string().as_bytes()).unwrap();
        assert_eq!(account.account_email.as_str(), "user@example.com");
        assert_eq!(account.details.sso_user_first_name.as_str(), "Jean");
        assert_eq!(account.details.sso_user_last_name.as_str(), "Dupont");
        assert_eq!(account.details.tags, [Tag { key: "env".into(), value: "dev".into() }]);
    }

    #[test]
    fn tags_may_be_left_out_or_null() {
        let mut without = body();
        without.as_object_mut().unwrap().remove("Tags");
        for body in [without, with("Tags", Value::Null), with("Tags", json!([]))] {
            assert!(NewAccount::parse(body.to_string().as_bytes()).unwrap().details.tags.is_empty());
        }
    }

    #[test]
    fn every_required_field_that_is_missing_is_named() {
        let fields: Vec<_> = faults(&json!({})).into_iter().collect();
        assert_eq!(fields, FIELDS[..6].iter().map(|f| ((*f).to_owned(), "required")).collect::<Vec<_>>());
    }

    #[test]
    fn all_faults_are_reported_at_once_each_with_its_field() {
        let mut body = with("AccountEmail", json!("nonsense"));
        body["AccountName"] = json!(7);
        body["Extra"] = json!(true);
        body["Tags"] = json!([{"Key": "aws:x", "Value": "ok"}, {"Key": "a", "Value": "b", "More": 1}, 3]);
        assert_eq!(
            faults(&body),
            [
                ("Extra".to_owned(), "unknown_field"),
                ("AccountEmail".to_owned(), "invalid_format"),
                ("AccountName".to_owned(), "wrong_type"),
                ("Tags[0].Key".to_owned(), "reserved"),
                ("Tags[1].More".to_owned(), "unknown_field"),
                ("Tags[2]".to_owned(), "wrong_type"),
            ]
        );
    }

    #[test]
    fn a_field_in_the_wrong_case_is_unknown_and_the_right_name_is_offered() {
        let mut body = body();
        body["tags"] = json!([]);
        let fault = NewAccount::parse(body.to_string().as_bytes()).unwrap_err().remove(0);
        assert_eq!((fault.field.as_str(), fault.message.as_str()), ("tags", "Did you mean Tags?"));
    }

    #[test]
    fn a_field_that_stands_twice_is_a_fault() {
        let text = body().to_string().replacen('{', "{\"AccountEmail\":\"other@example.com\",", 1);
        let faults = NewAccount::parse(text.as_bytes()).unwrap_err();
        assert_eq!((faults[0].field.as_str(), faults[0].code), ("AccountEmail", "duplicate_field"));
    }

    #[test]
    fn tags_keep_their_limits() {
        let tag = |n: usize| json!({"Key": format!("k{n}"), "Value": ""});
        assert!(NewAccount::parse(with("Tags", (0..50).map(tag).collect()).to_string().as_bytes()).is_ok());
        assert_eq!(faults(&with("Tags", (0..51).map(tag).collect())), [("Tags".to_owned(), "too_many")]);
        for (key, value, field, code) in [
            ("", "v", "Tags[0].Key", "too_short"),
            (&*"k".repeat(129), "v", "Tags[0].Key", "too_long"),
            ("k", &*"v".repeat(257), "Tags[0].Value", "too_long"),
            ("k!", "v", "Tags[0].Key", "invalid_characters"),
            ("k", "v\n", "Tags[0].Value", "invalid_characters"),
            ("AWS:k", "v", "Tags[0].Key", "reserved"),
        ] {
            let body = with("Tags", json!([{"Key": key, "Value": value}]));
            assert_eq!(faults(&body), [(field.to_owned(), code)], "{key} {value}");
        }
        let twice = with("Tags", json!([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]));
        assert_eq!(faults(&twice), [("Tags[1].Key".to_owned(), "duplicate")]);
    }

    #[test]
    fn what_is_no_json_object_has_one_fault_without_a_field() {
        for (text, code) in
            [("", "malformed_json"), ("{", "malformed_json"), ("[]", "wrong_type"), ("\"x\"", "wrong_type")]
        {
            let faults = NewAccount::parse(text.as_bytes()).unwrap_err();
            assert_eq!(faults.len(), 1);
            assert_eq!((faults[0].field.as_str(), faults[0].code), ("", code), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(NewAccount::parse(&bytes).is_err());
        }

        #[test]
        fn deep_nesting_is_refused_not_followed(depth in 1usize..5_000) {
            let text = format!("{{\"Tags\":{}", "[".repeat(depth));
            prop_assert!(NewAccount::parse(text.as_bytes()).is_err());
        }
    }
}

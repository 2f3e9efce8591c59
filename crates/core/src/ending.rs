//! The end of a request, as those who are told of it read it.

use serde::Serialize;

use crate::{
    AccountId, AccountName, AccountRequest, Email, Error, Kind, OrgUnit, PastFailure, RequestId, Status,
    Timestamp,
};

/// How a request ended: what a notification says of it, to programs ([`Self::message`]) and to people
/// ([`Self::subject`], [`Self::sentences`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ending {
    /// `Provisioned` or `Failed`.
    pub event: Status,
    account_email: Email,
    account_name: AccountName,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_unit: Option<OrgUnit>,
    #[serde(rename = "RequestID")]
    request_id: RequestId,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    account_may_exist: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<String>,
    created_at: Timestamp,
    ended_at: Timestamp,
}

impl Ending {
    /// The end of this request; none as long as it is open.
    pub fn of(request: &AccountRequest) -> Option<Self> {
        request.status.is_final().then(|| Self {
            event: request.status,
            account_email: request.account_email.clone(),
            account_name: request.account_name.clone(),
            org_unit: Some(request.org_unit.clone()),
            request_id: request.request_id,
            attempt: request.attempt,
            account_id: request.account_id.clone(),
            error_message: request.error_message.clone(),
            account_may_exist: request.account_may_exist,
            record_id: request.record_id.clone(),
            created_at: request.created_at,
            ended_at: request.last_update_date,
        })
    }

    /// The end of an earlier request for the same e-mail.
    pub fn of_past(account_email: &Email, past: &PastFailure) -> Self {
        Self {
            event: Status::Failed,
            account_email: account_email.clone(),
            account_name: past.account_name.clone(),
            org_unit: past.org_unit.clone(),
            request_id: past.request_id,
            attempt: past.attempt,
            account_id: None,
            error_message: Some(past.error_message.clone()),
            account_may_exist: false,
            record_id: past.record_id.clone(),
            created_at: past.created_at,
            ended_at: past.failed_at,
        }
    }

    /// For programs, in JSON.
    ///
    /// # Errors
    /// [`Kind::Internal`] if it cannot be written as JSON.
    pub fn message(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| {
            Error::new(Kind::Internal, "The notification cannot be written.").caused_by(error)
        })
    }

    /// One line of at most 100 characters of ASCII, as an account name is at most 50 (SNS API reference,
    /// `Publish`, `Subject`).
    pub fn subject(&self) -> String {
        match self.event {
            Status::Provisioned => format!("Account provisioned: {}", self.account_name),
            _ => format!("Account request failed: {}", self.account_name),
        }
    }

    /// For people, in a few sentences.
    pub fn sentences(&self) -> String {
        let account = format!("{} ({})", self.account_name, self.account_email);
        let unit = self.org_unit.as_ref().map(|unit| format!(" in {unit}")).unwrap_or_default();
        let reason = self.error_message.as_deref().unwrap_or("No reason was kept.");
        let mut paragraphs = Vec::new();
        if self.event == Status::Provisioned {
            let id = self.account_id.as_ref().map(|id| format!(" Its id is {id}.")).unwrap_or_default();
            paragraphs.push(format!("The account {account} was provisioned{unit}.{id}"));
            paragraphs.extend(self.error_message.clone());
        } else {
            paragraphs.push(format!("The request for the account {account}{unit} failed:\n{reason}"));
            paragraphs.push(if self.account_may_exist {
                "An account may exist for it all the same, so it cannot be asked for again before an operator \
                 has looked."
                    .to_owned()
            } else {
                "No account was made; it can be asked for again.".to_owned()
            });
        }
        let record = self.record_id.as_ref().map(|id| format!(", record {id}")).unwrap_or_default();
        paragraphs.push(format!(
            "Request {}, attempt {}{record}.\nAccepted {}, ended {}.",
            self.request_id, self.attempt, self.created_at, self.ended_at
        ));
        paragraphs.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::NewAccount;

    fn request(name: &str) -> AccountRequest {
        let body = json!({
            "AccountEmail": "user@example.com", "AccountName": name, "OrgUnit": "Engineering/Dev",
            "SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont"
        });
        let id = RequestId::parse("0b8f2c3e-0000-4000-8000-000000000001").unwrap();
        let account = NewAccount::parse(body.to_string().as_bytes()).unwrap();
        let mut request = AccountRequest::new(account, id, Timestamp::from_ms(1_000));
        request.last_update_date = Timestamp::from_ms(61_000);
        request
    }

    fn provisioned() -> AccountRequest {
        let account_id = AccountId::parse("123456789012").ok();
        AccountRequest { status: Status::Provisioned, account_id, ..request("my-account") }
    }

    fn failed() -> AccountRequest {
        let error_message = Some("There is no room.".to_owned());
        AccountRequest { status: Status::Failed, error_message, ..request("my-account") }
    }

    fn message(ending: &Ending) -> Value {
        serde_json::from_str(&ending.message().unwrap()).unwrap()
    }

    #[test]
    fn an_open_request_has_no_end() {
        for status in Status::ALL {
            let ending = Ending::of(&AccountRequest { status, ..request("a") });
            assert_eq!(ending.map(|ending| ending.event), status.is_final().then_some(status));
        }
    }

    #[test]
    fn the_message_of_an_account_names_it_and_nothing_that_is_not_so() {
        let ending = Ending::of(&provisioned()).unwrap();
        assert_eq!(
            message(&ending),
            json!({
                "Event": "Provisioned", "AccountEmail": "user@example.com", "AccountName": "my-account",
                "OrgUnit": "Engineering/Dev", "RequestID": "0b8f2c3e-0000-4000-8000-000000000001", "Attempt": 1,
                "AccountId": "123456789012", "CreatedAt": "1970-01-01T00:00:01.000Z",
                "EndedAt": "1970-01-01T00:01:01.000Z"
            })
        );
        assert!(ending.sentences().contains("123456789012"), "{}", ending.sentences());
    }

    #[test]
    fn the_message_of_a_failure_says_why_and_whether_an_account_may_exist() {
        let mut request = failed();
        let nothing_made = Ending::of(&request).unwrap();
        assert_eq!(message(&nothing_made)["ErrorMessage"], "There is no room.");
        assert_eq!(message(&nothing_made).get("AccountMayExist"), None);
        assert!(nothing_made.sentences().contains("There is no room."));
        assert!(nothing_made.sentences().contains("can be asked for again"));

        (request.account_may_exist, request.record_id) = (true, Some("rec-1".to_owned()));
        let perhaps = Ending::of(&request).unwrap();
        assert_eq!(message(&perhaps)["AccountMayExist"], true);
        assert_eq!(message(&perhaps)["RecordId"], "rec-1");
        assert!(
            perhaps.sentences().contains("cannot be asked for again")
                && perhaps.sentences().contains("rec-1")
        );
    }

    #[test]
    fn a_failure_that_was_followed_by_another_request_ends_as_it_did() {
        let failed = failed();
        let told = message(&Ending::of(&failed).unwrap());
        let followed = request("my-account").after(failed);
        let past = &followed.previous_failures[0];
        assert_eq!(message(&Ending::of_past(&followed.account_email, past)), told);
    }

    #[test]
    fn what_could_not_be_done_for_an_account_is_told_with_it() {
        let note = "The account exists, but its tags could not be set.";
        let ending =
            Ending::of(&AccountRequest { error_message: Some(note.to_owned()), ..provisioned() }).unwrap();
        assert!(ending.sentences().contains("was provisioned") && ending.sentences().contains(note));
        assert_eq!(message(&ending)["ErrorMessage"], note);
    }

    #[test]
    fn the_subject_is_a_line_of_at_most_a_hundred_characters_of_ascii() {
        let longest = "~".repeat(50);
        for status in [Status::Provisioned, Status::Failed] {
            let subject = Ending::of(&AccountRequest { status, ..request(&longest) }).unwrap().subject();
            assert!(
                subject.len() <= 100 && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
                "{subject}"
            );
            assert!(subject.starts_with("Account ") && subject.ends_with(&longest));
        }
    }
}

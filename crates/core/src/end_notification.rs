//! The notification that a request has ended: to programs in JSON, to people by e-mail.

use serde::Serialize;

use crate::text::on_one_line;
use crate::{
    AccountId, AccountName, Caller, Email, Error, Kind, OrgUnit, Request, RequestId, RequestKind,
    RequestStatus, Timestamp,
};

/// The most characters of a notification's subject (SNS API reference, `Publish`, `Subject`).
const SUBJECT_MAX_CHARACTERS: usize = 100;

const PROVISIONED_SUBJECT: &str = "Account provisioned: ";
const FAILED_SUBJECT: &str = "Account request failed: ";

// A longer account name does not compile before the subjects are shorter.
const _: () = assert!(PROVISIONED_SUBJECT.len() + AccountName::MAX_CHARACTERS <= SUBJECT_MAX_CHARACTERS);
const _: () = assert!(FAILED_SUBJECT.len() + AccountName::MAX_CHARACTERS <= SUBJECT_MAX_CHARACTERS);

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndNotification {
    /// The final status.
    pub event: RequestStatus,
    kind: RequestKind,
    account_email: Email,
    account_name: AccountName,
    org_unit: OrgUnit,
    #[serde(rename = "RequestID")]
    request_id: RequestId,
    requested_by: Caller,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    account_may_exist: bool,
    created_at: Timestamp,
    ended_at: Timestamp,
}

impl EndNotification {
    /// The notification of this request's end; none while it is open.
    pub fn of(request: &Request) -> Option<Self> {
        let details = request.details();
        request.status.is_final().then(|| Self {
            event: request.status,
            kind: request.content.kind(),
            account_email: request.account_email.clone(),
            account_name: details.account_name.clone(),
            org_unit: details.org_unit.clone(),
            request_id: request.request_id,
            requested_by: request.requested_by.clone(),
            account_id: request.account_id.clone(),
            error_message: request.error_message.clone(),
            account_may_exist: request.account_may_exist,
            created_at: request.created_at,
            ended_at: request.last_update_date,
        })
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

    /// One line of ASCII, within SNS's limit.
    pub fn subject(&self) -> String {
        let start = match self.event {
            RequestStatus::Provisioned | RequestStatus::Done => PROVISIONED_SUBJECT,
            _ => FAILED_SUBJECT,
        };
        format!("{start}{}", self.account_name)
    }

    /// For people, in a few sentences.
    pub fn email_body(&self) -> String {
        let unit = on_one_line(&self.org_unit.to_string());
        let account = format!("{} ({}) in {unit}", self.account_name, self.account_email);
        let message = self.error_message.as_deref().map(on_one_line);
        let mut paragraphs = Vec::new();
        if matches!(self.event, RequestStatus::Provisioned | RequestStatus::Done) {
            let id = self.account_id.as_ref().map(|id| format!(" Its id is {id}.")).unwrap_or_default();
            paragraphs.push(format!("The account {account} was provisioned.{id}"));
            paragraphs.extend(message);
        } else {
            let reason = message.as_deref().unwrap_or("No reason was kept.");
            paragraphs.push(format!("The request for the account {account} failed:\n{reason}"));
            paragraphs.push(if self.account_may_exist {
                "An account may exist all the same. It cannot be requested again before an operator has looked."
                    .to_owned()
            } else {
                "No account was made. It can be requested again.".to_owned()
            });
        }
        paragraphs.push(format!(
            "Request {}, requested by {}.\nAccepted {}, ended {}.",
            self.request_id,
            self.requested_by.display_name(),
            self.created_at,
            self.ended_at
        ));
        paragraphs.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::tests::request;

    fn provisioned() -> Request {
        let account_id = AccountId::parse("123456789012").ok();
        Request { status: RequestStatus::Provisioned, account_id, ..request("user@example.com", "mine") }
    }

    fn failed() -> Request {
        let error_message = Some("There is no room.".to_owned());
        Request { status: RequestStatus::Failed, error_message, ..request("user@example.com", "mine") }
    }

    fn message(notification: &EndNotification) -> Value {
        serde_json::from_str(&notification.message().unwrap()).unwrap()
    }

    #[test]
    fn an_open_request_has_no_end() {
        for status in RequestStatus::ALL {
            let notification = EndNotification::of(&Request { status, ..request("user@example.com", "a") });
            assert_eq!(notification.map(|it| it.event), status.is_final().then_some(status));
        }
    }

    #[test]
    fn the_message_names_the_account_and_who_requested_it() {
        let request = provisioned();
        let notification = EndNotification::of(&request).unwrap();
        assert_eq!(
            message(&notification),
            json!({
                "Event": "Provisioned", "Kind": "Create", "AccountEmail": "user@example.com",
                "AccountName": "mine", "OrgUnit": "Engineering/Dev", "RequestID": request.request_id.to_string(),
                "RequestedBy": {"Subject": "s-1", "ClientId": "c-1", "Name": "Ada"},
                "AccountId": "123456789012", "CreatedAt": request.created_at.to_string(),
                "EndedAt": request.last_update_date.to_string()
            })
        );
        let body = notification.email_body();
        assert!(body.contains("123456789012") && body.contains("requested by Ada"), "{body}");
    }

    #[test]
    fn a_failure_says_why_and_whether_an_account_may_exist() {
        let mut request = failed();
        let nothing_made = EndNotification::of(&request).unwrap();
        assert_eq!(message(&nothing_made)["ErrorMessage"], "There is no room.");
        assert_eq!(message(&nothing_made).get("AccountMayExist"), None);
        assert!(nothing_made.email_body().contains("can be requested again"));

        request.account_may_exist = true;
        let perhaps = EndNotification::of(&request).unwrap();
        assert_eq!(message(&perhaps)["AccountMayExist"], true);
        assert!(perhaps.email_body().contains("cannot be requested again"));
    }

    #[test]
    fn the_subject_is_within_the_limit_for_the_longest_name() {
        let longest = "~".repeat(AccountName::MAX_CHARACTERS);
        for status in RequestStatus::ALL.into_iter().filter(|status| status.is_final()) {
            let request = Request { status, ..request("user@example.com", &longest) };
            let subject = EndNotification::of(&request).unwrap().subject();
            assert!(subject.len() <= SUBJECT_MAX_CHARACTERS && subject.ends_with(&longest), "{subject}");
            assert!(subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}

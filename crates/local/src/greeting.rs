//! What a person at the terminal sees.

use std::io::Write;

use accounts_lambda::now;
use serde_json::Value;

use crate::error::{LocalError, While};
use crate::fleet::Fleet;
use crate::tokens::Group;

/// A request to try.
pub(crate) const BODY: &str = r#"{
    "AccountEmail": "user@example.com",
    "AccountName": "my-new-account",
    "OrgUnit": "Engineering/Platform/Dev",
    "SSOUserEmail": "owner@example.com",
    "SSOUserFirstName": "Jean",
    "SSOUserLastName": "Dupont",
    "Tags": [{"Key": "env", "Value": "dev"}]
  }"#;

/// Says where everything is, with requests to try.
pub(crate) fn print(fleet: &Fleet) -> Result<(), LocalError> {
    let api = fleet.address();
    let token = fleet.token(Group::Administrators)?;
    let endpoints = fleet.endpoints();
    let text = format!(
        "The account factory is ready at {api}\n\n\
         Ask for an account:\n\n\
         curl -i {api}/createAccount \\\n  -H 'Authorization: Bearer {token}' \\\n  -d '{BODY}'\n\n\
         See what became of it:\n\n\
         curl -s '{api}/getAccount?accountEmail=user@example.com' \\\n  -H 'Authorization: Bearer {token}'\n\n\
         Other tokens:      {api}/local/token?group=Readers (or Administrators)\n\
         The landing zone:  {api}/local/landing-zone\n\
         Look inside with the AWS CLI (any credentials, region us-east-1):\n  \
         aws dynamodb scan --table-name {table} --endpoint-url {dynamodb}\n  \
         aws organizations list-accounts --endpoint-url {landing_zone}\n  \
         aws stepfunctions list-executions --state-machine-arn {arn} --endpoint-url {step_functions}\n\n",
        table = crate::fleet::TABLE,
        dynamodb = endpoints.dynamodb,
        landing_zone = endpoints.landing_zone,
        step_functions = endpoints.step_functions,
        arn = fleet.state_machine_arn(),
    );
    std::io::stdout().write_all(text.as_bytes()).or_local("the terminal cannot be written")
}

/// Prints a line about a move.
pub(crate) fn tell(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{} {line}", now()) {
        tracing::warn!(%error, "the terminal cannot be written");
    }
}

/// How a request moved, in one line, if this record of the table's stream says that it did.
pub(crate) fn move_line(record: &Value) -> Option<String> {
    let image = |name: &str| record["dynamodb"][name].clone();
    let (new, old) = (image("NewImage"), image("OldImage"));
    let text = |image: &Value, name: &str| image[name]["S"].as_str().map(str::to_owned);
    let status = text(&new, "Status")?;
    let same_request = text(&new, "RequestID") == text(&old, "RequestID");
    let before = text(&old, "Status").filter(|_| same_request);
    if before.as_deref() == Some(status.as_str()) {
        return None;
    }
    let before = before.map(|status| format!("{status} -> ")).unwrap_or_default();
    let more = [("AccountId", "account "), ("ErrorMessage", "")]
        .iter()
        .filter_map(|(name, label)| Some(format!("  {label}{}", text(&new, name)?)))
        .collect::<String>();
    Some(format!(
        "{}  {}  {before}{status}{more}",
        text(&new, "AccountEmail")?,
        text(&new, "AccountName").unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(status: &str, id: &str) -> Value {
        json!({
            "AccountEmail": {"S": "user@example.com"}, "AccountName": {"S": "mine"},
            "Status": {"S": status}, "RequestID": {"S": id}
        })
    }

    fn line(new: Value, old: Value) -> Option<String> {
        move_line(&json!({"dynamodb": {"NewImage": new, "OldImage": old}}))
    }

    #[test]
    fn a_move_is_one_line_and_any_other_change_is_none() {
        assert_eq!(
            line(image("Requested", "a"), Value::Null).as_deref(),
            Some("user@example.com  mine  Requested")
        );
        assert_eq!(
            line(image("Valid", "a"), image("Requested", "a")).as_deref(),
            Some("user@example.com  mine  Requested -> Valid")
        );
        assert_eq!(line(image("Valid", "a"), image("Valid", "a")), None);
        assert_eq!(line(json!({"AccountEmail": {"S": "NAME#mine"}}), Value::Null), None);
        assert_eq!(
            line(image("Requested", "b"), image("Failed", "a")).as_deref(),
            Some("user@example.com  mine  Requested")
        );
    }
}

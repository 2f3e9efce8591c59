//! What a person at the terminal sees first.

use std::io::Write;

use crate::error::{LocalError, OrLocal};
use crate::fleet::Fleet;
use crate::settings::TABLE;
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
        table = TABLE,
        dynamodb = endpoints.dynamodb,
        landing_zone = endpoints.landing_zone,
        step_functions = endpoints.step_functions,
        arn = fleet.state_machine_arn(),
    );
    std::io::stdout().write_all(text.as_bytes()).or_local("the terminal cannot be written")
}

//! What a caller can do about a problem.

use crate::arguments::{Command, Resolve};
use crate::problem::Problem;

/// What to do next, where more can be said than the problem itself says.
pub(crate) fn after(command: &Command, problem: &Problem, has_token: bool) -> Option<String> {
    match problem.status() {
        401 if !has_token => {
            return Some("no token was shown; give one by --token or ACCOUNTS_TOKEN".to_owned());
        }
        401 => return Some("get a new token: this one has expired or is not one of this API".to_owned()),
        403 => return Some(needed_group(command).to_owned()),
        _ => {}
    }
    match command {
        Command::Create(_) => after_create(problem).map(str::to_owned),
        Command::Get(_) => None,
        Command::Request(_) if problem.status() == 404 => Some(LIST_REQUESTS.to_owned()),
        Command::Request(_) => None,
        Command::Requests(_) if problem.status() == 404 => Some(
            "ask by the e-mail address that was first requested, or by the account's id of twelve digits"
                .to_owned(),
        ),
        Command::Requests(_) => None,
        Command::Resolve(resolve) => after_resolve(resolve, problem),
    }
}

const LIST_REQUESTS: &str =
    "check the id; the requests of an account are listed by: accounts requests ACCOUNT";

fn needed_group(command: &Command) -> &'static str {
    match command {
        Command::Create(_) | Command::Resolve(_) => "this takes a token of the group Administrators",
        Command::Get(_) | Command::Request(_) | Command::Requests(_) => {
            "this takes a token of the group Readers or Administrators"
        }
    }
}

fn after_create(problem: &Problem) -> Option<&'static str> {
    match problem.code() {
        "email_taken" => Some("see the account by: accounts get --email EMAIL"),
        "account_may_exist" => Some(
            "see what happened by: accounts requests EMAIL; an operator has to find out whether the account exists",
        ),
        "idempotency_key_reused" => {
            Some("use another --idempotency-key, or the input first sent with this one")
        }
        _ => None,
    }
}

fn after_resolve(resolve: &Resolve, problem: &Problem) -> Option<String> {
    let id = resolve.id;
    match problem.code() {
        "not_overdue" => Some(format!(
            "only an overdue operation can be resolved, and only once; see the request by: accounts request {id}"
        )),
        "operation_running" => Some(format!(
            "its record still runs in the backend; wait for its end, and follow it by: accounts request {id}"
        )),
        "account_exists" => Some(format!(
            "the organization has this e-mail; find the account's id there, then: accounts resolve {id} \
             --account-exists ACCOUNT_ID --reason TEXT"
        )),
        "account_mismatch" => Some(format!(
            "state the id of the account that has the request's e-mail (accounts request {id} shows it)"
        )),
        _ if problem.status() == 404 => Some(LIST_REQUESTS.to_owned()),
        _ => None,
    }
}

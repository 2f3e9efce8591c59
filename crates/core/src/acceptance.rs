//! What becomes of a request when it is posted.

use serde_json::json;

use crate::{Account, AccountDetails, AccountStatus, NewAccount};

/// What the table said to a new request.
#[derive(Clone, Debug, PartialEq)]
pub enum Acceptance {
    /// It is stored, with its claims on the e-mail and on the name. This is its account.
    Accepted(Box<Account>),
    /// The same `Idempotency-Key` and body came before; this is the account as it was accepted then.
    Repeated(Box<Account>),
    /// The same `Idempotency-Key` came before with another body.
    KeyHasOtherBody,
    /// It is not stored: these claims are held already. Never empty.
    Taken(Vec<Claim>),
}

/// A claim that is held already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The e-mail has an account.
    Email {
        /// That account's status.
        status: AccountStatus,
        /// It failed, but an account may exist for it.
        account_may_exist: bool,
    },
    /// The account name is another account's.
    Name,
}

/// A client's `Idempotency-Key`, bound to who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who sent it; two callers never share a key.
    pub caller: String,
    /// The key.
    pub key: String,
}

/// What makes two bodies the same: what they ask for, not how they are written. Every field is part of it: the
/// compiler refuses a field that is not named here.
pub fn canonical(account: &NewAccount) -> String {
    let NewAccount { account_email, details } = account;
    let AccountDetails {
        account_name,
        org_unit,
        sso_user_email,
        sso_user_first_name,
        sso_user_last_name,
        tags,
    } = details;
    json!([
        account_email,
        account_name,
        org_unit,
        sso_user_email,
        sso_user_first_name,
        sso_user_last_name,
        tags,
    ])
    .to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::Value;

    use super::*;

    fn body() -> Value {
        json!({
            "AccountEmail": "user@example.com", "AccountName": "mine", "OrgUnit": "Engineering/Dev",
            "SSOUserEmail": "owner@example.com", "SSOUserFirstName": "Jean", "SSOUserLastName": "Dupont",
            "Tags": [{"Key": "env", "Value": "dev"}]
        })
    }

    fn canonical_of(body: &Value) -> String {
        canonical(&NewAccount::parse(body.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn every_field_makes_another_body() {
        let first = canonical_of(&body());
        for name in body().as_object().unwrap().keys() {
            let mut other = body();
            other[name] = match name.as_str() {
                "Tags" => json!([{"Key": "env", "Value": "prod"}]),
                "AccountEmail" | "SSOUserEmail" => json!("other@example.com"),
                _ => json!("Other"),
            };
            assert_ne!(canonical_of(&other), first, "{name}");
        }
    }

    #[test]
    fn the_way_a_body_is_written_makes_no_difference() {
        let mut other = body();
        other["AccountEmail"] = json!("USER@example.com");
        other["SSOUserFirstName"] = json!("jean");
        assert_eq!(canonical_of(&other), canonical_of(&body()));
    }
}

//! What a caller asks an account to be.

use serde::{Deserialize, Serialize};

use crate::{AccountName, Email, Error, Kind, OrgUnit, PersonName, Tag, tag};

/// What a caller asks an account to be, beside its e-mail. Part of an account and of its `Create` request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountDetails {
    /// The account's name.
    pub account_name: AccountName,
    /// Its organizational unit, as the caller named it.
    pub org_unit: OrgUnit,
    /// The address of the person who gets access through IAM Identity Center.
    #[serde(rename = "SSOUserEmail")]
    pub sso_user_email: Email,
    /// That person's first name.
    #[serde(rename = "SSOUserFirstName")]
    pub sso_user_first_name: PersonName,
    /// That person's last name.
    #[serde(rename = "SSOUserLastName")]
    pub sso_user_last_name: PersonName,
    /// The account's tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl AccountDetails {
    /// Whether the tags keep their rules; every other field does by its type.
    ///
    /// # Errors
    /// [`Kind::Invalid`] with the first rule that a tag breaks.
    pub fn check_tags(&self) -> Result<(), Error> {
        for tag in &self.tags {
            tag::check_key(&tag.key).and_then(|()| tag::check_value(&tag.value)).map_err(
                |(_, message)| Error::new(Kind::Invalid, format!("The tag {:?}: {message}", tag.key)),
            )?;
        }
        Ok(())
    }
}

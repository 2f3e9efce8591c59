//! Who asked for something.

use serde::{Deserialize, Serialize};

/// The caller of the API, as the authorizer found them in the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Caller {
    /// The token's `sub`: the person, or the machine client.
    pub subject: String,
    /// The client application.
    pub client_id: String,
    /// The name or e-mail address, where the token has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Caller {
    /// How people name the caller: by name, otherwise by subject, otherwise by client.
    pub fn display_name(&self) -> &str {
        match &self.name {
            Some(name) => name,
            None if !self.subject.is_empty() => &self.subject,
            None if !self.client_id.is_empty() => &self.client_id,
            None => "an unknown caller",
        }
    }
}

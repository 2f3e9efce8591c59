//! Where in the organization an account is to be.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::Rule;
use crate::text::written_as_text;

/// An organizational unit as a client names it: its full path from the root, or its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OrgUnit {
    /// `ou-xxxx-xxxxxxxx`, for a unit whose name holds a `/`.
    Id(String),
    /// The names from the root down, `/` between them: `Engineering/Platform/Dev`.
    Path(Vec<String>),
}

/// Organizations nests units five deep below the root (user guide, "Quotas for AWS Organizations").
const DEEPEST: usize = 5;

impl OrgUnit {
    /// The unit that this text names. That it exists is for `validate` to find out.
    ///
    /// # Errors
    /// The code and message of the first rule it breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        if is_ou_id(text) {
            return Ok(Self::Id(text.to_owned()));
        }
        if text.is_empty() {
            return Err(("too_short", "An organizational unit is a path or an id.".to_owned()));
        }
        let names: Vec<_> = text.split('/').map(str::to_owned).collect();
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err((
                "invalid_format",
                "A path has a name before, between and after its slashes, as in Engineering/Platform."
                    .to_owned(),
            ));
        }
        if names.iter().any(|name| name.chars().count() > 128) {
            return Err((
                "too_long",
                "The name of an organizational unit has at most 128 characters.".to_owned(),
            ));
        }
        if names.len() > DEEPEST {
            return Err(("too_many", format!("Organizational units nest at most {DEEPEST} deep.")));
        }
        Ok(Self::Path(names))
    }
}

/// `ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}` (Organizations API reference).
fn is_ou_id(text: &str) -> bool {
    let part = |part: &str, shortest| {
        (shortest..=32).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
    };
    text.strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, unit)| part(root, 4) && part(unit, 8))
}

impl fmt::Display for OrgUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Path(names) => f.write_str(&names.join("/")),
        }
    }
}

written_as_text!(OrgUnit);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_an_id_are_told_apart() {
        assert_eq!(
            OrgUnit::parse("Engineering/Dev"),
            Ok(OrgUnit::Path(vec!["Engineering".into(), "Dev".into()]))
        );
        assert_eq!(OrgUnit::parse("ou-ab12-abcd1234"), Ok(OrgUnit::Id("ou-ab12-abcd1234".into())));
        assert_eq!(OrgUnit::parse("ou-team"), Ok(OrgUnit::Path(vec!["ou-team".into()])));
    }

    #[test]
    fn each_rule_of_a_path_has_its_code() {
        let long = "x".repeat(129);
        for (text, code) in [
            ("", "too_short"),
            ("/Engineering", "invalid_format"),
            ("Engineering/", "invalid_format"),
            ("Engineering//Dev", "invalid_format"),
            ("  ", "invalid_format"),
            (long.as_str(), "too_long"),
            ("a/b/c/d/e/f", "too_many"),
        ] {
            assert_eq!(OrgUnit::parse(text).map_err(|(code, _)| code), Err(code), "{text}");
        }
    }
}

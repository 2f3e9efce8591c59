//! The tree of organizational units that a landing zone starts with.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// How deep Organizations lets units nest below the root ("Quotas for AWS Organizations").
pub const NESTING_LIMIT: usize = 5;

/// How long a unit's name may be (the `OrganizationalUnitName` shape of Organizations).
pub const NAME_MAX_CHARACTERS: usize = 128;

/// Organizational units by name, each with those below it.
///
/// Reads from JSON such as `{"Engineering": {"Platform": {"Dev": {}}}, "Sandbox": {}}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Units")]
pub struct OrganizationTree(Units);

/// What is wrong with a tree.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The text is no JSON object of objects.
    #[error("the organization is not a JSON tree such as {{\"Engineering\": {{\"Platform\": {{}}}}}}")]
    NotATree(#[source] serde_json::Error),
    /// A name is empty or too long.
    #[error(
        "the name of the organizational unit `{0}` must have 1 to {NAME_MAX_CHARACTERS} characters, it has {1}"
    )]
    NameLength(String, usize),
    /// Two units of one parent have the same name.
    #[error("the organizational unit `{0}` is given twice")]
    Twice(String),
    /// A unit is nested too deeply.
    #[error("the organizational unit `{0}` is nested deeper than {NESTING_LIMIT} levels")]
    TooDeep(String),
}

impl OrganizationTree {
    /// The units directly below the root, each with those below it.
    pub(crate) fn units(&self) -> &[(String, Units)] {
        &self.0.0
    }
}

impl Default for OrganizationTree {
    /// `Engineering/Platform/Dev`, `Engineering/Platform/Prod`, `Engineering/Data`, `Sandbox`, `Security`.
    fn default() -> Self {
        let unit = |name: &str, below: Vec<(String, Units)>| (name.to_owned(), Units(below));
        Self(Units(vec![
            unit(
                "Engineering",
                vec![unit("Platform", vec![unit("Dev", vec![]), unit("Prod", vec![])]), unit("Data", vec![])],
            ),
            unit("Sandbox", vec![]),
            unit("Security", vec![]),
        ]))
    }
}

impl FromStr for OrganizationTree {
    type Err = TreeError;

    fn from_str(json: &str) -> Result<Self, TreeError> {
        serde_json::from_str::<Units>(json).map_err(TreeError::NotATree)?.try_into()
    }
}

impl TryFrom<Units> for OrganizationTree {
    type Error = TreeError;

    fn try_from(units: Units) -> Result<Self, TreeError> {
        check(&units, "", 1)?;
        Ok(Self(units))
    }
}

fn check(Units(units): &Units, parent: &str, level: usize) -> Result<(), TreeError> {
    let mut names = HashSet::new();
    for (name, below) in units {
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}/{name}") };
        let characters = name.chars().count();
        if !(1..=NAME_MAX_CHARACTERS).contains(&characters) {
            return Err(TreeError::NameLength(path, characters));
        }
        if !names.insert(name) {
            return Err(TreeError::Twice(path));
        }
        if level > NESTING_LIMIT {
            return Err(TreeError::TooDeep(path));
        }
        check(below, &path, level + 1)?;
    }
    Ok(())
}

/// A JSON object in the order of its text; a map would lose a name that is given twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Units(pub(crate) Vec<(String, Units)>);

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Units;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of organizational units")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Units, A::Error> {
                let mut units = Vec::new();
                while let Some(unit) = entries.next_entry()? {
                    units.push(unit);
                }
                Ok(Units(units))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

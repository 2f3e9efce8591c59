//! Names of accounts and of people.

use serde::{Deserialize, Serialize};

use crate::fault::Rule;
use crate::text::is_a_text;

/// The name of an account: 1 to 50 of `[ -;=?-~]` (printable ASCII without `<` and `>`; Organizations API
/// reference, `CreateAccount`, `AccountName`), with something visible in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

impl AccountName {
    /// The most characters of an account name. A notification's subject depends on it.
    pub const MAX_CHARACTERS: usize = 50;

    /// The account name that this text is.
    ///
    /// # Errors
    /// The code and message of the first rule it breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let broken = |code, message: &str| Err((code, message.to_owned()));
        if text.trim().is_empty() {
            return broken("too_short", "An account name has at least one visible character.");
        }
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'<' && byte != b'>') {
            return broken(
                "invalid_characters",
                "An account name holds only printable ASCII without < and >.",
            );
        }
        if text.len() > Self::MAX_CHARACTERS {
            let message = format!("An account name has at most {} characters.", Self::MAX_CHARACTERS);
            return Err(("too_long", message));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is compared: without regard to case, or to blanks around it.
    pub fn folded(&self) -> String {
        self.0.trim().to_ascii_lowercase()
    }
}

/// A first or last name, capitalised word by word: 1 to 128 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// The name that this text is, with its words capitalised and single blanks between them.
    ///
    /// # Errors
    /// The code and message of the first rule it breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        if text.trim().is_empty() {
            return Err(("too_short", "A name has at least one visible character.".to_owned()));
        }
        if text.chars().any(char::is_control) {
            return Err(("invalid_characters", "A name holds no control characters.".to_owned()));
        }
        if text.chars().count() > 128 {
            return Err(("too_long", "A name has at most 128 characters.".to_owned()));
        }
        Ok(Self(text.split_whitespace().map(capitalised).collect::<Vec<_>>().join(" ")))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A word written all in one case gets one capital a part (`jean-luc`, `O'NEILL`); a word of mixed case
/// (`McDonald`) is the writer's own and stays.
fn capitalised(word: &str) -> String {
    let upper = word.chars().any(char::is_uppercase);
    let lower = word.chars().any(char::is_lowercase);
    if upper && lower {
        return word.to_owned();
    }
    let mut starts_part = true;
    word.chars()
        .map(|c| {
            let cased = if starts_part { single(c.to_uppercase(), c) } else { single(c.to_lowercase(), c) };
            starts_part = matches!(c, '-' | '\'' | '’');
            cased
        })
        .collect()
}

/// A letter whose other case is several letters (`ß`) stays as it is.
fn single(mut cased: impl Iterator<Item = char>, original: char) -> char {
    match (cased.next(), cased.next()) {
        (Some(c), None) => c,
        _ => original,
    }
}

is_a_text!(AccountName);
is_a_text!(PersonName);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_capitalised_without_damage_to_mixed_case() {
        for (text, stored) in [
            ("maria", "Maria"),
            ("DUPONT", "Dupont"),
            ("McDonald", "McDonald"),
            ("Jean-Luc", "Jean-Luc"),
            ("jean-luc", "Jean-Luc"),
            ("O'Neill", "O'Neill"),
            ("o'neill", "O'Neill"),
            ("O'NEILL", "O'Neill"),
            ("ana maria", "Ana Maria"),
            ("  ana   maria ", "Ana Maria"),
            ("élodie", "Élodie"),
            ("ÅSA", "Åsa"),
            ("van der Berg", "Van Der Berg"),
            ("j", "J"),
            ("李", "李"),
        ] {
            assert_eq!(PersonName::parse(text).map(String::from), Ok(stored.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_name_without_a_visible_character_is_too_short() {
        assert_eq!(PersonName::parse("  ").map_err(|(code, _)| code), Err("too_short"));
        assert_eq!(AccountName::parse("   ").map_err(|(code, _)| code), Err("too_short"));
        assert_eq!(AccountName::parse("").map_err(|(code, _)| code), Err("too_short"));
    }

    #[test]
    fn an_account_name_keeps_to_printable_ascii_without_angle_brackets() {
        for text in ["a<b", "a>b", "naïve", "tab\there", "del\u{7f}"] {
            assert_eq!(
                AccountName::parse(text).map_err(|(code, _)| code),
                Err("invalid_characters"),
                "{text}"
            );
        }
        assert!(AccountName::parse(&"x".repeat(50)).is_ok());
        assert_eq!(AccountName::parse(&"x".repeat(51)).map_err(|(code, _)| code), Err("too_long"));
    }

    #[test]
    fn account_names_are_compared_without_regard_to_case() {
        let folded = |text| AccountName::parse(text).map(|name| name.folded());
        assert_eq!(folded("My-Account"), folded("mY-aCCOUNT"));
        assert_eq!(folded(" my account "), folded("My Account"));
    }

    proptest! {
        #[test]
        fn a_capitalised_name_stays_as_it_is(text in "\\PC{1,40}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
            }
        }
    }
}

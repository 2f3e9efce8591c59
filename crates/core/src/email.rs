//! E-mail addresses as AWS accounts have them.

use serde::{Deserialize, Serialize};

use crate::fault::Rule;
use crate::text::is_a_text;

/// An e-mail address in lower case, within the limits of Organizations' `CreateAccount`
/// (API reference, `Email`: 6 to 64 characters, 7-bit ASCII, one `@`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

const FORBIDDEN_IN_LOCAL_PART: &str = "\"'()<>[]:;,\\|%&";

impl Email {
    /// The address that this text is, in lower case.
    ///
    /// # Errors
    /// The code and message of the first rule it breaks.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let broken = |code, message: &str| Err((code, message.to_owned()));
        if text.len() < 6 {
            return broken("too_short", "An e-mail address has at least 6 characters.");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return broken(
                "invalid_characters",
                "An e-mail address holds only visible 7-bit ASCII characters, and no white space.",
            );
        }
        if text.len() > 64 {
            return broken("too_long", "An e-mail address has at most 64 characters.");
        }
        let Some((local, domain)) = text.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
            return broken("invalid_format", "An e-mail address holds exactly one @.");
        };
        if local.is_empty() || local.starts_with('.') {
            return broken(
                "invalid_format",
                "The part before the @ is not empty and does not start with a dot.",
            );
        }
        if local.contains(|c| FORBIDDEN_IN_LOCAL_PART.contains(c)) {
            return broken(
                "invalid_characters",
                "The part before the @ holds none of \" ' ( ) < > [ ] : ; , \\ | % &.",
            );
        }
        if !domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-') {
            return broken("invalid_characters", "The domain holds only letters, digits, dots and hyphens.");
        }
        let edge = |c| c == '.' || c == '-';
        if !domain.contains('.')
            || domain.contains("..")
            || domain.starts_with(edge)
            || domain.ends_with(edge)
        {
            return broken(
                "invalid_format",
                "The domain has a dot inside, and neither starts nor ends with a dot or hyphen.",
            );
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The address, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

is_a_text!(Email);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_within_the_rules_are_stored_in_lower_case() {
        for (text, stored) in [
            ("User@Example.COM", "user@example.com"),
            ("a@b.cd", "a@b.cd"),
            ("first.last+tag@sub-domain.example.co", "first.last+tag@sub-domain.example.co"),
            ("o/x=y@example.com", "o/x=y@example.com"),
        ] {
            assert_eq!(Email::parse(text).map(String::from), Ok(stored.to_owned()), "{text}");
        }
    }

    #[test]
    fn each_rule_of_an_address_has_its_code() {
        let long = format!("{}@example.com", "x".repeat(53));
        for (text, code) in [
            ("a@b.c", "too_short"),
            (long.as_str(), "too_long"),
            ("user example@x.com", "invalid_characters"),
            ("usér@example.com", "invalid_characters"),
            ("user.example.com", "invalid_format"),
            ("user@one@example.com", "invalid_format"),
            (".user@example.com", "invalid_format"),
            ("@example.com", "invalid_format"),
            ("us%er@example.com", "invalid_characters"),
            ("us'er@example.com", "invalid_characters"),
            ("user@exam_ple.com", "invalid_characters"),
            ("user@localhost", "invalid_format"),
            ("user@-example.com", "invalid_format"),
            ("user@example.com-", "invalid_format"),
            ("user@example.com.", "invalid_format"),
            ("user@example..com", "invalid_format"),
        ] {
            assert_eq!(Email::parse(text).map_err(|(code, _)| code), Err(code), "{text}");
        }
    }

    #[test]
    fn sixty_four_characters_are_the_most() {
        let at_most = format!("{}@example.com", "x".repeat(52));
        assert_eq!(at_most.len(), 64);
        assert!(Email::parse(&at_most).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_is_stable(text in ".{0,70}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                prop_assert!(!email.as_str().bytes().any(|byte| byte.is_ascii_uppercase()));
            }
        }
    }
}

//! What types that are written as a text share; and texts of bounded length.

/// A type with a `parse(&str) -> Result<Self, Rule>` and a `Display` is read and written as a string by serde.
macro_rules! written_as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text).map_err(|(_, message)| message)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

/// The same, for one that is a text inside.
macro_rules! is_a_text {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        $crate::text::written_as_text!($name);
    };
}

/// An enum whose variants are written by their names. `ALL` and `name` are made of the one list of variants, so neither
/// can miss one.
macro_rules! named_enum {
    (
        $(#[$of_type:meta])*
        pub enum $type:ident { $($(#[$of_variant:meta])* $variant:ident,)+ }
    ) => {
        $(#[$of_type])*
        pub enum $type { $($(#[$of_variant])* $variant,)+ }

        impl $type {
            /// Every one of them.
            pub const ALL: [Self; [$(stringify!($variant)),+].len()] = [$(Self::$variant),+];

            /// The name, as it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }
        }
    };
}

pub(crate) use {is_a_text, named_enum, written_as_text};

/// The text on one line, with a blank in place of each control character: what others wrote must neither steer a terminal
/// nor add lines to a mail or a log.
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The text with a mark in place of each word that holds an e-mail address.
pub fn without_addresses(text: &str) -> String {
    let words = text.split(' ').map(|word| if word.contains('@') { "(address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 1000;

/// A reason of bounded length.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_REASON {
        return text.to_owned();
    }
    text.chars().take(LONGEST_REASON - 1).chain(['…']).collect()
}

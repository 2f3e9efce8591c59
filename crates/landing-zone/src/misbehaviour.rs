//! The words that make the landing zone misbehave, and what each does.

use std::cmp::Reverse;

/// A word that an account name may contain, in any case, and what it does to the request.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// What the name contains.
    pub word: &'static str,
    /// What then happens, as a sentence for people.
    pub effect: &'static str,
    pub(crate) misbehaviour: Misbehaviour,
}

/// A way in which a real landing zone fails, delays or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misbehaviour {
    EmailInUse,
    AccountLimit,
    Tainted,
    InErrorThenFailed,
    Busy,
    BusyEnrolled,
    Throttled,
    RefusedLate,
    Slow,
    Never,
}

static WORDS: [Word; 10] = [
    Word {
        word: "sim-email-in-use",
        effect: "The record fails because the e-mail is in use; no account is made.",
        misbehaviour: Misbehaviour::EmailInUse,
    },
    Word {
        word: "sim-account-limit",
        effect: "The record fails because the organization is full; no account is made.",
        misbehaviour: Misbehaviour::AccountLimit,
    },
    Word {
        word: "sim-tainted",
        effect: "The record fails after the account was made; the product is TAINTED.",
        misbehaviour: Misbehaviour::Tainted,
    },
    Word {
        word: "sim-in-error-then-failed",
        effect: "The record is IN_PROGRESS_IN_ERROR for a while, then FAILED; no account is made.",
        misbehaviour: Misbehaviour::InErrorThenFailed,
    },
    Word {
        word: "sim-busy",
        effect: "The first three calls for the name are refused: another operation is in progress.",
        misbehaviour: Misbehaviour::Busy,
    },
    Word {
        word: "sim-busy-enrolled",
        effect: "The first three calls for the name are refused: another execution is in progress (the other \
                 text for busy).",
        misbehaviour: Misbehaviour::BusyEnrolled,
    },
    Word {
        word: "sim-throttled",
        effect: "The first three calls for the name are refused: rate exceeded.",
        misbehaviour: Misbehaviour::Throttled,
    },
    Word {
        word: "sim-refused-late",
        effect: "The first call for the name is accepted, but its record soon fails as busy, without an \
                 account; later calls succeed.",
        misbehaviour: Misbehaviour::RefusedLate,
    },
    Word {
        word: "sim-slow",
        effect: "The account takes ten times as long as others.",
        misbehaviour: Misbehaviour::Slow,
    },
    Word {
        word: "sim-never",
        effect: "The record stays IN_PROGRESS for ever and counts as running.",
        misbehaviour: Misbehaviour::Never,
    },
];

/// Every word, in the order for documentation. Several in one name all apply.
pub fn words() -> &'static [Word] {
    &WORDS
}

impl Misbehaviour {
    /// What the words of an account name ask for. A word that is part of a longer one does not count there:
    /// `sim-busy-enrolled` does not ask for `sim-busy`.
    pub(crate) fn of(account_name: &str) -> Vec<Self> {
        let mut longest_first: Vec<&Word> = WORDS.iter().collect();
        longest_first.sort_by_key(|entry| Reverse(entry.word.len()));
        let mut rest = account_name.to_lowercase();
        let mut misbehaviours = Vec::new();
        for entry in longest_first {
            if rest.contains(entry.word) {
                misbehaviours.push(entry.misbehaviour);
                rest = rest.replace(entry.word, " ");
            }
        }
        misbehaviours
    }

    /// How many calls for one name it spoils, which is to refuse them or to fail their records; later calls
    /// succeed. Zero where it always applies.
    pub(crate) fn spoiled_calls(self) -> u32 {
        match self {
            Self::Busy | Self::BusyEnrolled | Self::Throttled => 3,
            Self::RefusedLate => 1,
            Self::EmailInUse
            | Self::AccountLimit
            | Self::Tainted
            | Self::InErrorThenFailed
            | Self::Slow
            | Self::Never => 0,
        }
    }

    /// The word itself, under which calls are counted.
    pub(crate) fn word(self) -> &'static str {
        WORDS.iter().find(|entry| entry.misbehaviour == self).map_or("", |entry| entry.word)
    }
}

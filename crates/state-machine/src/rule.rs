//! The rules of a Choice.

use serde_json::Value;

use crate::path::Path;

/// One condition over the data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
    Compare { variable: Path, test: Test },
}

/// What a rule asks of its variable.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    StringEquals(String),
    StringMatches(Vec<Glob>),
    NumericEquals(f64),
    NumericLessThan(f64),
    NumericLessThanEquals(f64),
    NumericGreaterThan(f64),
    NumericGreaterThanEquals(f64),
    BooleanEquals(bool),
    IsPresent(bool),
    IsNull(bool),
}

/// A piece of a `StringMatches` pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glob {
    One(char),
    Any,
}

impl Rule {
    /// Whether the rule applies, or which variable is missing: only `IsPresent` may ask for such.
    pub(crate) fn holds(&self, data: &Value) -> Result<bool, String> {
        match self {
            Self::And(rules) => {
                for rule in rules {
                    if !rule.holds(data)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(rules) => {
                for rule in rules {
                    if rule.holds(data)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(rule) => Ok(!rule.holds(data)?),
            Self::Compare { variable, test: Test::IsPresent(present) } => {
                Ok(variable.get(data).is_some() == *present)
            }
            Self::Compare { variable, test } => match variable.get(data) {
                Some(value) => Ok(test.holds(value)),
                None => Err(format!(
                    "Invalid path '{}': The choice state's condition path references an invalid value.",
                    variable.as_str()
                )),
            },
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        let number = |holds: &dyn Fn(f64) -> bool| value.as_f64().is_some_and(holds);
        match self {
            Self::StringEquals(text) => value.as_str() == Some(text),
            Self::StringMatches(pattern) => {
                value.as_str().is_some_and(|text| glob(pattern, &text.chars().collect::<Vec<_>>()))
            }
            Self::NumericEquals(other) => number(&|number| number == *other),
            Self::NumericLessThan(other) => number(&|number| number < *other),
            Self::NumericLessThanEquals(other) => number(&|number| number <= *other),
            Self::NumericGreaterThan(other) => number(&|number| number > *other),
            Self::NumericGreaterThanEquals(other) => number(&|number| number >= *other),
            Self::BooleanEquals(other) => value.as_bool() == Some(*other),
            Self::IsPresent(present) => *present,
            Self::IsNull(null) => value.is_null() == *null,
        }
    }
}

/// Reads a `StringMatches` pattern: `*` is any text, `\*` a star, `\\` a backslash.
pub(crate) fn parse_glob(text: &str) -> Result<Vec<Glob>, String> {
    let mut chars = text.chars();
    let mut pattern = Vec::new();
    while let Some(c) = chars.next() {
        pattern.push(match c {
            '*' => Glob::Any,
            '\\' => match chars.next() {
                Some(c @ ('*' | '\\')) => Glob::One(c),
                _ => return Err(format!("\"{text}\": a backslash stands before \"*\" or \"\\\" only")),
            },
            c => Glob::One(c),
        });
    }
    Ok(pattern)
}

/// Greedy with one point of return, so that no pattern takes more than the product of both lengths.
fn glob(pattern: &[Glob], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Glob::One(c)) if *c == text[t] => (p, t) = (p + 1, t + 1),
            Some(Glob::Any) => {
                star = Some((p, t));
                p += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|piece| *piece == Glob::Any)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    fn rule(path: &str, test: Test) -> Rule {
        Rule::Compare { variable: Path::parse(path).unwrap(), test }
    }

    #[test]
    fn a_value_of_another_type_does_not_match_and_is_no_error() {
        let data = json!({"text": "5", "number": 5, "flag": true});

        assert_eq!(rule("$.number", Test::StringEquals("5".into())).holds(&data), Ok(false));
        assert_eq!(rule("$.text", Test::NumericEquals(5.0)).holds(&data), Ok(false));
        assert_eq!(rule("$.number", Test::NumericEquals(5.0)).holds(&data), Ok(true));
        assert_eq!(rule("$.text", Test::BooleanEquals(true)).holds(&data), Ok(false));
        assert_eq!(rule("$.flag", Test::BooleanEquals(true)).holds(&data), Ok(true));
    }

    #[test]
    fn a_missing_variable_is_an_error_unless_its_presence_is_asked() {
        let data = json!({"null": null});

        assert!(rule("$.gone", Test::StringEquals(String::new())).holds(&data).is_err());
        assert!(rule("$.gone", Test::IsNull(true)).holds(&data).is_err());
        assert_eq!(rule("$.gone", Test::IsPresent(false)).holds(&data), Ok(true));
        assert_eq!(rule("$.null", Test::IsPresent(true)).holds(&data), Ok(true));
        assert_eq!(rule("$.null", Test::IsNull(true)).holds(&data), Ok(true));
    }

    #[test]
    fn and_stops_at_the_first_that_does_not_hold_so_that_presence_guards_a_comparison() {
        let guarded = Rule::And(vec![
            rule("$.gone", Test::IsPresent(true)),
            rule("$.gone", Test::StringEquals("x".into())),
        ]);

        assert_eq!(guarded.holds(&json!({})), Ok(false));
        assert_eq!(Rule::Not(Box::new(guarded.clone())).holds(&json!({})), Ok(true));
        assert_eq!(guarded.holds(&json!({"gone": "x"})), Ok(true));
    }

    #[test]
    fn stars_match_any_text_and_escaped_ones_themselves() {
        let matches = |pattern: &str, text: &str| {
            rule("$", Test::StringMatches(parse_glob(pattern).unwrap())).holds(&json!(text)).unwrap()
        };

        assert!(matches("log-*.txt", "log-1.txt"));
        assert!(matches("*a*b*", "xxabab"));
        assert!(matches("*", ""));
        assert!(!matches("log-*.txt", "log-1.txt.gz"));
        assert!(matches(r"a\*\\", r"a*\"));
        assert!(!matches(r"a\*", "ab"));
        assert!(parse_glob(r"a\b").is_err());
    }
}

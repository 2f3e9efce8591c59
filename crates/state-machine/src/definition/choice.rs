//! Reads the rules of a Choice.

use serde_json::Value;

use super::error::DefinitionError;
use super::fields::{Fields, Scope};
use crate::rule::{Rule, Test, parse_glob};

/// The rules in order, each with the state it leads to.
pub(super) fn choices(fields: &mut Fields<'_>) -> Result<Vec<(Rule, String)>, DefinitionError> {
    let items = fields
        .list("Choices")?
        .filter(|items| !items.is_empty())
        .ok_or_else(|| fields.wrong("\"Choices\" must hold a rule"))?;
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let scope = fields.scope.part(format_args!("Choices[{index}]"));
            let mut fields = Fields::new(scope, item)?;
            let next = fields.required_text("Next")?.to_owned();
            Ok((rule(fields)?, next))
        })
        .collect()
}

fn rule(mut fields: Fields<'_>) -> Result<Rule, DefinitionError> {
    fields.text("Comment")?;
    let rule = if let Some(items) = fields.list("And")? {
        Rule::And(nested(&fields.scope, "And", items)?)
    } else if let Some(items) = fields.list("Or")? {
        Rule::Or(nested(&fields.scope, "Or", items)?)
    } else if let Some(item) = fields.optional("Not") {
        Rule::Not(Box::new(rule_of(fields.scope.part("Not"), item)?))
    } else {
        let variable = fields.path("Variable")?.ok_or_else(|| fields.wrong("\"Variable\" is missing"))?;
        Rule::Compare { variable, test: test(&mut fields)? }
    };
    fields.finish()?;
    Ok(rule)
}

fn rule_of(scope: Scope, item: &Value) -> Result<Rule, DefinitionError> {
    rule(Fields::new(scope, item)?)
}

fn nested(scope: &Scope, name: &str, items: &[Value]) -> Result<Vec<Rule>, DefinitionError> {
    if items.is_empty() {
        return Err(scope.wrong(format!("\"{name}\" must hold a rule")));
    }
    items
        .iter()
        .enumerate()
        .map(|(index, item)| rule_of(scope.part(format_args!("{name}[{index}]")), item))
        .collect()
}

type Reads = fn(&Value) -> Option<Test>;

const TESTS: &[(&str, Reads)] = &[
    ("StringEquals", |value| Some(Test::StringEquals(value.as_str()?.to_owned()))),
    ("StringMatches", |value| Some(Test::StringMatches(parse_glob(value.as_str()?).ok()?))),
    ("NumericEquals", |value| Some(Test::NumericEquals(value.as_f64()?))),
    ("NumericLessThan", |value| Some(Test::NumericLessThan(value.as_f64()?))),
    ("NumericLessThanEquals", |value| Some(Test::NumericLessThanEquals(value.as_f64()?))),
    ("NumericGreaterThan", |value| Some(Test::NumericGreaterThan(value.as_f64()?))),
    ("NumericGreaterThanEquals", |value| Some(Test::NumericGreaterThanEquals(value.as_f64()?))),
    ("BooleanEquals", |value| Some(Test::BooleanEquals(value.as_bool()?))),
    ("IsPresent", |value| Some(Test::IsPresent(value.as_bool()?))),
    ("IsNull", |value| Some(Test::IsNull(value.as_bool()?))),
];

fn test(fields: &mut Fields<'_>) -> Result<Test, DefinitionError> {
    let mut found = None;
    for (name, reads) in TESTS {
        let Some(value) = fields.optional(name) else { continue };
        let test = reads(value).ok_or_else(|| fields.wrong(format!("\"{name}\" cannot be {value}")))?;
        if found.replace(test).is_some() {
            return Err(fields.wrong("a rule makes one comparison"));
        }
    }
    match found {
        Some(test) => Ok(test),
        // The comparison is there, perhaps, under a name that is not known here.
        None => Err(match fields.unread(&["Next"]) {
            Some(name) => fields.unsupported(format!("the comparison \"{name}\"")),
            None => fields.wrong("a rule makes one comparison"),
        }),
    }
}

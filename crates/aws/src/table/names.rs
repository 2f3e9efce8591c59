//! Attribute names in expressions. DynamoDB reserves hundreds of words, `Record` and `Owner` among them, so every
//! name is written as `#Name` and given as a placeholder (DynamoDB developer guide, "Reserved words").

use std::collections::HashMap;

/// The placeholders of an expression; none where it has none, as DynamoDB refuses an empty map.
pub(super) fn names(expression: &str) -> Option<HashMap<String, String>> {
    let names: HashMap<_, _> = expression
        .split('#')
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            (format!("#{}", &rest[..end]), rest[..end].to_owned())
        })
        .collect();
    (!names.is_empty()).then_some(names)
}

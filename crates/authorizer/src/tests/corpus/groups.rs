//! What a person is: groups that are nearly ours, groups elsewhere, and groups of every wrong shape.

use super::Change::Claims;
use super::Verdict::{Allowed, Denied};
use super::*;

fn group(name: &str) -> Change {
    Claims(json!({"cognito:groups": [name]}))
}

/// No groups where they belong, but under this name.
fn elsewhere(claim: &str) -> Change {
    Claims(json!({"cognito:groups": null, claim: ["Administrators"]}))
}

fn groups(value: Value) -> Change {
    Claims(json!({ "cognito:groups": value }))
}

pub(super) fn tables() -> Vec<Table> {
    let cases = [of_names(), of_shapes()].into_iter().flatten().collect();
    vec![Table { good: Good::administrator(), cases }]
}

fn of_names() -> Vec<Case> {
    let denied = Denied(Denial::NotAllowed);
    vec![
        ("a group in lower case", group("administrators"), denied),
        ("a group in upper case", group("ADMINISTRATORS"), denied),
        ("a group in the singular", group("Administrator"), denied),
        ("a group with one character more", group("Administratorss"), denied),
        ("a group with a space behind", group("Administrators "), denied),
        ("a group with a space in front", group(" Administrators"), denied),
        ("a group with a line break behind", group("Administrators\n"), denied),
        ("a group with a zero byte behind", group("Administrators\0"), denied),
        ("a group with a Cyrillic letter", group("\u{410}dministrators"), denied),
        ("a group with a Greek letter", group("\u{391}dministrators"), denied),
        ("a group with a full-width letter", group("\u{ff21}dministrators"), denied),
        ("a group with a long s", group("Admini\u{17f}trators"), denied),
        ("a group with a dotless i", group("Adm\u{131}nistrators"), denied),
        ("a group with a character of no width", group("Administrators\u{200b}"), denied),
        ("a group with a soft hyphen", group("Admin\u{ad}istrators"), denied),
        ("a group written from right to left", group("\u{202e}srotartsinimdA"), denied),
        ("a group with a combining mark", group("Administrators\u{301}"), denied),
        ("two groups in one text with a comma", group("Readers,Administrators"), denied),
        ("two groups in one text with a space", group("Readers Administrators"), denied),
        ("a list of groups as a text", group(r#"["Administrators"]"#), denied),
        ("a group with its path", group("/Administrators"), denied),
        ("a group of another directory", group("EXAMPLE\\Administrators"), denied),
        ("a group that is percent-encoded", group("%41dministrators"), denied),
        ("a group that is a wildcard", group("*"), denied),
        ("a group without a name", group(""), denied),
        ("a group by the name of a scope", group("accounts/write"), denied),
        ("a group that only reads", group("Readers"), denied),
        ("groups under the name of OpenID", elsewhere("groups"), denied),
        ("groups in upper case", elsewhere("Cognito:Groups"), denied),
        ("groups as an attribute", elsewhere("custom:groups"), denied),
        ("groups as roles", elsewhere("cognito:roles"), denied),
        ("groups with a space in their name", elsewhere("cognito:groups "), denied),
    ]
}

fn of_shapes() -> Vec<Case> {
    let claims = Denied(Denial::Claims);
    let many: Vec<_> = (0..1500).map(|_| "g").chain(["Administrators"]).collect();
    vec![
        ("groups are a number", groups(json!(1)), claims),
        ("groups are true", groups(json!(true)), claims),
        ("groups are an empty text", groups(json!("")), claims),
        ("groups are an empty object", groups(json!({})), claims),
        ("groups are an object with places", groups(json!({"0": "Administrators"})), claims),
        ("null among the groups", groups(json!(["Administrators", null])), claims),
        ("a number among the groups", groups(json!(["Administrators", 7])), claims),
        ("a boolean among the groups", groups(json!([true, "Administrators"])), claims),
        ("an object among the groups", groups(json!([{"name": "Administrators"}])), claims),
        ("a list among the groups", groups(json!(["Readers", ["Administrators"]])), claims),
        ("one group many times", groups(json!(vec!["Administrators"; 100])), Allowed),
        ("many groups of which one is ours", groups(json!(many)), Allowed),
    ]
}

#[tokio::test]
async fn a_person_is_what_the_list_of_groups_says_letter_by_letter() {
    judge(tables()).await;
}

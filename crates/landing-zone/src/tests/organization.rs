use crate::{OrganizationTree, TreeError};

fn parse(json: &str) -> Result<OrganizationTree, TreeError> {
    json.parse()
}

#[test]
fn the_default_tree_is_the_documented_one() {
    let json = r#"{"Engineering":{"Platform":{"Dev":{},"Prod":{}},"Data":{}},"Sandbox":{},"Security":{}}"#;
    assert_eq!(parse(json).unwrap(), OrganizationTree::default());
    assert_eq!(serde_json::from_str::<OrganizationTree>(json).unwrap(), OrganizationTree::default());
}

#[test]
fn a_name_without_characters_or_with_too_many_is_refused() {
    assert!(matches!(parse(r#"{"": {}}"#), Err(TreeError::NameLength(_, 0))));
    assert!(parse(&format!(r#"{{"{}": {{}}}}"#, "é".repeat(128))).is_ok());
    assert!(matches!(
        parse(&format!(r#"{{"{}": {{}}}}"#, "é".repeat(129))),
        Err(TreeError::NameLength(_, 129))
    ));
}

#[test]
fn five_levels_are_the_limit() {
    assert!(parse(r#"{"1":{"2":{"3":{"4":{"5":{}}}}}}"#).is_ok());
    let refused = parse(r#"{"1":{"2":{"3":{"4":{"5":{"6":{}}}}}}}"#).unwrap_err();
    assert!(refused.to_string().contains("1/2/3/4/5/6"), "{refused}");
}

#[test]
fn a_name_given_twice_under_one_parent_is_refused() {
    let refused = parse(r#"{"A":{"B":{},"B":{"C":{}}}}"#).unwrap_err();
    assert!(matches!(&refused, TreeError::Twice(path) if path == "A/B"), "{refused}");
    assert!(parse(r#"{"A":{"B":{}},"B":{}}"#).is_ok());
}

#[test]
fn anything_but_an_object_of_objects_is_refused() {
    for json in ["", "[]", r#"{"A": 1}"#, r#"{"A": null}"#, r#"{"A": {}"#] {
        assert!(matches!(parse(json), Err(TreeError::NotATree(_))), "{json}");
    }
}

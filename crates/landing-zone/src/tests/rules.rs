use crate::rules::{self, UnitReference, unit_reference};

#[test]
fn account_names_are_1_to_50_printable_ascii_without_angle_brackets() {
    for name in ["a", "my new-account (2) ~", &"x".repeat(50)] {
        assert!(rules::account_name(name).is_ok(), "{name}");
    }
    for name in ["", "a<b", "a>b", "é", "tab\there", "del\u{7f}", &"x".repeat(51)] {
        assert!(rules::account_name(name).is_err(), "{name}");
    }
}

#[test]
fn emails_follow_the_table_of_facts() {
    let longest = format!("{}@example.com", "x".repeat(52));
    for email in ["a@b.cd", "Jean+aws_1@sub.example.com", "o#!$*=?^`{}~/@x-y.io", &longest] {
        assert!(rules::email(email).is_ok(), "{email}");
    }
    let too_long = format!("{}@example.com", "x".repeat(53));
    for email in [
        "a@b.c",
        "no-at.example.com",
        "two@at@example.com",
        "@example.com",
        ".dot@example.com",
        "sp ace@example.com",
        "a:b@example.com",
        "a%b@example.com",
        "é@example.com",
        "user@nodot",
        "user@.example.com",
        "user@example.com.",
        "user@-example.com",
        "user@example.com-",
        "user@exam_ple.com",
        &too_long,
    ] {
        assert!(rules::email(email).is_err(), "{email}");
    }
}

#[test]
fn product_names_may_hold_dots_and_tokens_may_not() {
    for text in ["a", "9-_z", &"x".repeat(128)] {
        assert!(rules::product_name(text).is_ok() && rules::token(text).is_ok(), "{text}");
    }
    assert!(rules::product_name("a.b").is_ok());
    assert!(rules::token("a.b").is_err());
    for text in ["", "-a", "_a", "a b", "a+b", "é", &"x".repeat(129)] {
        assert!(rules::product_name(text).is_err() && rules::token(text).is_err(), "{text}");
    }
}

#[test]
fn the_last_parentheses_of_a_unit_reference_hold_the_id() {
    let id = "ou-ab12-12345678";
    assert_eq!(unit_reference("Dev (ou-ab12-12345678)"), UnitReference::NameAndId { name: "Dev", id });
    assert_eq!(
        unit_reference("Dev (old) (ou-ab12-12345678)"),
        UnitReference::NameAndId { name: "Dev (old)", id }
    );
    for text in ["Dev", "Dev (old)", "Dev(ou-ab12-12345678)", "Dev (ou-ab12-1234)", "ou-ab12-12345678"] {
        assert_eq!(unit_reference(text), UnitReference::Name(text));
    }
}

#[test]
fn tags_follow_their_rules() {
    assert!(rules::tag_key("cost center:é/2").is_ok());
    for key in ["", "aws:x", "AWS:x", "a*b", "a\nb", &"x".repeat(129)] {
        assert!(rules::tag_key(key).is_err(), "{key}");
    }
    assert!(rules::tag_value("", 0).is_ok());
    assert!(rules::tag_value("", 1).is_err());
    assert!(rules::tag_value(&"x".repeat(257), 0).is_err());
}

//! What the API answers when it does not do what was asked.

use serde_json::{Map, Value, json};

/// A problem document (RFC 9457), whoever wrote the answer: the API, or the gateway before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: u16,
    document: Map<String, Value>,
}

/// One field at fault.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldError<'a> {
    pub(crate) field: &'a str,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}

impl Problem {
    /// The problem in an answer. A gateway's own `{"message": ...}` and a body that is no JSON at all become
    /// problem documents too.
    pub(crate) fn of(status: u16, title: &str, body: &[u8]) -> Self {
        let mut document: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let is_problem = ["title", "detail", "code"].iter().any(|name| document.contains_key(*name));
        if !is_problem {
            let message = ["message", "Message"].iter().find_map(|name| document.get(*name)?.as_str());
            let detail = message.map(str::to_owned);
            document = Map::new();
            document.insert("type".to_owned(), json!("about:blank"));
            document.insert("title".to_owned(), json!(title));
            if let Some(detail) = detail {
                document.insert("detail".to_owned(), json!(detail));
            }
        }
        document.insert("status".to_owned(), json!(status));
        Self { status, document }
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A text member; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.document.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The stable code of the problem; empty in what a gateway answers.
    pub fn code(&self) -> &str {
        self.text("code")
    }

    /// What went wrong, in a sentence.
    pub(crate) fn sentence(&self) -> &str {
        match self.text("detail") {
            "" => self.text("title"),
            detail => detail,
        }
    }

    /// Every field at fault.
    pub(crate) fn field_errors(&self) -> impl Iterator<Item = FieldError<'_>> {
        let errors = self.document.get("errors").and_then(Value::as_array).map(Vec::as_slice);
        errors.unwrap_or_default().iter().map(|error| {
            let part = |name| error.get(name).and_then(Value::as_str).unwrap_or_default();
            FieldError { field: part("field"), code: part("code"), message: part("message") }
        })
    }

    /// The whole document.
    pub(crate) fn document(&self) -> Value {
        Value::Object(self.document.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_document_is_kept_as_it_came() {
        let body = json!({"type": "x", "title": "Invalid", "status": 400, "code": "invalid", "errors": [
            {"field": "OrgUnit", "code": "missing", "message": "OrgUnit is required."}]});
        let problem = Problem::of(400, "Bad Request", body.to_string().as_bytes());
        assert_eq!(problem.document(), body);
        assert_eq!(
            problem.field_errors().collect::<Vec<_>>(),
            [FieldError { field: "OrgUnit", code: "missing", message: "OrgUnit is required." }]
        );
    }

    #[test]
    fn the_gateways_own_message_becomes_a_problem_document() {
        let problem = Problem::of(403, "Forbidden", br#"{"message":"Forbidden by the gateway"}"#);
        assert_eq!(
            problem.document(),
            json!({"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "Forbidden by the gateway"})
        );
    }

    #[test]
    fn a_body_that_is_no_json_object_still_says_what_the_status_says() {
        for body in ["", "<html>", "[1]", "null", r#"{"errors": 7}"#] {
            let problem = Problem::of(502, "Bad Gateway", body.as_bytes());
            assert_eq!((problem.sentence(), problem.code()), ("Bad Gateway", ""), "{body}");
            assert_eq!(problem.field_errors().count(), 0, "{body}");
        }
    }
}

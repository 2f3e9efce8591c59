//! A topic that remembers what was published to it, as SNS takes it on the wire.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

/// The name by which the functions know the topic.
pub const TOPIC_ARN: &str = "arn:aws:sns:us-east-1:000000000000:accounts";

/// One call of `Publish`.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The subject.
    pub subject: String,
    /// The JSON for programs.
    pub message: Value,
    /// The sentences for people.
    pub email: String,
    /// The message attribute `Status`.
    pub status: String,
}

/// A topic.
#[derive(Clone, Debug, Default)]
pub struct Topic {
    published: Arc<Mutex<Vec<Published>>>,
}

impl Topic {
    /// Serves the topic.
    pub(crate) fn router(&self) -> Router {
        Router::new().route("/", post(publish)).with_state(self.clone())
    }

    /// What was published, the oldest first.
    pub fn published(&self) -> Vec<Published> {
        self.published.lock().expect("a lock").clone()
    }
}

/// SNS API reference, `Publish`; the protocol is AWS query: a form in, XML out.
async fn publish(State(topic): State<Topic>, body: String) -> Response {
    let form = reqwest::Url::parse(&format!("http://form/?{body}")).expect("a form");
    let field = |name: &str| {
        form.query_pairs()
            .find(|(field, _)| field == name)
            .unwrap_or_else(|| panic!("no {name} in {body}"))
            .1
            .into_owned()
    };
    assert_eq!((field("Action").as_str(), field("TopicArn").as_str()), ("Publish", TOPIC_ARN));
    assert_eq!(
        (field("MessageStructure").as_str(), field("MessageAttributes.entry.1.Name").as_str()),
        ("json", "Status")
    );
    assert_eq!(field("MessageAttributes.entry.1.Value.DataType"), "String");
    let by_protocol: Value = serde_json::from_str(&field("Message")).expect("JSON by protocol");
    let text = |protocol: &str| by_protocol[protocol].as_str().expect("a text").to_owned();
    topic.published.lock().expect("a lock").push(Published {
        subject: field("Subject"),
        message: serde_json::from_str(&text("default")).expect("JSON"),
        email: text("email"),
        status: field("MessageAttributes.entry.1.Value.StringValue"),
    });
    "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>".into_response()
}

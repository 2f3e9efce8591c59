//! A topic that remembers what was published to it, as SNS takes it on the wire.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::task::JoinSet;

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

/// A topic, served until the set of its servers is dropped.
#[derive(Clone, Debug, Default)]
pub struct Topic {
    published: Arc<Mutex<Vec<Published>>>,
    refusal: Arc<Mutex<Option<(u16, &'static str)>>>,
}

impl Topic {
    /// Serves the topic, and says where.
    pub(crate) async fn serve(&self, servers: &mut JoinSet<()>) -> String {
        let router = Router::new().route("/", post(publish)).with_state(self.clone());
        format!("http://{}", crate::serve(servers, router).await)
    }

    /// What was published, the oldest first.
    pub fn published(&self) -> Vec<Published> {
        self.published.lock().expect("a lock").clone()
    }

    /// From now on every call is refused with this status and code; or no longer.
    pub fn refuse(&self, refusal: Option<(u16, &'static str)>) {
        *self.refusal.lock().expect("a lock") = refusal;
    }
}

/// SNS API reference, `Publish`; the protocol is AWS query: a form in, XML out.
async fn publish(State(topic): State<Topic>, body: String) -> Response {
    if let Some((status, code)) = *topic.refusal.lock().expect("a lock") {
        let status = StatusCode::from_u16(status).expect("a status");
        let error =
            format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>");
        return (status, error).into_response();
    }
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

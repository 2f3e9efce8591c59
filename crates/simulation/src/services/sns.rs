//! SNS: remembers what was published.

use std::collections::BTreeMap;

use accounts_aws::WireAnswer;

/// The one topic.
#[derive(Debug, Default)]
pub(crate) struct Topic {
    /// How often a message was published that names this request.
    published: BTreeMap<String, u32>,
}

impl Topic {
    /// Publishes the message of a form body. The request is named in it by its id, whose characters no encoding changes.
    pub(crate) fn publish(&mut self, body: &[u8]) -> WireAnswer {
        let body = String::from_utf8_lossy(body);
        if let Some(id) = request_id_in(&body) {
            *self.published.entry(id.to_owned()).or_default() += 1;
        }
        let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                      <MessageId>1</MessageId></PublishResult></PublishResponse>";
        WireAnswer { status: 200, body: answer.as_bytes().to_vec() }
    }

    pub(crate) fn times_published(&self, request_id: &str) -> u32 {
        self.published.get(request_id).copied().unwrap_or_default()
    }
}

/// The first UUID of a text.
fn request_id_in(text: &str) -> Option<&str> {
    const LENGTH: usize = 36;
    let is_uuid = |window: &[u8]| {
        window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let start = text.as_bytes().windows(LENGTH).position(is_uuid)?;
    text.get(start..start + LENGTH)
}

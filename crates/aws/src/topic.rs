//! The SNS topic of the ends of requests.

use accounts_core::{EndNotification, Error, Kind, Result};
use aws_sdk_sns::types::MessageAttributeValue;
use serde_json::json;

use crate::Sdk;
use crate::sdk_error::into_error;

/// A topic of SNS.
#[derive(Clone, Debug)]
pub struct Topic {
    client: aws_sdk_sns::Client,
    arn: String,
}

impl Topic {
    /// The topic of this ARN.
    pub fn new(sdk: &Sdk, arn: String) -> Self {
        Self { client: sdk.sns(), arn }
    }

    /// Publishes the end of a request: sentences to e-mail, JSON to every other protocol, and its status as
    /// the attribute `Status`, for filter policies (SNS API reference, `Publish`, `MessageStructure`).
    ///
    /// # Errors
    /// [`Kind::Throttled`] or [`Kind::Transient`] if another try may succeed, [`Kind::AccessDenied`] or [`Kind::Internal`] if
    /// it was refused.
    pub async fn publish(&self, end: &EndNotification) -> Result<()> {
        let message = json!({"default": end.message()?, "email": end.email_body()});
        let status = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(end.event.name())
            .build()
            .map_err(|error| {
                Error::new(Kind::Internal, "The notification cannot be written.").caused_by(error)
            })?;
        self.client
            .publish()
            .topic_arn(&self.arn)
            .subject(end.subject())
            .message_structure("json")
            .message(message.to_string())
            .message_attributes("Status", status)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| into_error("The end of the request could not be published.", error))
    }
}

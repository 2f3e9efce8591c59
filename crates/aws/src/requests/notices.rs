//! The note that the end of a request was told.

use accounts_core::{AccountRequest, Result, Timestamp};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;

use super::{KEY, NOT_WRITTEN, Requests, text};
use crate::failed::sort;

impl Requests {
    /// Notes that the end of this request was told. Where that was noted before, or another request followed
    /// meanwhile, there is nothing to note.
    pub(crate) async fn note_notified(&self, request: &AccountRequest, now: Timestamp) -> Result<()> {
        let note = self
            .note(request, now)
            .update_expression("SET NotifiedAt = :now")
            .condition_expression("RequestID = :id AND attribute_not_exists(NotifiedAt)")
            .expression_attribute_values(":id", text(request.request_id.to_string()));
        done_once(note).await
    }

    /// The same for the earlier failure at this place of the request's list.
    pub(crate) async fn note_past_notified(
        &self,
        request: &AccountRequest,
        place: usize,
        now: Timestamp,
    ) -> Result<()> {
        let past = request.previous_failures[place].request_id;
        let note = self
            .note(request, now)
            .update_expression(format!("SET PreviousFailures[{place}].NotifiedAt = :now"))
            .condition_expression(format!("PreviousFailures[{place}].RequestID = :id"))
            .expression_attribute_values(":id", text(past.to_string()));
        done_once(note).await
    }

    fn note(&self, request: &AccountRequest, now: Timestamp) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(KEY, text(request.account_email.as_str()))
            .expression_attribute_values(":now", text(now.to_string()))
    }
}

async fn done_once(note: UpdateItemFluentBuilder) -> Result<()> {
    match note.send().await.map_err(|error| sort(NOT_WRITTEN, error)) {
        Ok(_) => Ok(()),
        Err(refused) if refused.code.as_deref() == Some("ConditionalCheckFailedException") => Ok(()),
        Err(other) => Err(other.error),
    }
}

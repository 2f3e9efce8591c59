//! The table itself, for a fleet that nobody deploys. Terraform makes the same one in the cloud.

use accounts_core::{Error, Kind, Result};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription,
    TimeToLiveSpecification,
};

use super::keys::{PARTITION, SORT};
use super::{NOT_READ, NOT_WRITTEN, QUEUE_INDEX, Table};
use crate::sdk_error::classify;

impl Table {
    /// Makes the table if it is not there, and gives the name of its stream.
    ///
    /// # Errors
    /// If the table can neither be read nor made, has no stream, or has another key.
    pub async fn ensure_table(&self) -> Result<String> {
        let described = self.client.describe_table().table_name(&self.name).send().await;
        let table = match described.map_err(|error| classify(NOT_READ, error)) {
            Ok(answer) => answer.table,
            Err(refused) if refused.code.as_deref() == Some("ResourceNotFoundException") => {
                self.create_table().await?
            }
            Err(other) => return Err(other.error),
        };
        if table.as_ref().is_some_and(|table| !has_our_key(table)) {
            let sentence =
                "The table has the key of an older version, which is not read any more; take another folder.";
            return Err(Error::new(Kind::Misconfigured, sentence));
        }
        table
            .and_then(|table| table.latest_stream_arn)
            .ok_or_else(|| Error::new(Kind::Internal, "The table has no stream."))
    }

    async fn create_table(&self) -> Result<Option<TableDescription>> {
        let malformed =
            |error: BuildError| Error::new(Kind::Internal, "The table cannot be described.").caused_by(error);
        let attribute = |name: &str| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .map_err(malformed)
        };
        let key = |name: &str, kind: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(malformed)
        };
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(malformed)?;
        let queues = GlobalSecondaryIndex::builder()
            .index_name(QUEUE_INDEX)
            .key_schema(key("Queue", KeyType::Hash)?)
            .key_schema(key("QueueOrder", KeyType::Range)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(malformed)?;
        let answer = self
            .client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key(PARTITION, KeyType::Hash)?)
            .key_schema(key(SORT, KeyType::Range)?)
            .attribute_definitions(attribute(PARTITION)?)
            .attribute_definitions(attribute(SORT)?)
            .attribute_definitions(attribute("Queue")?)
            .attribute_definitions(attribute("QueueOrder")?)
            .global_secondary_indexes(queues)
            .stream_specification(stream)
            .send()
            .await
            .map_err(|error| classify(NOT_WRITTEN, error).error)?;
        let expiry = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name(super::accept::EXPIRY)
            .build()
            .map_err(malformed)?;
        self.client
            .update_time_to_live()
            .table_name(&self.name)
            .time_to_live_specification(expiry)
            .send()
            .await
            .map_err(|error| classify(NOT_WRITTEN, error).error)?;
        Ok(answer.table_description)
    }
}

/// Whether the table's key is the one that the functions use.
fn has_our_key(table: &TableDescription) -> bool {
    let key = table.key_schema().iter().map(|part| (part.key_type(), part.attribute_name()));
    key.eq([(&KeyType::Hash, PARTITION), (&KeyType::Range, SORT)])
}

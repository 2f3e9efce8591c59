//! The table as it is stored, past every function.

use std::collections::BTreeMap;

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// Nobody checks it, but somebody checks that there is one.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";

/// The partition of the slots of the one pool.
const SLOTS: &str = "SLOT#control-tower";

/// `AccountsTable`.
#[derive(Clone, Debug)]
pub struct Table {
    http: reqwest::Client,
    endpoint: String,
}

impl Table {
    /// The table of the DynamoDB at this address.
    pub fn at(endpoint: &str) -> Self {
        Self { http: crate::client::http(), endpoint: endpoint.to_owned() }
    }

    /// The item under a key, as DynamoDB writes it; null where there is none.
    pub async fn item(&self, key: &str, record: &str) -> Value {
        let body = json!({"Key": key_of(key, record), "ConsistentRead": true});
        self.call("GetItem", body).await["Item"].clone()
    }

    /// Writes an item over what is there.
    pub async fn put(&self, item: &Value) {
        self.call("PutItem", json!({"Item": item})).await;
    }

    /// Removes an item, whatever it is.
    pub async fn delete(&self, key: &str, record: &str) {
        self.call("DeleteItem", json!({"Key": key_of(key, record)})).await;
    }

    /// Every item of a partition whose record starts so, in the order of the records.
    pub async fn records(&self, key: &str, prefix: &str) -> Vec<Value> {
        let values = json!({":key": {"S": key}, ":prefix": {"S": prefix}});
        let query = json!({
            "KeyConditionExpression": "AccountEmail = :key AND begins_with(#Record, :prefix)",
            "ExpressionAttributeNames": {"#Record": "Record"},
            "ExpressionAttributeValues": values,
            "ConsistentRead": true,
        });
        self.all("Query", query).await
    }

    /// The request that holds each slot that is taken, by the slot's number.
    pub async fn slots(&self) -> BTreeMap<u32, String> {
        let text = |item: &Value, name: &str| item[name]["S"].as_str().expect("a text").to_owned();
        let items = self.all("Query", slots_query()).await;
        items
            .iter()
            .map(|item| (text(item, "Record").parse().expect("a number"), text(item, "RequestID")))
            .collect()
    }

    /// Every key, in order, as `partition|record`: accounts, requests, claims, whatever is there.
    pub async fn keys(&self) -> Vec<String> {
        let items = self.items().await;
        let part = |item: &Value, name: &str| item[name]["S"].as_str().expect("a key").to_owned();
        let mut keys: Vec<_> = items
            .iter()
            .map(|item| format!("{}|{}", part(item, "AccountEmail"), part(item, "Record")))
            .collect();
        keys.sort();
        keys
    }

    /// Every item, as DynamoDB writes it.
    pub async fn items(&self) -> Vec<Value> {
        self.all("Scan", json!({"ConsistentRead": true})).await
    }

    /// What the table is: keys, attributes, indexes, stream.
    pub async fn description(&self) -> Value {
        self.call("DescribeTable", json!({})).await["Table"].clone()
    }

    /// Which attribute drops an item after its TTL.
    pub async fn time_to_live(&self) -> Value {
        self.call("DescribeTimeToLive", json!({})).await["TimeToLiveDescription"].clone()
    }

    /// The items of every page.
    async fn all(&self, operation: &str, mut body: Value) -> Vec<Value> {
        let mut items = Vec::new();
        loop {
            let mut page = self.call(operation, body.clone()).await;
            items.append(page["Items"].as_array_mut().expect("items"));
            if page["LastEvaluatedKey"].is_null() {
                return items;
            }
            body["ExclusiveStartKey"] = page["LastEvaluatedKey"].take();
        }
    }

    async fn call(&self, operation: &str, mut body: Value) -> Value {
        body["TableName"] = json!("AccountsTable");
        let request = self
            .http
            .post(&self.endpoint)
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", SIGNATURE)
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .body(body.to_string());
        let answer = request.send().await.expect("an answer of the table");
        let status = answer.status();
        let answer: Value = answer.json().await.expect("an answer in JSON");
        assert!(status.is_success(), "{operation} is answered {status}: {answer}");
        answer
    }
}

fn key_of(key: &str, record: &str) -> Value {
    json!({"AccountEmail": {"S": key}, "Record": {"S": record}})
}

fn slots_query() -> Value {
    json!({
        "KeyConditionExpression": "AccountEmail = :slots",
        "ExpressionAttributeValues": {":slots": {"S": SLOTS}},
        "ConsistentRead": true,
    })
}

//! The table as it is stored, past every function.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// Nobody checks it, but somebody checks that there is one.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";

/// The table of the requests.
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
    pub async fn item(&self, key: &str) -> Value {
        let body = json!({"Key": {"AccountEmail": {"S": key}}, "ConsistentRead": true});
        self.call("GetItem", body).await["Item"].clone()
    }

    /// Writes an item over what is there.
    pub async fn put(&self, item: &Value) {
        self.call("PutItem", json!({"Item": item})).await;
    }

    /// Who holds a slot of the landing zone, in order.
    pub async fn holders(&self) -> Vec<String> {
        let slots = self.item("SLOTS#").await;
        let holders = slots["Holders"]["SS"].as_array().cloned().unwrap_or_default();
        let mut holders: Vec<_> = holders.iter().map(|id| id.as_str().expect("an id").to_owned()).collect();
        holders.sort();
        holders
    }

    /// Gives the slots to these.
    pub async fn set_holders(&self, holders: &[String]) {
        self.put(&json!({"AccountEmail": {"S": "SLOTS#"}, "Holders": {"SS": holders}})).await;
    }

    /// Every key, in order: requests, reservations, whatever is there.
    pub async fn keys(&self) -> Vec<String> {
        let (mut from, mut keys) = (Value::Null, Vec::new());
        loop {
            let mut body = json!({"ConsistentRead": true});
            if !from.is_null() {
                body["ExclusiveStartKey"] = from;
            }
            let page = self.call("Scan", body).await;
            let items = page["Items"].as_array().expect("items");
            keys.extend(
                items.iter().map(|item| item["AccountEmail"]["S"].as_str().expect("a key").to_owned()),
            );
            from = page["LastEvaluatedKey"].clone();
            if from.is_null() {
                keys.sort();
                return keys;
            }
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

//! Calls on the emulator, as they are on the wire.
//!
//! No SDK: a client crate a service would cost minutes of compile time in every test run, for a dozen calls
//! that an emulator does not check the signatures of.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

use crate::error::{CloudError, While};

/// An AWS service, as requests name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in a signature.
    pub scope: &'static str,
    /// The prefix of `X-Amz-Target`, for a service that speaks JSON.
    pub target: &'static str,
}

/// The services that somebody here calls.
#[allow(missing_docs)]
impl Service {
    pub const API_GATEWAY: Self = Self { scope: "apigateway", target: "" };
    pub const CLOUDWATCH: Self = Self { scope: "monitoring", target: "GraniteServiceVersion20100801" };
    pub const COGNITO: Self = Self { scope: "cognito-idp", target: "AWSCognitoIdentityProviderService" };
    pub const DYNAMODB: Self = Self { scope: "dynamodb", target: "DynamoDB_20120810" };
    pub const EVENTS: Self = Self { scope: "events", target: "AWSEvents" };
    pub const IAM: Self = Self { scope: "iam", target: "" };
    pub const KMS: Self = Self { scope: "kms", target: "TrentService" };
    pub const LAMBDA: Self = Self { scope: "lambda", target: "" };
    pub const LOGS: Self = Self { scope: "logs", target: "Logs_20140328" };
    pub const S3: Self = Self { scope: "s3", target: "" };
    pub const SNS: Self = Self { scope: "sns", target: "" };
    pub const SQS: Self = Self { scope: "sqs", target: "AmazonSQS" };
    pub const STEP_FUNCTIONS: Self = Self { scope: "states", target: "AWSStepFunctions" };
}

/// The emulator at one address.
#[derive(Clone, Debug)]
pub struct Emulator {
    http: reqwest::Client,
    address: String,
}

impl Emulator {
    /// The emulator at this address.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn at(address: &str) -> Result<Self, CloudError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Plain http all the same; reqwest builds no client without a provider. Another thread may have
            // been faster, which is as good.
            let _faster = rustls::crypto::ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(120)).build();
        Ok(Self { http: http.or_cloud("no HTTP client can be made")?, address: address.to_owned() })
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// An HTTP client that goes through no proxy.
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Whether it answers.
    pub async fn is_up(&self) -> bool {
        let answer = self.http.get(format!("{}/_ministack/health", self.address)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// An operation of a service that speaks JSON.
    ///
    /// # Errors
    /// It is refused, or nobody answers.
    pub async fn json(&self, service: Service, operation: &str, body: &Value) -> Result<Value, CloudError> {
        let request = self
            .request(Method::POST, service, "/")
            .header("x-amz-target", format!("{}.{operation}", service.target))
            .header("content-type", "application/x-amz-json-1.1")
            .body(body.to_string());
        json_of(&sent(request, operation).await?, operation)
    }

    /// A call of a service that is addressed by paths. A body of null is none.
    ///
    /// # Errors
    /// It is refused, or nobody answers.
    pub async fn rest(
        &self,
        method: Method,
        service: Service,
        path: &str,
        body: &Value,
    ) -> Result<Value, CloudError> {
        let what = format!("{method} {path}");
        let mut request = self.request(method, service, path);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        json_of(&sent(request, &what).await?, &what)
    }

    /// An operation of a service that takes forms and answers in XML, which is handed over as it is.
    ///
    /// # Errors
    /// It is refused, or nobody answers.
    pub async fn form(
        &self,
        service: Service,
        operation: &str,
        version: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String, CloudError> {
        let form = [("Action", operation), ("Version", version)];
        let encoded = Url::parse_with_params(&self.address, form.iter().chain(parameters))
            .or_cloud("the address is no address")?;
        let request = self
            .request(Method::POST, service, "/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded.query().unwrap_or_default().to_owned());
        sent(request, operation).await
    }

    fn request(&self, method: Method, service: Service, path: &str) -> RequestBuilder {
        // Only the scope is read: it says which service the request is for.
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0",
            service.scope
        );
        let url = format!("{}{path}", self.address);
        self.http
            .request(method, url)
            .header("authorization", signature)
            .header("x-amz-date", "20260101T000000Z")
    }
}

async fn sent(request: RequestBuilder, what: &str) -> Result<String, CloudError> {
    let answer = request.send().await.or_cloud(format!("{what} has no answer"))?;
    let status = answer.status();
    let text = answer.text().await.or_cloud(format!("{what} has no whole answer"))?;
    if status.is_success() {
        Ok(text)
    } else {
        Err(CloudError::new(format!("{what} is answered {status}"), text))
    }
}

fn json_of(text: &str, what: &str) -> Result<Value, CloudError> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).or_cloud(format!("{what} is not answered in JSON"))
}

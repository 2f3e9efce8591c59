//! A simulation in the place of the network: the SDK signs, retries and parses as ever, and its calls are answered in
//! the process.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

/// Answers the calls of the SDK.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Answers one try of one call. A future that never ends is a call without an answer: the SDK's own timeout ends it.
    fn call(&self, call: WireCall) -> AnswerFuture;
}

/// What [`Transport::call`] gives.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Result<WireAnswer, Disconnected>> + Send>>;

/// One try of one call, as it is sent.
#[derive(Clone, Debug)]
pub struct WireCall {
    /// The header `X-Amz-Target`, `<service>.<action>`; empty for SNS, whose body names the action.
    pub target: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The answer of a service.
#[derive(Clone, Debug)]
pub struct WireAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON, or XML for SNS.
    pub body: Vec<u8>,
}

/// The connection broke: whether the call was carried out is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnected;

impl fmt::Display for Disconnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed before an answer came")
    }
}

impl std::error::Error for Disconnected {}

/// The HTTP client of the SDK that asks a transport.
#[derive(Clone, Debug)]
pub(crate) struct TransportClient(pub(crate) Arc<dyn Transport>);

impl HttpClient for TransportClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for TransportClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let answer = self.0.call(WireCall { target, body });
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(|broken| ConnectorError::io(Box::new(broken)))?;
            let status = StatusCode::try_from(answer.status)
                .map_err(|error| ConnectorError::other(error.into(), None))?;
            Ok(HttpResponse::new(status, SdkBody::from(answer.body)))
        })
    }
}

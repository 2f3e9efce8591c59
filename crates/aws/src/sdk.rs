//! What every client shares: configuration, connections, limits of time.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep, TokioSleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};

use crate::transport::TransportClient;
use crate::{Clock, Transport};

/// The configuration that every client of a function is built from.
#[derive(Clone, Debug)]
pub struct Sdk {
    config: SdkConfig,
    endpoints: Option<Endpoints>,
    simulated: bool,
}

/// Where the services are, for a process whose environment cannot say it (`AWS_ENDPOINT_URL_*` does
/// otherwise) because it runs several fleets.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// DynamoDB.
    pub dynamodb: String,
    /// Step Functions.
    pub step_functions: String,
    /// Organizations and Service Catalog.
    pub landing_zone: String,
    /// SNS, where there is a topic.
    pub sns: Option<String>,
}

impl Sdk {
    /// The configuration that the environment gives: region, credentials, `AWS_ENDPOINT_URL*`.
    pub async fn from_env() -> Self {
        Self { config: loader().load().await, endpoints: None, simulated: false }
    }

    /// A configuration for emulators at these endpoints, with credentials that open nothing else.
    pub async fn at(endpoints: Endpoints) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "accounts-local");
        let config = loader()
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .load()
            .await;
        Self { config, endpoints: Some(endpoints), simulated: false }
    }

    /// A configuration for a simulation: calls go to the transport, `now` is the clock, and sleeps are tokio's, which a
    /// paused runtime makes as long as it likes.
    pub fn simulated(
        transport: Arc<dyn Transport>,
        now: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        let credentials = Credentials::new("simulated", "simulated", None, None, "accounts-simulation");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(TransportClient(transport))
            .retry_config(RetryConfig::standard())
            .sleep_impl(WholeMs(TokioSleep::new()))
            .time_source(SimulatedTime(Arc::new(now)))
            .timeout_config(timeouts())
            .build();
        Self { config, endpoints: None, simulated: true }
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        Clock::new(self.config.time_source().unwrap_or_default())
    }

    /// The retries of a client. The SDK counts them for the whole process; clients of a simulation count for themselves, or
    /// runs would depend on each other.
    fn retry_partition(&self) -> Option<RetryPartition> {
        self.simulated.then(|| RetryPartition::custom("simulated").build())
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        if let Some(endpoints) = &self.endpoints {
            config.set_endpoint_url(Some(endpoints.dynamodb.clone()));
        }
        config.set_retry_partition(self.retry_partition());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub(crate) fn step_functions(&self) -> aws_sdk_sfn::Client {
        let mut config = aws_sdk_sfn::config::Builder::from(&self.config);
        if let Some(endpoints) = &self.endpoints {
            config.set_endpoint_url(Some(endpoints.step_functions.clone()));
        }
        config.set_retry_partition(self.retry_partition());
        aws_sdk_sfn::Client::from_conf(config.build())
    }

    pub(crate) fn sns(&self) -> aws_sdk_sns::Client {
        let mut config = aws_sdk_sns::config::Builder::from(&self.config);
        if let Some(endpoint) = self.endpoints.as_ref().and_then(|endpoints| endpoints.sns.clone()) {
            config.set_endpoint_url(Some(endpoint));
        }
        config.set_retry_partition(self.retry_partition());
        aws_sdk_sns::Client::from_conf(config.build())
    }

    pub(crate) fn organizations(&self) -> aws_sdk_organizations::Client {
        let mut config = aws_sdk_organizations::config::Builder::from(&self.config);
        if let Some(endpoints) = &self.endpoints {
            config.set_endpoint_url(Some(endpoints.landing_zone.clone()));
        }
        config.set_retry_partition(self.retry_partition());
        aws_sdk_organizations::Client::from_conf(config.build())
    }

    pub(crate) fn service_catalog(&self) -> aws_sdk_servicecatalog::Client {
        let mut config = aws_sdk_servicecatalog::config::Builder::from(&self.config);
        if let Some(endpoints) = &self.endpoints {
            config.set_endpoint_url(Some(endpoints.landing_zone.clone()));
        }
        config.set_retry_partition(self.retry_partition());
        aws_sdk_servicecatalog::Client::from_conf(config.build())
    }
}

fn loader() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).http_client(http_client()).timeout_config(timeouts())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(25))
        .build()
}

/// Sleeps of whole milliseconds, rounded up: tokio's timers have that resolution, and a fraction would decide by chance which
/// of two sleeps ends first.
#[derive(Debug)]
struct WholeMs(TokioSleep);

impl AsyncSleep for WholeMs {
    fn sleep(&self, duration: Duration) -> Sleep {
        let ms = duration.as_nanos().div_ceil(1_000_000);
        self.0.sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }
}

struct SimulatedTime(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl TimeSource for SimulatedTime {
    fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl fmt::Debug for SimulatedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedTime")
    }
}

/// `ring` instead of the default aws-lc, which gathers jitter entropy for some 45 ms of CPU at its first use
/// (aws/aws-lc-rs #899, #1140); and one bundle of roots instead of the folder beside it, which costs over 900
/// system calls. A plain-http emulator hides both. See ARCHITECTURE.md, decision 3.
fn http_client() -> aws_sdk_dynamodb::config::SharedHttpClient {
    let mut roots = TrustStore::default();
    if let Ok(bundle) = std::fs::read(Path::new(AMAZON_LINUX_BUNDLE)) {
        roots = TrustStore::empty().with_pem_certificate(bundle);
    }
    let builder =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(error) => {
            tracing::warn!(%error, "the bundle of root certificates cannot be used; the platform's are");
            builder.build_https()
        }
    }
}

/// Where Amazon Linux (`provided.al2023`) keeps its roots in one file.
const AMAZON_LINUX_BUNDLE: &str = "/etc/pki/tls/certs/ca-bundle.crt";

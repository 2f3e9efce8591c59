//! The deployed fleet, and those who call it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use accounts_emulated_cloud::{
    Cloud, CloudError, CloudSettings, Emulator, MissingTool, Packages, Seen, Service, Tools, until,
};
use accounts_tests::Client;
use reqwest::Method;
use serde_json::{Value, json};

/// Where packages lie that were built elsewhere and are to be deployed instead.
const PACKAGES: &str = "ACCOUNTS_PACKAGES";

/// A password that the pool's rules accept; it opens nothing but this emulator.
pub(crate) const PASSWORD: &str = "Correct-Horse-7-Battery-Staple";

/// How long a request may take to its end here, retries included.
const TO_THE_END: Duration = Duration::from_secs(150);

/// One deployed fleet for the whole binary.
pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) administrator: Client,
    pub(crate) reader: Client,
    topic: Listener,
}

/// A queue that hears what the topic says.
struct Listener {
    queue: String,
    subscription: String,
    heard: Mutex<Vec<Value>>,
}

/// The programs that the suite needs.
pub(crate) fn tools() -> Result<Tools, MissingTool> {
    Tools::find(&target().join("tools"))
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder").to_owned()
}

/// The functions, from the binaries that Cargo built with this one; or those made elsewhere.
fn packages() -> Result<Packages, CloudError> {
    if let Some(folder) = std::env::var_os(PACKAGES) {
        return Packages::made_in(Path::new(&folder));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let binaries = accounts_tests::function_binaries!();
    Packages::of_binaries(binaries.map(|(function, binary)| (function, Path::new(binary))), &folder)
}

impl World {
    /// Deploys the fleet, and signs an administrator and a reader in.
    pub(crate) async fn begin(tools: &Tools) -> Result<Self, CloudError> {
        let began = Instant::now();
        let packages = packages()?;
        println!("packages: {:.1} s", began.elapsed().as_secs_f64());
        let settings = CloudSettings {
            infra: Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("infra"),
            packages,
            port: 0,
            poll_seconds: 1,
            provision_seconds: 2.0,
        };
        let mut cloud = Cloud::start(tools, &settings).await?;
        println!("servers and terraform init: {:.1} s", began.elapsed().as_secs_f64());
        cloud.apply().await?;
        let resources = cloud.resources().await?.len();
        println!("terraform apply: {resources} resources, {:.1} s", began.elapsed().as_secs_f64());

        let administrator = signed_in(&cloud, "administrator@example.com", "Administrators").await?;
        let reader = signed_in(&cloud, "reader@example.com", "Readers").await?;
        let topic = Listener::of(cloud.emulator(), cloud.output("topic_arn")?).await?;
        Ok(Self { cloud, administrator, reader, topic })
    }

    /// Shows the request for an e-mail as soon as it has this status; seldom enough that 30 can be waited for.
    pub(crate) async fn reaches(&self, email: &str, wanted: &[&str]) -> Value {
        let reached = until(format!("{email} is {wanted:?}"), TO_THE_END, async || {
            let answer = self.reader.get(email).await;
            let there = wanted.contains(&answer.text("Status"));
            Ok(if there { Seen::Yes(answer.body) } else { Seen::NotYet(answer.body.to_string()) })
        });
        reached.await.unwrap_or_else(|error| panic!("{}", error.story()))
    }

    /// Shows the request for an e-mail as soon as it has ended.
    pub(crate) async fn ended(&self, email: &str) -> Value {
        self.reaches(email, &["Provisioned", "Failed"]).await
    }

    /// Runs the reconciler, as its schedule does each minute, and gives what it did.
    pub(crate) async fn reconcile(&self) -> Result<Value, CloudError> {
        let function = self.cloud.function_name("stream-trigger")?;
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.cloud.emulator().rest(Method::POST, Service::LAMBDA, &path, &json!({ "reconcile": true })).await
    }

    /// What operators were told of the request for an e-mail, as soon as they were.
    pub(crate) async fn told_of(&self, email: &str) -> Told {
        let told = until(format!("operators are told of {email}"), Duration::from_secs(30), async || {
            self.topic.listen(self.cloud.emulator()).await?;
            let heard = self.topic.heard.lock().unwrap_or_else(PoisonError::into_inner);
            let found = heard.iter().find_map(|envelope| Told::of(envelope, email));
            Ok(found.map_or_else(|| Seen::NotYet(format!("{heard:?}")), Seen::Yes))
        });
        told.await.unwrap_or_else(|error| panic!("{}", error.story()))
    }

    /// Takes away what the suite itself put into the cloud.
    pub(crate) async fn leave(&self) -> Result<(), CloudError> {
        let emulator = self.cloud.emulator();
        let subscription = [("SubscriptionArn", self.topic.subscription.as_str())];
        emulator.form(Service::SNS, "Unsubscribe", "2010-03-31", &subscription).await?;
        emulator.json(Service::SQS, "DeleteQueue", &json!({ "QueueUrl": self.topic.queue })).await?;
        Ok(())
    }
}

async fn signed_in(cloud: &Cloud, email: &str, group: &str) -> Result<Client, CloudError> {
    let identity = cloud.identity()?;
    identity.create_person(email, PASSWORD, &[group]).await?;
    Ok(Client::new(cloud.address().to_owned(), identity.sign_in(email, PASSWORD).await?))
}

/// A message of the topic.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) subject: String,
    pub(crate) message: Value,
}

impl Told {
    /// The message in this envelope, if it is of the request for this e-mail.
    fn of(envelope: &Value, email: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(envelope["Message"].as_str()?).ok()?;
        let subject = envelope["Subject"].as_str().unwrap_or_default().to_owned();
        (message["AccountEmail"] == email).then_some(Self { subject, message })
    }
}

impl Listener {
    async fn of(emulator: &Emulator, topic: &str) -> Result<Self, CloudError> {
        let made =
            emulator.json(Service::SQS, "CreateQueue", &json!({ "QueueName": "heard-by-the-suite" })).await?;
        let queue = made["QueueUrl"].as_str().unwrap_or_default().to_owned();
        let asked = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
        let attributes = emulator.json(Service::SQS, "GetQueueAttributes", &asked).await?;
        let queue_arn = attributes["Attributes"]["QueueArn"].as_str().unwrap_or_default();
        let parameters = [("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", queue_arn)];
        let subscribed = emulator.form(Service::SNS, "Subscribe", "2010-03-31", &parameters).await?;
        let subscription = subscribed
            .split_once("<SubscriptionArn>")
            .and_then(|(_, rest)| rest.split_once('<'))
            .map(|(arn, _)| arn.to_owned())
            .unwrap_or_default();
        Ok(Self { queue, subscription, heard: Mutex::default() })
    }

    /// Takes what has come.
    async fn listen(&self, emulator: &Emulator) -> Result<(), CloudError> {
        for message in received(emulator, &self.queue).await? {
            let envelope =
                serde_json::from_str(message["Body"].as_str().unwrap_or_default()).unwrap_or(message);
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(envelope);
        }
        Ok(())
    }
}

/// The messages that are in a queue now, taken out of it.
pub(crate) async fn received(emulator: &Emulator, queue: &str) -> Result<Vec<Value>, CloudError> {
    let asked = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1 });
    let answer = emulator.json(Service::SQS, "ReceiveMessage", &asked).await?;
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    for message in &messages {
        let taken = json!({ "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] });
        emulator.json(Service::SQS, "DeleteMessage", &taken).await?;
    }
    Ok(messages)
}

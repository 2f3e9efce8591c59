//! A whole fleet: its parts, started in the order in which they need each other.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use accounts_aws::{Endpoints, Executions, Requests, Sdk};
use accounts_lambda::Settings;
use accounts_landing_zone::LandingZone;
use accounts_state_machine::{Definition, Engine, Options};
use api::Api;
use authorizer::Authorizer;
use stream_trigger::StreamTrigger;
use tokio::task::JoinHandle;

use crate::arguments::Serve;
use crate::error::{LocalError, While};
use crate::functions::Functions;
use crate::gateway::Gateway;
use crate::stream::Delivery;
use crate::tokens::{CLIENT, Group, Issuer};
use crate::{database, listener};

/// The state machine that is deployed.
const DEPLOYED_STATE_MACHINE: &str = include_str!("../../../infra/state-machine.asl.json");

/// What the functions are told when they are deployed; the engine scales it.
const DEPLOYED_POLL_SECONDS: f64 = 30.0;

/// The table's name.
pub(crate) const TABLE: &str = "AccountsTable";

/// A running fleet. Dropping it stops it where it is; what it had accepted goes on when the folder is opened
/// again.
pub struct Fleet {
    address: SocketAddr,
    endpoints: Endpoints,
    issuer: Arc<Issuer>,
    engine: Engine,
    tasks: Vec<JoinHandle<()>>,
    _claim: File,
}

impl Fleet {
    /// Starts a fleet, and resumes every request that its folder holds unfinished.
    ///
    /// # Errors
    /// What keeps it from starting.
    pub async fn start(serve: Serve) -> Result<Self, LocalError> {
        Self::start_telling(serve, None).await
    }

    /// The same, and tells each status move in one line for people.
    pub(crate) async fn start_telling(serve: Serve, tell: Option<fn(&str)>) -> Result<Self, LocalError> {
        let folder = serve.landing_zone.data.clone();
        let claim = database::claim(&folder)?;
        let definition = definition(serve.state_machine.as_deref())?;
        let (api_listener, address) = listener::bind(serve.port).await?;
        let (dynamodb_listener, dynamodb) = listener::bind(0).await?;
        let (landing_zone_listener, landing_zone_at) = listener::bind(0).await?;
        let (step_functions_listener, step_functions) = listener::bind(0).await?;
        let endpoints = Endpoints {
            dynamodb: format!("http://{dynamodb}"),
            step_functions: format!("http://{step_functions}"),
            landing_zone: format!("http://{landing_zone_at}"),
            sns: None,
        };

        let database = database::open(&folder)?;
        let landing_zone = LandingZone::open(&folder, serve.landing_zone.settings())
            .or_local("the landing zone cannot be opened")?;
        let issuer = {
            let folder = folder.clone();
            let opened = tokio::task::spawn_blocking(move || Issuer::open(&folder)).await;
            Arc::new(opened.or_local("the token issuer crashed")??)
        };
        let mut tasks = vec![
            database::serve(dynamodb_listener, database.clone()),
            database::sweep(database.clone()),
            listener::serve(landing_zone_listener, landing_zone.router()),
        ];

        let sdk = Sdk::at(endpoints.clone()).await;
        let requests = Requests::new(&sdk, TABLE.to_owned());
        let stream_arn = requests.ensure_table().await.or_local("the table cannot be opened")?;
        let scale = serve.poll_seconds / DEPLOYED_POLL_SECONDS;
        let settings = workflow_settings(&serve);
        let functions = Functions::connect(&settings, &sdk).or_local("the functions cannot be set")?;
        let options = Options { time_scale: scale, ..Options::default() };
        let engine = Engine::open(folder.join("executions.db"), definition, functions, options)
            .or_local("the workflow engine cannot be opened")?;

        let gateway = Gateway::new(Arc::clone(&issuer), landing_zone);
        tasks.push(listener::serve(step_functions_listener, engine.router().merge(gateway.jwks())));
        let settings = front_settings(&engine, &issuer, step_functions);
        let trigger = StreamTrigger::connect(&settings, &sdk).or_local("stream-trigger cannot be set")?;
        let api = Api::connect(&settings, &sdk).await.or_local("the api cannot be set")?;
        let authorizer = Authorizer::connect(&settings).await.or_local("the authorizer cannot be set")?;

        engine.resume().or_local("unfinished executions cannot be resumed")?;
        start_what_has_no_execution(&requests, &Executions::new(&sdk, engine.arn())).await?;
        let delivery = Delivery { database, stream_arn, folder, trigger: Arc::new(trigger), tell };
        tasks.push(tokio::spawn(delivery.run()));
        tasks.push(listener::serve(api_listener, gateway.router(api, authorizer)));
        Ok(Self { address, endpoints, issuer, engine, tasks, _claim: claim })
    }

    /// The address of the API, `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the emulated services are.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The state machine, for those who look with the AWS CLI.
    pub fn state_machine_arn(&self) -> String {
        self.engine.arn()
    }

    /// A token of somebody in this group.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub fn token(&self, group: Group) -> Result<String, LocalError> {
        self.issuer.token(group)
    }

    /// Stops everything where it is, and waits until nothing writes any more.
    pub async fn stop(mut self) {
        self.engine.shutdown().await;
        for task in self.tasks.drain(..) {
            task.abort();
            if let Err(error) = task.await
                && !error.is_cancelled()
            {
                tracing::warn!(%error, "a part of the fleet had crashed");
            }
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// A request without an execution (its file was lost, or its record of the stream was set aside) gets one; the
/// others have theirs under the same name.
async fn start_what_has_no_execution(requests: &Requests, executions: &Executions) -> Result<(), LocalError> {
    for open in requests.open().await.or_local("the unfinished requests cannot be listed")?.requests {
        executions.start(&open.start).await.or_local("an unfinished request cannot be resumed")?;
    }
    Ok(())
}

fn definition(file: Option<&Path>) -> Result<Definition, LocalError> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .or_local(format!("the state machine {} cannot be read", file.display()))?,
        None => DEPLOYED_STATE_MACHINE.to_owned(),
    };
    Definition::parse(&text).or_local("the state machine cannot be run here")
}

/// How long the landing zone may take before a request is given up, in seconds: more than the ten times of
/// `sim-slow`, and soon enough to see the end of `sim-never`.
fn wait_bound_seconds(serve: &Serve) -> f64 {
    (15.0 * serve.landing_zone.provision_seconds + 10.0 * serve.poll_seconds).max(5.0)
}

fn workflow_settings(serve: &Serve) -> Settings {
    Settings::from_pairs([
        ("DYNAMO_TABLE", TABLE.to_owned()),
        ("MAX_OPERATIONS", serve.max_operations.to_string()),
        ("POLL_SECONDS", DEPLOYED_POLL_SECONDS.to_string()),
        ("WAIT_BOUND_SECONDS", wait_bound_seconds(serve).to_string()),
    ])
}

fn front_settings(engine: &Engine, issuer: &Issuer, keys_at: SocketAddr) -> Settings {
    Settings::from_pairs([
        ("DYNAMO_TABLE", TABLE.to_owned()),
        ("SFN_ARN", engine.arn()),
        ("ISSUER", issuer.name().to_owned()),
        ("AUDIENCE", CLIENT.to_owned()),
        ("JWKS_URL", format!("http://{keys_at}{}", crate::gateway::JWKS_PATH)),
    ])
}

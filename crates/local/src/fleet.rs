//! A whole fleet: its parts, started in the order in which they need each other.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use accounts_aws::{Endpoints, Sdk, Table};
use accounts_landing_zone::LandingZone;
use accounts_state_machine::{Definition, Engine, Options};
use api::Api;
use authorizer::Authorizer;
use serde_json::Value;
use stream_trigger::StreamTrigger;
use tokio::task::JoinHandle;

use crate::arguments::Serve;
use crate::error::{LocalError, OrLocal};
use crate::functions::Functions;
use crate::gateway::Gateway;
use crate::settings::TABLE;
use crate::stream::Delivery;
use crate::stream_filters::{DEPLOYED_FILTERS, Filters};
use crate::tokens::{Group, Issuer};
use crate::{database, execution_events, listener, reconciler, settings};

/// The state machine that is deployed.
const DEPLOYED_STATE_MACHINE: &str = include_str!("../../../infra/state-machine.asl.json");

/// A running fleet. Dropping it stops it where it is; what it had accepted goes on when the folder is opened
/// again.
pub struct Fleet {
    address: SocketAddr,
    endpoints: Endpoints,
    issuer: Arc<Issuer>,
    landing_zone: LandingZone,
    engine: Engine,
    tasks: Vec<JoinHandle<()>>,
    _lock: File,
}

impl Fleet {
    /// Starts a fleet, and resumes every request that its folder holds unfinished.
    ///
    /// # Errors
    /// What keeps it from starting.
    pub async fn start(serve: Serve) -> Result<Self, LocalError> {
        Self::start_observed(serve, None).await
    }

    /// The same, with an observer of every record of the table's stream.
    pub(crate) async fn start_observed(
        serve: Serve,
        observer: Option<fn(&Value)>,
    ) -> Result<Self, LocalError> {
        let folder = serve.landing_zone.data.clone();
        let lock = database::lock(&folder)?;
        let definition = definition(serve.state_machine.as_deref())?;
        let filters =
            Filters::parse(DEPLOYED_FILTERS).or_local("the filters of the stream cannot be used here")?;
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
            database::expire_items(database.clone()),
            listener::serve(landing_zone_listener, landing_zone.router()),
        ];

        let sdk = Sdk::at(endpoints.clone()).await;
        let table = Table::new(&sdk, TABLE.to_owned());
        let stream_arn = table
            .ensure_table()
            .await
            .or_local(format!("the table in {} cannot be opened", folder.display()))?;
        let functions = Functions::connect(&settings::of_workflow(&serve), &sdk)
            .or_local("the functions cannot be set")?;
        let (observer_of_ends, ended) = execution_events::channel();
        let options = Options {
            time_scale: settings::time_scale(&serve),
            observer: Some(observer_of_ends),
            ..Options::default()
        };
        let engine = Engine::open(folder.join("executions.db"), definition, functions.clone(), options)
            .or_local("the workflow engine cannot be opened")?;

        let gateway = Gateway::new(Arc::clone(&issuer), landing_zone.clone());
        tasks.push(listener::serve(step_functions_listener, engine.router().merge(gateway.jwks())));
        let front = settings::of_front(&serve, &engine, &issuer, step_functions);
        let trigger = StreamTrigger::connect(&front, &sdk).or_local("stream-trigger cannot be set")?;
        let trigger = Arc::new(trigger);
        let api = Api::connect(&front, &sdk).await.or_local("the api cannot be set")?;
        let authorizer = Authorizer::connect(&front).await.or_local("the authorizer cannot be set")?;

        engine.resume().or_local("unfinished executions cannot be resumed")?;
        tasks.push(tokio::spawn(execution_events::deliver(ended, engine.clone(), functions)));
        if let Some(every) = settings::reconcile_every(&serve) {
            // Before any request comes in: what the last process left behind goes on first.
            reconciler::run_once(&trigger).await;
            tasks.push(tokio::spawn(reconciler::run_every(every, Arc::clone(&trigger))));
        }
        let delivery = Delivery { database, stream_arn, folder, filters, trigger, observer };
        tasks.push(tokio::spawn(delivery.run()));
        tasks.push(listener::serve(api_listener, gateway.router(api, authorizer)));
        Ok(Self { address, endpoints, issuer, landing_zone, engine, tasks, _lock: lock })
    }

    /// The address of the API, `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the emulated services are.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The landing zone, for those who change its conditions.
    pub const fn landing_zone(&self) -> &LandingZone {
        &self.landing_zone
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

fn definition(file: Option<&Path>) -> Result<Definition, LocalError> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .or_local(format!("the state machine {} cannot be read", file.display()))?,
        None => DEPLOYED_STATE_MACHINE.to_owned(),
    };
    Definition::parse(&text).or_local("the state machine cannot be run here")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser as _;
    use dynoxide::actions::create_table::CreateTableRequest;
    use serde_json::json;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_folder_of_an_older_version_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let old: CreateTableRequest = serde_json::from_value(json!({
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "AccountEmail", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "AccountEmail", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        }))
        .unwrap();
        database::open(folder.path()).unwrap().create_table(old).unwrap();

        let data = folder.path().to_str().unwrap();
        let arguments = Arguments::try_parse_from(["accounts-local", "--port", "0", "--data", data]).unwrap();
        let Command::Serve(serve) = arguments.command() else { unreachable!() };
        let refused = Fleet::start(serve).await.err().unwrap();
        assert!(refused.chain().ends_with("take another folder."), "{}", refused.chain());
    }
}

//! The functions one by one, against a real table, a real state machine and a real landing zone, with no workflow
//! around them.

use std::net::SocketAddr;

use accounts_aws::{ControlTower, Endpoints, Sdk, SlotHolder, Table};
use accounts_core::{
    Acceptance, Account, Backend as _, Caller, Email, IdempotencyKey, NewAccount, Operation, Pool, PoolPause,
    Request, RequestId, Snapshot, Timestamp,
};
use accounts_lambda::{Settings, now};
use accounts_landing_zone::{LandingZone, Report};
use accounts_state_machine::{Definition, Engine, Options, TaskFailure, Tasks};
use axum::Router;
use dynoxide::Database;
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::functions::{Functions, inserted, start_event};
use crate::items::Items;
use crate::wire::{Service, Wire};
use crate::{Topic, body};

/// An execution that waits until it is stopped.
const WAITS: &str =
    r#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86400, "End": true}}}"#;

/// A table, a state machine, a landing zone and a topic, served on ports of their own until this is dropped.
pub struct Workbench {
    /// The table, as the functions reach it, but past the wire.
    pub table: Table,
    /// The items of the table, as they are stored.
    pub items: Items,
    /// The topic, for functions that are told of it ([`crate::TOPIC_ARN`]).
    pub topic: Topic,
    /// What lies between the functions and all of it.
    pub wire: Wire,
    /// The landing zone.
    pub landing_zone: LandingZone,
    /// The executions: each runs until the test stops it.
    pub engine: Engine,
    endpoints: Endpoints,
    sdk: Sdk,
    _servers: JoinSet<()>,
    _folder: TempDir,
}

impl Workbench {
    /// Serves an empty table, and a landing zone that takes this long for an account.
    pub async fn start(provision_seconds: f64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = accounts_landing_zone::Settings { provision_seconds, ..Default::default() };
        let landing_zone = LandingZone::open(folder.path(), settings).expect("a landing zone");
        let definition = Definition::parse(WAITS).expect("a definition");
        let database = folder.path().join("executions.db");
        let engine = Engine::open(database, definition, NoTasks, Options::default()).expect("an engine");

        let (wire, topic) = (Wire::default(), Topic::default());
        let mut servers = JoinSet::new();
        let database = Database::memory().expect("a database");
        let (listener, dynamodb) = listen().await;
        servers.spawn(dynoxide::server::serve_on(listener, database.clone()));
        let direct = format!("http://{dynamodb}");
        let mut behind_wire = async |service: Service, router: Router| {
            format!("http://{}", serve(&mut servers, wire.before(service, router)).await)
        };
        let endpoints = Endpoints {
            dynamodb: behind_wire(Service::DynamoDb, crate::wire::forward(&direct)).await,
            step_functions: behind_wire(Service::StepFunctions, engine.router()).await,
            landing_zone: behind_wire(Service::LandingZone, landing_zone.router()).await,
            sns: Some(behind_wire(Service::Sns, topic.router()).await),
        };
        let past_wire = Sdk::at(Endpoints { dynamodb: direct, ..endpoints.clone() }).await;
        let table = Table::new(&past_wire, "AccountsTable".to_owned());
        table.ensure_table().await.expect("a table");
        let sdk = Sdk::at(endpoints.clone()).await;
        let items = Items::of(database);
        Self {
            table,
            items,
            topic,
            wire,
            landing_zone,
            engine,
            endpoints,
            sdk,
            _servers: servers,
            _folder: folder,
        }
    }

    /// The SDK that reaches all of it, through the wire.
    pub const fn sdk(&self) -> &Sdk {
        &self.sdk
    }

    /// Where all of it is, behind the wire.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The functions of the workflow, with these settings beside the table's.
    pub fn functions(&self, settings: &[(&str, &str)]) -> Functions {
        self.functions_with(&Settings::from_pairs(settings.iter().copied()))
    }

    /// The same, with settings of any kind.
    pub fn functions_with(&self, settings: &Settings) -> Functions {
        Functions::connect(&self.sdk, settings)
    }

    /// `stream-trigger`, with these settings beside the table's and the state machine's.
    pub fn trigger(&self, settings: &[(&str, &str)]) -> StreamTrigger {
        let arn = self.engine.arn();
        let settings = settings.iter().copied().chain([("SFN_ARN", arn.as_str())]);
        StreamTrigger::connect(&Settings::from_pairs(settings), &self.sdk).expect("stream-trigger")
    }

    /// Accepts a request, as the API does.
    pub async fn accept(&self, email: &str, name: &str) -> Request {
        self.accept_at(email, name, now()).await
    }

    /// Accepts a request at some time.
    pub async fn accept_at(&self, email: &str, name: &str, at: Timestamp) -> Request {
        self.accept_body(&body(email, name), at).await
    }

    /// Accepts this body.
    pub async fn accept_body(&self, body: &Value, at: Timestamp) -> Request {
        match self.try_accept(body, None, at).await.expect("the table answers") {
            (request, Acceptance::Accepted(_)) => request,
            (_, other) => panic!("not accepted: {other:?}"),
        }
    }

    /// Posts this body, with this key.
    ///
    /// # Errors
    /// The table's.
    pub async fn try_accept(
        &self,
        body: &Value,
        key: Option<&IdempotencyKey>,
        at: Timestamp,
    ) -> accounts_core::Result<(Request, Acceptance)> {
        let account = NewAccount::parse(body.to_string().as_bytes()).expect("a good body");
        let caller = Caller { subject: "s-1".to_owned(), client_id: "c-1".to_owned(), name: None };
        let mut request = Request::create(account.clone(), RequestId::generate(at), caller);
        request.steps = ControlTower::plan(&request);
        request.version = 1;
        let table = Table::new(&self.sdk, "AccountsTable".to_owned());
        let acceptance = table.accept(&account, &request, key, at).await?;
        Ok((request, acceptance))
    }

    /// Hands the stream's records of these requests to the dispatcher.
    pub async fn dispatch(&self, requests: &[&Request]) {
        let records: Vec<_> = requests.iter().map(|request| inserted(request)).collect();
        let answer = self.trigger(&[]).handle(&json!({"Records": records})).await.expect("a dispatch");
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }

    /// Runs the reconciler once.
    pub async fn reconcile(&self) -> Value {
        self.trigger(&[]).handle(&json!({"reconcile": true})).await.expect("a reconciliation")
    }

    /// A request that was accepted and has a slot, and the input of its execution.
    pub async fn admitted(&self, email: &str, name: &str) -> (Request, Value) {
        let request = self.accept(email, name).await;
        self.dispatch(&[&request]).await;
        let request = self.request(&request).await;
        assert!(request.slot.is_some(), "{name} has no slot");
        let event = start_event(&request);
        (request, event)
    }

    /// The request, as it is now.
    pub async fn request(&self, request: &Request) -> Request {
        self.snapshot(request).await.request
    }

    /// The account, the request and its latest operation, as they are now.
    pub async fn snapshot(&self, request: &Request) -> Snapshot {
        self.table.snapshot(&request.account_email, request.request_id).await.expect("a request")
    }

    /// The latest operation of the request, as it is now.
    pub async fn operation(&self, request: &Request) -> Operation {
        self.snapshot(request).await.operation.expect("an operation")
    }

    /// The account of an e-mail, as it is now.
    pub async fn account(&self, email: &str) -> Account {
        let email = Email::parse(email).expect("an e-mail");
        self.table.account(&email).await.expect("the table answers").expect("an account")
    }

    /// Who holds a slot.
    pub async fn holders(&self) -> Vec<SlotHolder> {
        self.table.slot_holders(Pool::ControlTower).await.expect("the table answers")
    }

    /// The pause of the pool.
    pub async fn pause(&self) -> Option<PoolPause> {
        self.table.pool_pause(Pool::ControlTower).await.expect("the table answers")
    }

    /// The names of the executions, in order.
    pub fn executions(&self) -> Vec<String> {
        let page = self.engine.executions(None, None, 1000).expect("the executions");
        let mut names: Vec<_> = page.executions.into_iter().map(|execution| execution.name).collect();
        names.sort();
        names
    }

    /// Stops the current execution of a request, as the end of the workflow would.
    pub async fn stop_execution(&self, request: &Request) {
        let name = accounts_core::ExecutionRef::of(&self.request(request).await).name();
        self.engine.stop_execution(&name, None, None).expect("an execution");
    }

    /// What the landing zone did.
    pub fn done(&self) -> Report {
        self.landing_zone.report().expect("a report")
    }
}

/// No function is ever invoked by the state machine here.
struct NoTasks;

impl Tasks for NoTasks {
    async fn invoke(&self, function: &str, _payload: Value) -> Result<Value, TaskFailure> {
        Err(TaskFailure::new("Lambda.ResourceNotFoundException", function))
    }
}

/// Serves on a free port until the set is dropped.
pub async fn serve(servers: &mut JoinSet<()>, router: Router) -> SocketAddr {
    let (listener, address) = listen().await;
    servers.spawn(async move { axum::serve(listener, router).await.expect("a server") });
    address
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

//! The functions of the workflow one by one, against a real table and a real landing zone, with no workflow
//! around them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use accounts_aws::{Endpoints, Requests, Sdk};
use accounts_core::{Acceptance, AccountRequest, Email, NewAccount, RequestId, Result, Timestamp};
use accounts_lambda::{Settings, now};
use accounts_landing_zone::{LandingZone, Report};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use check_status::CheckStatus;
use dynoxide::Database;
use provision::Provision;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

use crate::{Table, Topic, body};

/// A table and a landing zone, served on ports of their own until this is dropped.
pub struct Workbench {
    /// The requests, as the functions reach them.
    pub requests: Requests,
    /// The table, as it is stored.
    pub table: Table,
    /// The topic, for functions that are told of it ([`crate::TOPIC_ARN`]).
    pub topic: Topic,
    endpoints: Endpoints,
    sdk: Sdk,
    landing_zone: LandingZone,
    nowhere: Nowhere,
    lost: Lost,
    _servers: JoinSet<()>,
    _folder: TempDir,
}

/// A function of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `validate`.
    Validate,
    /// `provision`.
    Provision,
    /// `check-status`.
    CheckStatus,
    /// `update-status`.
    UpdateStatus,
    /// `update-failed`.
    UpdateFailed,
}

/// The functions of the workflow, with the same settings.
pub struct Functions {
    validate: Validate,
    provision: Provision,
    check_status: CheckStatus,
    update_status: UpdateStatus,
    update_failed: UpdateFailed,
}

impl Workbench {
    /// Serves an empty table, and a landing zone that takes this long for an account.
    pub async fn start(provision_seconds: f64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = accounts_landing_zone::Settings { provision_seconds, ..Default::default() };
        let landing_zone = LandingZone::open(folder.path(), settings).expect("a landing zone");
        let lost = Lost::default();
        let lossy = from_fn_with_state(Arc::clone(&lost), lose_answer);

        let nowhere = Nowhere::new();
        let topic = Topic::default();
        let mut servers = JoinSet::new();
        let database = Database::memory().expect("a database");
        let (listener, dynamodb) = listen().await;
        servers.spawn(dynoxide::server::serve_on(listener, database));
        let landing_zone_at = serve(&mut servers, landing_zone.router().layer(lossy)).await;
        let endpoints = Endpoints {
            dynamodb: format!("http://{dynamodb}"),
            step_functions: nowhere.endpoint.clone(),
            landing_zone: format!("http://{landing_zone_at}"),
            sns: Some(topic.serve(&mut servers).await),
        };
        let sdk = Sdk::at(endpoints.clone()).await;
        let requests = Requests::new(&sdk, "AccountsTable".to_owned());
        requests.ensure_table().await.expect("a table");
        Self {
            requests,
            table: Table::at(&endpoints.dynamodb),
            topic,
            endpoints,
            sdk,
            landing_zone,
            nowhere,
            lost,
            _servers: servers,
            _folder: folder,
        }
    }

    /// The SDK that reaches all of it.
    pub const fn sdk(&self) -> &Sdk {
        &self.sdk
    }

    /// Where all of it is.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The functions, with these settings beside the table's.
    pub fn functions(&self, settings: &[(&str, &str)]) -> Functions {
        functions(&self.sdk, &Settings::from_pairs(settings.iter().copied()))
    }

    /// The same, with settings of any kind.
    pub fn functions_with(&self, settings: &Settings) -> Functions {
        functions(&self.sdk, settings)
    }

    /// The functions where nobody answers for the landing zone.
    pub async fn functions_without_landing_zone(&self) -> Functions {
        let endpoints = Endpoints { landing_zone: self.nowhere.endpoint.clone(), ..self.endpoints.clone() };
        functions(&Sdk::at(endpoints).await, &Settings::from_pairs::<&str, &str>([]))
    }

    /// From now on (or no longer) the landing zone does what it is told to provision, and its answer is lost.
    pub fn lose_answers(&self, lose: bool) {
        self.lose_answers_to(if lose { "ProvisionProduct" } else { "" });
    }

    /// From now on the landing zone's answers to this operation are lost.
    pub fn lose_answers_to(&self, operation: &'static str) {
        *self.lost.lock().expect("a lock") = operation;
    }

    /// Takes a request in, as the API does.
    pub async fn accept(&self, email: &str, name: &str) -> AccountRequest {
        self.accept_at(email, name, now()).await
    }

    /// Takes a request in at some time.
    pub async fn accept_at(&self, email: &str, name: &str, at: Timestamp) -> AccountRequest {
        self.accept_body(&body(email, name), at).await
    }

    /// Takes this body in.
    pub async fn accept_body(&self, body: &Value, at: Timestamp) -> AccountRequest {
        let account = NewAccount::parse(body.to_string().as_bytes()).expect("a good body");
        let request = AccountRequest::new(account, RequestId::random(), at);
        match self.requests.accept(request, None, at).await.expect("the table answers") {
            Acceptance::Accepted(request) => *request,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// The request of an e-mail, as it is now.
    pub async fn stored(&self, email: &str) -> AccountRequest {
        let email = Email::parse(email).expect("an e-mail");
        self.requests.of_email(&email).await.expect("the table answers").expect("a request")
    }

    /// The item of an e-mail, without the sign of life that a waiting request gives.
    pub async fn item(&self, email: &str) -> Value {
        let mut item = self.table.item(email).await;
        item.as_object_mut().expect("an item").remove("SeenAt");
        item
    }

    /// What the landing zone did.
    pub fn done(&self) -> Report {
        self.landing_zone.report().expect("a report")
    }
}

impl Function {
    /// Every function of the workflow.
    pub const ALL: [Self; 5] =
        [Self::Validate, Self::Provision, Self::CheckStatus, Self::UpdateStatus, Self::UpdateFailed];
}

impl Functions {
    /// Invokes one.
    ///
    /// # Errors
    /// The function's own.
    pub async fn call(&self, function: Function, event: &Value) -> Result<Value> {
        match function {
            Function::Validate => self.validate.handle(event).await,
            Function::Provision => self.provision.handle(event).await,
            Function::CheckStatus => self.check_status.handle(event).await,
            Function::UpdateStatus => self.update_status.handle(event).await,
            Function::UpdateFailed => self.update_failed.handle(event).await,
        }
    }

    /// Invokes some, each with the answer of the one before it.
    pub async fn chain(&self, functions: &[Function], event: &Value) -> Value {
        let mut event = event.clone();
        for function in functions {
            event = self.call(*function, &event).await.expect("a step that succeeds");
        }
        event
    }
}

/// The input of a request's execution.
pub fn start_event(request: &AccountRequest) -> Value {
    json!({"RequestID": request.request_id.to_string(), "AccountEmail": request.account_email.as_str()})
}

/// A port that is held so that nobody listens on it.
struct Nowhere {
    endpoint: String,
    _socket: TcpSocket,
}

impl Nowhere {
    fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
        let endpoint = format!("http://{}", socket.local_addr().expect("an address"));
        Self { endpoint, _socket: socket }
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

fn functions(sdk: &Sdk, settings: &Settings) -> Functions {
    Functions {
        validate: Validate::connect(settings, sdk).expect("validate"),
        provision: Provision::connect(settings, sdk).expect("provision"),
        check_status: CheckStatus::connect(settings, sdk).expect("check-status"),
        update_status: UpdateStatus::connect(settings, sdk).expect("update-status"),
        update_failed: UpdateFailed::connect(settings, sdk).expect("update-failed"),
    }
}

/// The operation whose answers are lost; none is empty.
type Lost = Arc<Mutex<&'static str>>;

async fn lose_answer(State(lost): State<Lost>, request: Request, next: Next) -> Response {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
    let answer = next.run(request).await;
    if !operation.is_empty() && operation == *lost.lock().expect("a lock") {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answer
}

//! The real functions, the real state machine and the real services of one machine, with a meter between them.
//!
//! Everything happens when it is told to: a poll waits at a gate, and the stream's records are handed over by hand.

use std::sync::Arc;

use accounts_aws::{Endpoints, Sdk, Table};
use accounts_core::{Acceptance, Backend as _, Caller, NewAccount, RequestId, Timestamp};
use accounts_lambda::{Settings, into_lambda_result, now};
use accounts_landing_zone::LandingZone;
use accounts_state_machine::{Definition, Engine, Event, Options, TaskFailure, Tasks};
use accounts_tests::body;
use api::Api;
use axum::Router;
use check_status::CheckStatus;
use dynoxide::Database;
use provision::Provision;
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

use crate::meter::Meter;

const STATE_MACHINE: &str = include_str!("../../../infra/state-machine.asl.json");
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:accounts";

pub(crate) struct World {
    pub(crate) meter: Meter,
    pub(crate) table: Table,
    pub(crate) trigger: StreamTrigger,
    api: Api,
    gate: Gate,
    ended: watch::Receiver<u32>,
    _engine: Engine,
    _servers: JoinSet<()>,
    _folder: TempDir,
}

/// Where `check-status` waits.
#[derive(Clone)]
struct Gate {
    arrived: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

struct Functions {
    validate: Validate,
    provision: Provision,
    check_status: CheckStatus,
    update_status: UpdateStatus,
    update_failed: UpdateFailed,
    gate: Gate,
    meter: Meter,
}

impl World {
    /// One slot, and an operation that has ended by its first poll.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let zone = accounts_landing_zone::Settings { provision_seconds: 0.0, ..Default::default() };
        let landing_zone = LandingZone::open(folder.path(), zone).expect("a landing zone");
        let meter = Meter::default();
        let mut servers = JoinSet::new();
        let mut at = async |router: Router| format!("http://{}", serve(&mut servers, router).await);
        let landing_zone = at(meter.before(landing_zone.router())).await;
        let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                      <MessageId>1</MessageId></PublishResult></PublishResponse>";
        let sns = at(meter.before(Router::new().fallback(async move || answer))).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let direct = format!("http://{}", listener.local_addr().expect("an address"));
        let database = Database::memory().expect("a database");
        let dynamodb = at(meter.dynamodb(&direct)).await;

        // The engine comes before its own address is known to a client.
        let mut endpoints =
            Endpoints { dynamodb, step_functions: String::new(), landing_zone, sns: Some(sns) };
        let pairs = [("DYNAMO_TABLE", "AccountsTable"), ("TOPIC_ARN", TOPIC), ("CONTROL_TOWER_SLOTS", "1")];
        let settings = Settings::from_pairs(pairs);
        let sdk = Sdk::at(endpoints.clone()).await;
        let gate = Gate { arrived: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
        let functions = Functions {
            validate: Validate::connect(&settings, &sdk).expect("validate"),
            provision: Provision::connect(&settings, &sdk).expect("provision"),
            check_status: CheckStatus::connect(&settings, &sdk).expect("check-status"),
            update_status: UpdateStatus::connect(&settings, &sdk).expect("update-status"),
            update_failed: UpdateFailed::connect(&settings, &sdk).expect("update-failed"),
            gate: gate.clone(),
            meter: meter.clone(),
        };
        let (ends, ended) = watch::channel(0);
        let transitions = meter.clone();
        let observer = move |_: &str, event: &Event| match event {
            Event::StateEntered { .. } => transitions.add("Step Functions", "transitions", 1.0),
            Event::Ended { .. } => ends.send_modify(|count| *count += 1),
            _ => {}
        };
        let options = Options { time_scale: 1e-5, observer: Some(Arc::new(observer)), ..Options::default() };
        let definition = Definition::parse(STATE_MACHINE).expect("a definition");
        let engine = Engine::open(folder.path().join("executions.db"), definition, functions, options);
        let engine = engine.expect("an engine");
        endpoints.step_functions = at(meter.before(engine.router())).await;
        servers.spawn(dynoxide::server::serve_on(listener, database));

        let past_meter_at = direct.clone();
        let past_meter = Sdk::at(Endpoints { dynamodb: direct, ..endpoints.clone() }).await;
        let table = Table::new(&past_meter, "AccountsTable".to_owned());
        table.ensure_table().await.expect("a table");
        without_stream(&past_meter_at).await;
        let sdk = Sdk::at(endpoints).await;
        let arn = engine.arn();
        let settings = Settings::from_pairs(pairs.into_iter().chain([("SFN_ARN", arn.as_str())]));
        let trigger = StreamTrigger::connect(&settings, &sdk).expect("stream-trigger");
        let api = Api::connect(&settings, &sdk).await.expect("the api");
        meter.take();
        Self { meter, table, trigger, api, gate, ended, _engine: engine, _servers: servers, _folder: folder }
    }

    /// Stores so many requests that wait, past the meter; they came before everybody else.
    pub(crate) async fn fill(&self, count: usize) {
        const AT_ONCE: usize = 16;
        let first = now().as_ms() - i64::try_from(count).expect("a few") - 60_000;
        let mut writers = JoinSet::new();
        for writer in 0..AT_ONCE {
            let table = self.table.clone();
            writers.spawn(async move {
                for number in (writer..count).step_by(AT_ONCE) {
                    let at = Timestamp::from_ms(first + i64::try_from(number).expect("a few"));
                    let name = format!("waiting{number}");
                    let body = body(&format!("{name}@example.com"), &name).to_string();
                    let account = NewAccount::parse(body.as_bytes()).expect("a good body");
                    let id = RequestId::generate(at);
                    let mut request = accounts_core::Request::create(account.clone(), id, Caller::default());
                    request.steps = accounts_aws::ControlTower::plan(&request);
                    request.version = 1;
                    match table.accept(&account, &request, None, at).await.expect("the table answers") {
                        Acceptance::Accepted(_) => {}
                        other => panic!("not accepted: {other:?}"),
                    }
                }
            });
        }
        writers.join_all().await;
    }

    pub(crate) async fn post(&self, email: &str, name: &str) -> (u16, Value) {
        self.call("POST", "/createAccount", "", &body(email, name).to_string()).await
    }

    pub(crate) async fn get(&self, email: &str) -> (u16, Value) {
        self.call("GET", "/getAccount", &format!("accountEmail={email}"), "").await
    }

    async fn call(&self, method: &str, path: &str, query: &str, body: &str) -> (u16, Value) {
        let event = json!({
            "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": query,
            "headers": {"content-type": "application/json", "host": "localhost"},
            "requestContext": {
                "accountId": "000000000000", "apiId": "local", "domainName": "localhost", "domainPrefix": "local",
                "requestId": "1", "routeKey": format!("{method} {path}"), "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
                "authorizer": {"lambda": {"subject": "s-1", "clientId": "c-1", "groups": "Administrators"}},
            },
            "body": body, "isBase64Encoded": false,
        });
        let request = lambda_http::request::from_str(&event.to_string()).expect("an event");
        let answer = self.api.handle(request).await;
        let body: &[u8] = answer.body();
        (answer.status().as_u16(), serde_json::from_slice(body).expect("JSON"))
    }

    /// Hands a record of the stream over.
    pub(crate) async fn record(&self, event: &str, partition: &str, record: &str) {
        let record = json!({
            "eventID": "1", "eventName": event,
            "dynamodb": {
                "Keys": {"AccountEmail": {"S": partition}, "Record": {"S": record}}, "SequenceNumber": "1",
            },
        });
        self.meter.add("Lambda", "invocations", 1.0);
        self.trigger.handle(&json!({"Records": [record]})).await.expect("it dispatches");
    }

    /// Waits until the execution that runs is about to poll.
    pub(crate) async fn at_poll(&self) {
        self.gate.arrived.acquire().await.expect("a poll").forget();
    }

    /// Lets it poll.
    pub(crate) fn let_poll(&self) {
        self.gate.open.add_permits(1);
    }

    /// Lets it poll, and waits until the execution has ended.
    pub(crate) async fn let_end(&mut self) {
        self.ended.mark_unchanged();
        self.let_poll();
        self.ended.changed().await.expect("an end");
    }
}

/// Nobody reads the stream here, and the embedded table looks through all of its records at each write.
async fn without_stream(dynamodb: &str) {
    let update = json!({"TableName": "AccountsTable", "StreamSpecification": {"StreamEnabled": false}});
    let signature = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                     SignedHeaders=host, Signature=0";
    let call = reqwest::Client::new()
        .post(dynamodb)
        .header("x-amz-target", "DynamoDB_20120810.UpdateTable")
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", signature)
        .header("content-type", "application/x-amz-json-1.0")
        .body(update.to_string());
    let answer = call.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

async fn serve(servers: &mut JoinSet<()>, router: Router) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    servers.spawn(async move { axum::serve(listener, router).await.expect("a server") });
    address
}

impl Tasks for Functions {
    async fn invoke(&self, function: &str, payload: Value) -> Result<Value, TaskFailure> {
        self.meter.add("Lambda", "invocations", 1.0);
        if function == "check-status" {
            self.gate.arrived.add_permits(1);
            self.gate.open.acquire().await.expect("a gate").forget();
        }
        let run = async {
            match function {
                "validate" => self.validate.handle(&payload).await,
                "provision" => self.provision.handle(&payload).await,
                "check-status" => self.check_status.handle(&payload).await,
                "update-status" => self.update_status.handle(&payload).await,
                "update-failed" => self.update_failed.handle(&payload).await,
                other => panic!("no function {other}"),
            }
        };
        into_lambda_result(run)
            .await
            .map_err(|failed| TaskFailure::new(failed.error_type, failed.error_message))
    }
}

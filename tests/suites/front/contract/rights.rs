//! What each function calls, and what its role may call.
//!
//! The emulators enforce no policy, so a right that is missing would show only on AWS. Here every function does all
//! that it can do, each through a recorder of its own, and what it called is compared with the rights that a test of
//! the plan holds (`infra/tests/policies.tftest.hcl`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use accounts_aws::{Endpoints, Sdk};
use accounts_core::{AccountId, Request};
use accounts_lambda::Settings;
use accounts_tests::{TOPIC_ARN, Workbench, body, caught, inserted, serve, start_event};
use api::Api;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use check_status::CheckStatus;
use provision::Provision;
use serde_json::{Value, json};
use stream_trigger::StreamTrigger;
use tokio::task::JoinSet;
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

use super::{sample, text};

type Rights = BTreeMap<String, BTreeSet<String>>;

/// Forwards the calls of functions to the services of a workbench, and keeps which function made which.
#[derive(Clone)]
struct Recorder {
    http: reqwest::Client,
    upstream: Arc<Endpoints>,
    calls: Arc<Mutex<Rights>>,
}

impl Recorder {
    fn router(self) -> Router {
        Router::new().route("/{function}/{service}/", post(Self::forward)).with_state(self)
    }

    async fn forward(
        State(this): State<Self>,
        Path((function, service)): Path<(String, String)>,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let rights = rights_of_call(&headers, &body);
        this.calls.lock().expect("a lock").entry(function).or_default().extend(rights);
        let upstream = match service.as_str() {
            "dynamodb" => &this.upstream.dynamodb,
            "states" => &this.upstream.step_functions,
            "sns" => this.upstream.sns.as_ref().expect("a topic"),
            _ => &this.upstream.landing_zone,
        };
        let kept = ["x-amz-target", "content-type", "x-amz-date", "authorization"];
        let mut request = this.http.post(upstream).body(body);
        for (name, value) in kept.iter().filter_map(|name| Some((*name, headers.get(*name)?))) {
            request = request.header(name, value);
        }
        let answer = request.send().await.expect("an answer");
        let status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
        let headers = answer.headers().clone();
        let mut response = (status, answer.bytes().await.expect("a body")).into_response();
        for name in ["content-type", "x-amzn-errortype", "x-amz-crc32"] {
            if let Some(value) = headers.get(name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

/// The rights that a call needs: its action, or those of the parts of a transaction.
fn rights_of_call(headers: &HeaderMap, body: &[u8]) -> Vec<String> {
    let Some(target) = headers.get("x-amz-target").and_then(|target| target.to_str().ok()) else {
        assert!(body.starts_with(b"Action=Publish"), "{}", String::from_utf8_lossy(body));
        return vec!["sns:Publish".to_owned()];
    };
    let (service, action) = target.split_once('.').expect("a target");
    let service = match service {
        "DynamoDB_20120810" => "dynamodb",
        "AWSStepFunctions" => "states",
        "AWSOrganizationsV20161128" => "organizations",
        "AWS242ServiceCatalogService" => "servicecatalog",
        other => panic!("{other} is no service that is known here"),
    };
    if action != "TransactWriteItems" {
        return vec![format!("{service}:{action}")];
    }
    let transaction: Value = serde_json::from_slice(body).expect("JSON");
    let parts = transaction["TransactItems"].as_array().expect("parts").iter();
    let kinds = parts.flat_map(|part| part.as_object().expect("a part").keys());
    kinds
        .map(|kind| match kind.as_str() {
            "Put" => "dynamodb:PutItem".to_owned(),
            "Update" => "dynamodb:UpdateItem".to_owned(),
            "Delete" => "dynamodb:DeleteItem".to_owned(),
            "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
            other => panic!("{other} is no part of a transaction"),
        })
        .collect()
}

/// The functions, each behind the recorder.
struct World {
    bench: Workbench,
    calls: Arc<Mutex<Rights>>,
    api: Api,
    trigger: StreamTrigger,
    validate: Validate,
    provision: Provision,
    check_status: CheckStatus,
    update_status: UpdateStatus,
    update_failed: UpdateFailed,
    _servers: JoinSet<()>,
}

impl World {
    async fn start() -> Self {
        let bench = Workbench::start(0.0).await;
        let calls = Arc::<Mutex<Rights>>::default();
        let upstream = Arc::new(bench.endpoints().clone());
        let recorder = Recorder { http: reqwest::Client::new(), upstream, calls: Arc::clone(&calls) };
        let mut servers = JoinSet::new();
        let at = serve(&mut servers, recorder.router()).await;
        let sdk = async |function: &str| {
            let to = |service: &str| format!("http://{at}/{function}/{service}");
            let (dynamodb, step_functions) = (to("dynamodb"), to("states"));
            Sdk::at(Endpoints { dynamodb, step_functions, landing_zone: to("zone"), sns: Some(to("sns")) })
                .await
        };
        let arn = bench.engine.arn();
        let settings = Settings::from_pairs([
            ("SFN_ARN", arn.as_str()),
            ("TOPIC_ARN", TOPIC_ARN),
            ("BACKOFF_SECONDS", "0.001"),
            ("OPERATION_TIMEOUT_SECONDS", "0.001"),
            ("ATTEMPT_EXPIRY_SECONDS", "0.001"),
        ]);
        Self {
            api: Api::connect(&settings, &sdk("api").await).await.expect("api"),
            trigger: StreamTrigger::connect(&settings, &sdk("stream-trigger").await).expect("stream-trigger"),
            validate: Validate::connect(&settings, &sdk("validate").await).expect("validate"),
            provision: Provision::connect(&settings, &sdk("provision").await).expect("provision"),
            check_status: CheckStatus::connect(&settings, &sdk("check-status").await).expect("check-status"),
            update_status: UpdateStatus::connect(&settings, &sdk("update-status").await)
                .expect("update-status"),
            update_failed: UpdateFailed::connect(&settings, &sdk("update-failed").await)
                .expect("update-failed"),
            bench,
            calls,
            _servers: servers,
        }
    }

    /// Calls the api by one of its samples, changed so.
    async fn call(&self, name: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        let mut event = sample(name);
        change(&mut event);
        let event = lambda_http::request::from_str(&event.to_string()).expect("an event");
        let answer = self.api.handle(event).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
    }

    async fn resolve(&self, request: &Request, statement: &Value) -> (u16, Value) {
        self.call("api_resolve", |event| {
            event["pathParameters"] = json!({"requestId": request.request_id.to_string()});
            event["body"] = json!(statement.to_string());
        })
        .await
    }

    /// A request that has a slot and was validated; and the payload of its execution.
    async fn valid(&self, body: &Value) -> (Request, Value) {
        let request = self.bench.accept_body(body, accounts_lambda::now()).await;
        let batch = json!({"Records": [inserted(&request)]});
        self.trigger.handle(&batch).await.expect("a dispatch");
        let request = self.bench.request(&request).await;
        let payload = self.validate.handle(&start_event(&request)).await.expect("a payload");
        (request, payload)
    }

    async fn reconcile(&self) -> Value {
        self.trigger.handle(&json!({"reconcile": true})).await.expect("a report")
    }

    /// An account that is made, shown, tagged and told of.
    async fn provisioned(&self) -> AccountId {
        let (status, created) = self.call("api", |_| ()).await;
        assert_eq!(status, 201, "{created}");
        let by_id = |event: &mut Value| event["pathParameters"] = json!({"requestId": created["RequestID"]});
        for (name, expected) in [("api_get", 200), ("api_history", 200)] {
            let (status, shown) = self.call(name, |_| ()).await;
            assert_eq!(status, expected, "{shown}");
        }
        assert_eq!(self.call("api_request", by_id).await.0, 200);
        self.reconcile().await;
        let email = accounts_core::Email::parse("user@example.com").expect("an e-mail");
        let id =
            accounts_core::RequestId::parse(created["RequestID"].as_str().expect("an id")).expect("an id");
        let request = self.bench.table.request_of(&email, id).await.expect("an answer").expect("a request");
        let payload = self.validate.handle(&start_event(&request)).await.expect("a payload");
        let payload = self.provision.handle(&payload).await.expect("a payload");
        let payload = self.check_status.handle(&payload).await.expect("a payload");
        // Its end is told by the reconciler where the function could not.
        self.bench.wire.on("Publish").refuse(403, "AuthorizationError");
        self.update_status.handle(&payload).await.expect_err("nobody was told");
        self.reconcile().await;
        let account = self.bench.account("user@example.com").await;
        account.account_id.expect("an account")
    }

    /// A request for a unit that does not exist, and one for a unit by its id.
    async fn rejected(&self) {
        let mut nowhere = body("nowhere@example.com", "nowhere");
        nowhere["OrgUnit"] = json!("No/Such/Unit");
        let (_, payload) = self.valid(&nowhere).await;
        self.update_failed.handle(&payload).await.expect("a payload");
        assert_eq!(self.bench.account("nowhere@example.com").await.status.name(), "Failed");
        let mut by_id = body("unit@example.com", "unit");
        by_id["OrgUnit"] = json!("ou-ab12-abcd1234");
        let (_, payload) = self.valid(&by_id).await;
        self.update_failed.handle(&payload).await.expect("a payload");
    }

    /// A fault of ours that pauses the pool; the next operation that begins ends the pause.
    async fn parked(&self) {
        let (request, payload) = self.valid(&body("parked@example.com", "parked")).await;
        self.bench.landing_zone.set_denied("ProvisionProduct", true);
        let error = self.provision.handle(&payload).await.expect_err("a permission is missing");
        self.bench.landing_zone.set_denied("ProvisionProduct", false);
        let failed = caught(&payload, error.kind().name(), &error.to_string());
        self.update_failed.handle(&failed).await.expect("a payload");
        assert!(self.bench.pause().await.is_some());
        while self.bench.request(&request).await.slot.is_none() {
            self.reconcile().await;
        }
        let request = self.bench.request(&request).await;
        let payload = self.validate.handle(&start_event(&request)).await.expect("a payload");
        let payload = self.provision.handle(&payload).await.expect("a payload");
        assert_eq!(self.bench.pause().await, None);
        let payload = self.check_status.handle(&payload).await.expect("a payload");
        self.update_status.handle(&payload).await.expect("a payload");
    }

    /// Operations that are rejected, whose answer is lost, and whose record fails.
    async fn operations(&self) {
        // The product was looked up before its artifact was retired.
        let (_, payload) = self.valid(&body("stale@example.com", "stale")).await;
        let artifact = self.bench.landing_zone.default_artifact().expect("an artifact");
        self.bench.landing_zone.retire_artifact(&artifact);
        let payload = self.provision.handle(&payload).await.expect("a payload");
        let payload = self.provision.handle(&payload).await.expect("a payload");
        let payload = self.check_status.handle(&payload).await.expect("a payload");
        self.update_status.handle(&payload).await.expect("a payload");

        let (_, payload) = self.valid(&body("lost@example.com", "lost")).await;
        self.bench.wire.on("ProvisionProduct").lose_answer();
        let payload = self.provision.handle(&payload).await.expect("a payload");
        let payload = self.check_status.handle(&payload).await.expect("a payload");
        let payload = self.check_status.handle(&payload).await.expect("a payload");
        self.update_status.handle(&payload).await.expect("a payload");

        for word in ["sim-tainted", "sim-email-in-use"] {
            let (_, payload) = self.valid(&body(&format!("{word}@example.com"), word)).await;
            let payload = self.provision.handle(&payload).await.expect("a payload");
            let payload = self.check_status.handle(&payload).await.expect("a payload");
            self.update_failed.handle(&payload).await.expect("a payload");
        }
    }

    /// An overdue operation whose outcome an operator states; and what the reconciler does about it.
    async fn resolved(&self, other: &AccountId) {
        let (request, payload) = self.valid(&body("never@example.com", "sim-never")).await;
        let payload = self.provision.handle(&payload).await.expect("a payload");
        // Whatever the step's error was: the operation may be running, so the slot is kept.
        let failed = caught(&payload, "Internal", "no");
        self.update_failed.handle(&failed).await.expect("a payload");
        self.overdue(&request, &payload).await;
        let absent = sample("resolve_no_account");
        let exists = json!({"Outcome": "AccountExists", "AccountId": other.as_str(), "Reason": "x"});
        assert_eq!(self.resolve(&request, &absent).await.0, 409);
        let handle = self.bench.operation(&request).await.handle.expect("a handle");
        self.bench.landing_zone.forget_record(&handle["RecordId"]);
        assert_eq!(self.resolve(&request, &exists).await.0, 422);
        assert_eq!(self.resolve(&request, &absent).await.0, 202);
        self.reconcile().await;
        let request = self.bench.request(&request).await;
        let payload = self.validate.handle(&start_event(&request)).await.expect("a payload");
        self.update_failed.handle(&payload).await.expect("a payload");
        assert_eq!(self.reconcile().await["watched"], 1);
        self.watched_without_handle(&request).await;
        self.watched_after_a_failure(&request).await;
    }

    async fn overdue(&self, request: &Request, payload: &Value) {
        while self.bench.request(request).await.overdue_since.is_none() {
            self.check_status.handle(payload).await.expect("a payload");
        }
    }

    /// An operator says of an operation whose record has failed what is so.
    async fn resolved_after_a_failure(&self) {
        let (request, payload) = self.valid(&body("never2@example.com", "sim-never 2")).await;
        let payload = self.provision.handle(&payload).await.expect("a payload");
        self.overdue(&request, &payload).await;
        self.give_failed_record(&request);
        assert_eq!(self.resolve(&request, &sample("resolve_no_account")).await.0, 202);
    }

    /// An operator says of an operation whose acceptance is unknown that no account came of it, while its record runs.
    async fn resolved_without_handle(&self) {
        let (request, payload) = self.valid(&body("never3@example.com", "sim-never 3")).await;
        let payload = self.provision.handle(&payload).await.expect("a payload");
        self.overdue(&request, &payload).await;
        let record = format!("OPERATION#{}#001", request.request_id);
        self.bench.items.edit(request.account_email.as_str(), &record, |item| {
            item.as_object_mut().expect("an item").remove("Handle");
        });
        assert_eq!(self.resolve(&request, &sample("resolve_no_account")).await.0, 409);
    }

    /// The record of another operation, which has failed, becomes that of this request's.
    fn give_failed_record(&self, request: &Request) {
        let failed = "sim-email-in-use@example.com";
        let of_failed = self.bench.items.all().into_iter().find(|item| {
            item["AccountEmail"]["S"] == failed
                && item["Record"]["S"].as_str().is_some_and(|it| it.starts_with("OPERATION#"))
        });
        let handle = of_failed.expect("an operation")["Handle"].clone();
        let record = format!("OPERATION#{}#001", request.request_id);
        self.bench.items.edit(request.account_email.as_str(), &record, |item| item["Handle"] = handle);
    }

    /// The watch of an operation whose acceptance was never known.
    async fn watched_without_handle(&self, request: &Request) {
        let (email, id) = (request.account_email.as_str(), request.request_id);
        self.bench.items.edit(email, &format!("OPERATION#{id}#001"), |item| {
            item.as_object_mut().expect("an item").remove("Handle");
        });
        self.watch_again(request).await;
    }

    /// The watch of an operation whose record has failed.
    async fn watched_after_a_failure(&self, request: &Request) {
        self.give_failed_record(request);
        self.watch_again(request).await;
    }

    async fn watch_again(&self, request: &Request) {
        let record = format!("REQUEST#{}", request.request_id);
        self.bench.items.edit(request.account_email.as_str(), &record, |item| {
            let past = json!({"S": "2026-01-01T00:00:00.000Z"});
            item["WatchAt"] = past.clone();
            item["Queue"] = json!({"S": "WATCHED"});
            item["QueueOrder"] = past;
        });
        assert_eq!(self.reconcile().await["watched"], 1);
    }

    /// An execution that ended by itself, and a slot that nobody holds.
    async fn repaired(&self) {
        let (request, _) = self.valid(&body("closed@example.com", "closed")).await;
        self.bench.stop_execution(&request).await;
        self.bench.items.put(&json!({
            "AccountEmail": {"S": "SLOT#control-tower"}, "Record": {"S": "5"}, "Owner": {"S": "nobody@example.com"},
            "RequestID": {"S": "0b8f2c3e-0000-7000-8000-000000000001"}, "Admission": {"N": "1"},
            "TakenAt": {"S": "2026-01-01T00:00:00.000Z"},
        }));
        assert_ne!(self.reconcile().await["restarted"], 0);
        assert!(self.bench.items.get("SLOT#control-tower", "5").is_null(), "the slot stays taken");
    }
}

/// The rights of each function, as a test of the plan holds them.
fn granted() -> Rights {
    let tests = text("infra/tests/policies.tftest.hcl");
    let (_, run) = tests
        .split_once("run \"each_function_may_make_the_calls_that_it_makes")
        .expect("a test of the rights");
    let (_, table) = run.split_once("== jsonencode({\n").expect("a table");
    let table = table.split("\n    })").next().expect("its end");
    let mut found = Rights::new();
    let mut function = String::new();
    for line in table.lines() {
        if let Some((name, _)) = line.split_once(" = [") {
            function = name.trim().to_owned();
        }
        let quoted = line.split('"').skip(1).step_by(2).map(str::to_owned);
        found.entry(function.clone()).or_default().extend(quoted);
    }
    found
}

/// Rights that are not those of a function's own calls.
fn is_of_others(function: &str, right: &str) -> bool {
    match function {
        // Lambda's, in the function's name.
        "stream-trigger" => {
            let of_the_stream = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
            right == "sqs:SendMessage"
                || of_the_stream.iter().any(|action| right == format!("dynamodb:{action}"))
        }
        "update-failed" => right == "sqs:SendMessage",
        // Service Catalog's, in the function's name (infra/launch.tf).
        "provision" => ["organizations:DescribeCreateAccountStatus", "organizations:DescribeOrganization"]
            .contains(&right),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_function_may_call_what_it_calls_and_nothing_else() {
    let world = World::start().await;
    // Each on the heap: together the SDK's futures are larger than the stack of a test.
    let account = Box::pin(world.provisioned()).await;
    Box::pin(world.rejected()).await;
    Box::pin(world.parked()).await;
    Box::pin(world.operations()).await;
    Box::pin(world.resolved(&account)).await;
    Box::pin(world.resolved_after_a_failure()).await;
    Box::pin(world.resolved_without_handle()).await;
    Box::pin(world.repaired()).await;

    let called = world.calls.lock().expect("a lock").clone();
    let mut wrong = Vec::new();
    let granted = granted();
    for function in called.keys() {
        assert!(granted.contains_key(function), "{function} is not in the table of rights");
    }
    for (function, granted) in granted {
        let called = called.get(&function).cloned().unwrap_or_default();
        let own: BTreeSet<_> = granted.into_iter().filter(|right| !is_of_others(&function, right)).collect();
        wrong.extend(called.difference(&own).map(|right| format!("{function} lacks {right}")));
        wrong.extend(own.difference(&called).map(|right| format!("{function} never uses {right}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(called.len() >= 7, "{called:?}");
}

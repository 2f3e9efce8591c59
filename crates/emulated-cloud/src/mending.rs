//! Mends four answers of MiniStack 1.5.33 on their way to Terraform.
//!
//! They leave out, or add to, what was asked for, so that every plan would show a change that is none. The
//! product is not made to fit the emulator, and a plan that may differ "a little" would hide real differences:
//! so Terraform is told what AWS would tell it. Functions and tests speak with the emulator itself.
//!
//! | answer | MiniStack | AWS |
//! | --- | --- | --- |
//! | `DescribeAlarms` in the query protocol | ten of the fields; in JSON it has them all | all fields |
//! | an alarm with an extended statistic | has `Statistic: Average` as well | has no `Statistic` |
//! | an authorizer of type REQUEST | has an empty `jwtConfiguration` | has none |
//! | `DescribeStateMachine` | forgets `tracingConfiguration` | has what was set |

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use reqwest::Url;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Service};
use crate::error::CloudError;
use crate::passing::{Whole, pass_on, refused, whole};
use crate::served::Served;

/// What Terraform takes for three of the services. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Mending(Served);

#[derive(Debug)]
struct Mender {
    emulator: Emulator,
    /// The tracing of the state machines, by name and by ARN.
    tracing: Mutex<HashMap<String, Value>>,
}

impl Mending {
    pub(crate) async fn start(emulator: &Emulator) -> Result<Self, CloudError> {
        let mender = Mender { emulator: emulator.clone(), tracing: Mutex::default() };
        let router = Router::new().fallback(mended).with_state(Arc::new(mender));
        Ok(Self(Served::start(0, router).await?))
    }

    pub(crate) fn address(&self) -> &str {
        self.0.address()
    }
}

async fn mended(State(mender): State<Arc<Mender>>, request: Request) -> Response<Body> {
    answer(&mender, request).await.unwrap_or_else(|refused| refused)
}

async fn answer(mender: &Mender, request: Request) -> Result<Response<Body>, Response<Body>> {
    let (parts, body) = whole(request).await?;
    let target =
        parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let is_of_authorizers =
        parts.uri.path().starts_with("/v2/apis/") && parts.uri.path().contains("/authorizers");
    if let Some(names) = alarms_asked_for(&body) {
        let asked = json!({ "AlarmNames": names });
        let alarms = mender.emulator.json(Service::CLOUDWATCH, "DescribeAlarms", &asked).await;
        let alarms = alarms.map_err(|error| refused(StatusCode::BAD_GATEWAY, &error.story()))?;
        return Ok(alarms_in_xml(&alarms));
    }
    let answer = pass_on(&mender.emulator, parts, body.clone()).await?;
    Ok(match operation.as_str() {
        "CreateStateMachine" | "UpdateStateMachine" => {
            mender.remember_tracing(&body);
            answer.into()
        }
        "DescribeStateMachine" => changed(answer, |machine| mender.recall_tracing(machine)).into(),
        _ if is_of_authorizers => changed(answer, |authorizer| {
            if authorizer["authorizerType"] == "REQUEST"
                && let Some(fields) = authorizer.as_object_mut()
            {
                fields.remove("jwtConfiguration");
            }
        })
        .into(),
        _ => answer.into(),
    })
}

impl Mender {
    fn remember_tracing(&self, request: &[u8]) {
        let Ok(mut request) = serde_json::from_slice::<Value>(request) else { return };
        let tracing = request["tracingConfiguration"].take();
        let machine = request["name"].as_str().or(request["stateMachineArn"].as_str());
        if let (Some(machine), false) = (machine, tracing.is_null()) {
            let mut known = self.tracing.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(last_part(machine).to_owned(), tracing);
        }
    }

    fn recall_tracing(&self, machine: &mut Value) {
        let name = last_part(machine["name"].as_str().unwrap_or_default()).to_owned();
        let known = self.tracing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tracing) = known.get(&name) {
            machine["tracingConfiguration"] = tracing.clone();
        }
    }
}

/// The name at the end of an ARN; a name itself.
fn last_part(machine: &str) -> &str {
    machine.rsplit(':').next().unwrap_or_default()
}

fn changed(answer: Whole, change: impl FnOnce(&mut Value)) -> Whole {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
    change(&mut body);
    Whole { body: Bytes::from(body.to_string()), ..answer }
}

/// The alarms that a call in the query protocol asks for; none, where it is another call.
fn alarms_asked_for(body: &[u8]) -> Option<Vec<String>> {
    let form = Url::parse(&format!("http://form/?{}", str::from_utf8(body).ok()?)).ok()?;
    let parameters: Vec<_> = form.query_pairs().collect();
    let asks = parameters.iter().any(|(name, value)| name == "Action" && value == "DescribeAlarms");
    let names = parameters.into_iter().filter(|(name, _)| name.starts_with("AlarmNames.member."));
    asks.then(|| names.map(|(_, value)| value.into_owned()).collect())
}

fn alarms_in_xml(answer: &Value) -> Response<Body> {
    let mut alarms = answer["MetricAlarms"].clone();
    for alarm in alarms.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if alarm.get("ExtendedStatistic").is_some_and(|statistic| !statistic.is_null()) {
            alarm.remove("Statistic");
        }
        // As seconds in JSON, as a date in XML; Terraform reads neither.
        alarm.retain(|name, _| !name.ends_with("Timestamp"));
    }
    let body = format!(
        "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><DescribeAlarmsResult>\
         <MetricAlarms>{}</MetricAlarms></DescribeAlarmsResult></DescribeAlarmsResponse>",
        xml(&alarms)
    );
    let mut answer = Response::new(Body::from(body));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    answer
}

/// A value as the query protocol writes it.
fn xml(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Value::Array(items) => items.iter().map(|item| format!("<member>{}</member>", xml(item))).collect(),
        Value::Object(fields) => {
            let known = fields.iter().filter(|(_, value)| !value.is_null());
            known.map(|(name, value)| format!("<{name}>{}</{name}>", xml(value))).collect()
        }
    }
}

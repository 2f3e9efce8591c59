//! The functions of the workflow, and the events that they are invoked with.

use accounts_aws::Sdk;
use accounts_core::{Kind, Request, Result, execution_input};
use accounts_lambda::Settings;
use check_status::CheckStatus;
use provision::Provision;
use serde_json::{Value, json};
use update_failed::UpdateFailed;
use update_status::UpdateStatus;
use validate::Validate;

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

impl Function {
    /// Every function of the workflow.
    pub const ALL: [Self; 5] =
        [Self::Validate, Self::Provision, Self::CheckStatus, Self::UpdateStatus, Self::UpdateFailed];

    /// The function that the state machine goes to with an answer of another one; none at its end.
    pub fn after(answer: &Value) -> Option<Self> {
        match answer["Next"].as_str() {
            Some("Provision") => Some(Self::Provision),
            Some("Wait") => Some(Self::CheckStatus),
            Some("UpdateStatus") => Some(Self::UpdateStatus),
            Some("End") => None,
            _ => Some(Self::UpdateFailed),
        }
    }
}

/// The functions of the workflow, with the same settings.
pub struct Functions {
    validate: Validate,
    provision: Provision,
    check_status: CheckStatus,
    update_status: UpdateStatus,
    update_failed: UpdateFailed,
}

impl Functions {
    /// Builds them.
    pub(crate) fn connect(sdk: &Sdk, settings: &Settings) -> Self {
        Self {
            validate: Validate::connect(settings, sdk).expect("validate"),
            provision: Provision::connect(settings, sdk).expect("provision"),
            check_status: CheckStatus::connect(settings, sdk).expect("check-status"),
            update_status: UpdateStatus::connect(settings, sdk).expect("update-status"),
            update_failed: UpdateFailed::connect(settings, sdk).expect("update-failed"),
        }
    }

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

impl Functions {
    /// Goes the way of the state machine from the start of an execution to its end, without its waits, and gives the
    /// last answer.
    ///
    /// # Errors
    /// That of `update-failed`, by which an execution fails.
    pub async fn run(&self, event: &Value) -> Result<Value> {
        self.run_from(Function::Validate, event).await
    }

    /// The same from another state on.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_from(&self, function: Function, event: &Value) -> Result<Value> {
        let (mut function, mut event, mut tries) = (function, event.clone(), 0);
        for _ in 0..MOST_STEPS {
            match self.call(function, &event).await {
                Ok(answer) => {
                    (event, tries) = (answer, 0);
                    let last = matches!(function, Function::UpdateStatus | Function::UpdateFailed);
                    match Function::after(&event).filter(|_| !last) {
                        Some(next) => function = next,
                        None => return Ok(event),
                    }
                }
                Err(error) if is_retried(error.kind()) && tries < TRIES => tries += 1,
                Err(error) if function == Function::UpdateFailed => return Err(error),
                Err(error) => {
                    event = caught(&event, error.kind().name(), &error.to_string());
                    (function, tries) = (Function::UpdateFailed, 0);
                }
            }
        }
        panic!("the execution does not end: {event}");
    }
}

/// More steps than any execution takes here.
const MOST_STEPS: usize = 60;

/// How often a step is tried again.
const TRIES: u32 = 4;

const fn is_retried(kind: Kind) -> bool {
    matches!(kind, Kind::Busy | Kind::Throttled | Kind::Transient | Kind::Internal)
}

/// The input of the request's execution.
pub fn start_event(request: &Request) -> Value {
    serde_json::from_str(&execution_input(request).expect("an input")).expect("JSON")
}

/// An event as a `Catch` of the state machine leaves it.
pub fn caught(event: &Value, kind: &str, message: &str) -> Value {
    let cause = json!({"errorType": kind, "errorMessage": message}).to_string();
    let mut event = event.clone();
    event["Error"] = json!({"Error": kind, "Cause": cause});
    event
}

/// The stream's record of a request that was stored.
pub fn inserted(request: &Request) -> Value {
    record("INSERT", request.account_email.as_str(), &format!("REQUEST#{}", request.request_id))
}

/// The stream's record of a slot that was given back.
pub fn released(slot: u32) -> Value {
    record("REMOVE", "SLOT#control-tower", &slot.to_string())
}

/// A record of the stream.
pub fn record(event: &str, partition: &str, record: &str) -> Value {
    json!({
        "eventID": format!("{event} {partition} {record}"), "eventName": event, "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"AccountEmail": {"S": partition}, "Record": {"S": record}},
            "SequenceNumber": format!("{}", now_ms()), "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

fn now_ms() -> i64 {
    accounts_lambda::now().as_ms()
}

//! The errors that services answer by chance. Names and texts are those of the services' models (botocore,
//! `data/*/service-2.json`) and of the sources in the landing zone's `texts`.

use accounts_aws::WireAnswer;
use accounts_landing_zone::texts;
use fastrand::Rng;
use serde_json::json;

use super::json;
use crate::action::{Action, Service};

/// Too many calls. DynamoDB says so by an error of its own, or by the reason of a cancelled transaction.
pub(crate) fn throttled(action: &Action, parts: usize, draw: &mut Rng) -> WireAnswer {
    match action.service {
        Service::DynamoDb if action.name == "TransactWriteItems" && draw.bool() => {
            let code = *choose(draw, &["ThrottlingError", "ProvisionedThroughputExceeded"]);
            let at = draw.usize(..parts.max(1));
            cancelled(parts, at, code, "Throughput exceeds the current capacity of your table.")
        }
        Service::DynamoDb => {
            let code = *choose(
                draw,
                &["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"],
            );
            refused(code, "The level of configured throughput was exceeded.")
        }
        Service::Organizations => refused("TooManyRequestsException", "You have sent too many requests."),
        Service::ServiceCatalog | Service::StepFunctions => refused("ThrottlingException", texts::THROTTLED),
        Service::Sns => sns(400, "Throttled", "Rate exceeded"),
    }
}

/// The server failed.
pub(crate) fn server_error(action: &Action) -> WireAnswer {
    match action.service {
        Service::Sns => sns(500, "InternalError", "An internal error occurred."),
        _ => json(500, &json!({"__type": "InternalServerError", "message": "Internal server error"})),
    }
}

/// The caller has no right to it.
pub(crate) fn denied(action: &Action) -> WireAnswer {
    match action.service {
        Service::Sns => sns(403, "AuthorizationError", "User is not authorized to perform: SNS:Publish"),
        _ => refused("AccessDeniedException", &format!("User is not authorized to perform: {}", action.name)),
    }
}

/// Another error of the service's model, by which it says that it did nothing.
pub(crate) fn of_the_model(action: &Action, draw: &mut Rng) -> WireAnswer {
    let (code, text) = match (action.service, action.name.as_str()) {
        (Service::ServiceCatalog, "ProvisionProduct") => *choose(
            draw,
            &[
                ("InvalidParametersException", texts::BUSY),
                ("ResourceInUseException", texts::BUSY_ENROLLED),
                ("LimitExceededException", "The limit of provisioned products was reached."),
            ],
        ),
        (Service::Organizations, _) => *choose(
            draw,
            &[
                (
                    "ServiceException",
                    "AWS Organizations can't complete your request because of an internal error.",
                ),
                ("ConcurrentModificationException", "The organization is being modified."),
            ],
        ),
        (Service::StepFunctions, "StartExecution") => {
            ("ExecutionLimitExceeded", "The maximum number of running executions has been reached.")
        }
        (Service::Sns, _) => return sns(400, "InvalidParameter", "Invalid parameter"),
        (Service::DynamoDb, "TransactWriteItems") => {
            ("TransactionInProgressException", "The transaction with the given request token is in progress.")
        }
        _ => return throttled(action, 1, draw),
    };
    refused(code, text)
}

/// A transaction that met another one (DynamoDB developer guide, "Transaction conflict handling").
pub(crate) fn conflict(parts: usize, draw: &mut Rng) -> WireAnswer {
    let at = draw.usize(..parts.max(1));
    cancelled(parts, at, "TransactionConflict", "Transaction is ongoing for the item")
}

/// The answer of a transaction that was cancelled for its part at `at` (API reference, `TransactWriteItems`,
/// `CancellationReasons`).
pub fn cancelled(parts: usize, at: usize, code: &str, text: &str) -> WireAnswer {
    let reasons: Vec<_> = (0..parts.max(1))
        .map(|part| match part == at {
            true => json!({"Code": code, "Message": text}),
            false => json!({"Code": "None"}),
        })
        .collect();
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    json(
        400,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": message, "CancellationReasons": reasons,
        }),
    )
}

pub(crate) fn refused(code: &str, message: &str) -> WireAnswer {
    json(400, &json!({"__type": code, "message": message, "Message": message}))
}

fn sns(status: u16, code: &str, message: &str) -> WireAnswer {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    WireAnswer { status, body: body.into_bytes() }
}

fn choose<'a, T>(draw: &mut Rng, from: &'a [T]) -> &'a T {
    &from[draw.usize(..from.len())]
}

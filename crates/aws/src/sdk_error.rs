//! A failed call of the SDK, as an error of the domain.

use std::error::Error as StdError;

use accounts_core::{Error, Kind, without_addresses};
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// The codes by which services say that there were too many calls (Smithy reference, "standard retry mode";
/// Organizations API reference, common errors; SNS API reference, `Publish`). `LimitExceededException` is none of
/// them: it names a quota, which waiting does not raise.
const THROTTLED_CODES: [&str; 12] = [
    "Throttling",
    "Throttled",
    "KMSThrottling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "SlowDown",
    "BandwidthLimitExceeded",
];

/// The codes of errors that go away by themselves.
const TRANSIENT_CODES: [&str; 9] = [
    "ConcurrentModificationException",
    "InternalServerError",
    "InternalFailure",
    "ServiceException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// The codes by which AWS refuses a caller (IAM user guide; service models' common errors).
const DENIED_CODES: [&str; 7] = [
    "AccessDeniedException",
    "AccessDenied",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
    "NotAuthorized",
    "UnrecognizedClientException",
];

/// What the service's answer says, and whether it answered at all.
pub(crate) struct CallFailure {
    /// The error of the domain, with the call's own error as its cause.
    pub(crate) error: Error,
    /// The service's code for it, if it answered.
    pub(crate) code: Option<String>,
    /// The service's text, if it answered.
    pub(crate) message: Option<String>,
    /// The service answered that it did not do it.
    pub(crate) rejected: bool,
}

/// Classifies a failed call; `sentence` says for people what could not be done.
pub(crate) fn classify<E>(sentence: &str, error: SdkError<E>) -> CallFailure
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let code = error.code().map(str::to_owned);
    let message = error.message().map(str::to_owned);
    // Whatever a server's own fault is called, it says nothing about what was done.
    let servers_fault = error.raw_response().is_some_and(|answer| answer.status().is_server_error());
    let (kind, rejected) = match (&error, code.as_deref()) {
        _ if servers_fault => (Kind::Transient, false),
        (SdkError::ServiceError(_), Some(code)) if THROTTLED_CODES.contains(&code) => (Kind::Throttled, true),
        (SdkError::ServiceError(_), Some(code)) if DENIED_CODES.contains(&code) => (Kind::AccessDenied, true),
        (SdkError::ServiceError(_), Some(code)) if TRANSIENT_CODES.contains(&code) => {
            (Kind::Transient, false)
        }
        (SdkError::ServiceError(_), Some(_)) => (Kind::Internal, true),
        (SdkError::ServiceError(_), None) => (Kind::Transient, false),
        (SdkError::ConstructionFailure(_), _) => (Kind::Internal, true),
        _ => (Kind::Transient, false),
    };
    let cause = match &error {
        // The answer itself, which the SDK's own text quotes, can hold e-mail addresses.
        SdkError::ServiceError(_) => format!(
            "{} (status {}, AWS request {}): {}",
            code.as_deref().unwrap_or("no code"),
            error.raw_response().map_or(0, |answer| answer.status().as_u16()),
            error.raw_response().and_then(|it| it.headers().get("x-amzn-requestid")).unwrap_or("unknown"),
            message.as_deref().unwrap_or_default(),
        ),
        SdkError::ResponseError(_) => "the answer could not be read".to_owned(),
        _ => DisplayErrorContext(&error).to_string(),
    };
    let cause = without_addresses(&cause);
    CallFailure { error: Error::new(kind, sentence).caused_by(cause), code, message, rejected }
}

/// The error of the domain alone.
pub(crate) fn into_error<E>(sentence: &str, error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    classify(sentence, error).error
}

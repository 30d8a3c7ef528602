//! Why a call on AWS gave no answer that the flow could use, told apart by what may be done next.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// What stands behind a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The service asked for fewer requests; later it may work.
    Throttled,
    /// Not reachable, too slow, or an error of the service's own; later it may work.
    Unavailable,
    /// Access denied, bad credentials, a missing table, a request the service does not take: trying again will not
    /// help before somebody mends something.
    Misconfigured,
}

/// A call on AWS that failed after the SDK's own retries.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed: {message}")]
pub struct CallError {
    /// The API operation, such as `PutEvents`.
    pub operation: &'static str,
    /// What may be done next.
    pub cause: Cause,
    /// The service's error code and message, or what went wrong on the way. Never a request or response body.
    pub message: String,
}

/// Why AWS refused a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// It knows who it is, and they may not do this.
    Permission,
    /// It does not accept who they say they are: expired, mistyped, or signed with a clock that is off.
    Credentials,
}

impl CallError {
    /// What came of the SDK's call of `operation`.
    pub fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self {
            operation,
            cause: cause(error),
            message: describe(error),
        }
    }

    /// As [`CallError::new`], without the service's own words.
    pub(crate) fn without_words<E>(
        operation: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self {
            operation,
            cause: cause(error),
            message: code_and_status(error),
        }
    }

    /// The service's error code, or whatever the message begins with.
    #[must_use]
    pub fn code(&self) -> &str {
        // It comes first, see `code_and_status`.
        let code = self.message.split([' ', ':']).next();
        code.unwrap_or_default()
    }

    /// Whether AWS refused the caller, and why; `None` when it is something else.
    #[must_use]
    pub fn denial(&self) -> Option<Denial> {
        match self.code() {
            "AccessDenied"
            | "AccessDeniedException"
            | "NotAuthorized"
            | "UnauthorizedOperation" => Some(Denial::Permission),
            code if is_access(code) => Some(Denial::Credentials),
            _ => None,
        }
    }

    /// Our own data is not as we wrote it, or an answer breaks the service's own rules.
    pub fn corrupt(operation: &'static str, message: impl Into<String>) -> Self {
        Self {
            operation,
            cause: Cause::Misconfigured,
            message: message.into(),
        }
    }
}

/// An error as [`CallError`] is shown, up to and with its code and status: what may be kept where a customer reads it.
#[must_use]
pub fn without_words(error: &str) -> &str {
    let end = error.find("(HTTP ").and_then(|at| {
        let length = error.get(at..)?.find(')')?;
        Some(at + length + 1)
    });
    end.and_then(|end| error.get(..end)).unwrap_or(error)
}

/// Codes by which AWS services ask for fewer requests (`throttle-code` in docs/assumptions.md). `LimitExceededException` is not among them, although the SDK
/// counts it: of Direct Connect's answers, only one that is sure to have had no effect may be taken for "not applied".
const THROTTLING_CODES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "SlowDown",
];

/// Codes by which AWS refuses the caller before looking at the request.
/// Source: "Common Errors" of the AWS API references.
const ACCESS_CODES: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes by which AWS turns away a request that it cannot read, before doing anything. Sending it again is of no use before
/// somebody mends what sends it.
/// Source: "Common Errors" of the AWS API references, and "Common error types" of the AWS JSON protocols.
const MALFORMED_CODES: &[&str] = &[
    "InvalidAction",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "InvalidQueryParameter",
    "MalformedHttpRequestException",
    "MalformedQueryString",
    "MissingAction",
    "MissingParameter",
    "RequestEntityTooLargeException",
    "SerializationException",
    "UnknownOperationException",
    "UnsupportedMediaTypeException",
    "UnsupportedOperationException",
    "ValidationError",
    "ValidationException",
];

/// Whether AWS asks for fewer requests by this error code.
#[must_use]
pub fn is_throttling(code: &str) -> bool {
    THROTTLING_CODES.contains(&code)
}

pub(crate) fn is_access(code: &str) -> bool {
    ACCESS_CODES.contains(&code)
}

/// Whether AWS says by this error code that it cannot read the request.
#[must_use]
pub fn is_malformed(code: &str) -> bool {
    MALFORMED_CODES.contains(&code)
}

fn cause<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Cause {
    match error {
        SdkError::ConstructionFailure(_) => Cause::Misconfigured,
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            if is_throttling(code) {
                Cause::Throttled
            } else if service.raw().status().is_server_error() || RETRYABLE_4XX.contains(&code) {
                Cause::Unavailable
            } else {
                Cause::Misconfigured
            }
        }
        // Time-outs, broken connections, unreadable answers, and whatever the SDK may add.
        _ => Cause::Unavailable,
    }
}

/// Errors that say "not now" with a 4xx status.
const RETRYABLE_4XX: &[&str] = &[
    "DirectConnectServerException",
    "RequestTimeout",
    "RequestTimeoutException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// One line for logs.
pub(crate) fn describe<E: ProvideErrorMetadata + Error + 'static>(
    error: &SdkError<E, HttpResponse>,
) -> String {
    match error {
        SdkError::ServiceError(service) => {
            let message = service.err().message().unwrap_or_default();
            format!("{}: {message}", code_and_status(error))
        }
        _ => code_and_status(error),
    }
}

/// As [`describe`], without the service's own words: Direct Connect's may quote a customer's name.
pub(crate) fn code_and_status<E: ProvideErrorMetadata + Error + 'static>(
    error: &SdkError<E, HttpResponse>,
) -> String {
    if let SdkError::ServiceError(service) = error {
        let code = service.err().code().unwrap_or("no error code");
        return format!("{code} (HTTP {})", service.raw().status().as_u16());
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

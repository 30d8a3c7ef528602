//! What comes back from the cloud: an answer, or one of the ways in which an answer can fail to come.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{Outcome, request::Service};

/// How a request ends for its sender.
#[derive(Debug)]
pub enum Reply {
    /// A whole answer.
    Answer(Response<Bytes>),
    /// The head announces the whole body, the connection ends after half of it.
    Cut(Response<Bytes>),
    /// The connection was never made.
    Refused,
    /// The connection was made and the request sent, then it was reset.
    Reset,
    /// Nothing comes, ever.
    Hang,
    /// The sender's process is gone, so there is nobody left to answer.
    Killed,
}

impl Reply {
    /// What its sender sees.
    pub(crate) fn outcome(&self) -> Outcome<'_> {
        match self {
            Self::Answer(response) => Outcome::Answer {
                status: response.status().as_u16(),
                body: response.body(),
            },
            Self::Cut(_) => Outcome::Lost("cut off"),
            Self::Refused => Outcome::Lost("refused"),
            Self::Reset => Outcome::Lost("reset"),
            Self::Hang => Outcome::Lost("no answer"),
            Self::Killed => Outcome::Lost("killed"),
        }
    }
}

/// A service's no, as it stands on the wire.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    /// The code without namespace, for the `x-amzn-errortype` header.
    pub(crate) code: String,
    pub(crate) body: Value,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            body: json!({"__type": code, "message": message.into()}),
        }
    }

    /// The service does not have this operation, or we do not have it yet.
    pub(crate) fn unknown_operation(operation: &str) -> Self {
        Self::new(
            400,
            "UnknownOperationException",
            format!("the local cloud does not know {operation}"),
        )
    }

    /// DynamoDB's no to a conditional write, without the items that were the reason for it.
    pub(crate) fn without_items(mut self) -> Self {
        let reasons = self.body.get_mut("CancellationReasons");
        let reasons = reasons.and_then(Value::as_array_mut).into_iter().flatten();
        reasons.filter_map(Value::as_object_mut).for_each(|reason| {
            reason.remove("Item");
        });
        if let Some(body) = self.body.as_object_mut() {
            body.remove("Item");
        }
        self
    }

    /// The request carries no signature.
    pub(crate) fn unsigned(service: Service) -> Self {
        let message = "Request must contain either a valid (registered) AWS access key ID or X.509 certificate.";
        match service {
            Service::Sqs => Self::new(403, "MissingAuthenticationTokenException", message),
            Service::DirectConnect | Service::DynamoDb | Service::EventBridge => {
                Self::new(400, "MissingAuthenticationTokenException", message)
            }
        }
    }

    /// The body is not JSON.
    pub(crate) fn unreadable() -> Self {
        Self::new(
            400,
            "SerializationException",
            "Could not parse the request body",
        )
    }

    /// The service is asked too much.
    pub(crate) fn throttled(service: Service) -> Self {
        match service {
            Service::Sqs => Self::new(400, "RequestThrottled", "Rate exceeded"),
            Service::DirectConnect | Service::DynamoDb | Service::EventBridge => {
                Self::new(400, "ThrottlingException", "Rate exceeded")
            }
        }
    }

    /// The service broke.
    pub(crate) fn internal(service: Service) -> Self {
        let code = match service {
            Service::DirectConnect | Service::Sqs => "InternalFailure",
            Service::DynamoDb => "InternalServerError",
            Service::EventBridge => "InternalException",
        };
        Self::new(500, code, "Internal server error")
    }

    /// Direct Connect broke, and says so with a client's status.
    pub(crate) fn direct_connect_server_exception() -> Self {
        Self::new(
            400,
            "DirectConnectServerException",
            "A server-side error occurred.",
        )
    }

    /// Direct Connect says that the request was wrong, which need not be so.
    pub(crate) fn direct_connect_client_exception(message: impl Into<String>) -> Self {
        Self::new(400, "DirectConnectClientException", message)
    }

    /// Direct Connect no longer takes the token of a page.
    pub(crate) fn expired_page_token() -> Self {
        Self::direct_connect_client_exception("The nextToken has expired.")
    }
}

/// A service's answer.
pub(crate) type Answer = Result<Value, ApiError>;

/// An answer that somebody else gives, with the code that stands in it.
pub(crate) fn scripted((status, body): (u16, Value)) -> Answer {
    if status < 400 {
        return Ok(body);
    }
    let code = body["__type"].as_str().or(body["code"].as_str());
    let code = code.unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or(code).to_owned();
    Err(ApiError { status, code, body })
}

/// The answer as bytes with the headers that AWS sends.
pub(crate) fn response(service: Service, answer: &Answer, request_id: &str) -> Response<Bytes> {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (
            StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            &error.body,
        ),
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(service.content_type()),
    );
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Err(error) = answer
        && let Ok(code) = HeaderValue::from_str(&error.code)
    {
        headers.insert("x-amzn-errortype", code);
    }
    response
}

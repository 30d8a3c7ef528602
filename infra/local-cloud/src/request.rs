//! One request to the cloud: which service and operation it is for, and what is remembered about it.

use std::{fmt, time::SystemTime};

use bytes::Bytes;
use serde_json::Value;

use crate::Fault;

/// The services the cloud speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// `directconnect`, the partner's side.
    DirectConnect,
    /// `dynamodb`.
    DynamoDb,
    /// `events`.
    EventBridge,
    /// `sqs`, JSON protocol.
    Sqs,
}

impl Service {
    const TARGETS: [(&str, Self); 4] = [
        ("OvertureService", Self::DirectConnect),
        ("DynamoDB_20120810", Self::DynamoDb),
        ("AWSEvents", Self::EventBridge),
        ("AmazonSQS", Self::Sqs),
    ];

    /// What can be asked of each service.
    pub(crate) const OPERATIONS: [(Self, &[&str]); 4] = [
        (
            Self::DirectConnect,
            &[
                "AllocateHostedConnection",
                "DescribeHostedConnections",
                "DescribeInterconnects",
                "DescribeLags",
                "DescribeLocations",
                "DeleteConnection",
            ],
        ),
        (
            Self::DynamoDb,
            &[
                "CreateTable",
                "DescribeTable",
                "ListTables",
                "UpdateTimeToLive",
                "DescribeTimeToLive",
                "PutItem",
                "GetItem",
                "UpdateItem",
                "DeleteItem",
                "Query",
                "Scan",
                "BatchGetItem",
                "BatchWriteItem",
                "TransactGetItems",
                "TransactWriteItems",
            ],
        ),
        (Self::EventBridge, &["PutEvents", "DescribeEventBus"]),
        (
            Self::Sqs,
            &[
                "CreateQueue",
                "GetQueueUrl",
                "GetQueueAttributes",
                "SendMessage",
                "SendMessageBatch",
                "ReceiveMessage",
                "DeleteMessage",
                "DeleteMessageBatch",
                "ChangeMessageVisibility",
                "ChangeMessageVisibilityBatch",
                "StartMessageMoveTask",
                "ListMessageMoveTasks",
            ],
        ),
    ];

    /// The content type of the service's answers.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::DirectConnect | Self::EventBridge => "application/x-amz-json-1.1",
            Self::DynamoDb | Self::Sqs => "application/x-amz-json-1.0",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DirectConnect => "Direct Connect",
            Self::DynamoDb => "DynamoDB",
            Self::EventBridge => "EventBridge",
            Self::Sqs => "SQS",
        })
    }
}

/// What is remembered about a request.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    /// Position among all requests to this cloud, from 1.
    pub sequence: u64,
    /// Tag of the client that sent it ([`Cloud::http_client_as`](crate::Cloud::http_client_as)); empty without one.
    pub worker: String,
    /// Where it went.
    pub service: Service,
    /// The API's name of the operation, such as `AllocateHostedConnection`.
    pub operation: String,
    /// When it arrived, by the cloud's clock.
    pub time: SystemTime,
    /// What was done to it, if anything.
    pub fault: Option<Fault>,
    /// Whether the service has processed it, be it to say no.
    pub applied: bool,
    /// Status of the answer that was sent, even if a fault then kept it from arriving whole.
    pub status: Option<u16>,
    /// The JSON that was sent; null when it was not JSON.
    pub body: Value,
    /// What DynamoDB bills for it; nothing for a request to another service.
    pub units: Units,
}

/// What DynamoDB bills for a request, without provisioned capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Write request units: 1 KB each.
    pub writes: u32,
    /// Halves of read request units: one for 4 KB read without waiting for all replicas, two for 4 KB read consistently.
    pub half_reads: u32,
}

/// A request on its way through the pipeline.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) operation: String,
    /// Whether there is a signature. It is not verified: the local cloud has no secrets to verify it with.
    pub(crate) signed: bool,
    /// X-Ray's trace header, which EventBridge passes on.
    pub(crate) trace_header: Option<String>,
    pub(crate) raw: Bytes,
    pub(crate) body: Value,
}

impl Call {
    /// Reads the request as a call on one of the services, recognised by `X-Amz-Target`.
    pub(crate) fn recognise(request: &http::Request<Bytes>) -> Option<Self> {
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let (prefix, operation) = header("x-amz-target")?.split_once('.')?;
        let service = Service::TARGETS
            .iter()
            .find_map(|(target, service)| (*target == prefix).then_some(*service))?;
        Some(Self {
            service,
            operation: operation.to_owned(),
            signed: request.headers().contains_key("authorization"),
            trace_header: header("x-amzn-trace-id").map(str::to_owned),
            raw: request.body().clone(),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
        })
    }

    /// The string member `name` of the request, if it is there and a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

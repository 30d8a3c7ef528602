//! Where an order came from.

use serde::{Deserialize, Serialize};

use crate::CorrelationId;

/// The door an order came through, and its name there:
/// `{"door": "sqs", "messageId": "…", "queueArn": "…"}`; with `correlationId` when the caller gave one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "door",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
pub enum Origin {
    /// A message of a queue.
    Sqs {
        /// The queue's id for the message; the same on every redelivery.
        message_id: String,
        /// The queue.
        queue_arn: String,
        /// The caller's own, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correlation_id: Option<CorrelationId>,
    },
    /// A request to API Gateway or the function URL.
    Http {
        /// The gateway's id for the request.
        request_id: String,
        /// The caller's own, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correlation_id: Option<CorrelationId>,
    },
    /// An invocation of the function with the order as its payload.
    Direct {
        /// Lambda's id for the invocation; the same on Lambda's own retries.
        request_id: String,
        /// The caller's own, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correlation_id: Option<CorrelationId>,
    },
}

impl Origin {
    /// The message id or request id: what stays the same when the same thing is delivered again.
    pub fn delivery_id(&self) -> &str {
        match self {
            Self::Sqs { message_id, .. } => message_id,
            Self::Http { request_id, .. } | Self::Direct { request_id, .. } => request_id,
        }
    }

    /// The caller's own name for what the order is part of.
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        match self {
            Self::Sqs { correlation_id, .. }
            | Self::Http { correlation_id, .. }
            | Self::Direct { correlation_id, .. } => correlation_id.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_origin_is_written_with_its_door_and_read_back() {
        let sqs = Origin::Sqs {
            message_id: "m-1".into(),
            queue_arn: "arn:aws:sqs:eu-west-1:1:q".into(),
            correlation_id: None,
        };
        let cases = [
            (
                sqs,
                json!({"door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:1:q"}),
            ),
            (
                Origin::Http {
                    request_id: "r-1".into(),
                    correlation_id: CorrelationId::parse("ticket-1"),
                },
                json!({"door": "http", "requestId": "r-1", "correlationId": "ticket-1"}),
            ),
            (
                Origin::Direct {
                    request_id: "r-2".into(),
                    correlation_id: None,
                },
                json!({"door": "direct", "requestId": "r-2"}),
            ),
        ];
        for (origin, expected) in cases {
            assert_eq!(serde_json::to_value(&origin).unwrap(), expected);
            assert_eq!(serde_json::from_value::<Origin>(expected).unwrap(), origin);
        }
    }
}

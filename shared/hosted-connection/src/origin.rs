//! Where an order came from.

use serde::{Deserialize, Serialize};

/// The door an order came through, and its name there:
/// `{"door": "sqs", "messageId": "…", "queueArn": "…"}`.
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
    },
    /// A request to API Gateway or the function URL.
    Http {
        /// The gateway's id for the request.
        request_id: String,
    },
    /// An invocation of the function with the order as its payload.
    Direct {
        /// Lambda's id for the invocation; the same on Lambda's own retries.
        request_id: String,
    },
}

impl Origin {
    /// The message id or request id: what stays the same when the same thing is delivered again.
    pub fn delivery_id(&self) -> &str {
        match self {
            Self::Sqs { message_id, .. } => message_id,
            Self::Http { request_id } | Self::Direct { request_id } => request_id,
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
        };
        let cases = [
            (
                sqs,
                json!({"door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:1:q"}),
            ),
            (
                Origin::Http {
                    request_id: "r-1".into(),
                },
                json!({"door": "http", "requestId": "r-1"}),
            ),
            (
                Origin::Direct {
                    request_id: "r-2".into(),
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

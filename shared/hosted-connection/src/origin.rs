//! Where an order came from.

use serde::{Deserialize, Serialize};

use crate::CorrelationId;

/// The door an order came through, and its name there:
/// `{"door": "sqs", "messageId": "…", "queueArn": "…"}`; with `correlationId` when the caller gave one, and with `via` when
/// it was in an envelope.
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
        /// The envelope inside the message, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<Via>,
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
    /// An event of EventBridge's, whose detail is the order.
    EventBridge {
        /// EventBridge's id for the event, or else Lambda's for the invocation; both the same on Lambda's own retries.
        id: String,
        /// The system that put the event.
        source: String,
        /// What kind of event it calls it.
        detail_type: String,
    },
    /// A notification of SNS's.
    Sns {
        /// SNS's id for the message, or else Lambda's for the invocation; both the same on Lambda's own retries.
        message_id: String,
        /// The topic.
        topic_arn: String,
        /// The envelope inside the message, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<Via>,
        /// The caller's own, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correlation_id: Option<CorrelationId>,
    },
    /// No order: the connection was there before, and an operator had it get a record.
    Adoption {
        /// Which run of the operator's command that was.
        request_id: String,
    },
}

/// The envelope that an order was in, inside of a message: `{"sns": "<topic's ARN>"}` or
/// `{"eventBridge": {"source": "…", "detailType": "…", "id": "…"}}`.
///
/// Whoever may send the message wrote it, and may have written anything: it is for people, and decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Via {
    /// A notification, of the topic with this ARN.
    Sns(String),
    /// An event.
    EventBridge {
        /// The system that put it.
        source: String,
        /// What kind of event it calls it.
        detail_type: String,
        /// EventBridge's id for it, if it is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
}

impl Via {
    /// The most characters of each name. AWS's own are shorter, and a name goes into the record and into every event.
    pub const MAX_CHARACTERS: usize = 512;

    /// A notification of the topic with this ARN, cut if it is longer than an ARN can be.
    pub fn sns(topic_arn: &str) -> Self {
        Self::Sns(cut(topic_arn))
    }

    /// An event, its names cut if they are longer than EventBridge's can be.
    pub fn event_bridge(source: &str, detail_type: &str, id: Option<&str>) -> Self {
        Self::EventBridge {
            source: cut(source),
            detail_type: cut(detail_type),
            id: id.map(cut),
        }
    }
}

fn cut(name: &str) -> String {
    name.chars().take(Via::MAX_CHARACTERS).collect()
}

impl Origin {
    /// The message id or request id: what stays the same when the same thing is delivered again.
    pub fn delivery_id(&self) -> &str {
        match self {
            Self::Sqs { message_id, .. } | Self::Sns { message_id, .. } => message_id,
            Self::Http { request_id, .. }
            | Self::Direct { request_id, .. }
            | Self::Adoption { request_id } => request_id,
            Self::EventBridge { id, .. } => id,
        }
    }

    /// The caller's own name for what the order is part of.
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        match self {
            Self::Sqs { correlation_id, .. }
            | Self::Http { correlation_id, .. }
            | Self::Direct { correlation_id, .. }
            | Self::Sns { correlation_id, .. } => correlation_id.as_ref(),
            Self::EventBridge { .. } | Self::Adoption { .. } => None,
        }
    }

    /// Whether the record is that of a connection which was there before, and which no order made.
    pub fn is_adoption(&self) -> bool {
        matches!(self, Self::Adoption { .. })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_origin_is_written_with_its_door_and_read_back() {
        let sqs = |via| Origin::Sqs {
            message_id: "m-1".into(),
            queue_arn: "arn:aws:sqs:eu-west-1:1:q".into(),
            via,
            correlation_id: None,
        };
        let topic = "arn:aws:sns:eu-west-1:1:t";
        let cases = [
            (
                sqs(None),
                json!({"door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:1:q"}),
            ),
            (
                sqs(Some(Via::sns(topic))),
                json!({"door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:1:q",
                    "via": {"sns": topic}}),
            ),
            (
                sqs(Some(Via::event_bridge("shop", "Order Placed", Some("e-1")))),
                json!({"door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:1:q",
                    "via": {"eventBridge": {"source": "shop", "detailType": "Order Placed", "id": "e-1"}}}),
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
            (
                Origin::EventBridge {
                    id: "e-1".into(),
                    source: "shop".into(),
                    detail_type: "Order Placed".into(),
                },
                json!({"door": "eventbridge", "id": "e-1", "source": "shop", "detailType": "Order Placed"}),
            ),
            (
                Origin::Sns {
                    message_id: "n-1".into(),
                    topic_arn: topic.into(),
                    via: None,
                    correlation_id: None,
                },
                json!({"door": "sns", "messageId": "n-1", "topicArn": topic}),
            ),
            (
                Origin::Adoption {
                    request_id: "r-3".into(),
                },
                json!({"door": "adoption", "requestId": "r-3"}),
            ),
        ];
        for (origin, expected) in cases {
            assert_eq!(serde_json::to_value(&origin).unwrap(), expected);
            assert_eq!(serde_json::from_value::<Origin>(expected).unwrap(), origin);
        }
    }

    #[test]
    fn names_that_a_sender_made_up_are_kept_short() {
        let long = "é".repeat(100_000);
        let expected = "é".repeat(512);
        assert_eq!(Via::sns(&long), Via::Sns(expected.clone()));
        let Via::EventBridge {
            source,
            detail_type,
            id,
        } = Via::event_bridge(&long, &long, Some(&long))
        else {
            panic!("an event");
        };
        assert_eq!(
            [source, detail_type, id.unwrap()],
            [(); 3].map(|()| expected.clone())
        );
    }
}

//! The envelopes that an order may be in, inside of a queue's message: as SNS and EventBridge write them.

use crate::samples;
use crate::value::{Value, may, must, object, of, only, opened, text, with};

/// An SNS notification, of a subscription without raw message delivery.
pub(crate) fn notification() -> Value {
    let order = with(
        text("The order, as text."),
        members! {"contentMediaType" => "application/json", "contentSchema" => of("OrderMessage")},
    );
    // AWS writes more into it, and may add to that. Nobody reads it here.
    opened(object(
        "What SNS puts into a queue where raw message delivery is off.",
        vec![
            must("Type", only("Notification")),
            must(
                "TopicArn",
                text("The topic. It comes back as `origin.via.sns`."),
            ),
            must("Message", order),
            may(
                "MessageAttributes",
                with(
                    text("Those that the order was published with; its key may be one of them."),
                    members! {"type" => "object"},
                ),
            ),
        ],
    ))
}

/// An event, of a rule without input path.
pub(crate) fn event() -> Value {
    let source = "The system that put it. What we publish ourselves, `hosted-connections`, is never an order: it is consumed, \
        and nothing is said of it.";
    opened(object(
        "What a rule puts into a queue that takes the whole event. `source`, `detail-type` and `id` come back as \
         `origin.via.eventBridge`.",
        vec![
            must(
                "detail-type",
                text("What kind of event its source calls it."),
            ),
            must("source", text(source)),
            may("id", text("EventBridge's own.")),
            must("detail", of("OrderMessage")),
        ],
    ))
}

/// An order in a notification.
pub(crate) fn notification_sample() -> Value {
    let order = serde_json::to_string(&samples::order_with_key()).unwrap_or_default();
    members! {
        "Type" => "Notification",
        "MessageId" => "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn" => "arn:aws:sns:eu-central-1:123456789012:orders",
        "Message" => order,
        "Timestamp" => "2026-01-02T03:04:05.678Z",
    }
}

/// An order in an event.
pub(crate) fn event_sample() -> Value {
    members! {
        "version" => "0",
        "id" => "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type" => "Order Placed",
        "source" => "com.example.shop",
        "account" => "123456789012",
        "time" => "2026-01-02T03:04:05Z",
        "region" => "eu-central-1",
        "resources" => crate::value::list::<Value>([]),
        "detail" => samples::order_with_key(),
    }
}

//! AsyncAPI 3.0 of the queues and the bus.

use hosted_connection::DetailType;

use crate::definitions::{Form, referred_by};
use crate::operations::KEY_HEADER;
use crate::value::{Value, list, mapping, may, object, of, opened, refer_to, text};
use crate::{envelope, event, samples};

const SCHEMAS: &str = "#/components/schemas/";

/// The whole document.
pub(crate) fn document() -> Value {
    let messages = messages();
    let schemas = mapping(referred_by(&messages, Form::Published));
    let document = members! {
        "asyncapi" => "3.0.0",
        "info" => members! {
            "title" => "Hosted connections",
            "version" => env!("CARGO_PKG_VERSION"),
            "description" => DESCRIPTION,
            "license" => members! {"name" => "Apache-2.0", "url" => "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType" => "application/json",
        "servers" => members! {
            "sqs" => members! {
                "host" => "sqs.{region}.amazonaws.com",
                "protocol" => "sqs",
                "description" => "Amazon SQS. The stack's outputs have the queues' addresses.",
                "variables" => region(),
            },
            "sns" => members! {
                "host" => "sns.{region}.amazonaws.com",
                "protocol" => "sns",
                "description" => "Amazon SNS. The function, or the queue of orders, is a subscriber of the caller's topic.",
                "variables" => region(),
            },
            "eventBridge" => members! {
                "host" => "events.{region}.amazonaws.com",
                "protocol" => "eventbridge",
                "description" => "Amazon EventBridge. Consumers are targets of rules on the bus.",
                "variables" => region(),
            },
        },
        "channels" => channels(),
        "operations" => operations(),
        "components" => members! {"messages" => messages, "schemas" => schemas},
    };
    refer_to(SCHEMAS, document)
}

const DESCRIPTION: &str = "Orders and releases come in over queues; what becomes of them is published on a bus, at least once. A message \
that can never succeed is published as rejected, with what was received, and consumed; anything that may still change goes back to its \
queue, or fails the invocation so that it is tried again. Events are open: \
readers should not mind a member that a later version has added.";

const CORRELATION: &str = "Comes back in each event as `origin.correlationId`, if it is 1 to 128 visible ASCII characters; anything else \
is ignored.";

fn region() -> Value {
    members! {"region" => members! {"default" => "eu-central-1", "description" => "The AWS Region."}}
}

fn channels() -> Value {
    let channel = |title: &str, description: &str, name: Value, server: &str, messages: &[&str]| {
        let messages = messages.iter().map(|message| message_of(message));
        members! {
            "address" => name,
            "title" => title,
            "description" => description,
            "servers" => list([members! {"$ref" => format!("#/servers/{server}")}]),
            "messages" => mapping(messages),
        }
    };
    let told = DetailType::ALL.map(|detail_type| message_of(event::names(detail_type).0));
    members! {
        "orders" => channel(
            "Orders",
            "The queue of orders, standard or FIFO. A FIFO queue's message groups keep their order. A message is the order, or an \
             envelope of SNS's or EventBridge's with the order in it.",
            "orders".into(),
            "sqs",
            &["Order", "OrderNotification", "OrderEvent"],
        ),
        "ordersTopic" => channel(
            "Orders from a topic",
            "A topic of the caller's, to which the function is subscribed. Its key may be a message attribute.",
            Value::Null,
            "sns",
            &["Order"],
        ),
        "ordersBus" => channel(
            "Orders from a bus",
            "A bus of the caller's, one of whose rules has the function as target.",
            Value::Null,
            "eventBridge",
            &["OrderEvent"],
        ),
        "releases" => channel(
            "Releases",
            "The queue of releases. A message may be in the same envelopes as an order.",
            "releases".into(),
            "sqs",
            &["Release"],
        ),
        "bus" => members! {
            "address" => "hosted-connections",
            "title" => "Events",
            "description" => "The event bus. Events of one order are sent in the order of their `sequence`; EventBridge tries each target again by \
            itself and may deliver them in another. `eventId` tells repeats.",
            "servers" => list([members! {"$ref" => "#/servers/eventBridge"}]),
            "messages" => mapping(told),
        },
    }
}

fn message_of(name: &str) -> (String, Value) {
    let reference = members! {"$ref" => format!("#/components/messages/{name}")};
    (name.to_owned(), reference)
}

fn operations() -> Value {
    let operation = |action: &str, channel: &str, messages: Vec<&str>, summary: &str| {
        let messages = messages.into_iter();
        let messages = messages
            .map(|name| members! {"$ref" => format!("#/channels/{channel}/messages/{name}")});
        members! {
            "action" => action,
            "channel" => members! {"$ref" => format!("#/channels/{channel}")},
            "summary" => summary,
            "messages" => list(messages),
        }
    };
    let mut all = vec![
        (
            "takeOrder".to_owned(),
            operation(
                "receive",
                "orders",
                vec!["Order", "OrderNotification", "OrderEvent"],
                "An order becomes one hosted connection, or a final no.",
            ),
        ),
        (
            "takeOrderFromTopic".to_owned(),
            operation(
                "receive",
                "ordersTopic",
                vec!["Order"],
                "The same, asynchronously: what may still change fails the invocation.",
            ),
        ),
        (
            "takeOrderFromBus".to_owned(),
            operation(
                "receive",
                "ordersBus",
                vec!["OrderEvent"],
                "The same, asynchronously: what may still change fails the invocation.",
            ),
        ),
        (
            "takeRelease".to_owned(),
            operation(
                "receive",
                "releases",
                vec!["Release"],
                "A hosted connection is given back.",
            ),
        ),
    ];
    for detail_type in DetailType::ALL {
        let (name, _) = event::names(detail_type);
        let tell = operation("send", "bus", vec![name], event::when(detail_type));
        all.push((
            format!("tell{}", name.trim_start_matches("HostedConnection")),
            tell,
        ));
    }
    mapping(all)
}

fn messages() -> Value {
    let headers = object(
        "Message attributes.",
        vec![
            may(KEY_HEADER, of("IdempotencyKey")),
            may("Correlation-Id", text(CORRELATION)),
        ],
    );
    // Senders may add attributes of their own; nobody reads them here.
    let headers = opened(headers);
    let sent = |name: &str, title: &str, summary: &str, payload: Value, sample: Value| {
        members! {
            "name" => name,
            "title" => title,
            "summary" => summary,
            "contentType" => "application/json",
            "headers" => headers.clone(),
            "payload" => payload,
            "examples" => list([members! {"payload" => sample}]),
        }
    };
    let mut all = vec![
        (
            "Order".to_owned(),
            sent(
                "Order",
                "Order",
                "Its key is the message attribute or the member; both have to say the same.",
                of("OrderMessage"),
                samples::order_with_key(),
            ),
        ),
        (
            "OrderNotification".to_owned(),
            sent(
                "OrderNotification",
                "Order in a notification",
                "Its key is an attribute of either message or the order's member; all have to say the same.",
                envelope::notification(),
                envelope::notification_sample(),
            ),
        ),
        (
            "OrderEvent".to_owned(),
            sent(
                "OrderEvent",
                "Order in an event",
                "Its key is the member of the detail; of a queue's message, also the message attribute.",
                envelope::event(),
                envelope::event_sample(),
            ),
        ),
        (
            "Release".to_owned(),
            sent(
                "Release",
                "Release",
                "Its key is the message attribute or the member; both have to say the same.",
                of("ReleaseMessage"),
                samples::release(),
            ),
        ),
    ];
    for detail_type in DetailType::ALL {
        let (name, _) = event::names(detail_type);
        let message = members! {
            "name" => detail_type.as_str(),
            "title" => detail_type.as_str(),
            "summary" => event::when(detail_type),
            "contentType" => "application/json",
            "payload" => opened(event::envelope(detail_type)),
            "examples" => list([members! {"payload" => event::sample(detail_type)}]),
        };
        all.push((name.to_owned(), message));
    }
    mapping(all)
}

//! Where an order, or a release, came from: one schema for each door, and for each envelope inside of a message.

use hosted_connection::{CorrelationId, Via};

use crate::samples;
use crate::value::{Member, Value, example, list, may, must, object, of, only, text, with};

/// By door: the name of its definition, and the definition.
fn doors() -> [(&'static str, Value); 6] {
    let correlation = || may("correlationId", of("CorrelationId"));
    let shape = |definition: &'static str, door: &str, description: &str, names: Vec<Member>| {
        let mut all = vec![must("door", only(door))];
        all.extend(names);
        (definition, object(description, all))
    };
    [
        shape(
            "OriginSqs",
            "sqs",
            "A message of a queue.",
            vec![
                must(
                    "messageId",
                    text("The queue's id of the message: the same on every redelivery."),
                ),
                must("queueArn", text("The queue.")),
                may("via", of("Via")),
                correlation(),
            ],
        ),
        shape(
            "OriginHttp",
            "http",
            "A request over HTTP.",
            vec![
                must("requestId", text("The gateway's id of the request.")),
                correlation(),
            ],
        ),
        shape(
            "OriginDirect",
            "direct",
            "A direct invocation of the function.",
            vec![
                must("requestId", text("Lambda's id of the invocation.")),
                correlation(),
            ],
        ),
        shape(
            "OriginEventBridge",
            "eventbridge",
            "An event that invoked the function.",
            vec![
                must("id", text("EventBridge's id of the event.")),
                must("source", text("The system that put it.")),
                must("detailType", text("What kind of event that calls it.")),
            ],
        ),
        shape(
            "OriginSns",
            "sns",
            "A notification that invoked the function.",
            vec![
                must("messageId", text("SNS's id of the message.")),
                must("topicArn", text("The topic.")),
                may("via", of("Via")),
                correlation(),
            ],
        ),
        shape(
            "OriginAdoption",
            "adoption",
            "No order: the connection was there before, and an operator adopted it.",
            vec![must(
                "requestId",
                text("Which run of the operator's command that was."),
            )],
        ),
    ]
}

/// Everything here by name. Each shape has a name of its own, by which generators of clients call its type.
pub(crate) fn definitions() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("CorrelationId", correlation_id()),
        ("Origin", origin()),
        ("Via", via()),
        (
            "ViaSns",
            object(
                "A notification of SNS.",
                vec![must("sns", name("The topic's ARN."))],
            ),
        ),
        (
            "ViaEventBridge",
            object("An event.", vec![must("eventBridge", of("ViaEvent"))]),
        ),
        ("ViaEvent", via_event()),
    ];
    all.extend(doors());
    all
}

/// The caller's own name for what the order is part of.
fn correlation_id() -> Value {
    let schema = text(
        "The caller's own name for what the order is part of. It is passed on and never looked at.",
    );
    let limits = members! {
        "minLength" => 1,
        "maxLength" => CorrelationId::MAX_CHARACTERS,
        "pattern" => CorrelationId::PATTERN,
    };
    example(with(schema, limits), "ticket-4711")
}

/// Where it came from, by door.
fn origin() -> Value {
    let shapes = doors().map(|(definition, _)| of(definition));
    let sample = serde_norway::to_value(samples::origin()).unwrap_or_default();
    example(
        members! {"description" => "Where the order, or the release, came from.", "oneOf" => list(shapes)},
        sample,
    )
}

/// The envelope inside of a message.
fn via() -> Value {
    members! {
        "description" => "The envelope that the request was in. Whoever sent the message wrote it.",
        "oneOf" => list(["ViaSns", "ViaEventBridge"].map(of)),
    }
}

fn via_event() -> Value {
    object(
        "An event of EventBridge, with the request as its detail.",
        vec![
            must("source", name("The system that put it.")),
            must("detailType", name("What kind of event that calls it.")),
            may("id", name("EventBridge's id of it.")),
        ],
    )
}

fn name(description: &str) -> Value {
    let limit = members! {"maxLength" => Via::MAX_CHARACTERS};
    with(text(description), limit)
}

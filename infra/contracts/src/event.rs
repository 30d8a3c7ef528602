//! What EventBridge is told: the detail of each event, and the whole event as a rule's target gets it.

use hosted_connection::{DetailType, Event, Received};

use crate::connection::resources;
use crate::samples;
use crate::value::{
    Member, Value, array, count, example, instant, list, may, must, object, of, only, text, with,
};

/// Of each event: the name of its detail's definition, and of its file.
pub(crate) fn names(detail_type: DetailType) -> (&'static str, &'static str) {
    match detail_type {
        DetailType::Allocated => ("HostedConnectionAllocated", "event-allocated"),
        DetailType::Rejected => ("HostedConnectionRejected", "event-rejected"),
        DetailType::StateChanged => ("HostedConnectionStateChanged", "event-state-changed"),
        DetailType::Released => ("HostedConnectionReleased", "event-released"),
        DetailType::Adopted => ("HostedConnectionAdopted", "event-adopted"),
        DetailType::Moved => ("HostedConnectionMoved", "event-moved"),
    }
}

/// When it is published.
pub(crate) fn when(detail_type: DetailType) -> &'static str {
    match detail_type {
        DetailType::Allocated => "The hosted connection exists.",
        DetailType::Rejected => "A final no, to an order or to a release that came over the queue.",
        DetailType::StateChanged => {
            "The connection is in another state now; or, once, a reminder that its owner has not confirmed it."
        }
        DetailType::Released => "The connection was deleted on request, and is gone.",
        DetailType::Adopted => {
            "A connection that was there before got a record; from now on it is followed like an order's."
        }
        DetailType::Moved => "The connection is on another interconnect or LAG than before.",
    }
}

/// The detail of an event.
pub(crate) fn detail(detail_type: DetailType) -> Value {
    let connection = |which: &str| {
        must(
            "connection",
            with(of("Connection"), members! {"description" => which}),
        )
    };
    let (members, sample) = match detail_type {
        DetailType::Allocated => (
            vec![recorded(), connection("As Direct Connect first answered.")],
            samples::allocated(),
        ),
        DetailType::Rejected => {
            let request = may("request", of("RecordedRequest"));
            return example(rejected(request), samples::rejected());
        }
        DetailType::StateChanged => (
            vec![
                recorded(),
                connection("As Direct Connect shows it now."),
                must(
                    "previousState",
                    text(
                        "The state that was told last; in a reminder the state that it still has.",
                    ),
                ),
                may(
                    "ageSeconds",
                    count("In a reminder only: how long it has been waiting for its owner."),
                ),
            ],
            samples::state_changed(),
        ),
        DetailType::Released => (
            vec![recorded(), connection("The last that was seen of it.")],
            samples::released(),
        ),
        DetailType::Adopted => (
            vec![
                recorded(),
                connection("As Direct Connect showed it when it was adopted."),
            ],
            samples::adopted(),
        ),
        DetailType::Moved => (
            vec![
                recorded(),
                connection("As Direct Connect shows it there."),
                must(
                    "parentConnectionId",
                    text("The interconnect or LAG that it is on now."),
                ),
                must(
                    "previousParentConnectionId",
                    text("The one that it was on before."),
                ),
            ],
            samples::moved(),
        ),
    };
    let mut all = common(of("IdempotencyKey"), detail_type);
    all.extend(members);
    if detail_type != DetailType::Moved {
        all.push(chosen());
    }
    let schema = example(object(when(detail_type), all), sample);
    match detail_type {
        DetailType::StateChanged => with(
            schema,
            members! {
                "if" => members! {"required" => list(["ageSeconds"])},
                "then" => members! {"properties" => members! {"previousState" => members! {"const" => "ordering"}}},
            },
        ),
        DetailType::Allocated
        | DetailType::Rejected
        | DetailType::Released
        | DetailType::Adopted
        | DetailType::Moved => schema,
    }
}

/// A message without a usable key is rejected without one.
fn rejected(request: Member) -> Value {
    let key = members! {
        "description" => "`null` when the message had no usable one: `origin` says which message it was.",
        "oneOf" => list([of("IdempotencyKey"), members! {"type" => "null"}]),
    };
    let mut all = common(key, DetailType::Rejected);
    all.push(request);
    all.push(chosen());
    all.push(must("rejection", of("Rejection")));
    let received = format!(
        "What came in a message that is consumed without having become a request: its body, as far as it fits into {} bytes.",
        Received::MAX_BYTES
    );
    all.push(may(
        "received",
        with(
            text(&received),
            members! {"maxLength" => Received::MAX_BYTES},
        ),
    ));
    let truncated = "There was more of `received`.";
    all.push(may(
        "receivedTruncated",
        members! {"type" => "boolean", "const" => true, "description" => truncated},
    ));
    object(when(DetailType::Rejected), all)
}

/// Only of an order by place.
fn chosen() -> Member {
    let description = "The interconnect or LAG that was chosen for an order by place; absent where the request names it.";
    may("parentConnectionId", text(description))
}

fn recorded() -> Member {
    must("request", of("RecordedRequest"))
}

fn common(key: Value, detail_type: DetailType) -> Vec<Member> {
    let uuid_v5 = "^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
    let event_id = with(
        text(
            "UUIDv5: the same on every repeat of the same fact, so that consumers can drop repeats.",
        ),
        members! {"format" => "uuid", "pattern" => uuid_v5},
    );
    vec![
        must("schemaVersion", only(Event::SCHEMA_VERSION)),
        must("eventId", event_id),
        must("idempotencyKey", key),
        must("sequence", sequence(detail_type)),
        must(
            "occurredAt",
            instant("When it happened; not when it was published."),
        ),
        must("origin", of("Origin")),
    ]
}

/// Which of its order's events it is.
fn sequence(detail_type: DetailType) -> Value {
    let zero = |description: &str| members! {"type" => "integer", "const" => 0, "description" => description};
    match detail_type {
        DetailType::Allocated => zero("The first event of its order."),
        DetailType::Adopted => zero("The first event of its record."),
        DetailType::Rejected => zero("Always 0: a rejection stands for itself."),
        DetailType::StateChanged | DetailType::Released | DetailType::Moved => with(
            count(
                "Counts the events of the order from its allocation, which is 0. They are sent in this order; EventBridge \
                 may deliver them in another.",
            ),
            members! {"minimum" => 1},
        ),
    }
}

/// The whole event as a rule's target gets it.
pub(crate) fn envelope(detail_type: DetailType) -> Value {
    let (detail, _) = names(detail_type);
    let members = vec![
        must("version", only("0")),
        must(
            "id",
            text(
                "EventBridge's own: another one for every repeat. `detail.eventId` is the one to tell repeats by.",
            ),
        ),
        must("detail-type", only(detail_type.as_str())),
        must("source", only(Event::SOURCE)),
        must("account", text("The AWS account of the bus.")),
        must(
            "time",
            with(
                text("When EventBridge took it."),
                members! {"format" => "date-time"},
            ),
        ),
        must("region", text("The AWS Region of the bus.")),
        must(
            "resources",
            match detail_type {
                DetailType::Rejected => with(
                    array("There is no connection.", text("")),
                    members! {"maxItems" => 0},
                ),
                DetailType::Allocated
                | DetailType::StateChanged
                | DetailType::Released
                | DetailType::Adopted
                | DetailType::Moved => resources(),
            },
        ),
        must("detail", of(detail)),
    ];
    object(when(detail_type), members)
}

/// A whole event.
pub(crate) fn sample(detail_type: DetailType) -> Value {
    let (resources, detail) = match detail_type {
        DetailType::Allocated => (vec![samples::arn()], samples::allocated()),
        DetailType::Rejected => (vec![], samples::rejected()),
        DetailType::StateChanged => (vec![samples::arn()], samples::state_changed()),
        DetailType::Released => (vec![samples::arn()], samples::released()),
        DetailType::Adopted => (vec![samples::arn()], samples::adopted()),
        DetailType::Moved => (vec![samples::arn()], samples::moved()),
    };
    samples::on_the_bus(detail_type.as_str(), resources, detail)
}

//! What events say, what their ids depend on, and how large they get.

mod ids;
mod lifecycle;

use serde_json::{Value, json};

use super::*;
use crate::{Code, KeySource, Order, Via, Violation, ViolationCode};

const ENTRY_LIMIT: usize = 256 * 1024;
/// DynamoDB takes 400 KB per item; the rest is for what stands beside an event.
const STORED_LIMIT: usize = 350 * 1024;
const NOON: Timestamp = Timestamp::from_ms(1_767_323_045_678);
const CLAIMED_AT_MS: u64 = 1_767_323_045_000;

fn origin(message_id: &str) -> Origin {
    Origin::Sqs {
        message_id: message_id.into(),
        queue_arn: "arn:aws:sqs:eu-west-1:123456789012:orders".into(),
        via: None,
        correlation_id: None,
    }
}

fn order(vlan: u16) -> Order {
    let body = format!(
        r#"{{"connectionId": "dxcon-ffabc123", "ownerAccount": "123456789012", "bandwidth": "100Mbps",
            "connectionName": "Customer", "vlan": {vlan}, "idempotencyKey": "order-1001"}}"#
    );
    Order::parse(body.as_bytes(), KeySource::Body).unwrap()
}

fn connection(id: &str) -> Connection {
    Connection {
        connection_id: Some(id.into()),
        vlan: Some(101),
        ..Connection::default()
    }
}

fn allocated(key: &str, id: &str, message_id: &str) -> Event {
    let key = IdempotencyKey::parse(key).unwrap();
    let arn = format!("arn:aws:directconnect:eu-west-1:123456789012:dxcon/{id}");
    Event::allocated(
        &key,
        &order(101).request,
        &connection(id),
        Some(arn),
        &origin(message_id),
        NOON,
    )
}

fn rejected(vlan: u16, message: &str) -> Event {
    let order = order(vlan);
    Event::rejected(
        &order.key,
        &order.request,
        &Rejection::new(Code::VlanInUse, message),
        CLAIMED_AT_MS,
        &origin("m-1"),
        NOON,
    )
}

fn invalid(body: &str, message_id: &str) -> Event {
    let invalid = Order::parse(body.as_bytes(), KeySource::AttributeOrBody(&[])).unwrap_err();
    Event::invalid(&invalid, &origin(message_id), NOON)
}

/// Refused with as much as can be said, and nothing but characters that JSON escapes was received.
fn worst() -> InvalidRequest {
    let body = format!("{{\"{}\": 0}}", "\\\"".repeat(65_000));
    let invalid = Order::parse(body.as_bytes(), KeySource::Body).unwrap_err();
    invalid.with_received(&[0; 10_000])
}

fn from_a_made_up_envelope() -> Origin {
    let name = "\u{0}".repeat(10_000);
    Origin::Sqs {
        message_id: "m-1".into(),
        queue_arn: "arn:aws:sqs:eu-west-1:123456789012:orders".into(),
        via: Some(Via::event_bridge(&name, &name, Some(&name))),
        correlation_id: None,
    }
}

fn detail(event: &Event) -> Value {
    serde_json::from_str(&event.detail).unwrap()
}

#[test]
fn an_allocation_is_told_as_in_the_contract() {
    let event = allocated("order-1001", "dxcon-fgh01abc", "m-1");
    assert_eq!(event.detail_type.as_str(), "Hosted Connection Allocated");
    assert_eq!(
        event.resources,
        ["arn:aws:directconnect:eu-west-1:123456789012:dxcon/dxcon-fgh01abc"]
    );
    let expected = json!({
        "schemaVersion": "1",
        "eventId": event.event_id.to_string(),
        "idempotencyKey": "order-1001",
        "sequence": 0,
        "occurredAt": "2026-01-02T03:04:05.678Z",
        "origin": {
            "door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:123456789012:orders",
        },
        "request": {
            "connectionId": "dxcon-ffabc123", "ownerAccount": "123456789012", "bandwidth": "100Mbps",
            "connectionName": "Customer", "vlan": 101, "tags": [],
        },
        "connection": {"connectionId": "dxcon-fgh01abc", "vlan": 101},
    });
    assert_eq!(detail(&event), expected);
}

#[test]
fn what_came_instead_of_a_request_is_told_where_it_is_known() {
    let told = |invalid: &InvalidRequest| detail(&Event::invalid(invalid, &origin("m-1"), NOON));
    let invalid = Order::parse(b"nonsense", KeySource::Body).unwrap_err();
    assert_eq!(told(&invalid).get("received"), None);
    let short = told(&invalid.clone().with_received(b"nonsense"));
    assert_eq!(short["received"], "nonsense");
    assert_eq!(short.get("receivedTruncated"), None);
    let long = told(&invalid.with_received(&[b'a'; 10_000]));
    assert_eq!(long["received"].as_str().unwrap().len(), 8_192);
    assert_eq!(long["receivedTruncated"], true);
    assert_eq!(long["eventId"], short["eventId"], "it is the same fact");
}

#[test]
fn a_rejection_is_told_with_the_request_and_without_a_connection() {
    let event = rejected(101, "VLAN 101 is taken.");
    assert_eq!(event.detail_type.as_str(), "Hosted Connection Rejected");
    assert_eq!(event.resources, [""; 0]);
    let detail = detail(&event);
    assert_eq!(
        detail["rejection"],
        json!({"code": "VlanInUse", "message": "VLAN 101 is taken."})
    );
    assert_eq!(detail["request"]["vlan"], 101);
    assert_eq!(detail.get("connection"), None);
}

#[test]
fn an_invalid_request_is_told_without_itself() {
    let detail = detail(&invalid("nonsense", "m-1"));
    assert_eq!(detail["idempotencyKey"], Value::Null);
    assert!(detail.as_object().unwrap().contains_key("idempotencyKey"));
    assert_eq!(detail.get("request"), None);
    assert_eq!(detail["rejection"]["code"], "InvalidRequest");
    assert_eq!(detail["rejection"]["violations"][0]["field"], "");
    assert_eq!(detail["rejection"]["violations"][0]["code"], "Malformed");
}

#[test]
fn the_same_fact_has_the_same_id_and_another_fact_another() {
    let ids = [
        allocated("order-1001", "dxcon-fgh01abc", "m-1"),
        allocated("order-1002", "dxcon-fgh01abc", "m-1"),
        allocated("order-1001", "dxcon-fgh01abd", "m-1"),
        rejected(101, "Taken."),
        rejected(102, "Taken."),
        invalid(r#"{"idempotencyKey": "order-1001"}"#, "m-1"),
        invalid(r#"{"idempotencyKey": "order-1001", "x": 1}"#, "m-1"),
        invalid("nonsense", "m-1"),
        invalid("nonsense", "m-2"),
    ]
    .map(|event| event.event_id);
    let different: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());

    let repeats = [
        allocated("order-1001", "dxcon-fgh01abc", "m-2"),
        rejected(101, "Taken, said in other words."),
        invalid(r#"{"idempotencyKey": "order-1001"}"#, "m-2"),
        invalid("other nonsense", "m-1"),
    ]
    .map(|event| event.event_id);
    assert_eq!(repeats, [ids[0], ids[3], ids[5], ids[7]]);
}

#[test]
fn a_rejection_of_another_claim_of_the_key_is_news() {
    let order = order(101);
    let at = |claimed_at_ms| {
        let rejection = Rejection::new(Code::VlanInUse, "Taken.");
        let (key, request) = (&order.key, &order.request);
        Event::rejected(key, request, &rejection, claimed_at_ms, &origin("m"), NOON).event_id
    };
    assert_eq!(at(CLAIMED_AT_MS), at(CLAIMED_AT_MS));
    assert_ne!(at(CLAIMED_AT_MS), at(CLAIMED_AT_MS + 1));
}

#[test]
fn a_long_message_is_cut_between_characters() {
    let message = "é\u{0}".repeat(2_000);
    let event = rejected(101, &message);
    let detail = detail(&event);
    let kept = detail["rejection"]["message"].as_str().unwrap();
    assert_eq!(kept, "é\u{0}".repeat(1_000));
}

#[test]
fn violations_that_do_not_fit_are_counted_in_the_message() {
    let violation = |length| {
        Violation::new(
            "/".repeat(length),
            ViolationCode::UnknownField,
            "no such field",
        )
    };
    let violations = [
        violation(1),
        violation(130 * 1024),
        violation(2),
        violation(127 * 1024),
        violation(64 * 1024),
    ];
    let rejection = Rejection {
        violations: violations.into(),
        ..Rejection::new(Code::InvalidRequest, "Five.")
    };
    let kept = detail::bounded(&rejection);
    let lengths: Vec<_> = kept
        .violations
        .iter()
        .map(|violation| violation.field.len())
        .collect();
    assert_eq!(lengths, [1, 2, 127 * 1024]);
    assert_eq!(kept.message, "Five. (2 of 5 violations left out for size)");
}

#[test]
fn the_largest_events_fit_into_an_entry() {
    let tags = (0..50).map(|index| {
        format!(
            "{{\"key\": \"{}{index:02}\", \"value\": \"{}\"}}",
            "𐐀".repeat(126),
            "𐐀".repeat(256)
        )
    });
    let tags = tags.collect::<Vec<_>>().join(",");
    let body = format!(
        r#"{{"connectionId": "dxcon-{}", "ownerAccount": "123456789012", "bandwidth": "100Mbps",
            "connectionName": "{}", "tags": [{tags}], "idempotencyKey": "{}"}}"#,
        "a".repeat(249),
        "𐐀".repeat(100),
        "\\\\".repeat(255),
    );
    let order = Order::parse(body.as_bytes(), KeySource::Body).unwrap();
    let full = Connection {
        tags: Some(order.request.tags.as_slice().to_vec()),
        ..connection("dxcon-fgh01abc")
    };
    let violations = vec![Violation::new("", ViolationCode::Malformed, "m"); 10_000];
    let rejection = Rejection {
        violations,
        ..Rejection::new(Code::InvalidRequest, "\u{0}".repeat(3_000))
    };
    let events = [
        Event::allocated(
            &order.key,
            &order.request,
            &full,
            None,
            &origin("m-1"),
            NOON,
        ),
        Event::rejected(
            &order.key,
            &order.request,
            &rejection,
            CLAIMED_AT_MS,
            &origin("m-1"),
            NOON,
        ),
        invalid(
            &format!(
                "{{{}\"\": 0}}",
                (0..25_000)
                    .map(|index| format!("\"{index}\":0,"))
                    .collect::<String>()
            ),
            "m-1",
        ),
        invalid(&format!("{{\"{}\": 0}}", "~".repeat(250_000)), "m-1"),
        // Each quote is escaped in the detail, and both characters of that again where the event is stored.
        invalid(&format!("{{\"{}\": 0}}", "\\\"".repeat(65_000)), "m-1"),
        Event::state_changed(
            &order.key,
            &order.request,
            &StateChange {
                previous_state: "ordering",
                number: u32::MAX,
                sequence: u32::MAX,
                age_seconds: Some(u64::MAX),
            },
            &full,
            None,
            &origin("m-1"),
            NOON,
        ),
        Event::release_refused(Some(&order.key), &rejection, &origin("m-1"), NOON),
        Event::invalid(&worst(), &from_a_made_up_envelope(), NOON),
    ];
    for event in events {
        assert!(
            event.detail.len() + 4 * 1024 < ENTRY_LIMIT,
            "{}",
            event.detail.len()
        );
        assert!(event.to_json().len() < STORED_LIMIT);
    }
}

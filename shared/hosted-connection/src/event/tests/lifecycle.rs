//! The events after an order, and events that waited as text.

use super::*;

pub(super) fn change(number: u32, age_seconds: Option<u64>) -> StateChange<'static> {
    StateChange {
        previous_state: "ordering",
        number,
        sequence: number + 7,
        age_seconds,
    }
}

pub(super) fn changed(key: &str, id: &str, change: StateChange<'_>, message_id: &str) -> Event {
    Event::state_changed(
        &IdempotencyKey::parse(key).unwrap(),
        &order(101).request,
        &change,
        &Connection {
            connection_state: Some("pending".into()),
            ..connection(id)
        },
        Some("arn".into()),
        &origin(message_id),
        NOON,
    )
}

pub(super) fn released(key: &str, id: &str, message_id: &str) -> Event {
    Event::released(
        &IdempotencyKey::parse(key).unwrap(),
        &order(101).request,
        &connection(id),
        Some("arn".into()),
        9,
        &origin(message_id),
        NOON,
    )
}

pub(super) fn refused(key: Option<&str>, message_id: &str) -> Event {
    let key = key.map(|key| IdempotencyKey::parse(key).unwrap());
    let rejection = Rejection::new(Code::NotFound, "There is no such order.");
    Event::release_refused(key.as_ref(), &rejection, &origin(message_id), NOON)
}

#[test]
fn a_change_of_state_is_told_with_both_states() {
    let event = changed("order-1001", "dxcon-fgh01abc", change(1, None), "m-1");
    assert_eq!(
        event.detail_type.as_str(),
        "Hosted Connection State Changed"
    );
    assert_eq!(event.resources, ["arn"]);
    let expected = json!({
        "schemaVersion": "1",
        "eventId": event.event_id.to_string(),
        "idempotencyKey": "order-1001",
        "sequence": 8,
        "occurredAt": "2026-01-02T03:04:05.678Z",
        "origin": {
            "door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:123456789012:orders",
        },
        "request": {
            "connectionId": "dxcon-ffabc123", "ownerAccount": "123456789012", "bandwidth": "100Mbps",
            "connectionName": "Customer", "vlan": 101, "tags": [],
        },
        "connection": {"connectionId": "dxcon-fgh01abc", "connectionState": "pending", "vlan": 101},
        "previousState": "ordering",
    });
    assert_eq!(detail(&event), expected);
}

#[test]
fn a_reminder_says_how_long_the_connection_has_been_waiting() {
    let event = changed(
        "order-1001",
        "dxcon-fgh01abc",
        change(0, Some(172_801)),
        "m-1",
    );
    assert_eq!(event.detail_type, DetailType::StateChanged);
    assert_eq!(detail(&event)["ageSeconds"], 172_801);
    assert_eq!(detail(&event)["previousState"], "ordering");
}

#[test]
fn a_release_is_told_with_the_connection_last_known() {
    let event = released("order-1001", "dxcon-fgh01abc", "m-1");
    assert_eq!(event.detail_type.as_str(), "Hosted Connection Released");
    assert_eq!(event.resources, ["arn"]);
    let detail = detail(&event);
    assert_eq!(detail["connection"]["connectionId"], "dxcon-fgh01abc");
    assert_eq!(detail["request"]["vlan"], 101);
    assert_eq!(detail["sequence"], 9);
    assert_eq!(detail.get("previousState"), None);
    assert_eq!(detail.get("ageSeconds"), None);
}

#[test]
fn a_refused_release_is_a_rejection_without_a_request() {
    let event = refused(Some("order-1001"), "m-1");
    assert_eq!(event.detail_type, DetailType::Rejected);
    assert_eq!(event.resources, [""; 0]);
    let expected = json!({
        "schemaVersion": "1",
        "eventId": event.event_id.to_string(),
        "idempotencyKey": "order-1001",
        "sequence": 0,
        "occurredAt": "2026-01-02T03:04:05.678Z",
        "origin": {
            "door": "sqs", "messageId": "m-1", "queueArn": "arn:aws:sqs:eu-west-1:123456789012:orders",
        },
        "rejection": {"code": "NotFound", "message": "There is no such order."},
    });
    assert_eq!(detail(&event), expected);
    assert_eq!(detail(&refused(None, "m-1"))["idempotencyKey"], Value::Null);
}

#[test]
fn each_change_has_its_own_id_and_a_reminder_comes_once() {
    let ids = [
        changed("order-1001", "dxcon-fgh01abc", change(1, None), "m-1"),
        changed("order-1001", "dxcon-fgh01abc", change(2, None), "m-1"),
        changed("order-1001", "dxcon-fgh01abd", change(1, None), "m-1"),
        changed("order-1002", "dxcon-fgh01abc", change(1, None), "m-1"),
        changed("order-1001", "dxcon-fgh01abc", change(1, Some(1)), "m-1"),
        released("order-1001", "dxcon-fgh01abc", "m-1"),
        released("order-1001", "dxcon-fgh01abd", "m-1"),
        released("order-1002", "dxcon-fgh01abc", "m-1"),
        refused(Some("order-1001"), "m-1"),
        refused(Some("order-1001"), "m-2"),
        refused(None, "m-1"),
    ]
    .map(|event| event.event_id);
    let different: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());

    let other_words = StateChange {
        previous_state: "down",
        ..change(1, None)
    };
    let repeats = [
        changed("order-1001", "dxcon-fgh01abc", other_words, "m-2"),
        changed("order-1001", "dxcon-fgh01abc", change(2, Some(2)), "m-2"),
        released("order-1001", "dxcon-fgh01abc", "m-2"),
    ]
    .map(|event| event.event_id);
    assert_eq!(repeats, [ids[0], ids[4], ids[5]]);
}

#[test]
fn what_counts_the_events_is_in_no_id() {
    let later = StateChange {
        sequence: 99,
        ..change(1, None)
    };
    let ids = [change(1, None), later]
        .map(|change| changed("order-1001", "dxcon-fgh01abc", change, "m-1").event_id);
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn an_event_that_waited_as_text_comes_back_byte_by_byte() {
    let events = [
        allocated("order-1001", "dxcon-fgh01abc", "m-1"),
        rejected(101, "\"Taken\", said\nin \u{0} other words: 😀"),
        invalid("nonsense", "m-1"),
        changed("order-1001", "dxcon-fgh01abc", change(1, Some(1)), "m-1"),
        released("order-1001", "dxcon-fgh01abc", "m-1"),
        refused(None, "m-1"),
    ];
    for event in events {
        let text = event.to_json();
        assert_eq!(Event::from_json(&text).unwrap(), event);
        assert!(Event::from_json(&text[1..]).is_err());
    }
}

#[test]
fn what_an_event_tells_is_stored_in_its_own_words() {
    for detail_type in DetailType::ALL {
        let text = serde_json::to_value(detail_type).unwrap();
        assert_eq!(text, detail_type.as_str());
        assert_eq!(
            serde_json::from_value::<DetailType>(text).unwrap(),
            detail_type
        );
    }
}

#[test]
fn an_event_that_waits_since_before_there_were_sequences_is_given_its_own() {
    let mut waiting = changed("order-1001", "dxcon-fgh01abc", change(1, None), "m-1");
    let numbered = waiting.clone();
    waiting.number(3);
    assert_eq!(waiting, numbered, "it has one");
    waiting.detail = waiting.detail.replace("\"sequence\":8,", "");
    assert_eq!(detail(&waiting).get("sequence"), None);
    waiting.number(3);
    let mut expected = detail(&numbered);
    expected["sequence"] = 3.into();
    assert_eq!(detail(&waiting), expected);
    assert_eq!(waiting.event_id, numbered.event_id);
}

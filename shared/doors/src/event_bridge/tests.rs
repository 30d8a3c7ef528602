use serde_json::{Value, json};

use super::*;
use crate::example;

/// An event as EventBridge sends it, with some members replaced.
fn event(replaced: Value) -> String {
    let sent = include_str!("../../../../tests/events/eventbridge-order.json");
    example::with(sent, &replaced)
}

fn read(json: &str) -> Event {
    Event::of(json.as_bytes(), &Members::read(json.as_bytes()).unwrap()).unwrap()
}

fn is_taken(json: &str) -> bool {
    envelope::published::<EventBridgeEvent<Box<RawValue>>>(json.as_bytes()).is_some()
}

#[test]
fn an_event_is_the_same_read_by_the_published_type_and_leniently() {
    let sent = event(json!({}));
    assert!(is_taken(&sent));
    let members = Members::read(sent.as_bytes()).unwrap();
    let leniently = Event::leniently(&members, members.get("detail").unwrap()).unwrap();
    assert_eq!(format!("{:?}", read(&sent)), format!("{leniently:?}"));
}

/// Each is why there is a lenient reader.
#[test]
fn of_an_event_that_the_published_type_refuses_all_that_is_well_is_read() {
    for refused in [
        event(json!({"time": "now"})),
        event(json!({"resources": "none"})),
        event(json!({"account": 123_456_789_012_u64})),
        event(json!({"region": "SURROGATE"})).replace("SURROGATE", r"\ud800"),
        event(json!({})).replacen('{', r#"{"source": "another", "#, 1),
    ] {
        assert!(!is_taken(&refused), "needs no reader of ours: {refused}");
        let read = read(&refused);
        assert_eq!(
            (&*read.source, &*read.detail_type),
            ("com.example.shop", "Order Placed")
        );
        assert!(read.id().is_some() && read.detail().starts_with(b"{"));
    }
    let nameless = event(json!({"id": 7, "time": "now"}));
    assert_eq!(read(&nameless).id(), None);
}

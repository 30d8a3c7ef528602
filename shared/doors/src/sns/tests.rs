use serde_json::{Value, json};

use super::*;
use crate::example;

/// A record as SNS sends it, with some members of its notification replaced.
fn record(replaced: Value) -> String {
    let sent = include_str!("../../../../tests/events/sns-order.json");
    let sent: Value = serde_json::from_str(sent).unwrap();
    let record = &sent["Records"][0];
    let notification = example::with(&record["Sns"].to_string(), &replaced);
    let notification: Value = serde_json::from_str(&notification).unwrap();
    example::with(&record.to_string(), &json!({ "Sns": notification }))
}

fn text(read: &Notification) -> &[u8] {
    match &read.published {
        Published::Text(text) => text,
        Published::NoText(json) => panic!("no text: {json:?}"),
    }
}

fn read(record: &str) -> Notification {
    Notification::of(serde_json::from_str(record).unwrap()).unwrap()
}

#[test]
fn a_notification_is_the_same_read_by_the_published_type_and_leniently() {
    let sent = record(json!({}));
    assert!(serde_json::from_str::<SnsRecord>(&sent).is_ok());
    let members = Members::of(serde_json::from_str(&sent).unwrap()).unwrap();
    let leniently = Notification::leniently(&members.object("Sns").unwrap());
    assert_eq!(read(&sent), leniently);
    assert_eq!(
        leniently.attributes.keys(),
        [KeyAttribute::text("order-9005")]
    );
    // The body of a queue's message is the notification alone.
    let body = members.get("Sns").unwrap().get().as_bytes();
    assert!(envelope::published::<SnsMessage>(body).is_some());
    let within = Notification::within(body, &Members::read(body).unwrap());
    assert_eq!(within.unwrap(), leniently);
}

/// Each is why there is a lenient reader.
#[test]
fn of_a_notification_that_the_published_type_refuses_all_that_is_well_is_read() {
    let key = json!({"Type": "String", "Value": "order-9005"});
    let refused = [
        json!({"Timestamp": "yesterday"}),
        json!({"Timestamp": null}),
        json!({"Signature": null, "SigningCertURL": null}),
        json!({"Subject": 1}),
        json!({"MessageAttributes": {"Idempotency-Key": key, "odd": {"Type": "String"}}}),
        json!({"MessageAttributes": {"Idempotency-Key": key, "odd": {"Type": "String.Array", "Value": ["a"]}}}),
        json!({"UnsubscribeURL": "SURROGATE"}),
    ];
    for refused in refused {
        let sent = record(refused).replace("SURROGATE", r"\ud800");
        assert!(serde_json::from_str::<SnsRecord>(&sent).is_err(), "{sent}");
        let read = read(&sent);
        assert_eq!(read.attributes.keys(), [KeyAttribute::text("order-9005")]);
        assert!(read.topic_arn.ends_with(":shop-orders") && read.message_id.is_some());
        assert!(text(&read).starts_with(b"{\"connectionId\""));
    }
}

#[test]
fn a_lone_surrogate_stays_in_the_text() {
    let sent = record(json!({"Message": "SURROGATE"})).replace("SURROGATE", r"\ud800");
    assert!(std::str::from_utf8(text(&read(&sent))).is_err());
}

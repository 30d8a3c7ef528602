use hosted_connection::Order;
use serde_json::{Value, json};

use super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:orders";

fn order() -> Value {
    json!({"connectionId": "dxcon-ffabc123", "ownerAccount": "111122223333", "bandwidth": "1Gbps", "connectionName": "n"})
}

fn keyed(key: &str) -> Value {
    let mut order = order();
    order["idempotencyKey"] = key.into();
    order
}

fn notification(message: &str) -> Value {
    json!({"Type": "Notification", "MessageId": "n-1", "TopicArn": TOPIC, "Message": message, "Signature": "x"})
}

fn event(source: &str, detail: &Value) -> Value {
    json!({"version": "0", "id": "e-1", "detail-type": "Order Placed", "source": source, "detail": detail})
}

/// The order's key or the fields that are wrong, the envelope and what is kept of it; or that it is an event of our own.
#[derive(Debug, PartialEq)]
enum Told {
    Own,
    Key(String, Option<Via>),
    Wrong(Vec<String>, Option<Via>, String),
}

fn read(text: &str, keys: Vec<KeyAttribute>) -> Told {
    let origin = |via, correlation_id| Origin::Sqs {
        message_id: "m-1".into(),
        queue_arn: "q".into(),
        via,
        correlation_id,
    };
    match of_text(text.as_bytes(), keys, origin, Order::parse) {
        Content::OwnEvent(_) => Told::Own,
        Content::Request { request, origin } => {
            let Origin::Sqs { via, .. } = origin else {
                panic!("{origin:?}");
            };
            match request {
                Ok(order) => Told::Key(order.key.to_string(), via),
                Err(invalid) => {
                    let received = invalid.received.unwrap().text().to_owned();
                    let violations = invalid.violations.into_iter();
                    let fields = violations.map(|violation| violation.field);
                    Told::Wrong(fields.collect(), via, received)
                }
            }
        }
    }
}

fn told(text: &Value) -> Told {
    read(&text.to_string(), Vec::new())
}

#[test]
fn an_order_is_the_same_bare_in_a_notification_and_in_an_event() {
    let key = |via| Told::Key("k".into(), via);
    let order = keyed("k");
    assert_eq!(told(&order), key(None));
    let in_topic = notification(&order.to_string());
    assert_eq!(told(&in_topic), key(Some(Via::sns(TOPIC))));
    let via = Via::event_bridge("com.example.shop", "Order Placed", Some("e-1"));
    let in_event = event("com.example.shop", &order);
    assert_eq!(told(&in_event), key(Some(via.clone())));
    let marked = format!("\u{feff}{in_event}");
    assert_eq!(read(&marked, Vec::new()), key(Some(via)));
}

#[test]
fn the_key_may_be_an_attribute_of_the_message_or_of_the_notification_and_all_have_to_agree() {
    let mut sent = notification(&order().to_string());
    assert!(matches!(told(&sent), Told::Wrong(fields, ..) if fields == ["/idempotencyKey"]));
    let key = || Told::Key("k".into(), Some(Via::sns(TOPIC)));
    assert_eq!(
        read(&sent.to_string(), vec![KeyAttribute::text("k")]),
        key()
    );
    sent["MessageAttributes"] = json!({"idempotency-key": {"Type": "String", "Value": "k"}});
    assert_eq!(told(&sent), key());
    assert_eq!(
        read(&sent.to_string(), vec![KeyAttribute::text("k")]),
        key()
    );
    let other = read(&sent.to_string(), vec![KeyAttribute::text("other")]);
    assert!(matches!(other, Told::Wrong(fields, ..) if fields == ["/idempotencyKey"]));
    sent["Message"] = keyed("other").to_string().into();
    assert!(matches!(told(&sent), Told::Wrong(fields, ..) if fields == ["/idempotencyKey"]));
}

#[test]
fn what_is_wrong_in_an_envelope_is_pointed_at_as_in_the_order_and_all_of_it_is_kept() {
    let mut wrong = keyed("k");
    wrong["vlan"] = 0.into();
    for (envelope, via) in [
        (notification(&wrong.to_string()), Via::sns(TOPIC)),
        (
            event("shop", &wrong),
            Via::event_bridge("shop", "Order Placed", Some("e-1")),
        ),
    ] {
        let expected = Told::Wrong(vec!["/vlan".into()], Some(via), envelope.to_string());
        assert_eq!(told(&envelope), expected);
    }
}

#[test]
fn an_envelope_is_opened_once() {
    let inner = notification(&keyed("k").to_string()).to_string();
    let Told::Wrong(fields, via, _) = told(&notification(&inner)) else {
        panic!("twice");
    };
    assert_eq!(fields, [""]);
    assert_eq!(via, Some(Via::sns(TOPIC)));
}

/// The one reason for which a message is refused.
fn reason(text: &Value) -> String {
    let origin = |via, correlation_id| Origin::Sqs {
        message_id: "m-1".into(),
        queue_arn: "q".into(),
        via,
        correlation_id,
    };
    let text = text.to_string();
    match of_text(text.as_bytes(), Vec::new(), origin, Order::parse) {
        Content::Request {
            request: Err(invalid),
            ..
        } => invalid.rejection().message,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn an_envelope_inside_an_envelope_is_called_that() {
    let topic = notification(&keyed("k").to_string());
    let bus = event("shop", &keyed("k"));
    for nested in [
        notification(&topic.to_string()),
        notification(&bus.to_string()),
        event("shop", &topic),
        event("shop", &bus),
    ] {
        assert_eq!(reason(&nested), NESTED, "{nested}");
    }
    let direct = event("shop", &topic).to_string();
    let members = Members::read(direct.as_bytes()).unwrap();
    let bus = event_bridge::Event::of(direct.as_bytes(), &members).unwrap();
    let Content::Request { request, .. } = bus.content("invocation", Order::parse) else {
        panic!("an event of our own");
    };
    assert_eq!(request.unwrap_err().rejection().message, NESTED);
}

#[test]
fn what_is_in_an_envelope_and_no_order_is_called_by_its_name() {
    let mut text = event("shop", &keyed("k"));
    text["detail"] = "{}".into();
    assert_eq!(reason(&text), "detail must be an object");
    let in_topic = notification(&text.to_string());
    assert_eq!(reason(&in_topic), "detail must be an object");
    let s3 = json!({"Records": [{"eventSource": "aws:s3"}]}).to_string();
    let message = "the body is an S3 event, not an order";
    assert_eq!(reason(&notification(&s3)), message);
}

#[test]
fn what_lacks_a_member_of_an_envelope_is_none() {
    for (envelope, member) in [
        (notification(&keyed("k").to_string()), "Type"),
        (notification(&keyed("k").to_string()), "TopicArn"),
        (event("shop", &keyed("k")), "source"),
        (event("shop", &keyed("k")), "detail-type"),
        (event("shop", &keyed("k")), "detail"),
    ] {
        let mut less = envelope;
        less.as_object_mut().unwrap().remove(member);
        assert!(matches!(told(&less), Told::Wrong(_, None, _)), "{less}");
    }
    let mut text = event("shop", &keyed("k"));
    text["detail"] = keyed("k").to_string().into();
    assert!(matches!(told(&text), Told::Wrong(_, None, _)));
}

#[test]
fn a_notification_of_nothing_is_told_apart_from_one_without_text() {
    assert_eq!(reason(&notification("")), "the body is empty");
    let mut absent = notification("");
    absent.as_object_mut().unwrap().remove("Message");
    let mut null = notification("");
    null["Message"] = json!(null);
    let mut order = notification("");
    order["Message"] = keyed("k");
    for sent in [absent, null, order] {
        assert_eq!(reason(&sent), NO_MESSAGE, "{sent}");
        let record = json!({"EventSource": "aws:sns", "Sns": sent}).to_string();
        let read = Notification::of(serde_json::from_str(&record).unwrap()).unwrap();
        let Content::Request { request, .. } = read.content("invocation", Order::parse) else {
            panic!("an event of our own");
        };
        assert_eq!(request.unwrap_err().rejection().message, NO_MESSAGE);
    }
}

#[test]
fn an_event_of_our_own_is_known_however_it_comes() {
    let detail = json!({"schemaVersion": "1", "eventId": "x", "idempotencyKey": "k", "occurredAt": "now",
        "origin": {"door": "sqs"}, "rejection": {}});
    let own = event("hosted-connections", &detail);
    let in_topic = notification(&own.to_string());
    let forwarded = event("com.example.forwarder", &own);
    for wrapped in [
        own.clone(),
        in_topic.clone(),
        notification(&in_topic.to_string()),
        forwarded,
        detail.clone(),
        notification(&detail.to_string()),
        event("com.example.forwarder", &detail),
    ] {
        assert_eq!(told(&wrapped), Told::Own, "{wrapped}");
    }
    // Even with an order in it: nobody but us has that source.
    assert_eq!(told(&event("hosted-connections", &keyed("k"))), Told::Own);
}

#[test]
fn no_depth_of_envelopes_is_followed_for_ever() {
    let mut nested = keyed("k").to_string();
    for _ in 0..12 {
        nested = notification(&nested).to_string();
    }
    assert!(matches!(
        read(&nested, Vec::new()),
        Told::Wrong(_, Some(_), _)
    ));
}

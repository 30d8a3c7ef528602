//! Bad input: each line of the contract's request table broken, alone and together, through each door; and bodies that
//! are no order at all. Always a clear no, never a word to Direct Connect, never a lost neighbour.

mod extremes;
mod table;

mod bodies;
mod envelopes;
mod fields;
mod key;
mod received;
mod well_known;

use std::collections::BTreeSet;

use proof::{QUEUE_ARN, World, record};
use serde_json::{Value, json};

use crate::answers::{allocation, invoke_text, rejection, sqs_origin};

const KEY: &str = "order-1001";
const MAX_BODY: usize = 256 * 1024;

/// A good order's members as JSON, and what is put in their place. A field behind `+` is there in addition.
fn body(key: Option<&str>, changes: &[(&str, Option<&str>)]) -> String {
    let key = key.map(|key| format!("\"{key}\""));
    let mut members = vec![
        ("connectionId", Some(r#""dxcon-ffabc123""#)),
        ("ownerAccount", Some(r#""111122223333""#)),
        ("bandwidth", Some(r#""500Mbps""#)),
        ("connectionName", Some(r#""customer-42""#)),
        ("vlan", Some("101")),
        ("tags", Some(r#"[{"key": "order", "value": "42"}]"#)),
        ("idempotencyKey", key.as_deref()),
    ];
    for (field, json) in changes {
        let known = members.iter_mut().find(|(name, _)| name == field);
        match (known, field.strip_prefix('+')) {
            (Some(member), _) => member.1 = *json,
            (None, added) => members.push((added.unwrap_or(field), *json)),
        }
    }
    let members: Vec<_> = members
        .iter()
        .filter_map(|(name, json)| Some(format!("\"{name}\": {}", (*json)?)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// A record or a request whose body is `literal`, whatever that is.
fn with_body(envelope: Value, literal: &str) -> String {
    let text = envelope.to_string();
    assert_eq!(text.matches("\"PLACEHOLDER\"").count(), 1);
    text.replace("\"PLACEHOLDER\"", literal)
}

fn good(message_id: &str, vlan: &str) -> String {
    record(message_id, &body(Some(message_id), &[("vlan", Some(vlan))])).to_string()
}

/// Delivers a record between two good orders, twice: nothing is returned, the good ones are allocated and told once,
/// and the record between them is refused without a key, in the same words each time. Gives the rejection.
async fn between_two_good_orders(story: &str, bad: &str) -> Value {
    let world = World::new();
    let event = format!(
        r#"{{"Records": [{}, {bad}, {}]}}"#,
        good("good-1", "201"),
        good("good-2", "202")
    );
    for _ in 0..2 {
        let answer = invoke_text(&world, event.as_str()).await.answer();
        assert_eq!(answer, json!({"batchItemFailures": []}), "{story}");
    }
    let vlans: BTreeSet<_> = world
        .cloud
        .connections()
        .iter()
        .map(|one| one.vlan)
        .collect();
    assert_eq!(
        vlans,
        BTreeSet::from([201, 202]),
        "{story}: the good orders, and only they"
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 2, "{story}");

    let events = world.cloud.events();
    let of = |message: &str| {
        let of_it = events
            .iter()
            .filter(|event| event.detail["origin"]["messageId"] == message);
        of_it.cloned().collect::<Vec<_>>()
    };
    for message in ["good-1", "good-2"] {
        let told = of(message);
        assert_eq!(told.len(), 1, "{story}");
        allocation(&world, &told[0], message, &sqs_origin(message, QUEUE_ARN));
    }
    let told = of("bad");
    assert_eq!(events.len(), 2 + told.len(), "{story}");
    assert!(!told.is_empty(), "{story}: consumed, and nobody was told");
    let mut rejections = BTreeSet::new();
    for event in &told {
        let origin = sqs_origin("bad", QUEUE_ARN);
        let rejection = rejection(&world, event, &Value::Null, &origin);
        rejections.insert((event.detail["eventId"].to_string(), rejection.to_string()));
    }
    assert_eq!(rejections.len(), 1, "{story}: one fact");
    told[0].detail["rejection"].clone()
}

//! What holds for all events there could be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use local_cloud::{Fault, FaultKind};
use proof::{
    Invocation, PARENT, World, fifo_record, http, record, request, returned, sqs, with_key,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::answers::{Http, direct_problem, invoke_text};

/// Runs `test` on many inputs, each in a runtime whose clock is paused.
fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config).run(strategy, test).unwrap();
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// Whether a batch has a message that could not be handed back.
fn has_nameless_message(event: &str) -> bool {
    // serde_json's `Value` refuses a lone surrogate and a number out of range: an empty string and a 0 are no ids either.
    let event = event.replace("\\ud800", "").replace("-1e400", "0");
    let event: Value = serde_json::from_str(&event).unwrap();
    let records = event["Records"].as_array().into_iter().flatten();
    let mut ids = records.map(|record| record["messageId"].as_str().unwrap_or_default());
    ids.any(str::is_empty)
}

/// Everything that the contract lets the function say while AWS is well.
fn is_by_contract(event: &str, invocation: Invocation) {
    match invocation {
        Invocation::Failed { error_type, .. } if error_type == "UnknownEvent" => {}
        Invocation::Failed { error_type, .. } if error_type == "Internal" => {
            assert!(has_nameless_message(event), "{event}");
        }
        Invocation::Failed { ref error_type, .. } => {
            let status = match error_type.as_str() {
                "InvalidRequest" | "MissingIdempotencyKey" | "InvalidIdempotencyKey" => 400,
                "PayloadTooLarge" => 413,
                _ => 422,
            };
            let code = error_type.clone();
            direct_problem(invocation, status, &code);
        }
        Invocation::Answered(ref answer) if answer.get("batchItemFailures").is_some() => {
            assert_eq!(returned(answer), [""; 0], "all is final: {event}");
        }
        Invocation::Answered(ref answer) if answer.get("statusCode").is_some() => {
            let answer = Http::of(invocation);
            if answer.status == 201 {
                answer.receipt();
            } else {
                let problem: Value = serde_json::from_str(&answer.body).unwrap();
                assert!(
                    [400, 404, 405, 413, 415, 422].contains(&answer.status),
                    "{event}: {answer:?}"
                );
                answer.problem(answer.status, problem["code"].as_str().unwrap());
            }
        }
        Invocation::Answered(receipt) => crate::answers::assert_receipt(&receipt),
        Invocation::Killed => unreachable!("nobody kills here"),
    }
}

/// A good order's bytes, or any, or a good order damaged.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let good = with_key("order-1001", request(Some(101)))
        .to_string()
        .into_bytes();
    let damaged = (
        Just(good.clone()),
        any::<prop::sample::Index>(),
        any::<u8>(),
        any::<bool>(),
    )
        .prop_map(|(mut body, at, byte, cut)| {
            let at = at.index(body.len());
            body[at] = byte;
            if cut {
                body.truncate(at);
            }
            body
        });
    prop_oneof![vec(any::<u8>(), 0..200), damaged, Just(good)]
}

#[test]
fn any_bytes_as_body_are_answered_by_contract() {
    check(200, &bodies(), |bytes| {
        block_on(async {
            let world = World::new();
            let mut encoded = http("order-1001", &BASE64_STANDARD.encode(&bytes));
            encoded["isBase64Encoded"] = true.into();
            let text = String::from_utf8_lossy(&bytes);
            for event in [
                encoded,
                http("order-1002", &text),
                sqs([record("m-1", &text)]),
            ] {
                let event = event.to_string();
                let invocation = invoke_text(&world, event.as_str()).await;
                is_by_contract(&event, invocation);
            }
            // Any bytes that are JSON may be a whole event.
            if serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok() {
                is_by_contract(&text, invoke_text(&world, text.as_ref()).await);
            }
        });
        Ok(())
    });
}

/// Envelopes of every door, as text.
fn envelopes() -> Vec<String> {
    let keyed = with_key("order-1001", request(Some(101)));
    let body = request(Some(101)).to_string();
    let v1 = json!({
        "httpMethod": "POST", "path": "/allocations", "requestContext": {"requestId": "r"},
        "headers": {"Idempotency-Key": "order-1001"}, "multiValueHeaders": {"Idempotency-Key": ["order-1001"]},
        "body": body,
    });
    let envelopes = [
        sqs([record("m-1", &keyed.to_string()), record("m-2", "nonsense")]),
        sqs([fifo_record("m-1", "group", &keyed.to_string())]),
        http("order-1001", &body),
        v1,
        keyed,
    ];
    envelopes.iter().map(Value::to_string).collect()
}

#[test]
fn an_envelope_with_any_part_replaced_is_answered_by_contract() {
    let envelope = select(envelopes());
    let replacement = select(vec![
        "null",
        "true",
        "0",
        "-1e400",
        "[]",
        "{}",
        "\"\"",
        "\"\\ud800\"",
        "\"x\"",
        "[[[]]]",
        "{\"\":null}",
    ]);
    let strategy = (envelope, any::<prop::sample::Index>(), replacement);
    check(400, &strategy, |(envelope, at, replacement)| {
        let mut value: Value = serde_json::from_str(&envelope).unwrap();
        let mut pointers = Vec::new();
        all_pointers(&value, String::new(), &mut pointers);
        let pointer = &pointers[at.index(pointers.len())];
        *value.pointer_mut(pointer).unwrap() = "REPLACED".into();
        let event = value.to_string().replace("\"REPLACED\"", replacement);
        // JSON has no such number, so Lambda would not hand it over either.
        if serde_json::from_str::<&serde_json::value::RawValue>(&event).is_err() {
            return Ok(());
        }
        block_on(async {
            let world = World::new();
            let invocation = invoke_text(&world, event.as_str()).await;
            is_by_contract(&event, invocation);
        });
        Ok(())
    });
}

/// A pointer to each value inside of `value`, itself included.
fn all_pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                all_pointers(value, format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                all_pointers(value, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

// ---------------------------------------------------------------- batches

/// A message, alike enough to others that they meet: on a key, on a VLAN, on a body.
#[derive(Debug, Clone)]
enum Message {
    Order { key: u8, vlan: Option<u16> },
    Invalid { key: u8 },
    Keyless,
    Nonsense,
}

/// What a message is about: messages with the same fact share its event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fact {
    Order { key: String, request: String },
    Invalid { key: String },
    Unusable { message_id: String },
}

impl Message {
    fn body(&self) -> String {
        let small = |vlan| {
            let mut request = request(vlan);
            request["bandwidth"] = "50Mbps".into();
            request
        };
        match self {
            Self::Order { key, vlan } => with_key(&format!("k-{key}"), small(*vlan)).to_string(),
            Self::Invalid { key } => {
                let mut invalid = with_key(&format!("invalid-{key}"), small(Some(101)));
                invalid["vlan"] = 0.into();
                invalid.to_string()
            }
            Self::Keyless => small(Some(101)).to_string(),
            Self::Nonsense => "nonsense".to_owned(),
        }
    }

    fn fact(&self, message_id: &str) -> Fact {
        let text = self.body();
        match self {
            Self::Order { key, .. } => {
                let mut request: Value = serde_json::from_str(&text).unwrap();
                request.as_object_mut().unwrap().remove("idempotencyKey");
                Fact::Order {
                    key: format!("k-{key}"),
                    request: request.to_string(),
                }
            }
            Self::Invalid { key } => Fact::Invalid {
                key: format!("invalid-{key}"),
            },
            Self::Keyless | Self::Nonsense => Fact::Unusable {
                message_id: message_id.into(),
            },
        }
    }
}

/// The fact that an event tells.
fn fact_of(detail: &Value) -> Fact {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match (&detail["idempotencyKey"], detail.get("request")) {
        (Value::Null, _) => Fact::Unusable {
            message_id: text(&detail["origin"]["messageId"]),
        },
        (key, Some(request)) if text(key).starts_with("k-") => Fact::Order {
            key: text(key),
            request: request.to_string(),
        },
        (key, _) => Fact::Invalid { key: text(key) },
    }
}

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let order =
        (0..4u8, option::of(101..104u16)).prop_map(|(key, vlan)| Message::Order { key, vlan });
    let message = prop_oneof![
        6 => order,
        1 => (0..2u8).prop_map(|key| Message::Invalid { key }),
        1 => Just(Message::Keyless),
        1 => Just(Message::Nonsense),
    ];
    vec(message, 1..=10)
}

fn mishaps() -> impl Strategy<Value = Option<(FaultKind, u64)>> {
    let kinds = vec![
        FaultKind::RefuseBefore,
        FaultKind::ResetBefore,
        FaultKind::Throttle,
        FaultKind::ServerErrorBefore,
        FaultKind::ApplyThen500,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThenCutBody,
        FaultKind::HangBefore,
        FaultKind::LandLate(Duration::from_secs(20)),
        FaultKind::KillBefore,
        FaultKind::ApplyThenKill,
        FaultKind::PartialPutEvents(vec![0, 2]),
    ];
    option::of((select(kinds), 1..20u64))
}

/// Redelivers what comes back until nothing does. After each invocation, what does not come back has been told.
async fn deliver(world: &World, messages: &[Message], fifo: bool) {
    let id = |index: usize| format!("m-{index}");
    let mut open: Vec<usize> = (0..messages.len()).collect();
    for _ in 0..20 {
        let records = open.iter().map(|&index| {
            let body = messages[index].body();
            match fifo {
                true => fifo_record(&id(index), &format!("group-{}", index % 2), &body),
                false => record(&id(index), &body),
            }
        });
        let before = open.clone();
        if let Invocation::Answered(answer) = world.invoke(&sqs(records)).await {
            let returned: BTreeSet<_> = returned(&answer).into_iter().collect();
            open.retain(|&index| returned.contains(&id(index)));
            assert_eq!(open.len(), returned.len(), "only ours come back: {answer}");
        }
        let told: BTreeSet<_> = world.details().iter().map(fact_of).collect();
        for &index in before.iter().filter(|index| !open.contains(index)) {
            let fact = messages[index].fact(&id(index));
            assert!(
                told.contains(&fact),
                "message {index} was consumed and nobody was told: {told:?}"
            );
        }
        if open.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    panic!("never done with {open:?}");
}

/// Each fact has one event, and each allocated one a connection.
fn check_facts(world: &World, messages: &[Message]) {
    let mut events: BTreeMap<Fact, BTreeSet<(String, String)>> = BTreeMap::new();
    let mut allocated = BTreeSet::new();
    for detail in world.details() {
        let kind = match detail.get("connection") {
            Some(connection) => {
                allocated.insert(connection["connectionId"].to_string());
                "allocated".to_owned()
            }
            None => detail["rejection"]["code"].to_string(),
        };
        let event = (detail["eventId"].to_string(), kind);
        events.entry(fact_of(&detail)).or_default().insert(event);
    }
    for (fact, events) in &events {
        assert_eq!(events.len(), 1, "{fact:?}: {events:?}");
    }
    let expected: BTreeSet<_> = messages
        .iter()
        .enumerate()
        .map(|(index, message)| message.fact(&format!("m-{index}")))
        .collect();
    assert_eq!(events.keys().cloned().collect::<BTreeSet<_>>(), expected);
    let connections = world.cloud.connections();
    assert_eq!(connections.len(), allocated.len(), "{connections:#?}");
    for connection in &connections {
        assert!(allocated.contains(&Value::from(connection.id.as_str()).to_string()));
        assert_eq!(world.cloud.most_living(PARENT, connection.vlan), 1);
    }
    let keys: BTreeSet<_> = connections.iter().map(|one| one.vlan).collect();
    assert_eq!(keys.len(), connections.len(), "no VLAN is sold twice");
}

#[test]
fn no_batch_loses_a_message_whatever_is_in_it_and_whatever_happens_to_it() {
    let strategy = (messages(), any::<bool>(), mishaps(), any::<bool>());
    check(150, &strategy, |(messages, fifo, mishap, uniqueness)| {
        block_on(async {
            let world = World::with(|cloud| cloud.vlan_uniqueness(uniqueness), &[]);
            if let Some((kind, k)) = mishap {
                world.cloud.inject(Fault::on_request(kind, k));
            }
            deliver(&world, &messages, fifo).await;
            check_facts(&world, &messages);
        });
        Ok(())
    });
}

//! Any bytes as an order's body, and any text as its key, wherever a door may find them.
//!
//! What is taken has to survive being stored; what is refused has to say why, in an answer that fits.
#![no_main]

mod mutate;

use hosted_connection::{
    AllocationRequest, Event, InvalidRequest, KeyAttribute, KeySource, Order, Origin, Problem,
    Timestamp,
};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// EventBridge takes 256 KB an entry, and the answer is far below what Lambda and API Gateway let through.
const MOST_BYTES: usize = 200 * 1024;
const ORDER: &[u8] = br#"{"connectionId":"dxcon-ffabc123","ownerAccount":"111122223333","bandwidth":"1Gbps","connectionName":"n"}"#;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let sources = [
        KeySource::Header(&[]),
        KeySource::Header(&["k"]),
        KeySource::Header(&["k", "k"]),
        KeySource::AttributeOrBody(&[]),
        KeySource::AttributeOrBody(&[KeyAttribute::text("k")]),
        KeySource::Body,
    ];
    for source in sources {
        judge(Order::parse(bytes, source).map_err(|invalid| invalid.with_received(bytes)));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let header = Order::parse(ORDER, KeySource::Header(&[text]));
        let attribute = Order::parse(ORDER, KeySource::AttributeOrBody(&[KeyAttribute::text(text)]));
        if let Ok(order) = &attribute {
            assert_eq!(order.key.as_str(), text);
        }
        judge(header);
        judge(attribute);
    }
});

fn judge(parsed: Result<Order, InvalidRequest>) {
    match parsed {
        Ok(order) => taken(&order),
        Err(invalid) => refused(&invalid),
    }
}

fn taken(order: &Order) {
    let stored = order.request.to_json();
    let key = [KeyAttribute::text(order.key.as_str())];
    let key = KeySource::AttributeOrBody(&key);
    let again = Order::parse(stored.as_bytes(), key).expect("what is stored can be read");
    assert_eq!(&again, order);
    assert_eq!(again.request.fingerprint(), order.request.fingerprint());
    let read = AllocationRequest::from_stored_json(&stored).expect("by the ledger too");
    assert_eq!(read.to_json(), stored);
}

fn refused(invalid: &InvalidRequest) {
    assert!(!invalid.violations.is_empty());
    let rejection = invalid.rejection();
    assert!(!rejection.message.is_empty());
    let problem = Problem::new(rejection.code, rejection.message, "request")
        .with_violations(rejection.violations);
    assert!([400, 413].contains(&problem.status()), "{problem:?}");
    assert!(problem.to_json().len() < MOST_BYTES);
    let origin = Origin::Direct {
        request_id: "request".into(),
        correlation_id: None,
    };
    let event = Event::invalid(invalid, &origin, Timestamp::from_ms(0));
    assert!(event.detail.len() < MOST_BYTES);
}

//! Changes JSON as JSON: most changes to its bytes only make it no JSON any more.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};

/// One change in two leaves JSON what it is; all others are libFuzzer's own. Returns the new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(seed.into());
    if let Ok(mut value) = serde_json::from_slice(&data[..size])
        && dice.below(2) == 0
    {
        change(&mut value, &mut dice);
        let text = value.to_string();
        if text.len() <= max_size {
            data[..text.len()].copy_from_slice(text.as_bytes());
            return text.len();
        }
    }
    fuzzer_mutate(data, size, max_size)
}

/// Changes one value somewhere in `root`; in a string that is JSON itself, something inside of that.
fn change(root: &mut Value, dice: &mut Dice) {
    let mut pointers = Vec::new();
    collect(root, String::new(), &mut pointers);
    let other = root.pointer(dice.pick(&pointers).as_str()).cloned();
    let Some(value) = root.pointer_mut(dice.pick(&pointers).as_str()) else {
        return;
    };
    if let Value::String(text) = value
        && let Ok(mut inner @ Value::Object(_)) = serde_json::from_str(text)
        && dice.below(8) != 0
    {
        change(&mut inner, dice);
        *text = inner.to_string();
        return;
    }
    match (value, dice.below(4)) {
        (Value::Object(members), 0 | 1) => change_members(members, dice),
        (Value::Array(items), 0) if !items.is_empty() => {
            items.remove(dice.below(items.len()));
        }
        (Value::Array(items), 1 | 2) => items.extend(items.first().cloned().or(other)),
        (Value::String(text), 0 | 1) => change_text(text),
        (value, 2) => *value = other.unwrap_or_default(),
        (value, _) => *value = dice.pick(&values()).clone(),
    }
}

fn change_members(members: &mut Map<String, Value>, dice: &mut Dice) {
    let names: Vec<_> = members.keys().cloned().collect();
    if dice.below(2) == 0 && !names.is_empty() {
        members.remove(dice.pick(&names));
    } else {
        let name = *dice.pick(&NAMES);
        members.insert(name.to_owned(), dice.pick(&values()).clone());
    }
}

fn change_text(text: &mut String) {
    let mut bytes = text.as_bytes().to_vec();
    let size = bytes.len();
    bytes.resize(size + 16, 0);
    let most = bytes.len();
    let size = fuzzer_mutate(&mut bytes, size, most);
    *text = String::from_utf8_lossy(&bytes[..size]).into_owned();
}

fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| collect(value, format!("{at}/{}", escaped(name)), pointers)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| collect(value, format!("{at}/{index}"), pointers)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    pointers.push(at);
}

const NAMES: [&str; 20] = [
    "vlan",
    "tags",
    "key",
    "value",
    "connectionId",
    "connectionName",
    "idempotencyKey",
    "Idempotency-Key",
    "Records",
    "messageId",
    "messageAttributes",
    "stringValue",
    "MessageGroupId",
    "eventSourceARN",
    "requestId",
    "stage",
    "headers",
    "multiValueHeaders",
    "isBase64Encoded",
    "~/\u{0}",
];

fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(4095),
        json!(-1.5),
        json!(""),
        json!("é\u{0}\u{2028}\""),
        json!("order-1001"),
        json!("x".repeat(300)),
        json!("arn:aws:sqs:eu-central-1:123456789012:orders.fifo"),
        json!([]),
        json!({}),
        json!([[{"": null}]]),
        json!({"key": "a", "value": ""}),
        json!({"stringValue": "order-1001"}),
    ]
}

/// Chance, from libFuzzer's seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) >> 33).unwrap_or_default() % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

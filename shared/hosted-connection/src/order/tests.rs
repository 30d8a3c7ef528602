//! Orders as a whole: what is told together, what the key does, what cannot be read at all.

mod fields;
mod placement;

use super::*;
use crate::{Code, KeyAttribute, MAX_BODY_BYTES, ViolationCode, ViolationCode::*};

/// A valid order, with some members' JSON put in place of its own (or, if empty, taken out), or added.
fn body(changes: &[(&str, &str)]) -> String {
    let mut members = vec![
        ("connectionId", r#""dxcon-ffabc123""#),
        ("ownerAccount", r#""123456789012""#),
        ("bandwidth", r#""100Mbps""#),
        ("connectionName", r#""Customer""#),
        ("vlan", "101"),
        (
            "tags",
            r#"[{"key": "order", "value": "1001"}, {"key": "bare"}]"#,
        ),
        ("idempotencyKey", r#""order-1001""#),
    ];
    for (name, json) in changes {
        match members.iter_mut().find(|(member, _)| member == name) {
            Some(member) => member.1 = json,
            None => members.push((name, json)),
        }
    }
    members.retain(|(_, json)| !json.is_empty());
    object(&members)
}

fn object(members: &[(&str, &str)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, json)| format!("\"{name}\": {json}"))
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// Pointer and code of everything that is wrong, sorted.
fn wrong(text: &str) -> Vec<(String, ViolationCode)> {
    found(Order::parse(text.as_bytes(), KeySource::Body).err())
}

fn found(invalid: Option<InvalidRequest>) -> Vec<(String, ViolationCode)> {
    let violations = invalid
        .map(|invalid| invalid.violations)
        .unwrap_or_default();
    let mut found: Vec<_> = violations
        .into_iter()
        .map(|violation| (violation.field, violation.code))
        .collect();
    found.sort_by(|one, other| (&one.0, one.1.as_str()).cmp(&(&other.0, other.1.as_str())));
    found
}

fn list(expected: &[(&str, ViolationCode)]) -> Vec<(String, ViolationCode)> {
    expected
        .iter()
        .map(|(pointer, code)| ((*pointer).to_owned(), *code))
        .collect()
}

fn tags(count: usize) -> String {
    let tags: Vec<_> = (0..count)
        .map(|index| format!("{{\"key\": \"k{index}\"}}"))
        .collect();
    format!("[{}]", tags.join(","))
}

#[test]
fn a_valid_order_is_read_field_by_field() {
    let order = Order::parse(body(&[]).as_bytes(), KeySource::Body).unwrap();
    assert_eq!(order.key.as_str(), "order-1001");
    let expected = concat!(
        r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"123456789012","bandwidth":"100Mbps","#,
        r#""connectionName":"Customer","vlan":101,"tags":[{"key":"order","value":"1001"},{"key":"bare"}]}"#,
    );
    assert_eq!(order.request.to_json(), expected);
}

#[test]
fn unknown_members_are_refused_whatever_they_hold() {
    for json in ["null", "101", "[]", r#"{"a": [{}]}"#] {
        assert_eq!(
            wrong(&body(&[("vlanId", json)])),
            list(&[("/vlanId", UnknownField)])
        );
    }
    let odd = body(&[("a/b~c", "1"), ("", "1"), ("VLAN", "1")]);
    assert_eq!(
        wrong(&odd),
        list(&[
            ("/", UnknownField),
            ("/VLAN", UnknownField),
            ("/a~1b~0c", UnknownField)
        ])
    );
}

#[test]
fn repeated_members_are_refused_even_when_they_agree() {
    let twice =
        |name: &str, json: &str| body(&[]).replacen('{', &format!("{{\"{name}\": {json}, "), 1);
    assert_eq!(wrong(&twice("vlan", "101")), list(&[("/vlan", Duplicate)]));
    assert_eq!(
        wrong(&twice("vl\\u0061n", "101")),
        list(&[("/vlan", Duplicate)])
    );
    assert_eq!(
        wrong(&twice("vlan", "0")),
        list(&[("/vlan", Duplicate), ("/vlan", OutOfRange)])
    );
    assert_eq!(
        wrong(&twice("x", "1, \"x\": 2")),
        list(&[("/x", Duplicate), ("/x", UnknownField)])
    );
}

#[test]
fn everything_wrong_is_told_at_once() {
    let expected = [
        ("/bandwidth", WrongType),
        ("/connectionId", Missing),
        ("/connectionName", OutOfRange),
        ("/idempotencyKey", Malformed),
        ("/ownerAccount", Malformed),
        ("/tags", TooMany),
        ("/vlan", OutOfRange),
        ("/vlanId", UnknownField),
    ];
    let text = body(&[
        ("connectionId", ""),
        ("ownerAccount", r#""1""#),
        ("bandwidth", "null"),
        ("connectionName", r#""""#),
        ("vlan", "0"),
        ("tags", &tags(51)),
        ("idempotencyKey", r#""a b""#),
        ("vlanId", "1"),
    ]);
    assert_eq!(wrong(&text), list(&expected));
    let required = [
        "/bandwidth",
        "/connectionId",
        "/connectionName",
        "/idempotencyKey",
        "/ownerAccount",
    ];
    assert_eq!(
        wrong("{}"),
        list(&required.map(|pointer| (pointer, Missing)))
    );
}

#[test]
fn what_is_no_object_is_wrong_as_a_whole() {
    for text in ["[]", "null", "1", "\"dxcon-ffabc123\"", "true"] {
        assert_eq!(wrong(text), list(&[("", WrongType)]), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_malformed_as_a_whole() {
    let deep = format!("{{\"vlan\": {}", "[".repeat(100_000));
    let closed = format!(
        "{{\"vlan\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let surrogate = body(&[("connectionName", r#""\ud800""#)]);
    let unknown_surrogate = body(&[("x", r#"["\udfff"]"#)]);
    for text in [
        "",
        " ",
        "{",
        "nonsense",
        "{}{}",
        "{\"vlan\": 01}",
        &deep,
        &closed,
        &surrogate,
        &unknown_surrogate,
    ] {
        assert_eq!(wrong(text), list(&[("", Malformed)]), "{:.60}", text);
    }
    let latin_1 = body(&[]).replace("Customer", "Kunde \u{1}").into_bytes();
    let latin_1: Vec<_> = latin_1
        .into_iter()
        .map(|byte| if byte == 1 { 0xe9 } else { byte })
        .collect();
    assert_eq!(
        found(Order::parse(&latin_1, KeySource::Body).err()),
        list(&[("", Malformed)])
    );
}

#[test]
fn the_largest_body_is_256_kib() {
    let padded = |bytes: usize| body(&[]) + &" ".repeat(bytes - body(&[]).len());
    assert!(Order::parse(padded(MAX_BODY_BYTES).as_bytes(), KeySource::Body).is_ok());
    let too_large = padded(MAX_BODY_BYTES + 1);
    let invalid = Order::parse(too_large.as_bytes(), KeySource::Header(&["order-1"])).unwrap_err();
    assert_eq!(invalid.code, Code::PayloadTooLarge);
    assert_eq!(invalid.key, IdempotencyKey::parse("order-1").ok());
    assert_eq!(found(Some(invalid)), list(&[("", OutOfRange)]));
    let invalid = Order::parse(too_large.as_bytes(), KeySource::Header(&[])).unwrap_err();
    assert_eq!(
        (invalid.code, invalid.key, invalid.violations.len()),
        (Code::PayloadTooLarge, None, 1)
    );
}

#[test]
fn the_code_names_the_key_only_when_nothing_else_is_wrong() {
    let cases = [
        (vec![("idempotencyKey", "")], Code::MissingIdempotencyKey),
        (
            vec![("idempotencyKey", "null")],
            Code::InvalidIdempotencyKey,
        ),
        (
            vec![("idempotencyKey", r#""a", "idempotencyKey": "a""#)],
            Code::InvalidIdempotencyKey,
        ),
        (
            vec![("idempotencyKey", r#""a b", "idempotencyKey": "a""#)],
            Code::InvalidIdempotencyKey,
        ),
        (
            vec![("idempotencyKey", ""), ("vlan", "0")],
            Code::InvalidRequest,
        ),
        (
            vec![("idempotencyKey", "1"), ("vlan", "0")],
            Code::InvalidRequest,
        ),
        (vec![("vlan", "0")], Code::InvalidRequest),
    ];
    for (changes, code) in cases {
        let invalid = Order::parse(body(&changes).as_bytes(), KeySource::Body).unwrap_err();
        assert_eq!(invalid.code, code, "{changes:?}");
        let is_key_fine = changes[0].0 != "idempotencyKey";
        assert_eq!(invalid.key.is_some(), is_key_fine, "{changes:?}");
    }
}

#[test]
fn beside_a_header_the_body_has_no_key() {
    let header = KeySource::Header(&["order-1"]);
    assert!(Order::parse(body(&[("idempotencyKey", "")]).as_bytes(), header).is_ok());
    let invalid = Order::parse(body(&[]).as_bytes(), header).unwrap_err();
    assert_eq!(
        (invalid.code, invalid.key.is_some()),
        (Code::InvalidRequest, true)
    );
    assert_eq!(
        found(Some(invalid)),
        list(&[("/idempotencyKey", UnknownField)])
    );
}

#[test]
fn a_usable_key_outlives_an_unreadable_body() {
    for source in [
        KeySource::Header(&["order-1"]),
        KeySource::AttributeOrBody(&[KeyAttribute::text("order-1")]),
    ] {
        let invalid = Order::parse(b"{", source).unwrap_err();
        assert_eq!(
            invalid.key.as_ref().map(IdempotencyKey::as_str),
            Some("order-1")
        );
        assert_eq!(found(Some(invalid)), list(&[("", Malformed)]));
    }
    let invalid = Order::parse(b"{", KeySource::Header(&[])).unwrap_err();
    assert_eq!(invalid.code, Code::InvalidRequest);
    assert_eq!(
        found(Some(invalid)),
        list(&[("", Malformed), ("/idempotencyKey", Missing)])
    );
}

#[test]
fn no_message_repeats_what_the_caller_wrote() {
    let text = body(&[
        ("connectionId", r#""secret-one""#),
        ("ownerAccount", r#""secret-two""#),
        ("bandwidth", r#""secret-three""#),
        ("connectionName", r#""secret\n""#),
        (
            "tags",
            r#"[{"key": "secret!", "value": "secret!"}, "secret"]"#,
        ),
        ("secret", "1"),
    ]);
    for text in [text.as_str(), "{\"secret", "secret"] {
        let invalid = Order::parse(text.as_bytes(), KeySource::Body).unwrap_err();
        for violation in &invalid.violations {
            assert!(!violation.message.contains("secret"), "{violation:?}");
        }
    }
}

#[test]
fn a_body_full_of_mistakes_is_refused_with_a_bounded_report() {
    let bodies = [
        format!("{{\"tags\": [{}0]}}", "0,".repeat(120_000)),
        format!(
            "{{{}\"\": 1}}",
            (0..20_000)
                .map(|index| format!("\"{index}\":1,"))
                .collect::<String>()
        ),
        format!(
            "{{\"{}\": {{{}\"b\":1}}}}",
            "~".repeat(100_000),
            "\"a\":1,\"a\":1,\"c\":1,".repeat(5_000)
        ),
    ];
    for text in bodies {
        let invalid = Order::parse(text.as_bytes(), KeySource::Body).unwrap_err();
        assert!(invalid.violations.len() <= 1_001);
    }
}

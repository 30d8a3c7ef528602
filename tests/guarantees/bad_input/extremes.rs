//! Bodies that are no order at all.

use serde_json::Value;

use super::{MAX_BODY, body};

/// A body as it stands in the envelope, quotes included, and the code it is refused with.
pub(super) fn extremes() -> Vec<(&'static str, String, &'static str)> {
    let literal = |text: &str| Value::from(text).to_string();
    let padded = |bytes: usize| {
        let order = body(Some("padded"), &[]);
        format!("{order}{}", " ".repeat(bytes - order.len()))
    };
    let deep = |open: &str, close: &str| {
        let nest = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
        body(Some("deep"), &[("tags", Some(&nest))])
    };
    let invalid = "InvalidRequest";
    let too_large = "PayloadTooLarge";
    vec![
        ("nonsense", literal("connectionId=dxcon-ffabc123"), invalid),
        (
            "a body too large by one byte",
            literal(&padded(MAX_BODY + 1)),
            too_large,
        ),
        (
            "a body too large in bytes, not in characters",
            literal(&"ä".repeat(MAX_BODY / 2 + 1)),
            too_large,
        ),
        (
            "a body of a megabyte",
            literal(&"[".repeat(1 << 20)),
            too_large,
        ),
        (
            "lists 100,000 deep",
            literal(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
            invalid,
        ),
        (
            "lists 100,000 deep that never end",
            literal(&"[".repeat(100_000)),
            invalid,
        ),
        ("tags 100,000 deep", literal(&deep("[", "]")), invalid),
        (
            "objects 50,000 deep that never end",
            literal(&r#"{"a":"#.repeat(50_000)),
            invalid,
        ),
        (
            "a lone surrogate in the envelope",
            r#""\ud800""#.into(),
            invalid,
        ),
        (
            "a lone surrogate in the envelope's order",
            literal(&body(
                Some("lone"),
                &[("connectionName", Some("\"SURROGATE\""))],
            ))
            .replace("SURROGATE", r"\udfff"),
            invalid,
        ),
        (
            "an escaped lone surrogate in the body",
            literal(&body(
                Some("lone"),
                &[("connectionName", Some(r#""a\ud800b""#))],
            )),
            invalid,
        ),
        (
            "an escaped lone surrogate in a member's name",
            literal(&body(Some("lone"), &[(r"\udc00", Some("1"))])),
            invalid,
        ),
        ("a NUL", r#""\u0000""#.into(), invalid),
        (
            "an order with a NUL behind it",
            literal(&format!("{}\0", body(Some("nul"), &[]))),
            invalid,
        ),
        ("nothing", r#""""#.into(), invalid),
        ("white space", r#"" \n\t ""#.into(), invalid),
        (
            "half an order",
            literal(&body(Some("half"), &[])[..60]),
            invalid,
        ),
        (
            "two orders",
            literal(&body(Some("two"), &[]).repeat(2)),
            invalid,
        ),
        (
            "two byte order marks",
            literal(&format!("\u{feff}\u{feff}{}", body(Some("bom"), &[]))),
            invalid,
        ),
        ("null as text", r#""null""#.into(), invalid),
        (
            "a list of orders",
            literal(&format!("[{}]", body(Some("list"), &[]))),
            invalid,
        ),
        ("a text", literal("\"order\""), invalid),
        ("no text but null", "null".into(), invalid),
        ("no text but an order", body(Some("order"), &[]), invalid),
        ("no text but a number", "42".into(), invalid),
    ]
}

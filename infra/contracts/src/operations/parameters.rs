//! What operations take in their paths, queries and headers.

use crate::samples;
use crate::value::{Value, example, of, text, with};

/// Headers say how the key may be written: bare, or quoted with `"` and `\` escaped.
pub(super) fn key_header() -> Value {
    let schema = text(
        "A key that begins with a quotation mark, or has a comma in it, has to be quoted. Parameters behind the quotes are ignored.",
    );
    let parameters = r#"([ \t]*;([ !#-+\--~]|"([ !#-\[\]-~]|\\["\\])*")*)?"#;
    let pattern =
        format!(r#"^([!#-+\--~][!-+\--~]{{0,254}}|"([!#-\[\]-~]|\\["\\]){{1,255}}"{parameters})$"#);
    example(with(schema, members! {"pattern" => pattern}), samples::KEY)
}

pub(super) fn key_in_path() -> Value {
    members! {
        "name" => "key",
        "in" => "path",
        "required" => true,
        "description" => "The order's key, percent-encoded.",
        "schema" => of("IdempotencyKey"),
    }
}

pub(super) fn correlation_header() -> Value {
    members! {
        "name" => "X-Correlation-Id",
        "in" => "header",
        "required" => false,
        "description" => "Comes back in each event as `origin.correlationId`, if it is 1 to 128 visible ASCII characters; anything else is ignored.",
        "schema" => members! {"type" => "string"},
    }
}

pub(super) fn if_none_match() -> Value {
    members! {
        "name" => "If-None-Match",
        "in" => "header",
        "required" => false,
        "description" => "Entity tags of answers that the caller has.",
        "schema" => members! {"type" => "string"},
    }
}

pub(super) fn query(name: &str, schema: Value) -> Value {
    members! {"name" => name, "in" => "query", "required" => false, "schema" => schema}
}

#[cfg(test)]
mod tests {
    use hosted_connection::{KeySource, Order};

    use super::*;

    #[test]
    fn the_header_takes_exactly_what_its_schema_does() {
        let schema = serde_json::to_value(key_header()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let long = "k".repeat(255);
        let longer = "k".repeat(256);
        let quoted = |text: &str| format!("\"{text}\"");
        let cases = [
            "order-1".to_owned(),
            long.clone(),
            quoted(&long),
            longer.clone(),
            quoted(&longer),
            quoted("a\\\"b"),
            quoted("a\\\\"),
            quoted("a\\b"),
            quoted("a\"b"),
            quoted("a b"),
            quoted(""),
            String::new(),
            "\"".to_owned(),
            "\"open".to_owned(),
            "open\"".to_owned(),
            "a b".to_owned(),
            "é".to_owned(),
            "a\\b".to_owned(),
            "~!".to_owned(),
            "a,b".to_owned(),
            "a, a".to_owned(),
            ",".to_owned(),
            "a;b".to_owned(),
            quoted("a,b"),
            format!("{};x", quoted("a")),
            format!("{} ; x=1;y=\"1,2\\\"\"", quoted("a")),
            format!("{};x=\"open", quoted("a")),
            format!("{};x,{}", quoted("a"), quoted("b")),
            format!("{}, {}", quoted("a"), quoted("a")),
            format!("{}x", quoted("a")),
        ];
        for case in &cases {
            let is_valid = schema.is_valid(&serde_json::Value::from(case.as_str()));
            assert_eq!(is_valid, is_taken(case), "{case:?}");
        }
    }

    fn is_taken(header: &str) -> bool {
        let body = serde_json::to_string(&samples::order()).unwrap();
        Order::parse(body.as_bytes(), KeySource::Header(&[header])).is_ok()
    }
}

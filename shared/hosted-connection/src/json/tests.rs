//! JSON as it comes from callers.

use super::*;

fn parse(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn repeated(text: &str) -> Vec<String> {
    let mut report = Report::default();
    parse(text).report_repeated(&mut String::new(), &mut report);
    report
        .into_violations()
        .into_iter()
        .map(|violation| violation.field)
        .collect()
}

#[test]
fn numbers_are_told_apart_by_how_they_are_written_and_by_size() {
    let cases = [
        ("0", Json::Integer(0)),
        ("-1", Json::Integer(-1)),
        ("18446744073709551615", Json::Integer(u64::MAX.into())),
        ("1.0", Json::Fraction(1.0)),
        ("1e2", Json::Fraction(100.0)),
        ("-0.5", Json::Fraction(-0.5)),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text), expected, "{text}");
    }
    for text in ["99999999999999999999", "-99999999999999999999", "9e99"] {
        assert!(matches!(parse(text), Json::Integer(_)), "{text}");
    }
}

#[test]
fn repeated_members_are_found_at_every_level_and_told_once() {
    assert_eq!(repeated(r#"{"a": 1, "b": 2}"#), [""; 0]);
    assert_eq!(repeated(r#"{"a": 1, "a": 2, "a": 3}"#), ["/a"]);
    assert_eq!(
        repeated(r#"{"a": [0, {"b": 1, "c": {"d": 1, "d": 2}, "b": 2}]}"#),
        ["/a/1/c/d", "/a/1/b"]
    );
    assert_eq!(repeated(r#"{"a": 1, "\u0061": 2}"#), ["/a"]);
}

#[test]
fn names_are_escaped_in_pointers() {
    assert_eq!(
        repeated(r#"{"a/b~c": 1, "a/b~c": 2, "": 1, "": 2}"#),
        ["/a~1b~0c", "/"]
    );
}

#[test]
fn what_cannot_be_represented_is_no_tree() {
    let deep = "[".repeat(100_000);
    let cases: [&[u8]; 9] = [
        b"",
        b"{",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"\"\xff\"",
        b"{\"\xff\": 1}",
        br#""\ud800""#,
        br#"{"a": "\udc00"}"#,
        deep.as_bytes(),
    ];
    for text in cases {
        assert!(
            Json::parse(text).is_err(),
            "{:?}",
            String::from_utf8_lossy(&text[..text.len().min(20)])
        );
    }
}

//! Each line of the contract's request table, kept and broken.

use super::{body, list, tags, wrong};
use crate::ViolationCode::{self, *};

fn text(length: usize) -> String {
    format!("\"{}\"", "é".repeat(length))
}

#[test]
fn every_value_within_the_rules_is_taken() {
    let cases = [
        ("connectionId", r#""dxlag-00000000""#.to_owned()),
        ("connectionId", r#""dxcon-0123456789abcdefz""#.to_owned()),
        ("ownerAccount", r#""000000000000""#.to_owned()),
        ("bandwidth", r#""25Gbps""#.to_owned()),
        ("connectionName", text(1)),
        ("connectionName", text(100)),
        (
            "connectionName",
            r#""a \"quoted\" \ud83d\ude00 name""#.to_owned(),
        ),
        ("vlan", "1".to_owned()),
        ("vlan", "4094".to_owned()),
        ("vlan", String::new()),
        ("tags", String::new()),
        ("tags", "[]".to_owned()),
        ("tags", tags(50)),
        (
            "tags",
            format!(r#"[{{"key": {}, "value": {}}}]"#, text(128), text(256)),
        ),
        ("tags", r#"[{"value": "", "key": "a"}]"#.to_owned()),
        (
            "tags",
            r#"[{"key": "_.:/=+-@ ÅЖ中٣Ⅷ½"}, {"key": "aws"}, {"key": "a:aws:"}, {"key": "Aws"}]"#
                .to_owned(),
        ),
        ("idempotencyKey", r#""!~""#.to_owned()),
    ];
    for (field, json) in cases {
        assert_eq!(wrong(&body(&[(field, &json)])), [], "{field}: {json}");
    }
}

#[test]
fn each_broken_rule_of_a_field_has_its_code_and_pointer() {
    let too_long = format!("\"dxcon-{}\"", "a".repeat(250));
    let key_too_long = format!("\"{}\"", "k".repeat(256));
    let (name_too_long, huge_integer) = (text(101), "9".repeat(30));
    let cases = [
        ("connectionId", Missing, vec![""]),
        (
            "connectionId",
            WrongType,
            vec!["null", "1", "[]", "{}", "true"],
        ),
        (
            "connectionId",
            Malformed,
            vec![
                r#""""#,
                r#""dxvif-ffabc123""#,
                r#""dxcon-FFABC123""#,
                r#""dxcon-1234567""#,
            ],
        ),
        ("connectionId", OutOfRange, vec![&too_long]),
        ("ownerAccount", Missing, vec![""]),
        (
            "ownerAccount",
            WrongType,
            vec!["null", "123456789012", "[]"],
        ),
        (
            "ownerAccount",
            Malformed,
            vec![
                r#""""#,
                r#""12345678901""#,
                r#""1234567890123""#,
                r#""１２３４５６７８９０１２""#,
            ],
        ),
        ("bandwidth", Missing, vec![""]),
        ("bandwidth", WrongType, vec!["null", "100", "{}"]),
        (
            "bandwidth",
            Malformed,
            vec![r#""""#, r#""100mbps""#, r#""100 Mbps""#, r#""1000Mbps""#],
        ),
        ("connectionName", Missing, vec![""]),
        ("connectionName", WrongType, vec!["null", "7", "[]"]),
        ("connectionName", OutOfRange, vec![r#""""#, &name_too_long]),
        (
            "connectionName",
            Malformed,
            vec![
                r#"" ""#,
                r#""a\nb""#,
                r#""a\u0000""#,
                "\"\u{85}a\"",
                "\"\u{2003}\"",
            ],
        ),
        (
            "vlan",
            WrongType,
            vec![
                "null", "101.0", "1e2", "0.5", r#""101""#, "true", "[101]", "{}",
            ],
        ),
        (
            "vlan",
            OutOfRange,
            vec![
                "0",
                "4095",
                "65536",
                "65637",
                "-1",
                "99999999999999999999",
                &huge_integer,
            ],
        ),
        ("idempotencyKey", Missing, vec![""]),
        ("idempotencyKey", WrongType, vec!["null", "1", "[]"]),
        ("idempotencyKey", OutOfRange, vec![r#""""#, &key_too_long]),
        (
            "idempotencyKey",
            Malformed,
            vec![r#""a b""#, r#""é""#, r#""\u007f""#],
        ),
    ];
    for (field, code, values) in cases {
        for json in values {
            assert_eq!(
                wrong(&body(&[(field, json)])),
                list(&[(&format!("/{field}"), code)]),
                "{field}: {json}"
            );
        }
    }
}

#[test]
fn each_broken_rule_of_tags_has_its_code_and_pointer() {
    let cases: Vec<(String, Vec<(&str, ViolationCode)>)> = vec![
        ("null".into(), vec![("/tags", WrongType)]),
        ("{}".into(), vec![("/tags", WrongType)]),
        (r#""a=b""#.into(), vec![("/tags", WrongType)]),
        (tags(51), vec![("/tags", TooMany)]),
        (
            r#"["a", null]"#.into(),
            vec![("/tags/0", WrongType), ("/tags/1", WrongType)],
        ),
        (r#"[{"value": "v"}]"#.into(), vec![("/tags/0/key", Missing)]),
        (
            r#"[{"key": null}]"#.into(),
            vec![("/tags/0/key", WrongType)],
        ),
        (r#"[{"key": ""}]"#.into(), vec![("/tags/0/key", OutOfRange)]),
        (
            format!(r#"[{{"key": {}}}]"#, text(129)),
            vec![("/tags/0/key", OutOfRange)],
        ),
        (
            r#"[{"key": "a"}, {"key": "b!"}]"#.into(),
            vec![("/tags/1/key", Malformed)],
        ),
        (
            r#"[{"key": "aws:a"}, {"key": "AwS:b"}]"#.into(),
            vec![("/tags/0/key", Reserved), ("/tags/1/key", Reserved)],
        ),
        (
            r#"[{"key": "aws:!"}]"#.into(),
            vec![("/tags/0/key", Malformed), ("/tags/0/key", Reserved)],
        ),
        (
            r#"[{"key": "a"}, {"key": "b"}, {"key": "a"}]"#.into(),
            vec![("/tags/2/key", Duplicate)],
        ),
        (
            r#"[{"key": "a"}, {"key": "\u0061"}]"#.into(),
            vec![("/tags/1/key", Duplicate)],
        ),
        (
            r#"[{"key": "a", "key": "b"}]"#.into(),
            vec![("/tags/0/key", Duplicate)],
        ),
        (
            r#"[{"key": "a", "value": null}]"#.into(),
            vec![("/tags/0/value", WrongType)],
        ),
        (
            r#"[{"key": "a", "value": 1}]"#.into(),
            vec![("/tags/0/value", WrongType)],
        ),
        (
            format!(r#"[{{"key": "a", "value": {}}}]"#, text(257)),
            vec![("/tags/0/value", OutOfRange)],
        ),
        (
            r#"[{"key": "a", "value": "tab\t"}]"#.into(),
            vec![("/tags/0/value", Malformed)],
        ),
        (
            r#"[{"key": "a", "Value": "v"}]"#.into(),
            vec![("/tags/0/Value", UnknownField)],
        ),
        (
            r#"[{"key": "a", "x/~": {"y": 1, "y": 2}}]"#.into(),
            vec![
                ("/tags/0/x~1~0", UnknownField),
                ("/tags/0/x~1~0/y", Duplicate),
            ],
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(wrong(&body(&[("tags", &json)])), list(&expected), "{json}");
    }
}

//! The request table, broken: what stands in a body, and what is wrong with it.

use super::body;

/// One way to break the table: the field's JSON instead of a good one, none for leaving it out.
pub(super) struct Case {
    pub(super) field: &'static str,
    pub(super) json: Option<String>,
    pub(super) wrong: Vec<(&'static str, &'static str)>,
}

impl Case {
    pub(super) fn body(&self, key: Option<&str>) -> String {
        body(key, &[(self.field, self.json.as_deref())])
    }

    pub(super) fn story(&self) -> String {
        let json = self.json.as_deref().unwrap_or("absent");
        format!(
            "{}: {}",
            self.field,
            json.chars().take(60).collect::<String>()
        )
    }
}

/// The same code for each of several values of a field.
fn each(
    field: &'static str,
    pointer: &'static str,
    code: &'static str,
    values: &[&str],
) -> Vec<Case> {
    values
        .iter()
        .map(|json| Case {
            field,
            json: Some((*json).to_owned()),
            wrong: vec![(pointer, code)],
        })
        .collect()
}

fn missing(field: &'static str, pointer: &'static str) -> Vec<Case> {
    vec![Case {
        field,
        json: None,
        wrong: vec![(pointer, "Missing")],
    }]
}

pub(super) fn text(characters: usize) -> String {
    format!("\"{}\"", "ä".repeat(characters))
}

pub(super) fn tags(count: usize) -> String {
    let tags: Vec<_> = (0..count)
        .map(|index| format!(r#"{{"key": "k{index}"}}"#))
        .collect();
    format!("[{}]", tags.join(", "))
}

/// Each line of the request table, broken in every way that the table names. What is wrong with the key depends on
/// the door, so it has a table of its own.
pub(super) fn cases() -> Vec<Case> {
    let cases = [
        missing("connectionId", "/connectionId"),
        each(
            "connectionId",
            "/connectionId",
            "WrongType",
            &["null", "7", "[]", "{}", "true"],
        ),
        each(
            "connectionId",
            "/connectionId",
            "Malformed",
            &[
                r#""""#,
                r#""dxvif-ffabc123""#,
                r#""dxcon-FFABC123""#,
                r#""dxcon-1234567""#,
                r#"" dxcon-ffabc123""#,
                r#""dxcon-ffabc123\n""#,
                r#""dxcon_ffabc123""#,
                r#""dxlag-ffabc12ä""#,
            ],
        ),
        missing("ownerAccount", "/ownerAccount"),
        each(
            "ownerAccount",
            "/ownerAccount",
            "WrongType",
            &["null", "111122223333", "[]"],
        ),
        each(
            "ownerAccount",
            "/ownerAccount",
            "Malformed",
            &[
                r#""""#,
                r#""11112222333""#,
                r#""1111222233334""#,
                r#""11112222333x""#,
                r#""1111-2222-33""#,
                r#""１１１１２２２２３３３３""#,
            ],
        ),
        missing("bandwidth", "/bandwidth"),
        each(
            "bandwidth",
            "/bandwidth",
            "WrongType",
            &["null", "500", "{}"],
        ),
        each(
            "bandwidth",
            "/bandwidth",
            "Malformed",
            &[
                r#""""#,
                r#""500mbps""#,
                r#""500 Mbps""#,
                r#""1000Mbps""#,
                r#""4Gbps""#,
                r#""100Gbps""#,
            ],
        ),
        missing("connectionName", "/connectionName"),
        each(
            "connectionName",
            "/connectionName",
            "WrongType",
            &["null", "42", "[\"a\"]"],
        ),
        each(
            "connectionName",
            "/connectionName",
            "OutOfRange",
            &[r#""""#, &text(101)],
        ),
        each(
            "connectionName",
            "/connectionName",
            "Malformed",
            &[
                r#""  ""#,
                r#""\u2003""#,
                r#""a\u0000""#,
                r#""a\tb""#,
                r#""a\u007f""#,
                r#""a\u0085b""#,
            ],
        ),
        each(
            "vlan",
            "/vlan",
            "WrongType",
            &["null", r#""101""#, "101.0", "100.5", "true", "[101]"],
        ),
        each(
            "vlan",
            "/vlan",
            "OutOfRange",
            &["0", "4095", "-1", "65637", "99999999999999999999"],
        ),
        each("tags", "/tags", "WrongType", &["null", "{}", r#""a=b""#]),
        each("tags", "/tags", "TooMany", &[&tags(51)]),
        each(
            "tags",
            "/tags/1",
            "WrongType",
            &[r#"[{"key": "a"}, "b"]"#, r#"[{"key": "a"}, null]"#],
        ),
        each(
            "tags",
            "/tags/0/key",
            "Missing",
            &["[{}]", r#"[{"value": "v"}]"#],
        ),
        each(
            "tags",
            "/tags/0/key",
            "WrongType",
            &[r#"[{"key": null}]"#, r#"[{"key": 1}]"#],
        ),
        each(
            "tags",
            "/tags/0/key",
            "OutOfRange",
            &[
                r#"[{"key": ""}]"#,
                &format!(r#"[{{"key": {}}}]"#, text(129)),
            ],
        ),
        each(
            "tags",
            "/tags/0/key",
            "Malformed",
            &[r#"[{"key": "a!"}]"#, r#"[{"key": "a\tb"}]"#],
        ),
        each(
            "tags",
            "/tags/1/key",
            "Reserved",
            &[
                r#"[{"key": "a"}, {"key": "aws:a"}]"#,
                r#"[{"key": "a"}, {"key": "AwS:a"}]"#,
            ],
        ),
        each(
            "tags",
            "/tags/2/key",
            "Duplicate",
            &[r#"[{"key": "a"}, {"key": "b"}, {"key": "a"}]"#],
        ),
        each(
            "tags",
            "/tags/0/value",
            "WrongType",
            &[
                r#"[{"key": "a", "value": null}]"#,
                r#"[{"key": "a", "value": 1}]"#,
            ],
        ),
        each(
            "tags",
            "/tags/0/value",
            "OutOfRange",
            &[&format!(r#"[{{"key": "a", "value": {}}}]"#, text(257))],
        ),
        each(
            "tags",
            "/tags/0/value",
            "Malformed",
            &[r#"[{"key": "a", "value": "€"}]"#],
        ),
        each(
            "tags",
            "/tags/0/valeu",
            "UnknownField",
            &[r#"[{"key": "a", "valeu": "v"}]"#],
        ),
        each(
            "tags",
            "/tags/0/key",
            "Duplicate",
            &[r#"[{"key": "a", "key": "a"}]"#],
        ),
        each("vlanId", "/vlanId", "UnknownField", &["101", "null"]),
        each("a/b~c", "/a~1b~0c", "UnknownField", &["1"]),
        each("+vlan", "/vlan", "Duplicate", &["101"]),
        each(
            "+connectionName",
            "/connectionName",
            "Duplicate",
            &[r#""customer-42""#],
        ),
    ];
    cases.into_iter().flatten().collect()
}

/// All fields broken at once: one body, and everything that is wrong with it.
pub(super) fn all_at_once(key: Option<&str>) -> (String, Vec<(&'static str, &'static str)>) {
    let changes = [
        ("connectionId", Some(r#""dxvif-ffabc123""#)),
        ("ownerAccount", Some("111122223333")),
        ("bandwidth", None),
        ("connectionName", Some(r#""""#)),
        ("vlan", Some("4095")),
        (
            "tags",
            Some(r#"[{"key": "aws:a"}, {"key": "b", "value": 1}, {"key": "b"}, {"k": "c"}]"#),
        ),
        ("vlanId", Some("101")),
        ("+vlan", Some("101")),
    ];
    let wrong = vec![
        ("/connectionId", "Malformed"),
        ("/ownerAccount", "WrongType"),
        ("/bandwidth", "Missing"),
        ("/connectionName", "OutOfRange"),
        ("/vlan", "OutOfRange"),
        ("/vlan", "Duplicate"),
        ("/tags/0/key", "Reserved"),
        ("/tags/1/value", "WrongType"),
        ("/tags/2/key", "Duplicate"),
        ("/tags/3/k", "UnknownField"),
        ("/tags/3/key", "Missing"),
        ("/vlanId", "UnknownField"),
    ];
    (body(key, &changes), wrong)
}

//! Bad input: each line of the contract's request table broken, alone and together, through each door; and bodies that
//! are no order at all. Always a clear no, never a word to Direct Connect, never a lost neighbour.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::answers::{
    HTTP_REQUEST, Http, allocation, direct_problem, invoke_text, operations, rejection, sqs_origin,
    violations, wrong,
};
use crate::orders::{QUEUE_ARN, http, record, returned, sqs};
use crate::world::World;

const KEY: &str = "order-1001";
const MAX_BODY: usize = 256 * 1024;

/// One way to break the table: the field's JSON instead of a good one, none for leaving it out.
struct Case {
    field: &'static str,
    json: Option<String>,
    wrong: Vec<(&'static str, &'static str)>,
}

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

impl Case {
    fn body(&self, key: Option<&str>) -> String {
        body(key, &[(self.field, self.json.as_deref())])
    }

    fn story(&self) -> String {
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

fn text(characters: usize) -> String {
    format!("\"{}\"", "ä".repeat(characters))
}

fn tags(count: usize) -> String {
    let tags: Vec<_> = (0..count)
        .map(|index| format!(r#"{{"key": "k{index}"}}"#))
        .collect();
    format!("[{}]", tags.join(", "))
}

/// Each line of the request table, broken in every way that the table names. What is wrong with the key depends on
/// the door, so it has a table of its own.
fn cases() -> Vec<Case> {
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
fn all_at_once(key: Option<&str>) -> (String, Vec<(&'static str, &'static str)>) {
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

// ---------------------------------------------------------------- the table, door by door

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_named_over_http_and_aws_hears_nothing() {
    let world = World::new();
    for case in cases() {
        let answer = Http::of(world.invoke(&http(KEY, &case.body(None))).await);
        let problem = answer.problem(400, "InvalidRequest");
        assert_eq!(violations(&problem), wrong(&case.wrong), "{}", case.story());
        assert_eq!(problem["instance"], HTTP_REQUEST);
    }
    assert_eq!(operations(&world), [""; 0]);
    // The key is still good for a request that is.
    Http::of(world.invoke(&http(KEY, &body(None, &[]))).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_named_to_a_direct_caller_and_aws_hears_nothing() {
    let world = World::new();
    for case in cases() {
        let invocation = invoke_text(&world, case.body(Some(KEY))).await;
        let problem = direct_problem(invocation, 400, "InvalidRequest");
        assert_eq!(violations(&problem), wrong(&case.wrong), "{}", case.story());
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_published_for_a_message_which_is_consumed() {
    let world = World::new();
    for (batch, cases) in cases().chunks(10).enumerate() {
        let id = |index: usize| format!("m-{batch}-{index}");
        let key = |index: usize| format!("k-{batch}-{index}");
        let records = cases
            .iter()
            .enumerate()
            .map(|(index, case)| record(&id(index), &case.body(Some(&key(index)))));
        let event = sqs(records);
        let before = world.cloud.events().len();
        for _ in 0..2 {
            let answer = world.invoke(&event).await.answer();
            assert_eq!(returned(&answer), [""; 0]);
        }
        let told = world.cloud.events().split_off(before);
        for (index, case) in cases.iter().enumerate() {
            let story = case.story();
            let of_it: Vec<_> = told
                .iter()
                .filter(|event| event.detail["origin"]["messageId"] == id(index).as_str())
                .collect();
            assert!(!of_it.is_empty(), "{story}: nothing was published");
            for event in &of_it {
                let origin = sqs_origin(&id(index), QUEUE_ARN);
                let rejection = rejection(&world, event, &key(index).into(), &origin);
                assert_eq!(rejection["code"], "InvalidRequest", "{story}");
                assert_eq!(violations(&rejection), wrong(&case.wrong), "{story}");
                assert_eq!(
                    event.detail["eventId"], of_it[0].detail["eventId"],
                    "{story}: redelivered"
                );
            }
        }
    }
    let asked: BTreeSet<_> = operations(&world).into_iter().collect();
    assert_eq!(asked, BTreeSet::from(["PutEvents".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_is_named_at_once_through_every_door() {
    let world = World::new();
    let (keyless, expected) = all_at_once(None);
    let mut event = http(KEY, &keyless);
    let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&expected));

    let mut and_no_key = expected.clone();
    and_no_key.push(("/idempotencyKey", "Missing"));
    event["headers"] = json!({});
    let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&and_no_key));
    let direct = invoke_text(&world, keyless.clone()).await;
    let problem = direct_problem(direct, 400, "InvalidRequest");
    assert_eq!(violations(&problem), wrong(&and_no_key));
    assert_eq!(operations(&world), [""; 0]);

    let (keyed, _) = all_at_once(Some(KEY));
    let event = sqs([record("m-1", &keyed), record("m-2", &keyless)]);
    let answer = world.invoke(&event).await.answer();
    assert_eq!(returned(&answer), [""; 0]);
    for (message, key, expected) in [
        ("m-1", json!(KEY), expected),
        ("m-2", Value::Null, and_no_key),
    ] {
        let events = world.cloud.events();
        let mut of_it = events
            .iter()
            .filter(|event| event.detail["origin"]["messageId"] == message);
        let origin = sqs_origin(message, QUEUE_ARN);
        let rejection = rejection(&world, of_it.next().unwrap(), &key, &origin);
        assert_eq!(rejection["code"], "InvalidRequest");
        assert_eq!(violations(&rejection), wrong(&expected));
    }
    assert_eq!(operations(&world), ["PutEvents"]);
}

#[tokio::test(start_paused = true)]
async fn any_two_broken_fields_are_both_named() {
    let world = World::new();
    let mut seen = BTreeSet::new();
    let mut cases = cases();
    cases.retain(|case| seen.insert((case.field, case.wrong.clone())));
    for (index, one) in cases.iter().enumerate() {
        for other in &cases[index + 1..] {
            let (field, other_field) = (one.field, other.field);
            if field.trim_start_matches('+') == other_field.trim_start_matches('+') {
                continue;
            }
            let changes = [
                (field, one.json.as_deref()),
                (other_field, other.json.as_deref()),
            ];
            let invocation = invoke_text(&world, body(Some(KEY), &changes)).await;
            let problem = direct_problem(invocation, 400, "InvalidRequest");
            let both = [&one.wrong[..], &other.wrong[..]].concat();
            assert_eq!(
                violations(&problem),
                wrong(&both),
                "{} and {}",
                one.story(),
                other.story()
            );
        }
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_value_at_the_edge_of_the_table_is_taken() {
    let edge = [
        ("connectionName", text(100)),
        ("vlan", "1".to_owned()),
        ("vlan", "4094".to_owned()),
        ("tags", "[]".to_owned()),
        ("tags", tags(50)),
        (
            "tags",
            format!(
                r#"[{{"key": {}, "value": {}}}, {{"key": "_.:/=+-@ Ⅷ中", "value": ""}}]"#,
                text(128),
                text(256)
            ),
        ),
        ("connectionId", r#""dxlag-ffabc789""#.to_owned()),
    ];
    for (field, json) in edge {
        let world = World::new();
        let event = http(KEY, &body(None, &[(field, Some(&json))]));
        Http::of(world.invoke(&event).await).receipt();
    }
}

// ---------------------------------------------------------------- the key

#[tokio::test(start_paused = true)]
async fn a_missing_or_bad_key_in_a_body_has_a_code_of_its_own_and_the_event_has_no_key() {
    let too_long = format!("\"{}\"", "k".repeat(256));
    let cases = [
        (None, "Missing", "MissingIdempotencyKey"),
        (Some("null"), "WrongType", "InvalidIdempotencyKey"),
        (Some("1001"), "WrongType", "InvalidIdempotencyKey"),
        (Some(r#""""#), "OutOfRange", "InvalidIdempotencyKey"),
        (
            Some(too_long.as_str()),
            "OutOfRange",
            "InvalidIdempotencyKey",
        ),
        (Some(r#""a b""#), "Malformed", "InvalidIdempotencyKey"),
        (Some(r#""ä""#), "Malformed", "InvalidIdempotencyKey"),
        (Some(r#""a\u0000""#), "Malformed", "InvalidIdempotencyKey"),
    ];
    for (json, code, expected) in cases {
        let world = World::new();
        let text = body(None, &[("idempotencyKey", json)]);
        // An event without key or parent would be no order; this one has a parent.
        let problem = direct_problem(invoke_text(&world, text.clone()).await, 400, expected);
        let about_key = wrong(&[("/idempotencyKey", code)]);
        assert_eq!(violations(&problem), about_key, "{json:?}");
        assert_eq!(operations(&world), [""; 0]);

        let event = sqs([record("m-1", &text)]);
        assert_eq!(returned(&world.invoke(&event).await.answer()), [""; 0]);
        let origin = sqs_origin("m-1", QUEUE_ARN);
        let rejection = rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
        assert_eq!(rejection["code"], expected, "{json:?}");
        assert_eq!(violations(&rejection), about_key, "{json:?}");
        assert_eq!(operations(&world), ["PutEvents"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_there_twice_is_no_key() {
    let world = World::new();
    let twice = body(Some("order-1"), &[("+idempotencyKey", Some("\"order-2\""))]);
    let event = sqs([record("m-1", &twice)]);
    assert_eq!(returned(&world.invoke(&event).await.answer()), [""; 0]);
    let origin = sqs_origin("m-1", QUEUE_ARN);
    let rejection = rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
    assert_eq!(
        violations(&rejection),
        wrong(&[("/idempotencyKey", "Duplicate")])
    );
}

#[tokio::test(start_paused = true)]
async fn over_http_the_key_does_not_belong_into_the_body() {
    let world = World::new();
    let answer = Http::of(world.invoke(&http(KEY, &body(Some(KEY), &[]))).await);
    let problem = answer.problem(400, "InvalidRequest");
    assert_eq!(
        violations(&problem),
        wrong(&[("/idempotencyKey", "UnknownField")])
    );
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn messages_without_a_usable_key_are_told_apart_by_their_ids_and_by_nothing_else() {
    let world = World::new();
    let event = sqs([record("m-1", "nonsense"), record("m-2", "nonsense")]);
    for _ in 0..2 {
        world.invoke(&event).await.answer();
    }
    let ids: BTreeSet<_> = world
        .details()
        .iter()
        .map(|detail| {
            (
                detail["origin"]["messageId"].to_string(),
                detail["eventId"].to_string(),
            )
        })
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    let event_ids: BTreeSet<_> = ids.iter().map(|(_, event_id)| event_id).collect();
    assert_eq!(event_ids.len(), 2, "two facts: {ids:?}");
}

// ---------------------------------------------------------------- bodies that are no order

/// A body as it stands in the envelope, quotes included, and the code it is refused with.
fn extremes() -> Vec<(&'static str, String, &'static str)> {
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
            "a byte order mark",
            literal(&format!("\u{feff}{}", body(Some("bom"), &[]))),
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

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_order_is_refused_between_two_good_orders() {
    for (story, literal, code) in extremes() {
        let bad = with_body(record("bad", "PLACEHOLDER"), &literal);
        let rejection = between_two_good_orders(story, &bad).await;
        assert_eq!(rejection["code"], code, "{story}");
        let violations = violations(&rejection);
        assert_eq!(violations.len(), 1, "{story}: {violations:?}");
        assert_eq!(
            violations[0].0, "",
            "{story}: it is wrong as a whole: {violations:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_no_order_is_refused_over_http_and_aws_hears_nothing() {
    let world = World::new();
    for (story, literal, code) in extremes() {
        let status = if code == "PayloadTooLarge" { 413 } else { 400 };
        // The body of an HTTP order has no key in it; as everything else is wrong too, that does not matter.
        let event = with_body(http(KEY, "PLACEHOLDER"), &literal);
        let answer = Http::of(invoke_text(&world, event).await);
        let problem = answer.problem(status, code);
        if status == 400 {
            let violations = violations(&problem);
            assert_eq!(violations.len(), 1, "{story}: {violations:?}");
            assert_eq!(violations[0].0, "", "{story}: {violations:?}");
        }
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_base64_body_is_measured_and_judged_by_what_it_decodes_to() {
    let order = body(None, &[]);
    let mut not_utf8 = order.clone().into_bytes();
    let name = order.find("customer-42").unwrap();
    not_utf8[name] = 0xff;
    let padded = |bytes: usize| [order.as_bytes(), &b" ".repeat(bytes - order.len())].concat();
    let encode = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let cases = [
        ("bytes that are no UTF-8", encode(&not_utf8), 400),
        ("two bytes that are no UTF-8", encode(&[0xff, 0xfe]), 400),
        ("a surrogate in UTF-8", encode(b"\"\xed\xa0\x80\""), 400),
        ("nothing", String::new(), 400),
        ("JSON that is not encoded at all", order.clone(), 400),
        ("other characters", "!!!!".to_owned(), 400),
        (
            "one character missing",
            encode(order.as_bytes())[1..].to_owned(),
            400,
        ),
        ("one byte too many", encode(&padded(MAX_BODY + 1)), 413),
    ];
    let world = World::new();
    for (story, encoded, status) in cases {
        let mut event = http(KEY, &encoded);
        event["isBase64Encoded"] = true.into();
        let answer = Http::of(world.invoke(&event).await);
        let code = if status == 413 {
            "PayloadTooLarge"
        } else {
            "InvalidRequest"
        };
        let problem = answer.problem(status, code);
        if status == 400 {
            assert_eq!(violations(&problem), wrong(&[("", "Malformed")]), "{story}");
        }
    }
    assert_eq!(operations(&world), [""; 0]);
    let mut largest = http(KEY, &encode(&padded(MAX_BODY)));
    largest["isBase64Encoded"] = true.into();
    Http::of(world.invoke(&largest).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn a_direct_order_that_is_too_large_too_deep_or_no_text_is_refused_and_aws_hears_nothing() {
    let world = World::new();
    let order = body(Some(KEY), &[]);
    let padded = format!(
        "{{{}{}",
        " ".repeat(MAX_BODY + 1 - order.len()),
        &order[1..]
    );
    assert_eq!(padded.len(), MAX_BODY + 1);
    direct_problem(invoke_text(&world, padded).await, 413, "PayloadTooLarge");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (field, json) in [
        ("tags", deep.as_str()),
        ("connectionId", &deep),
        ("idempotencyKey", &deep),
        ("connectionName", r#""\ud800""#),
        ("idempotencyKey", r#""\udc00""#),
        (r"\udc00", "1"),
    ] {
        let text = body(Some(KEY), &[(field, Some(json))]);
        direct_problem(invoke_text(&world, text).await, 400, "InvalidRequest");
    }
    assert_eq!(operations(&world), [""; 0]);
    let largest = format!("{{{}{}", " ".repeat(MAX_BODY - order.len()), &order[1..]);
    invoke_text(&world, largest).await.answer();
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn oddities_of_an_envelope_harm_its_own_order_at_most() {
    let deep = format!("{}{}", "{\"a\":[".repeat(50_000), "]}".repeat(50_000));
    let keyed = |attribute: &str| {
        let mut odd = record("bad", &body(None, &[]));
        odd["messageAttributes"] = json!({"Idempotency-Key": "PLACEHOLDER"});
        with_body(odd, attribute)
    };
    // A key that nobody can read is no key.
    for attribute in [
        r#"{"dataType": "String", "stringValue": "\ud800"}"#,
        r#"{"dataType": "String", "stringValue": ""}"#,
        r#"{"dataType": "String", "stringValue": "a b"}"#,
        r#"{"dataType": "Binary", "binaryValue": "b3JkZXI="}"#,
    ] {
        let rejection = between_two_good_orders(attribute, &keyed(attribute)).await;
        assert_eq!(rejection["code"], "InvalidIdempotencyKey", "{attribute}");
    }
    // What nobody reads may be anything.
    for (member, literal) in [
        ("attributes", deep.as_str()),
        ("messageAttributes", &deep),
        (
            "messageAttributes",
            r#"{"trace": {"dataType": "String", "stringValue": "\ud800"}}"#,
        ),
        ("receiptHandle", r#""\udfff""#),
        ("awsRegion", "null"),
        (r"\ud800", "0"),
    ] {
        let world = World::new();
        let mut odd = record("m-1", &body(Some(KEY), &[]));
        odd[member.trim_start_matches('\\')] = "PLACEHOLDER".into();
        let odd = with_body(odd, literal).replace("\"ud800\"", r#""\ud800""#);
        let event = format!(r#"{{"Records": [{odd}]}}"#);
        let answer = invoke_text(&world, event).await.answer();
        assert_eq!(returned(&answer), [""; 0], "{member}");
        assert_eq!(world.cloud.connections().len(), 1, "{member}");
    }
    for (member, literal) in [
        ("stageVariables", deep.as_str()),
        ("cookies", r#"["\ud800"]"#),
        ("rawQueryString", r#""\ud800""#),
    ] {
        let world = World::new();
        let mut odd = http(KEY, &body(None, &[]));
        odd[member] = "PLACEHOLDER".into();
        Http::of(invoke_text(&world, with_body(odd, literal)).await).receipt();
    }
    let world = World::new();
    let mut odd = http(KEY, &body(None, &[]));
    odd["headers"]["idempotency-key"] = "PLACEHOLDER".into();
    let event = with_body(odd, r#""order-\ud800""#);
    Http::of(invoke_text(&world, event).await).problem(400, "InvalidIdempotencyKey");
    assert_eq!(operations(&world), [""; 0]);
}

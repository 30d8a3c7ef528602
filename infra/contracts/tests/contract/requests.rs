//! A request is valid by its schema when, and only when, the parser takes it; but for what no schema can say.

use std::sync::LazyLock;

use hosted_connection::{
    Code, ConnectionName, IdempotencyKey, InvalidRequest, KeyAttribute, KeySource, MAX_BODY_BYTES,
    Order, OwnerAccount, ParentConnection, ReleaseRequest,
};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::{document, validator};

/// The schemas of an order, by where its key is.
struct Orders {
    message: Validator,
    http: Validator,
}

impl Orders {
    fn new() -> Self {
        let openapi = document("infra/openapi.yaml");
        Self {
            message: validator(&document("infra/schemas/order-request.json")),
            http: validator(&json!({
                "$ref": "#/components/schemas/Order",
                "components": openapi["components"],
            })),
        }
    }

    /// What each schema, and the parser beside it, says of the body; each pair has to agree.
    fn verdicts(&self, body: &Value) -> [(&'static str, bool, Result<(), InvalidRequest>); 2] {
        let text = body.to_string();
        let parse = |source| Order::parse(text.as_bytes(), source).map(drop);
        // What the attribute says is what the member says: that both differ is nothing a schema sees.
        let key = [KeyAttribute::text(
            body["idempotencyKey"].as_str().unwrap_or("order-1"),
        )];
        [
            (
                "http",
                self.http.is_valid(body),
                parse(KeySource::Header(&["order-1"])),
            ),
            (
                "message",
                self.message.is_valid(body),
                parse(KeySource::AttributeOrBody(&key)),
            ),
        ]
    }
}

/// A valid order, its key in the body.
fn order() -> Value {
    static ORDER: LazyLock<Value> =
        LazyLock::new(|| document("infra/schemas/order-request.json")["examples"][0].clone());
    ORDER.clone()
}

/// Texts from every corner: what is near the rules, and what is far off.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&[
            "", " ", "\u{a0}\u{2003}", "a\nb", "\u{85}", "\u{feff}", "dxcon-ffabc123", "dxlag-ffabc789", "dxcon-1234567",
            "DXCON-ffabc123", "dxcon-ffabc123\n", "111122223333", "11112222333", "١١١١٢٢٢٢٣٣٣٣", "50Mbps", "25Gbps", "1gbps",
            "1Gbps ", "order-1", "a b", "é", "aws:x", "AWS:x", "aws", "xaws:", "a+b=c@d", "a,b", "Ⅷ½٣", "\u{301}", "😀", "release",
        ][..]).prop_map(str::to_owned),
        2 => (select(&["a", "é", " ", "😀", "中", "!"][..]), select(&[0_usize, 1, 99, 100, 101, 127, 128, 129, 255, 256, 257][..]))
            .prop_map(|(text, times)| text.repeat(times)),
        1 => "dx(con|lag)-[a-z0-9]{7,9}",
        1 => "[0-9]{11,13}",
        2 => any::<String>(),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = any_text().prop_map(Value::from).boxed();
    let number = prop_oneof![
        select(&[0_i64, 1, 101, 4094, 4095, -1, 65_536, i64::MAX, i64::MIN][..])
            .prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        select(&[1.5_f64, 1e19, -1e300][..]).prop_map(Value::from),
    ];
    let scalar = prop_oneof![4 => text, 2 => number, 1 => Just(Value::Null), 1 => any::<bool>().prop_map(Value::from)].boxed();
    let tag = proptest::collection::btree_map(
        select(&["key", "value", "Key", "x"][..]).prop_map(str::to_owned),
        scalar.clone(),
        0..3,
    );
    let tag = tag.prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()));
    let good_tag = (0_u8..60, any_text())
        .prop_map(|(number, value)| json!({"key": format!("k{number}"), "value": value}));
    let tags = prop_oneof![
        proptest::collection::vec(tag, 0..4),
        proptest::collection::vec(good_tag, 0..6),
        select(&[0_usize, 49, 50, 51][..]).prop_map(|count| (0..count)
            .map(|number| json!({"key": format!("k{number}")}))
            .collect()),
    ];
    prop_oneof![6 => scalar, 4 => tags.prop_map(Value::Array)]
}

const NAMES: [&str; 10] = [
    "connectionId",
    "ownerAccount",
    "bandwidth",
    "connectionName",
    "vlan",
    "tags",
    "idempotencyKey",
    "vlanId",
    "Tags",
    "action",
];

/// An order with some members changed, and some gone.
fn any_order() -> impl Strategy<Value = Value> {
    let changes = proptest::collection::btree_map(select(&NAMES[..]), any_value(), 0..3);
    let gone = proptest::collection::vec(select(&NAMES[..]), 0..2);
    (changes, gone).prop_map(|(changes, gone)| {
        let mut order = order();
        let members = order.as_object_mut().unwrap();
        for (name, value) in changes {
            members.insert(name.to_owned(), value);
        }
        for name in gone {
            members.remove(name);
        }
        order
    })
}

/// Whether a tag key is there twice, which only the parser sees.
fn repeats_a_tag_key(order: &Value) -> bool {
    let tags = order["tags"].as_array().map_or(&[][..], Vec::as_slice);
    let keys: Vec<_> = tags.iter().filter_map(|tag| tag["key"].as_str()).collect();
    keys.iter()
        .enumerate()
        .any(|(index, key)| keys[..index].contains(key))
}

/// Characters that the schemas' regular expressions do not know yet: the parser's version of Unicode is a newer one.
fn unassigned() -> Validator {
    validator(&json!({"pattern": r"\p{Cn}"}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn an_order_is_valid_by_its_schema_if_and_only_if_the_parser_takes_it(order in any_order()) {
        thread_local!(static ORDERS: (Orders, Validator) = (Orders::new(), unassigned()));
        prop_assume!(!repeats_a_tag_key(&order));
        prop_assume!(!ORDERS.with(|(_, unassigned)| unassigned.is_valid(&json!(order.to_string()))));
        for (which, by_schema, by_parser) in ORDERS.with(|(orders, _)| orders.verdicts(&order)) {
            prop_assert_eq!(by_schema, by_parser.is_ok(), "{}: {} {:?}", which, order, by_parser);
        }
    }

    #[test]
    fn a_release_is_valid_by_its_schema_if_and_only_if_the_parser_takes_it(
        action in any_value(), key in proptest::option::of(any_value()), more in proptest::option::of(select(&NAMES[..])), is_release in any::<bool>(),
    ) {
        thread_local!(static RELEASES: Validator = validator(&document("infra/schemas/release-request.json")));
        let mut release = json!({"action": action});
        if is_release {
            release["action"] = json!("release");
        }
        if let Some(name) = more {
            release[name] = json!("release");
        }
        if let Some(key) = key {
            release["idempotencyKey"] = key;
        }
        let key = [KeyAttribute::text(release["idempotencyKey"].as_str().unwrap_or("order-1"))];
        let parsed = ReleaseRequest::parse(release.to_string().as_bytes(), KeySource::AttributeOrBody(&key));
        let by_schema = RELEASES.with(|releases| releases.is_valid(&release));
        prop_assert_eq!(by_schema, parsed.is_ok(), "{} {:?}", release, parsed);
    }
}

#[test]
fn the_order_that_most_changes_start_from_is_valid() {
    // Otherwise the property above would compare no with no.
    for (which, by_schema, by_parser) in Orders::new().verdicts(&order()) {
        assert_eq!(
            (by_schema, by_parser.is_ok()),
            (which == "message", which == "message")
        );
    }
    let mut over_http = order();
    over_http.as_object_mut().unwrap().remove("idempotencyKey");
    for (which, by_schema, by_parser) in Orders::new().verdicts(&over_http) {
        assert_eq!((by_schema, by_parser), (true, Ok(())), "{which}");
    }
}

#[test]
fn every_character_is_taken_by_the_patterns_as_by_the_parser() {
    let openapi = document("infra/openapi.yaml");
    let schema = |name: &str| validator(&openapi["components"]["schemas"][name]);
    let tag_key = validator(&openapi["components"]["schemas"]["RequestTag"]["properties"]["key"]);
    let (name, key) = (schema("ConnectionName"), schema("IdempotencyKey"));
    let (parent, owner) = (schema("ParentConnectionId"), schema("OwnerAccount"));
    let tagged = |text: &str| {
        let mut order = order();
        order["tags"] = json!([{"key": text}]);
        Order::parse(order.to_string().as_bytes(), KeySource::Body).is_ok()
    };
    let unassigned = unassigned();
    let mut wrong = Vec::new();
    // Of the planes between them nothing is assigned.
    for character in ('\0'..='\u{33fff}').chain('\u{e0000}'..='\u{e01ff}') {
        let alone = character.to_string();
        let beside = format!("a{character}");
        let mut compare =
            |what: &'static str, text: &str, by_schema: &Validator, by_parser: bool| {
                if by_schema.is_valid(&json!(text)) != by_parser {
                    wrong.push((what, character));
                }
            };
        compare("name", &alone, &name, ConnectionName::parse(&alone).is_ok());
        compare(
            "name",
            &beside,
            &name,
            ConnectionName::parse(&beside).is_ok(),
        );
        compare("key", &alone, &key, IdempotencyKey::parse(&alone).is_ok());
        let id = format!("dxcon-ffabc12{character}");
        compare("parent", &id, &parent, ParentConnection::parse(&id).is_ok());
        let account = format!("11112222333{character}");
        compare(
            "owner",
            &account,
            &owner,
            OwnerAccount::parse(&account).is_ok(),
        );
        if !unassigned.is_valid(&json!(alone)) {
            compare("tag", &alone, &tag_key, tagged(&alone));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn what_no_schema_can_say_is_refused_by_the_parser_alone() {
    let schema = Orders::new().message;
    let order = order().to_string();
    let with = |old: &str, new: &str| {
        let changed = order.replacen(old, new, 1);
        assert_ne!(changed, order, "{old}");
        changed
    };
    let cases = [
        (with("\"vlan\":101", "\"vlan\":101.0"), Code::InvalidRequest),
        (
            with("\"vlan\":101", "\"vlan\":1.01e2"),
            Code::InvalidRequest,
        ),
        (
            with("\"vlan\":101", "\"vlan\":101,\"vlan\":101"),
            Code::InvalidRequest,
        ),
        (
            with("\"tags\":[", "\"tags\":[{\"key\":\"contract\"},"),
            Code::InvalidRequest,
        ),
        (
            order.clone() + &" ".repeat(MAX_BODY_BYTES),
            Code::PayloadTooLarge,
        ),
    ];
    for (body, code) in cases {
        assert!(schema.is_valid(&serde_json::from_str(&body).unwrap()));
        let invalid = Order::parse(body.as_bytes(), KeySource::Body).unwrap_err();
        assert_eq!(invalid.code, code);
    }
}

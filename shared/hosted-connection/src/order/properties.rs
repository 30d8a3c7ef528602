//! What holds for every order and for every string of bytes.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{Event, KeyAttribute, Origin, ReleaseRequest, Timestamp};

type TagContent = (String, Option<String>);

/// What an order says, apart from how it is written.
#[derive(Debug, Clone, PartialEq)]
struct Content {
    /// The fields that are strings, in the order of the contract.
    texts: [String; 4],
    vlan: Option<u16>,
    tags: Vec<TagContent>,
}

/// How an order is written, apart from what it says.
#[derive(Debug, Clone)]
struct Spelling {
    member_order: Vec<usize>,
    tag_order: Vec<usize>,
    space: &'static str,
    is_escaped: bool,
}

/// Orders over the whole width of what the contract takes.
fn any_content() -> impl Strategy<Value = Content> {
    let texts = (
        "dx(con|lag)-[a-z0-9]{8,20}",
        "[0-9]{12}",
        select(&["50Mbps", "500Mbps", "1Gbps", "25Gbps"][..]).prop_map(str::to_owned),
        "[A-Za-z\"\\\\/é中😀][ A-Za-z\"\\\\/é中😀]{0,99}",
    );
    // No key begins with an `a`, as `aws:` would.
    let tags = btree_map(
        "[b-z0-9é中 _.:/=+@-][\\p{L}\\p{N}\\p{Z}]{0,9}",
        option::of("[ A-Zé中:-]{0,9}"),
        0..8,
    );
    content(texts, option::of(1..=4094u16), tags)
}

/// Orders so alike that two of them are often the same.
fn narrow_content() -> impl Strategy<Value = Content> {
    let texts = (
        Just("dxcon-ffabc123".to_owned()),
        Just("123456789012".to_owned()),
        select(&["50Mbps", "1Gbps"][..]).prop_map(str::to_owned),
        "[ab]",
    );
    content(
        texts,
        option::of(1..=2u16),
        btree_map("[bc]", option::of("c?"), 0..2),
    )
}

fn content(
    texts: impl Strategy<Value = (String, String, String, String)>,
    vlan: impl Strategy<Value = Option<u16>>,
    tags: impl Strategy<Value = std::collections::BTreeMap<String, Option<String>>>,
) -> impl Strategy<Value = Content> {
    (texts, vlan, tags).prop_map(|((parent, owner, bandwidth, name), vlan, tags)| Content {
        texts: [parent, owner, bandwidth, name],
        vlan,
        tags: tags.into_iter().collect(),
    })
}

fn any_spelling() -> impl Strategy<Value = Spelling> {
    let order = |length| Just((0..length).collect::<Vec<usize>>()).prop_shuffle();
    (
        order(6),
        order(8),
        select(&["", " ", "\r\n\t"][..]),
        any::<bool>(),
    )
        .prop_map(|(member_order, tag_order, space, is_escaped)| Spelling {
            member_order,
            tag_order,
            space,
            is_escaped,
        })
}

impl Content {
    fn write(&self, spelling: &Spelling) -> String {
        let quote = |text: &str| spelling.quote(text);
        let tags = spelling
            .tag_order
            .iter()
            .filter_map(|index| self.tags.get(*index))
            .map(|(key, value)| {
                let value = value.iter().map(|value| ("value", quote(value)));
                spelling.object(value.chain([("key", quote(key))]))
            });
        let tags = format!("[{}]", tags.collect::<Vec<_>>().join(","));
        let mut members: Vec<_> = FIELDS
            .into_iter()
            .zip(self.texts.iter().map(|text| quote(text)))
            .collect();
        members.push(("tags", tags));
        members.extend(self.vlan.map(|vlan| ("vlan", vlan.to_string())));
        spelling.object(
            spelling
                .member_order
                .iter()
                .filter_map(|index| members.get(*index).cloned()),
        )
    }

    fn parse(&self, spelling: &Spelling) -> AllocationRequest {
        Order::parse(
            self.write(spelling).as_bytes(),
            KeySource::Header(&["order-1"]),
        )
        .unwrap()
        .request
    }
}

impl Spelling {
    fn object(&self, members: impl Iterator<Item = (&'static str, String)>) -> String {
        let space = self.space;
        let members = members
            .map(|(name, json)| format!("{space}{}{space}:{space}{json}{space}", self.quote(name)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    fn quote(&self, text: &str) -> String {
        if !self.is_escaped {
            return crate::json::text_of(&text);
        }
        let units: String = text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        format!("\"{units}\"")
    }
}

/// Parses in every way there is; what is refused must say why, and fit into an event.
fn survive(bytes: &[u8]) {
    let sources = [
        KeySource::Header(&["k"]),
        KeySource::Header(&[]),
        KeySource::AttributeOrBody(&[KeyAttribute::text("k")]),
        KeySource::Body,
    ];
    for source in sources {
        if let Err(invalid) = Order::parse(bytes, source) {
            assert!(!invalid.violations.is_empty());
            let origin = Origin::Direct {
                request_id: "r".into(),
                correlation_id: None,
            };
            let invalid = invalid.with_received(bytes);
            let event = Event::invalid(&invalid, &origin, Timestamp::from_ms(0));
            assert!(event.detail.len() < 200 * 1024);
        }
        if let Err(invalid) = ReleaseRequest::parse(bytes, source) {
            assert!(!invalid.violations.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn what_was_parsed_is_what_was_written(content in any_content(), spelling in any_spelling()) {
        let request = content.parse(&spelling);
        let texts = [
            request.parent().unwrap().as_str(),
            request.owner_account.as_str(),
            request.bandwidth.as_str(),
            request.connection_name.as_str(),
        ];
        prop_assert_eq!(texts, content.texts.each_ref().map(String::as_str));
        prop_assert_eq!(request.vlan.map(crate::Vlan::get), content.vlan);
        let mut tags: Vec<TagContent> = request.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        tags.sort();
        prop_assert_eq!(tags, content.tags);
    }

    #[test]
    fn what_was_stored_is_read_back(content in any_content(), spelling in any_spelling()) {
        let request = content.parse(&spelling);
        let again = AllocationRequest::from_stored_json(&request.to_json()).unwrap();
        prop_assert_eq!(again.to_json(), request.to_json());
        prop_assert_eq!(again, request);
    }

    #[test]
    fn the_fingerprint_is_blind_to_spelling(content in any_content(), one in any_spelling(), other in any_spelling()) {
        prop_assert_eq!(content.parse(&one).fingerprint(), content.parse(&other).fingerprint());
    }

    #[test]
    fn the_fingerprint_tells_all_content_apart(
        one in narrow_content(), other in narrow_content(), first in any_spelling(), second in any_spelling(),
    ) {
        let is_same = one.parse(&first).fingerprint() == other.parse(&second).fingerprint();
        prop_assert_eq!(is_same, one == other);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
        survive(&bytes);
    }

    #[test]
    fn no_damage_to_an_order_makes_it_panic(
        content in any_content(), spelling in any_spelling(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = content.write(&spelling).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        survive(&bytes);
        survive(&bytes[..at]);
    }

    #[test]
    fn no_json_makes_it_panic(
        names in vec(select(&["vlan", "tags", "key", "idempotencyKey", "connectionId", "action", "x~/"][..]), 0..6),
        values in vec(select(&["null", "-0", "1e400", "1e19", "[[]]", "{\"tags\":{}}", "[{\"key\":\"a\",\"key\":1},2]"][..]), 6),
    ) {
        let members: Vec<_> = names.iter().zip(&values).map(|(name, value)| format!("\"{name}\":{value}")).collect();
        survive(format!("{{{}}}", members.join(",")).as_bytes());
    }
}

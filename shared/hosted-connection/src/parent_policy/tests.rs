//! What a policy takes and refuses, in itself and in requests.

use proptest::collection::btree_set;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{KeySource, MAX_BODY_BYTES, Order, ViolationCode::*};

const FULL: &str = concat!(
    r#"{"bandwidthLimitMbps":10000,"oversubscriptionRatio":1.5,"allowedBandwidths":["50Mbps","1Gbps"],"#,
    r#""vlanRange":"100-2000","reservedVlans":[101,1999]}"#
);

fn policy(text: &str) -> ParentPolicy {
    ParentPolicy::parse(text.as_bytes()).unwrap()
}

/// Pointer and code of everything that is wrong with a policy, in the order it is told.
fn wrong(text: &str) -> Vec<(String, ViolationCode)> {
    found(ParentPolicy::parse(text.as_bytes()).unwrap_err())
}

fn found(violations: Vec<Violation>) -> Vec<(String, ViolationCode)> {
    let violations = violations.into_iter();
    violations
        .map(|violation| (violation.field, violation.code))
        .collect()
}

fn list(expected: &[(&str, ViolationCode)]) -> Vec<(String, ViolationCode)> {
    expected
        .iter()
        .map(|(field, code)| ((*field).to_owned(), *code))
        .collect()
}

fn request(bandwidth: &str, vlan: Option<u16>) -> AllocationRequest {
    let vlan = vlan.map_or(String::new(), |vlan| format!(r#", "vlan": {vlan}"#));
    let body = format!(
        r#"{{"connectionId": "dxcon-ffabc123", "ownerAccount": "123456789012", "bandwidth": "{bandwidth}",
            "connectionName": "Customer"{vlan}}}"#
    );
    let order = Order::parse(body.as_bytes(), KeySource::Header(&["order-1"]));
    order.unwrap().request
}

#[test]
fn a_policy_is_written_as_it_was_read() {
    assert_eq!(policy(FULL).to_json(), FULL);
    let unsorted = r#"{"reservedVlans": [7, 3], "allowedBandwidths": ["1Gbps", "50Mbps"], "oversubscriptionRatio": 2.00}"#;
    assert_eq!(
        policy(unsorted).to_json(),
        r#"{"oversubscriptionRatio":2,"allowedBandwidths":["50Mbps","1Gbps"],"reservedVlans":[3,7]}"#
    );
}

#[test]
fn an_empty_policy_allows_everything() {
    let policy = policy("{}");
    assert_eq!(policy, ParentPolicy::default());
    assert_eq!(policy.to_json(), "{}");
    assert_eq!(policy.sellable_mbps(), None);
    assert!(
        VlanRange::default()
            .iter()
            .all(|vlan| policy.allows_vlan(vlan))
    );
    for bandwidth in Bandwidth::ALL {
        let request = request(bandwidth.as_str(), Some(1));
        assert_eq!(policy.violations(&request), []);
    }
}

#[test]
fn the_limit_times_the_ratio_may_be_sold() {
    let cases = [
        (r#"{"bandwidthLimitMbps": 10000}"#, Some(10_000)),
        (FULL, Some(15_000)),
        (
            r#"{"bandwidthLimitMbps": 101, "oversubscriptionRatio": 1.15}"#,
            Some(116),
        ),
        (
            r#"{"bandwidthLimitMbps": 10000000, "oversubscriptionRatio": 100}"#,
            Some(1_000_000_000),
        ),
        (r#"{"bandwidthLimitMbps": 0}"#, Some(0)),
        (r#"{"oversubscriptionRatio": 2}"#, None),
    ];
    for (text, sellable) in cases {
        assert_eq!(policy(text).sellable_mbps(), sellable, "{text}");
    }
}

#[test]
fn a_request_may_have_only_what_is_allowed_and_not_reserved() {
    let policy = policy(FULL);
    let cases = [
        ("50Mbps", Some(100), list(&[])),
        ("1Gbps", Some(2000), list(&[])),
        ("1Gbps", None, list(&[])),
        ("100Mbps", None, list(&[("/bandwidth", OutOfRange)])),
        ("50Mbps", Some(99), list(&[("/vlan", OutOfRange)])),
        ("50Mbps", Some(2001), list(&[("/vlan", OutOfRange)])),
        ("50Mbps", Some(1999), list(&[("/vlan", Reserved)])),
        (
            "25Gbps",
            Some(101),
            list(&[("/bandwidth", OutOfRange), ("/vlan", Reserved)]),
        ),
    ];
    for (bandwidth, vlan, expected) in cases {
        let found = found(policy.violations(&request(bandwidth, vlan)));
        assert_eq!(found, expected, "{bandwidth} {vlan:?}");
    }
}

#[test]
fn a_refusal_says_what_is_allowed() {
    let messages = |vlan| {
        let violations = policy(FULL).violations(&request("100Mbps", Some(vlan)));
        [0, 1].map(|index: usize| violations[index].message.clone())
    };
    assert_eq!(
        messages(99),
        [
            "must be one of 50Mbps, 1Gbps on this parent",
            "must be 100 to 2000 on this parent"
        ]
    );
    assert_eq!(messages(101)[1], "is reserved on this parent");
}

#[test]
fn a_reserved_vlan_outside_of_the_range_is_no_mistake() {
    let policy = policy(r#"{"vlanRange": "100-200", "reservedVlans": [7]}"#);
    let found = found(policy.violations(&request("1Gbps", Some(7))));
    assert_eq!(found, list(&[("/vlan", OutOfRange)]));
}

#[test]
fn each_field_is_refused_for_what_it_is() {
    let cases = [
        ("bandwidthLimitMbps", "-1", "", OutOfRange),
        ("bandwidthLimitMbps", "10000001", "", OutOfRange),
        ("bandwidthLimitMbps", "99999999999999999999", "", OutOfRange),
        ("bandwidthLimitMbps", "1000.0", "", WrongType),
        ("bandwidthLimitMbps", r#""10000""#, "", WrongType),
        ("bandwidthLimitMbps", "null", "", WrongType),
        ("oversubscriptionRatio", "0", "", OutOfRange),
        ("oversubscriptionRatio", "1.005", "", Malformed),
        ("oversubscriptionRatio", r#""1.5""#, "", WrongType),
        ("allowedBandwidths", "[]", "", OutOfRange),
        ("allowedBandwidths", r#""50Mbps""#, "", WrongType),
        ("allowedBandwidths", "null", "", WrongType),
        (
            "allowedBandwidths",
            r#"["50Mbps", "50mbps"]"#,
            "/1",
            Malformed,
        ),
        ("allowedBandwidths", r#"["50Mbps", 50]"#, "/1", WrongType),
        (
            "allowedBandwidths",
            r#"["50Mbps", "50Mbps"]"#,
            "/1",
            Duplicate,
        ),
        ("vlanRange", r#""2000-100""#, "", Malformed),
        ("vlanRange", r#""0-100""#, "", Malformed),
        ("vlanRange", "[100, 2000]", "", WrongType),
        ("reservedVlans", "101", "", WrongType),
        ("reservedVlans", "[4095]", "/0", OutOfRange),
        ("reservedVlans", "[1, 101.0]", "/1", WrongType),
        ("reservedVlans", r#"[1, "101"]"#, "/1", WrongType),
        ("reservedVlans", "[1, 2, 1]", "/2", Duplicate),
        ("reservedVlan", "[1]", "", UnknownField),
    ];
    for (name, json, rest, code) in cases {
        let text = format!("{{\"{name}\": {json}}}");
        assert_eq!(wrong(&text), [(format!("/{name}{rest}"), code)], "{text}");
    }
}

#[test]
fn everything_wrong_with_a_policy_is_told_at_once() {
    let text = r#"{"bandwidthLimitMbps": -1, "oversubscriptionRatio": 1.001, "allowedBandwidths": ["x", 1, []],
        "vlanRange": "", "reservedVlans": [0, null], "vlanRange": "1-2", "ratio": 1}"#;
    let expected = [
        ("/bandwidthLimitMbps", OutOfRange),
        ("/oversubscriptionRatio", Malformed),
        ("/allowedBandwidths/0", Malformed),
        ("/allowedBandwidths/1", WrongType),
        ("/allowedBandwidths/2", WrongType),
        ("/vlanRange", Malformed),
        ("/reservedVlans/0", OutOfRange),
        ("/reservedVlans/1", WrongType),
        ("/ratio", UnknownField),
        ("/vlanRange", Duplicate),
    ];
    let mut found = wrong(text);
    found.sort_by_key(|one| {
        expected
            .iter()
            .position(|other| one.0 == other.0 && one.1 == other.1)
    });
    assert_eq!(found, list(&expected));
}

#[test]
fn what_is_no_policy_is_wrong_as_a_whole() {
    for text in ["[]", "null", "1.5"] {
        assert_eq!(wrong(text), list(&[("", WrongType)]));
    }
    for text in ["", "{", "nonsense", r#"{"oversubscriptionRatio": 1e400}"#] {
        assert_eq!(wrong(text), list(&[("", Malformed)]), "{text}");
    }
    let padded = |bytes: usize| FULL.to_owned() + &" ".repeat(bytes - FULL.len());
    assert!(ParentPolicy::parse(padded(MAX_BODY_BYTES).as_bytes()).is_ok());
    assert_eq!(
        wrong(&padded(MAX_BODY_BYTES + 1)),
        list(&[("", OutOfRange)])
    );
}

fn any_policy() -> impl Strategy<Value = ParentPolicy> {
    let vlan = (1..=4094u16).prop_filter_map("a VLAN", Vlan::new);
    let ratio = (10..=10_000u16).prop_map(|hundredths| {
        let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let json = crate::json::Json::parse(text.as_bytes()).unwrap();
        OversubscriptionRatio::read(&json).unwrap()
    });
    (
        option::of(0..=10_000_000u32),
        option::of(ratio),
        option::of(btree_set(select(&Bandwidth::ALL[..]), 1..5)),
        option::of((vlan.clone(), vlan.clone())),
        btree_set(vlan, 0..5),
    )
        .prop_map(|(limit, ratio, bandwidths, range, reserved)| ParentPolicy {
            bandwidth_limit_mbps: limit,
            oversubscription_ratio: ratio,
            allowed_bandwidths: bandwidths,
            vlan_range: range
                .and_then(|(one, other)| VlanRange::new(one.min(other), one.max(other))),
            reserved_vlans: reserved,
        })
}

proptest! {
    #[test]
    fn a_policy_that_was_written_is_read_back(policy in any_policy()) {
        let text = policy.to_json();
        prop_assert_eq!(&ParentPolicy::from_stored_json(&text).unwrap(), &policy);
        prop_assert_eq!(ParentPolicy::parse(text.as_bytes()), Ok(policy));
    }

    #[test]
    fn a_vlan_is_allowed_exactly_if_asking_for_it_is_no_violation(policy in any_policy(), vlan in 1..=4094u16) {
        let is_told = policy.violations(&request("1Gbps", Some(vlan))).iter().any(|told| told.field == "/vlan");
        prop_assert_eq!(policy.allows_vlan(Vlan::new(vlan).unwrap()), !is_told);
    }

    #[test]
    fn no_damage_to_a_policy_makes_it_panic(
        policy in any_policy(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = policy.to_json().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for text in [&bytes[..], &bytes[..at]] {
            if let Err(violations) = ParentPolicy::parse(text) {
                prop_assert!(!violations.is_empty());
            }
        }
    }
}

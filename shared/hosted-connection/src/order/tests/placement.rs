//! Orders by place: what is read, what is told, and what makes two of them the same.

use super::*;
use crate::{AllocationRequest, Among, DiverseBy};

const PARENTS: &str = r#"{"parents": ["dxcon-aaaaaaaa", "dxlag-bbbbbbbb"]}"#;
const DIVERSE: &str =
    r#"{"location": "EqDC2", "diverseFrom": {"idempotencyKey": "order-1", "by": "device"}}"#;

fn placed(placement: &str) -> String {
    body(&[("connectionId", ""), ("placement", placement)])
}

fn read(placement: &str) -> AllocationRequest {
    let order = Order::parse(placed(placement).as_bytes(), KeySource::Body);
    order
        .unwrap_or_else(|error| panic!("{placement}: {error:?}"))
        .request
}

#[test]
fn a_placement_is_read_in_place_of_a_parent() {
    let here = read(r#"{"location": "EqDC2"}"#);
    assert_eq!(here.parent(), None);
    let placement = here.placement().unwrap();
    assert_eq!(placement.among, Among::Location("EqDC2".into()));
    assert_eq!(placement.diverse_from, None);
    let diverse = read(DIVERSE);
    let from = diverse.placement().unwrap().diverse_from.clone().unwrap();
    assert_eq!(
        (from.idempotency_key.as_str(), from.by),
        ("order-1", DiverseBy::Device)
    );
    let Among::Parents(parents) = &read(PARENTS).placement().unwrap().among.clone() else {
        panic!("parents");
    };
    assert_eq!(parents[1].as_str(), "dxlag-bbbbbbbb");
}

#[test]
fn it_is_stored_and_told_as_it_was_asked_whatever_is_chosen() {
    for placement in [r#"{"location":"EqDC2"}"#, PARENTS, DIVERSE] {
        let asked = read(placement);
        let chosen = crate::ParentConnection::parse("dxlag-bbbbbbbb").unwrap();
        let placed = asked
            .clone()
            .with_chosen(Some(chosen.clone()), Some("why".into()));
        assert_eq!(placed.parent(), Some(&chosen));
        assert_eq!(placed.to_json(), asked.to_json());
        assert_eq!(placed.fingerprint(), asked.fingerprint());
        let compact: String = placement.split(' ').collect();
        assert!(
            asked
                .to_json()
                .contains(&format!("\"placement\":{compact}"))
        );
        assert_eq!(
            AllocationRequest::from_stored_json(&asked.to_json()).unwrap(),
            asked
        );
    }
}

#[test]
fn exactly_one_of_parent_and_placement_is_there() {
    let neither = body(&[("connectionId", "")]);
    assert_eq!(wrong(&neither), list(&[("/connectionId", Missing)]));
    let both = body(&[("placement", PARENTS)]);
    assert_eq!(wrong(&both), list(&[("/placement", Duplicate)]));
    let bad = body(&[("connectionId", "7"), ("placement", r#"{"location": 7}"#)]);
    let expected = [
        ("/connectionId", WrongType),
        ("/placement", Duplicate),
        ("/placement/location", WrongType),
    ];
    assert_eq!(wrong(&bad), list(&expected));
}

#[test]
fn everything_that_is_wrong_with_a_placement_is_told_together() {
    let many: Vec<_> = (0..51).map(|n| format!("\"dxcon-{n:08}\"")).collect();
    let long = "x".repeat(101);
    let cases = [
        ("null", vec![("/placement", WrongType)]),
        ("[]", vec![("/placement", WrongType)]),
        ("{}", vec![("/placement/location", Missing)]),
        (
            r#"{"location": ""}"#,
            vec![("/placement/location", OutOfRange)],
        ),
        (
            r#"{"location": " EqDC2"}"#,
            vec![("/placement/location", Malformed)],
        ),
        (
            r#"{"location": "Eq\u0000DC2"}"#,
            vec![("/placement/location", Malformed)],
        ),
        (
            &format!(r#"{{"location": "{long}"}}"#),
            vec![("/placement/location", OutOfRange)],
        ),
        (
            r#"{"parents": []}"#,
            vec![("/placement/parents", OutOfRange)],
        ),
        (
            r#"{"parents": "dxcon-aaaaaaaa"}"#,
            vec![("/placement/parents", WrongType)],
        ),
        (
            &format!(r#"{{"parents": [{}]}}"#, many.join(",")),
            vec![("/placement/parents", TooMany)],
        ),
        (
            r#"{"parents": ["dxcon-aaaaaaaa", 7, "nonsense", "dxcon-aaaaaaaa"], "place": 1}"#,
            vec![
                ("/placement/parents/1", WrongType),
                ("/placement/parents/2", Malformed),
                ("/placement/parents/3", Duplicate),
                ("/placement/place", UnknownField),
            ],
        ),
        (
            r#"{"location": "EqDC2", "parents": ["dxcon-aaaaaaaa"], "diverseFrom": {}}"#,
            vec![
                ("/placement/diverseFrom/by", Missing),
                ("/placement/diverseFrom/idempotencyKey", Missing),
                ("/placement/parents", Duplicate),
            ],
        ),
        (
            r#"{"location": "EqDC2", "diverseFrom": {"idempotencyKey": "a b", "by": "rack", "from": 1}}"#,
            vec![
                ("/placement/diverseFrom/by", Malformed),
                ("/placement/diverseFrom/from", UnknownField),
                ("/placement/diverseFrom/idempotencyKey", Malformed),
            ],
        ),
        (
            r#"{"location": "EqDC2", "diverseFrom": null}"#,
            vec![("/placement/diverseFrom", WrongType)],
        ),
        (
            r#"{"location": "EqDC2", "location": "EqDC2", "diverseFrom": {"by": 1, "idempotencyKey": 2}}"#,
            vec![
                ("/placement/diverseFrom/by", WrongType),
                ("/placement/diverseFrom/idempotencyKey", WrongType),
                ("/placement/location", Duplicate),
            ],
        ),
    ];
    for (placement, expected) in cases {
        assert_eq!(wrong(&placed(placement)), list(&expected), "{placement}");
    }
}

#[test]
fn an_order_is_not_kept_apart_from_itself_whichever_door_its_key_comes_by() {
    let own = DIVERSE.replace("order-1", "order-1001");
    let at = "/placement/diverseFrom/idempotencyKey";
    assert_eq!(wrong(&placed(&own)), list(&[(at, Duplicate)]));
    let by_header = body(&[
        ("connectionId", ""),
        ("placement", &own),
        ("idempotencyKey", ""),
        ("vlan", "0"),
    ]);
    let invalid = Order::parse(by_header.as_bytes(), KeySource::Header(&["order-1001"])).err();
    assert_eq!(
        found(invalid),
        list(&[(at, Duplicate), ("/vlan", OutOfRange)])
    );
    assert!(
        Order::parse(
            by_header.replace("\"vlan\": 0, ", "").as_bytes(),
            KeySource::Header(&["k"])
        )
        .is_ok()
    );
}

#[test]
fn fingerprints_go_by_what_is_asked_and_not_by_how_it_is_listed() {
    let turned = r#"{"parents": ["dxlag-bbbbbbbb", "dxcon-aaaaaaaa"]}"#;
    assert_eq!(read(PARENTS).fingerprint(), read(turned).fingerprint());
    let respelt =
        r#"{"diverseFrom": {"by": "device", "idempotencyKey": "order-1"}, "location": "EqDC2"}"#;
    assert_eq!(read(DIVERSE).fingerprint(), read(respelt).fingerprint());
    let all = [
        PARENTS.to_owned(),
        DIVERSE.to_owned(),
        DIVERSE.replace("device", "location"),
        DIVERSE.replace("order-1", "order-2"),
        r#"{"location": "EqDC2"}"#.into(),
        r#"{"location": "eqdc2"}"#.into(),
        r#"{"parents": ["dxlag-bbbbbbbb"]}"#.into(),
    ];
    let prints: std::collections::BTreeSet<_> = all.iter().map(|p| read(p).fingerprint()).collect();
    assert_eq!(prints.len(), all.len());
}

#[test]
fn the_fingerprint_of_a_named_parent_is_what_it_was_before_there_were_placements() {
    let order = Order::parse(body(&[]).as_bytes(), KeySource::Body).unwrap();
    assert_eq!(
        order.request.fingerprint(),
        crate::Fingerprint::of(
            concat!(
                r#"{"bandwidth":"100Mbps","connectionId":"dxcon-ffabc123","connectionName":"Customer","#,
                r#""ownerAccount":"123456789012","tags":[{"key":"bare"},{"key":"order","value":"1001"}],"vlan":101}"#
            )
            .as_bytes()
        )
    );
}

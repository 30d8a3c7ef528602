use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::{Code, InvalidRequest, KeySource};

const USER: &str = "AIDACKCEVSQ6C2EXAMPLE";
const ROLE: &str = "arn:aws:iam::123456789012:role/acme";

fn document() -> Value {
    json!({"principals": [USER, ROLE], "keyPrefix": "acme-", "ownerAccounts": ["111122223333"],
        "parents": ["dxcon-ffabc123"], "bandwidths": ["50Mbps", "100Mbps"], "readsAndReleases": "own"})
}

/// The caller of the document, with some members replaced.
fn caller(replaced: Value) -> Caller {
    parsed(replaced).unwrap()
}

fn parsed(replaced: Value) -> Result<Caller, Vec<Violation>> {
    let mut document = document();
    for (name, value) in replaced.as_object().unwrap() {
        document[name] = value.clone();
    }
    Caller::parse(document.to_string().as_bytes())
}

fn wrong(replaced: Value) -> Vec<(String, ViolationCode)> {
    let violations = parsed(replaced).unwrap_err().into_iter();
    violations.map(|one| (one.field, one.code)).collect()
}

fn callers(kept: &[(&str, Value)]) -> Callers {
    let kept = kept.iter().map(|(name, replaced)| {
        let caller = match replaced.is_null() {
            true => Err("it is nonsense".to_owned()),
            false => Ok(caller(replaced.clone())),
        };
        ((*name).to_owned(), caller)
    });
    Callers::of(kept)
}

fn user(id: &str) -> Identity {
    Identity::iam(Some(id), None).unwrap()
}

const BODY: &str = r#"{"connectionId": "dxcon-ffabc123", "ownerAccount": "111122223333", "bandwidth": "100Mbps", "connectionName": "n"}"#;

fn order(permit: &Permit, key: &str, body: &str) -> Result<Order, InvalidRequest> {
    permit.order(body.as_bytes(), KeySource::Header(&[key]))
}

fn told(invalid: &InvalidRequest) -> Vec<(&str, ViolationCode)> {
    let violations = invalid.violations.iter();
    violations
        .map(|one| (one.field.as_str(), one.code))
        .collect()
}

#[test]
fn a_caller_is_read_back_as_it_is_written() {
    for replaced in [
        json!({}),
        json!({"ownerAccounts": "any", "parents": "any", "bandwidths": "any", "readsAndReleases": "all"}),
    ] {
        let caller = caller(replaced);
        assert_eq!(Caller::parse(caller.to_json().as_bytes()), Ok(caller));
    }
}

#[test]
fn every_member_has_to_be_there_and_everything_wrong_is_told_at_once() {
    let violations = Caller::parse(b"{}").unwrap_err();
    assert_eq!(violations.len(), 6);
    assert!(
        violations
            .iter()
            .all(|one| one.code == ViolationCode::Missing)
    );
    use ViolationCode::{Duplicate, Malformed, OutOfRange, UnknownField, WrongType};
    for (replaced, expected) in [
        (json!({"keyPrefix": ""}), ("/keyPrefix", OutOfRange)),
        (
            json!({"keyPrefix": "a".repeat(65)}),
            ("/keyPrefix", OutOfRange),
        ),
        (json!({"keyPrefix": "a b"}), ("/keyPrefix", Malformed)),
        (json!({"keyPrefix": "Zürich-"}), ("/keyPrefix", Malformed)),
        (json!({"keyPrefix": null}), ("/keyPrefix", WrongType)),
        (json!({"principals": []}), ("/principals", OutOfRange)),
        (json!({"principals": USER}), ("/principals", WrongType)),
        (json!({"principals": "any"}), ("/principals", WrongType)),
        (
            json!({"principals": [USER, USER]}),
            ("/principals/1", Duplicate),
        ),
        (
            json!({"ownerAccounts": ["1"]}),
            ("/ownerAccounts/0", Malformed),
        ),
        (
            json!({"ownerAccounts": "all"}),
            ("/ownerAccounts", Malformed),
        ),
        (
            json!({"parents": ["dxvif-ffabc123"]}),
            ("/parents/0", Malformed),
        ),
        (
            json!({"bandwidths": ["3Tbps"]}),
            ("/bandwidths/0", Malformed),
        ),
        (json!({"bandwidths": {}}), ("/bandwidths", WrongType)),
        (
            json!({"readsAndReleases": "some"}),
            ("/readsAndReleases", Malformed),
        ),
        (json!({"mayDelete": true}), ("/mayDelete", UnknownField)),
    ] {
        let (field, code) = expected;
        assert_eq!(
            wrong(replaced.clone()),
            [(field.to_owned(), code)],
            "{replaced}"
        );
    }
}

#[test]
fn a_principal_has_one_of_the_forms_that_an_event_can_show() {
    for good in [
        USER,
        "AROACKCEVSQ6C2EXAMPLE",
        "123456789012",
        "123456789012:bob",
        ROLE,
        "arn:aws-us-gov:iam::123456789012:role/acme,orders",
        "arn:aws:iam::123456789012:user/desk/orders=1",
        "arn:aws:sts::123456789012:federated-user/bob",
        "jwt:4f1c",
        "authorizer:acme",
        "direct",
        "eventbridge",
        "sns",
    ] {
        assert!(Principal::parse(good).is_ok(), "{good}");
    }
    for (bad, word) in [
        ("", "1 to 512"),
        ("*", "must be the unique id"),
        ("acme", "must be the unique id"),
        ("jwt:", "must be the unique id"),
        ("AIDA CKCEVSQ6C2EXAMPLE", "without spaces"),
        ("AIDACKCEVSQ6C2EXÄMPLE", "visible ASCII"),
        ("AROACKCEVSQ6C2EXAMPLE:session", "without the session"),
        (
            "arn:aws:sts::123456789012:assumed-role/acme/session",
            "role/NAME",
        ),
        (
            "arn:aws:iam::123456789012:role/path/acme",
            "without its path",
        ),
        ("arn:aws:iam::123456789012:role/*", "no wildcards"),
        ("arn:aws:iam::123456789012:root", "no user and no role"),
        (
            "arn:aws:sqs:eu-central-1:123456789012:orders",
            "no ARN of IAM",
        ),
    ] {
        let told = Principal::parse(bad).unwrap_err();
        assert!(told.contains(word), "{bad}: {told}");
    }
}

#[test]
fn an_order_is_refused_with_everything_that_its_caller_may_not() {
    let permit = Permit::Of(Arc::new(caller(json!({}))));
    assert_eq!(
        order(&permit, "acme-1", BODY),
        order(&Permit::Everything, "acme-1", BODY)
    );
    let other = BODY
        .replace("ffabc123", "ffabc456")
        .replace("111122223333", "999988887777")
        .replace("100Mbps", "1Gbps");
    let invalid = order(&permit, "acme-1", &other).unwrap_err();
    use ViolationCode::{Malformed, OutOfRange};
    let expected = [
        ("/connectionId", OutOfRange),
        ("/ownerAccount", OutOfRange),
        ("/bandwidth", OutOfRange),
    ];
    assert_eq!(told(&invalid), expected);
    assert_eq!(invalid.code, Code::InvalidRequest);
    assert_eq!(invalid.key.unwrap().as_str(), "acme-1");
    let message = &invalid.violations[2].message;
    assert_eq!(message, "must be one of 50Mbps, 100Mbps for this caller");
    let invalid = order(&permit, "umbrella-1", BODY).unwrap_err();
    assert_eq!(told(&invalid), [("/idempotencyKey", Malformed)]);
    assert_eq!(
        (invalid.code, invalid.key),
        (Code::InvalidIdempotencyKey, None)
    );
}

#[test]
fn a_key_of_another_caller_is_named_by_no_refusal() {
    let permit = Permit::Of(Arc::new(caller(json!({}))));
    let no_order = order(&permit, "umbrella-1", "{}").unwrap_err();
    assert_eq!(no_order.key, None);
    assert!(told(&no_order).contains(&("/idempotencyKey", ViolationCode::Malformed)));
    let large = " ".repeat(crate::MAX_BODY_BYTES + 1);
    let large = order(&permit, "umbrella-1", &large).unwrap_err();
    assert_eq!((large.code, &large.key), (Code::PayloadTooLarge, &None));
    let own = order(&permit, "acme-1", "{}").unwrap_err();
    assert_eq!(own.key.unwrap().as_str(), "acme-1");
    let release = br#"{"action": "release", "idempotencyKey": "umbrella-1"}"#;
    let invalid = permit.release(release, KeySource::Body).unwrap_err();
    assert_eq!(
        (invalid.code, invalid.key),
        (Code::InvalidIdempotencyKey, None)
    );
    let all = Permit::Of(Arc::new(caller(json!({"readsAndReleases": "all"}))));
    assert!(all.release(release, KeySource::Body).is_ok());
    assert!(
        order(&all, "umbrella-1", BODY).is_err(),
        "it orders under its own keys only"
    );
}

#[test]
fn for_whoever_is_no_caller_there_is_nothing_whatever_is_asked() {
    for identity in [None, Some(user(USER))] {
        let permit = Permit::Nothing(identity.clone());
        let key = IdempotencyKey::parse("acme-1").unwrap();
        for invalid in [
            order(&permit, "acme-1", BODY).unwrap_err(),
            order(&permit, "acme-1", "nonsense").unwrap_err(),
            permit.release(b"", KeySource::Body).unwrap_err(),
            permit.visible(&key).unwrap_err(),
            permit.only_own().unwrap_err(),
        ] {
            assert_eq!((invalid.code, &invalid.key), (Code::NotFound, &None));
            let message = invalid.rejection().message;
            assert_eq!(message.contains(USER), identity.is_some(), "{message}");
        }
    }
    let odd = Identity::token("<script>\u{202e}").unwrap();
    let invalid = Permit::Nothing(Some(odd)).only_own().unwrap_err();
    assert!(invalid.rejection().message.is_ascii());
}

#[test]
fn a_key_that_is_not_to_be_seen_becomes_one_that_nobody_can_have() {
    let key = |key: &str| IdempotencyKey::parse(key).unwrap();
    let own = Permit::Of(Arc::new(caller(json!({}))));
    assert_eq!(own.visible(&key("acme-1")), Ok(key("acme-1")));
    let hidden = own.visible(&key("umbrella-1")).unwrap();
    assert!(IdempotencyKey::parse(hidden.as_str()).is_err());
    for permit in [
        Permit::Everything,
        Permit::Of(Arc::new(caller(json!({"readsAndReleases": "all"})))),
    ] {
        assert_eq!(permit.visible(&key("umbrella-1")), Ok(key("umbrella-1")));
        assert_eq!(permit.only_own(), Ok(None));
    }
}

#[test]
fn callers_whose_prefixes_overlap_or_who_share_a_principal_are_no_callers_until_it_is_mended() {
    let with =
        |principal: &str, prefix: &str| json!({"principals": [principal], "keyPrefix": prefix});
    let ids = [
        "AIDAAAAAAAAAAAAAAAAA",
        "AIDABBBBBBBBBBBBBBBB",
        "AIDACCCCCCCCCCCCCCCC",
        "AIDADDDDDDDDDDDDDDDD",
    ];
    let all = callers(&[
        ("a", with(ids[0], "x")),
        ("b", with(ids[1], "xy")),
        ("c", with(ids[2], "xz")),
        ("d", with(ids[3], "y")),
    ]);
    for id in &ids[..3] {
        let fault = all.find(&user(id)).unwrap_err().to_string();
        assert!(
            fault.contains("overlaps") && fault.contains("caller set"),
            "{fault}"
        );
    }
    assert!(all.find(&user(ids[3])).unwrap().is_some());
    let shared = callers(&[("a", with(ids[0], "x-")), ("b", with(ids[0], "y-"))]);
    assert!(shared.find(&user(ids[0])).is_err());
    let mended = shared.with("b", caller(with(ids[1], "y-")));
    assert!(mended.find(&user(ids[0])).unwrap().is_some());
    let two_names = callers(&[("a", with(ids[0], "x-")), ("b", with(ROLE, "y-"))]);
    let both = Identity::iam(Some(ids[0]), Some(ROLE)).unwrap();
    assert!(two_names.find(&both).is_err(), "it is two callers");
}

#[test]
fn whoever_may_be_the_caller_that_cannot_be_read_is_not_turned_away_for_good() {
    let all = callers(&[("acme", json!({})), ("broken", Value::Null)]);
    assert!(
        all.find(&user(USER)).unwrap().is_some(),
        "a neighbour is no matter"
    );
    assert_eq!(
        all.find(&user("AIDAZZZZZZZZZZZZZZZZ")).unwrap_err().name,
        "broken"
    );
    let all = callers(&[("acme", json!({}))]);
    assert_eq!(all.find(&user("AIDAZZZZZZZZZZZZZZZZ")), Ok(None));
}

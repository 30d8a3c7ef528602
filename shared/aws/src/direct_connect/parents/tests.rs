//! Which ids are one place, and whose refusal is the last word.

use super::*;

const LAG: &str = "dxlag-ffabc789";
const MEMBER: &str = "dxcon-ffabc123";
const OTHER_MEMBER: &str = "dxcon-ffabc456";
const ALONE: &str = "dxcon-ffabc999";

fn named(text: &str) -> ParentConnection {
    ParentConnection::parse(text).unwrap()
}

fn parent(text: &str, state: &str, lag: Option<&str>) -> Parent {
    Parent {
        id: named(text),
        state: Some(state.to_owned()).filter(|state| !state.is_empty()),
        lag: lag.map(named),
        has_hosted_connections: true,
        location: Some("EqDC2".into()),
        device: None,
        mbps: Some(10_000),
    }
}

fn account(member_state: &str, lag_state: &str) -> Parents {
    Parents::new(vec![
        parent(LAG, lag_state, None),
        parent(OTHER_MEMBER, "available", Some(LAG)),
        parent(MEMBER, member_state, Some(LAG)),
        parent(ALONE, "available", None),
    ])
}

#[test]
fn a_lag_and_its_members_are_one_place() {
    let account = account("available", "available");
    let aliases = |text| account.aliases(&named(text));
    assert_eq!(aliases(MEMBER), [named(LAG), named(OTHER_MEMBER)]);
    assert_eq!(aliases(LAG), [named(MEMBER), named(OTHER_MEMBER)]);
    assert_eq!(aliases(ALONE), []);
    assert_eq!(aliases("dxcon-unheard1"), []);
}

#[test]
fn a_refusal_is_the_last_word_only_of_a_parent_in_use_whose_lag_is_too() {
    for (member, lag, expected) in [
        ("available", "available", Readiness::Ready),
        ("down", "available", Readiness::Ready),
        ("", "", Readiness::Ready),
        ("pending", "available", Readiness::InTransition),
        ("deleting", "available", Readiness::InTransition),
        ("unknown", "down", Readiness::InTransition),
        ("available", "pending", Readiness::InTransition),
        ("deleted", "pending", Readiness::Gone),
    ] {
        let readiness = account(member, lag).readiness(&named(MEMBER));
        assert_eq!(readiness, expected, "{member}, its LAG {lag}");
    }
    let account = account("available", "available");
    assert_eq!(account.readiness(&named("dxcon-unheard1")), Readiness::Gone);
}

#[test]
fn a_member_a_lag_of_others_and_what_is_not_in_use_are_not_ordered_on() {
    let mut dedicated = parent("dxlag-dedicated", "available", None);
    dedicated.has_hosted_connections = false;
    let account = Parents::new(vec![
        parent(ALONE, "", None),
        parent(LAG, "available", None),
        parent(MEMBER, "available", Some(LAG)),
        parent(OTHER_MEMBER, "down", Some(LAG)),
        dedicated,
    ]);
    let availability = |id| {
        let mut sites = account.sites().into_iter();
        sites
            .find(|site| site.id == named(id))
            .unwrap()
            .availability
    };
    assert_eq!(availability(ALONE), Availability::Available);
    assert_eq!(availability(LAG), Availability::Available);
    assert_eq!(availability(MEMBER), Availability::MemberOf(named(LAG)));
    assert_eq!(
        availability(OTHER_MEMBER),
        Availability::InState("down".into())
    );
    assert_eq!(
        availability("dxlag-dedicated"),
        Availability::NoHostedConnections
    );
}

#[test]
fn bandwidths_of_ports_are_read_as_aws_writes_them() {
    let cases = [
        ("500Mbps", Some(500)),
        ("1Gbps", Some(1_000)),
        ("100Gbps", Some(100_000)),
        ("1.6Tbps", None),
        ("10 Gbps", None),
        ("", None),
        ("18446744073709551615Gbps", None),
    ];
    for (text, expected) in cases {
        assert_eq!(mbps(text), expected, "{text}");
    }
}

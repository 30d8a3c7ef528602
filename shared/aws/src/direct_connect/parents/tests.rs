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

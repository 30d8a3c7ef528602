//! Places in a list, as callers hand them back.

use super::*;

fn position(json: &str) -> Position {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_place_belongs_to_one_list() {
    let parent = ParentConnection::parse("dxcon-ffabc123").unwrap();
    let other = ParentConnection::parse("dxcon-ffabc456").unwrap();
    let of_parent = position(
        r#"{"pk":"allocation#k","sk":"allocation","ofParent":{"id":"dxcon-ffabc123","claimedAtMs":1}}"#,
    );
    assert!(of_parent.is_in_list_of(Some(&parent)));
    assert!(!of_parent.is_in_list_of(Some(&other)) && !of_parent.is_in_list_of(None));
    for of_all in [
        r#"{"pk":"allocation#k","sk":"allocation"}"#,
        r#"{"pk":"parent#dxcon-ffabc123","sk":"vlan#0101"}"#,
        r#"{"pk":"tracking","sk":"turn"}"#,
        r#"{"pk":"callers","sk":"acme"}"#,
    ] {
        let of_all = position(of_all);
        assert!(of_all.is_in_list_of(None) && !of_all.is_in_list_of(Some(&parent)));
    }
}

#[test]
fn a_place_that_the_table_could_not_hold_is_none() {
    for made_up in [
        r#"{"pk":"","sk":"allocation"}"#,
        r#"{"pk":"allocation#","sk":"allocation"}"#,
        r#"{"pk":"allocation#k","sk":""}"#,
        r#"{"pk":"elsewhere#k","sk":"allocation"}"#,
    ] {
        assert!(!position(made_up).is_in_list_of(None), "{made_up}");
    }
    let long = format!(r#"{{"pk":"allocation#k","sk":"{}"}}"#, "s".repeat(2000));
    assert!(!position(&long).is_in_list_of(None));
    let long = format!(
        r#"{{"pk":"allocation#{}","sk":"allocation"}}"#,
        "k".repeat(2048)
    );
    assert!(!position(&long).is_in_list_of(None));
}

#[test]
fn a_place_behind_a_key_that_nobody_may_use_any_more_is_one() {
    let key = "a key ".repeat(100);
    let old = position(&format!(r#"{{"pk":"allocation#{key}","sk":"allocation"}}"#));
    assert!(old.is_in_list_of(None));
}

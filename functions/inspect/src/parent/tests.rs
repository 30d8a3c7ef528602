use hosted_connection::{Connection, IdempotencyKey, Vlan};
use ledger::{ConnectionNote, Lease};
use serde_json::{Value, json};

use super::*;

fn lease(vlan: u16, holder: Option<&str>, connection_id: Option<&str>) -> Lease {
    Lease {
        vlan: Vlan::new(vlan).unwrap(),
        holder: holder.map(|key| IdempotencyKey::parse(key).unwrap()),
        leased_at_ms: 1,
        mbps: 100,
        counted: false,
        connection: connection_id.map(|id| ConnectionNote {
            connection_id: id.into(),
            state: "available".into(),
            reminded: false,
        }),
    }
}

fn connection(id: &str, vlan: i32) -> Connection {
    Connection {
        connection_id: Some(id.into()),
        vlan: Some(vlan),
        bandwidth: Some("1Gbps".into()),
        owner_account: Some("111122223333".into()),
        connection_state: Some("available".into()),
        ..Connection::default()
    }
}

fn shown(leases: Vec<Lease>, living: &[Connection]) -> Value {
    let parent = ParentConnection::parse("dxcon-ffabc123").unwrap();
    let known = Known::with_records(leases, None, &[]);
    let drift = Drift {
        ghosts: known.ghosts(living),
        moved: Vec::new(),
    };
    let places = Places::of(&known, living);
    let view = View::of(&parent, &places, &drift, known.policy.as_ref()).unwrap();
    serde_json::to_value(view).unwrap()
}

fn vlan(vlan: i32, key: Option<&str>, id: Option<&str>) -> Value {
    let mut expected = json!({ "vlan": vlan });
    if let Some(key) = key {
        expected["idempotencyKey"] = key.into();
    }
    if let Some(id) = id {
        expected["connectionId"] = id.into();
    }
    expected
}

/// An entry's VLAN, key and connection.
fn who(entry: &Value) -> Value {
    let names = ["vlan", "idempotencyKey", "connectionId"];
    let known = names.into_iter().filter(|name| entry.get(name).is_some());
    known
        .map(|name| (name.to_owned(), entry[name].clone()))
        .collect()
}

fn whos(shown: &Value) -> Vec<Value> {
    shown["vlans"].as_array().unwrap().iter().map(who).collect()
}

#[test]
fn nothing_is_shown_as_nothing() {
    assert_eq!(
        shown(Vec::new(), &[]),
        json!({"parentConnectionId": "dxcon-ffabc123", "vlans": [], "capacity": {"soldMbps": 0},
            "orphans": [], "ghosts": []})
    );
}

#[test]
fn an_order_is_shown_with_its_connection_as_that_is_now() {
    let shown = shown(
        vec![lease(7, Some("k"), Some("dxcon-1"))],
        &[connection("dxcon-1", 7)],
    );
    assert_eq!(
        shown["vlans"],
        json!([{"vlan": 7, "idempotencyKey": "k", "connectionId": "dxcon-1", "connectionState": "available",
            "bandwidth": "1Gbps", "ownerAccount": "111122223333"}])
    );
    assert_eq!(
        (&shown["orphans"], &shown["ghosts"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(shown["capacity"]["soldMbps"], 100);
}

#[test]
fn an_open_order_has_the_connection_on_its_vlan_and_counts_without_one() {
    let leases = vec![lease(7, Some("a"), None), lease(8, Some("b"), None)];
    let shown = shown(leases, &[connection("dxcon-1", 8)]);
    assert_eq!(
        whos(&shown),
        [
            vlan(7, Some("a"), None),
            vlan(8, Some("b"), Some("dxcon-1"))
        ]
    );
    assert_eq!(shown["vlans"][0]["bandwidth"], "100Mbps");
    assert_eq!(
        (&shown["orphans"], &shown["ghosts"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(shown["capacity"]["soldMbps"], 200);
}

#[test]
fn a_connection_that_nobody_ordered_is_an_orphan_whether_or_not_it_is_noted() {
    let living = [connection("dxcon-1", 7), connection("dxcon-2", 8)];
    let shown = shown(vec![lease(7, None, Some("dxcon-1"))], &living);
    assert_eq!(
        whos(&shown),
        [
            vlan(7, None, Some("dxcon-1")),
            vlan(8, None, Some("dxcon-2"))
        ]
    );
    let orphans = shown["orphans"].as_array().unwrap();
    let ids: Vec<_> = orphans
        .iter()
        .map(|orphan| &orphan["connectionId"])
        .collect();
    assert_eq!(ids, ["dxcon-1", "dxcon-2"]);
    assert_eq!(
        orphans[1],
        json!({"connectionId": "dxcon-2", "vlan": 8, "ownerAccount": "111122223333", "bandwidth": "1Gbps",
            "connectionState": "available"})
    );
    assert_eq!(shown["capacity"]["soldMbps"], 2_000);
}

#[test]
fn an_order_whose_connection_is_not_shown_is_a_ghost_even_beside_a_stranger_on_its_vlan() {
    let shown = shown(
        vec![lease(7, Some("k"), Some("dxcon-1"))],
        &[connection("dxcon-2", 7)],
    );
    assert_eq!(
        whos(&shown),
        [
            vlan(7, Some("k"), Some("dxcon-1")),
            vlan(7, None, Some("dxcon-2"))
        ]
    );
    assert_eq!(
        shown["ghosts"],
        json!([{"idempotencyKey": "k", "vlan": 7, "connectionId": "dxcon-1"}])
    );
    assert_eq!(shown["orphans"][0]["connectionId"], "dxcon-2");
    assert_eq!(
        shown["capacity"]["soldMbps"], 1_000,
        "what is gone is not sold"
    );
}

#[test]
fn a_vlan_whose_orphan_has_left_is_still_taken_and_sells_nothing() {
    let shown = shown(vec![lease(7, None, Some("dxcon-1"))], &[]);
    assert_eq!(whos(&shown), [vlan(7, None, Some("dxcon-1"))]);
    assert_eq!(
        (&shown["orphans"], &shown["ghosts"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(shown["capacity"]["soldMbps"], 0);
}

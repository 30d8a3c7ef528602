use super::*;

#[test]
fn each_taken_vlan_is_one_thing_only() {
    let view = json!({
        "vlans": [
            {"vlan": 1, "idempotencyKey": "open"},
            {"vlan": 2, "idempotencyKey": "held", "connectionId": "dxcon-2", "connectionState": "available"},
            {"vlan": 3, "idempotencyKey": "ghost", "connectionId": "dxcon-3"},
            {"vlan": 4, "connectionId": "dxcon-4", "connectionState": "ordering"},
            {"vlan": 5, "connectionId": "dxcon-5"},
            {"vlan": 7, "idempotencyKey": "found", "connectionId": "dxcon-7", "connectionState": "ordering"},
            {"vlan": 6, "idempotencyKey": "releasing", "connectionId": "dxcon-6"},
            {"vlan": 8, "idempotencyKey": "left", "connectionId": "dxcon-8"},
        ],
        "orphans": [{"vlan": 4, "connectionId": "dxcon-4", "connectionState": "ordering", "bandwidth": "50Mbps"}],
        "ghosts": [{"vlan": 3, "idempotencyKey": "ghost", "connectionId": "dxcon-3"}],
        "moved": [{"vlan": 8, "idempotencyKey": "left", "connectionId": "dxcon-8", "movedTo": "dxlag-1"}],
        "capacity": {"soldMbps": 0},
    });
    let sight = serde_json::from_value::<Parent>(view)
        .unwrap()
        .sight(&["found"]);
    assert_eq!((sight.taken, sight.agreed), (8, 1));
    assert_eq!(sight.open, ["open", "found"]);
    let vacated = |vlan, key: Option<&str>| Difference::Vacated {
        vlan: Some(vlan),
        key: key.map(str::to_owned),
        connection_id: format!("dxcon-{vlan}"),
    };
    let expected = [
        vacated(5, None),
        Difference::Unrecorded {
            vlan: Some(7),
            key: "found".to_owned(),
            connection_id: "dxcon-7".to_owned(),
            state: "ordering".to_owned(),
        },
        vacated(6, Some("releasing")),
        Difference::Orphan {
            vlan: Some(4),
            connection_id: "dxcon-4".to_owned(),
            about: "50Mbps, ordering".to_owned(),
        },
        Difference::Ghost {
            vlan: 3,
            key: "ghost".to_owned(),
            connection_id: "dxcon-3".to_owned(),
        },
        Difference::Moved {
            vlan: 8,
            key: "left".to_owned(),
            connection_id: "dxcon-8".to_owned(),
            way: "moved to dxlag-1".to_owned(),
        },
    ];
    assert_eq!(sight.differences, expected);
}

//! Which parent it is.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_largest_free_share_wins_and_ties_go_by_id() {
    for vlan in [None, Some(100)] {
        let world = world();
        let next = |n: u16| order(&here(), vlan.map(|first| first + n));
        // 95 % of A, 99.5 % of B, 99.75 % of C.
        assert_eq!(placed(&world, "k-0", &next(0)).await, C);
        // B and C are equal by now.
        assert_eq!(placed(&world, "k-1", &next(1)).await, B);
        assert_eq!(placed(&world, "k-2", &next(2)).await, C);
        assert_eq!(world.cloud.count("AllocateHostedConnection"), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_others_have_sold_and_what_no_order_made_counts() {
    let world = world();
    let mut large = order(&among(&[C]), Some(7));
    large["bandwidth"] = "10Gbps".into();
    placed(&world, "large", &large).await;
    assert_eq!(placed(&world, "k-1", &order(&here(), None)).await, B);
    let other = World::with(|builder| builder.parents(parents()), &[ENFORCED]);
    other
        .cloud
        .insert_connection(C, 9, "999988887777", "10Gbps", "x")
        .unwrap();
    assert_eq!(placed(&other, "k-1", &order(&here(), None)).await, B);
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_what_there_is_to_sell_and_to_whom() {
    let world = world();
    set(&world, C, &json!({"bandwidthLimitMbps": 100})).await;
    set(&world, B, &json!({"allowedBandwidths": ["1Gbps"]})).await;
    set(&world, A, &json!({"vlanRange": "1-10"})).await;
    assert_eq!(placed(&world, "k-1", &order(&here(), Some(10))).await, A);
    assert_eq!(placed(&world, "k-2", &order(&here(), Some(11))).await, C);
    assert_eq!(placed(&world, "k-3", &order(&here(), Some(12))).await, C);
    let answer = ask(&world, "k-4", &order(&here(), Some(13))).await;
    let expected = [
        (A, "InvalidRequest"),
        (B, "InvalidRequest"),
        (C, "CapacityExceeded"),
    ];
    assert_eq!(
        refused(&answer),
        (422, "NoParentAvailable".into(), codes(&expected))
    );
    world.cloud.forget_requests();
    assert_eq!(
        ask(&world, "k-4", &order(&here(), Some(13))).await["body"],
        answer["body"]
    );
    assert_eq!(world.cloud.requests().len(), 1, "recorded, and replayed");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_ordered_on_is_told_and_an_unknown_location_gets_a_list() {
    let world = World::with(
        |builder| {
            let closed = Parent::lag("dxlag-closed00", "10Gbps", 2).closed();
            builder.parents(parents().into_iter().chain([closed]))
        },
        &[],
    );
    world.cloud.set_parent_state(A, "down").unwrap();
    world.cloud.join_lag(B, C).unwrap();
    let all = among(&[A, B, "dxlag-closed00", "dxcon-unheard0"]);
    let (status, code, candidates) = refused(&ask(&world, "k-1", &order(&all, None)).await);
    assert_eq!((status, code.as_str()), (422, "NoParentAvailable"));
    let expected = [
        (A, "NotAvailable"),
        (B, "NotAvailable"),
        ("dxcon-unheard0", "NotFound"),
        ("dxlag-closed00", "NotAvailable"),
    ];
    assert_eq!(candidates, codes(&expected));
    let nowhere = ask(&world, "k-2", &order(&json!({"location": "Nowhere"}), None)).await;
    assert_eq!(refused(&nowhere), (422, "NoParentAvailable".into(), vec![]));
    let detail = body(&nowhere)["detail"].clone();
    let detail = detail.as_str().unwrap();
    assert!(detail.contains("EqDC2, EqFA5, EqSe2"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_came_a_moment_ago_is_found_before_the_last_word_is_said() {
    let world = world();
    placed(&world, "k-0", &order(&here(), None)).await;
    let new = Parent::interconnect("dxcon-new00000", "10Gbps").at("EqNew");
    world.cloud.add_parent(new).unwrap();
    let there = order(&json!({"location": "EqNew"}), None);
    assert_eq!(placed(&world, "k-1", &there).await, "dxcon-new00000");
}

#[tokio::test(start_paused = true)]
async fn a_taken_vlan_leads_to_the_next_candidate() {
    let world = world();
    for (n, parent) in [C, B, A].into_iter().enumerate() {
        let key = format!("k-{n}");
        assert_eq!(
            placed(&world, &key, &order(&here(), Some(101))).await,
            parent
        );
    }
    let answer = ask(&world, "late", &order(&here(), Some(101))).await;
    let expected = [A, B, C].map(|id| (id, "VlanInUse"));
    assert_eq!(refused(&answer).2, codes(&expected));
}

/// Nothing we know of has the VLAN, so only Direct Connect's refusal tells.
#[tokio::test(start_paused = true)]
async fn a_vlan_that_only_direct_connect_knows_to_be_taken_leads_to_the_next_candidate() {
    let world = world();
    for parent in [A, C] {
        world
            .cloud
            .insert_connection(parent, 101, "999988887777", "50Mbps", "x")
            .unwrap();
    }
    set(&world, C, &json!({})).await;
    assert_eq!(placed(&world, "k-1", &order(&here(), Some(101))).await, B);
    let leases = world.items("parent#");
    let held: Vec<_> = leases
        .iter()
        .filter(|item| item.get("holder").is_some())
        .collect();
    assert_eq!(held.len(), 1, "{leases:#?}");
    let sold = leases.iter().find(|item| item["sk"]["S"] == "policy");
    assert_eq!(sold.unwrap()["soldMbps"]["N"], "0");
    world
        .cloud
        .insert_connection(B, 102, "999988887777", "50Mbps", "x")
        .unwrap();
    for parent in [A, C] {
        world
            .cloud
            .insert_connection(parent, 102, "999988887777", "50Mbps", "x")
            .unwrap();
    }
    let answer = ask(&world, "k-2", &order(&here(), Some(102))).await;
    let expected = [A, B, C].map(|id| (id, "VlanInUse"));
    assert_eq!(refused(&answer).2, codes(&expected));
}

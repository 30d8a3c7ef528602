//! What an order by place costs in calls: no more where there are more parents.

use super::*;

fn many(count: usize) -> Vec<Parent> {
    (0..count)
        .map(|n| Parent::interconnect(format!("dxcon-{n:08}"), "10Gbps").at("EqDC2"))
        .collect()
}

fn calls(world: &World) -> Vec<String> {
    let mut calls: Vec<_> = world
        .cloud
        .requests()
        .into_iter()
        .map(|request| request.operation)
        .collect();
    calls.sort();
    calls
}

#[tokio::test(start_paused = true)]
async fn more_parents_cost_no_more_calls_with_and_without_policies() {
    for has_policies in [false, true] {
        for vlan in [None, Some(101)] {
            let mut told = Vec::new();
            for count in [1, 10, 100] {
                let world = World::with(|builder| builder.parents(many(count)), &[ENFORCED]);
                for parent in many(count).iter().filter(|_| has_policies) {
                    set(&world, &parent.id, &json!({"bandwidthLimitMbps": 5_000})).await;
                }
                world.cloud.forget_requests();
                placed(&world, "first", &order(&here(), vlan)).await;
                let first = calls(&world);
                world.cloud.forget_requests();
                placed(&world, "second", &order(&here(), vlan.map(|vlan| vlan + 1))).await;
                told.push((first, calls(&world)));
            }
            assert_eq!(told[0].0, told[1].0, "{has_policies} {vlan:?}");
            assert_eq!(told[0].0, told[2].0, "{has_policies} {vlan:?}");
            assert_eq!(told[1].1, told[2].1, "{has_policies} {vlan:?}");
            // Of parents without a policy a few are looked at, however many there are.
            let most = if has_policies { 11 } else { 13 };
            let calls = told.iter().flat_map(|(first, second)| [first, second]);
            assert!(calls.map(Vec::len).max() <= Some(most), "{told:#?}");
        }
    }
}

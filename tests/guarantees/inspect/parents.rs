//! A parent, as the ledger and Direct Connect see it, and where they disagree.

use std::time::Duration;

use hosted_connection::{ParentConnection, ParentPolicy};
use local_cloud::{Fault, FaultKind};
use proof::{World, http, request};
use serde_json::{Value, json};

use super::{PARENT, ask, place, shown, small};

const PATH: &str = "/parents/dxcon-ffabc123";

async fn parent(world: &World) -> Value {
    shown(world, PATH, "").await
}

fn connection_on(world: &World, vlan: u16) -> String {
    let connections = world.cloud.connections();
    let on_vlan = connections
        .iter()
        .find(|connection| connection.vlan == vlan);
    on_vlan.unwrap().id.clone()
}

#[tokio::test(start_paused = true)]
async fn every_vlan_is_shown_with_who_has_it() {
    let world = World::new();
    place(&world, PARENT, [101, 102]).await;
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection"));
    world
        .invoke(&http("open", &request(Some(103)).to_string()))
        .await;
    let shown = parent(&world).await;
    let held = |vlan: u16| {
        json!({"vlan": vlan, "idempotencyKey": format!("k-{vlan}"), "connectionId": connection_on(&world, vlan),
            "connectionState": "ordering", "bandwidth": "50Mbps", "ownerAccount": "111122223333"})
    };
    assert_eq!(
        shown,
        json!({
            "parentConnectionId": PARENT,
            "vlans": [held(101), held(102), {"vlan": 103, "idempotencyKey": "open", "bandwidth": "500Mbps"}],
            "capacity": {"soldMbps": 600},
            "orphans": [],
            "ghosts": [],
        })
    );
}

#[tokio::test(start_paused = true)]
async fn connections_from_all_pages_are_shown() {
    let world = World::with(|builder| builder.page_limit(2), &[]);
    place(&world, PARENT, 101..=107).await;
    let shown = parent(&world).await;
    assert_eq!(shown["vlans"].as_array().unwrap().len(), 7);
    assert_eq!(
        (&shown["orphans"], &shown["ghosts"]),
        (&json!([]), &json!([]))
    );
}

#[tokio::test(start_paused = true)]
async fn drift_is_shown_both_ways() {
    let world = World::new();
    place(&world, PARENT, [101, 102]).await;
    let lost = connection_on(&world, 101);
    world.cloud.delete(&lost).unwrap();
    world.cloud.set_state(&lost, "deleted").unwrap();
    world
        .cloud
        .insert_connection(PARENT, 200, "999988887777", "1Gbps", "by hand")
        .unwrap();
    let shown = parent(&world).await;
    let orphan = connection_on(&world, 200);
    assert_eq!(
        shown["orphans"],
        json!([{"connectionId": orphan, "vlan": 200, "ownerAccount": "999988887777", "bandwidth": "1Gbps",
            "connectionState": shown["orphans"][0]["connectionState"]}])
    );
    assert_eq!(
        shown["ghosts"],
        json!([{"idempotencyKey": "k-101", "vlan": 101, "connectionId": lost}])
    );
    assert_eq!(
        shown["capacity"]["soldMbps"], 1_050,
        "living connections, whoever made them"
    );
    world.track().await;
    let tracked = parent(&world).await;
    assert_eq!(
        tracked["orphans"], shown["orphans"],
        "until somebody sees to it"
    );
    assert_eq!(
        tracked["ghosts"],
        json!([]),
        "the order's end is known by now"
    );
    assert_eq!(tracked["vlans"].as_array().unwrap().len(), 2, "{tracked}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_being_released_is_no_ghost() {
    let world = super::world_with_slow_deletions();
    place(&world, PARENT, [101]).await;
    world.release("k-101").await;
    let id = connection_on(&world, 101);
    let shown = parent(&world).await;
    assert_eq!(shown["vlans"][0]["connectionState"], "deleting", "{shown}");
    world.cloud.set_state(&id, "deleted").unwrap();
    assert_eq!(parent(&world).await["ghosts"], json!([]));
    world.track().await;
    let shown = parent(&world).await;
    assert_eq!(
        (&shown["vlans"], &shown["capacity"]["soldMbps"]),
        (&json!([]), &json!(0))
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_allocated_while_somebody_looks_is_no_drift() {
    for offset_ms in (0..2_000).step_by(100) {
        let world = World::new();
        place(&world, PARENT, [101]).await;
        world.cloud.set_latency(Duration::from_millis(300));
        let event = http("late", &small(102).to_string());
        let (shown, answer) = tokio::join!(parent(&world), async {
            tokio::time::sleep(Duration::from_millis(offset_ms)).await;
            world.deliver_until_final(&event).await
        });
        assert_eq!(answer["statusCode"], 201);
        assert_eq!(
            (&shown["orphans"], &shown["ghosts"]),
            (&json!([]), &json!([])),
            "{offset_ms} ms after the question: {shown}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_came_just_before_the_look_is_no_drift() {
    for offset_ms in (0..2_000).step_by(100) {
        let world = World::new();
        place(&world, PARENT, [101]).await;
        world.cloud.set_latency(Duration::from_millis(300));
        let event = http("early", &small(102).to_string());
        let (answer, shown) = tokio::join!(world.deliver_until_final(&event), async {
            tokio::time::sleep(Duration::from_millis(offset_ms)).await;
            parent(&world).await
        });
        assert_eq!(answer["statusCode"], 201);
        assert_eq!(
            (&shown["orphans"], &shown["ghosts"]),
            (&json!([]), &json!([])),
            "asked {offset_ms} ms after the order: {shown}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_how_much_may_be_sold_and_how_much_is_left() {
    let world = World::with(|builder| builder, &[("PARENT_POLICIES", "enforced")]);
    let policy = r#"{"bandwidthLimitMbps":1000,"vlanRange":"100-199"}"#;
    let id = ParentConnection::parse(PARENT).unwrap();
    world
        .aws("operator")
        .ledger
        .set_policy(&id, &ParentPolicy::parse(policy.as_bytes()).unwrap())
        .await
        .unwrap();
    place(&world, PARENT, [101, 102]).await;
    let shown = parent(&world).await;
    assert_eq!(
        shown["capacity"],
        json!({"soldMbps": 100, "limitMbps": 1_000, "freeMbps": 900})
    );
    assert_eq!(
        shown["policy"],
        serde_json::from_str::<Value>(policy).unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn direct_connects_failures_are_told_apart_by_what_the_reader_can_do() {
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    let cases = [
        (FaultKind::Throttle, 429, "Throttled"),
        (FaultKind::ServerErrorBefore, 503, "Unavailable"),
        (FaultKind::ServerExceptionBefore, 503, "Unavailable"),
        (FaultKind::HangBefore, 503, "Unavailable"),
        (FaultKind::ApplyThenEmptyBody, 503, "Unavailable"),
        (denied, 500, "Internal"),
    ];
    for (kind, status, code) in cases {
        let world = World::new();
        let fault = Fault::on(kind, "DescribeHostedConnections").always();
        world.cloud.inject(fault);
        ask(&world, PATH, "").await.problem(status, code);
    }
}

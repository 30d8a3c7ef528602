//! Final noes to orders that were well-formed: the same for ever after.

use std::time::Duration;

use local_cloud::Parent;
use proof::{PARENT, World, http, request, with_key};
use serde_json::{Value, json};

use super::{KEY, order};
use crate::answers::{HTTP_REQUEST, Http, direct_problem, rejection};

/// Asks twice, a month apart and after `cure`, and expects the same final no both times, published once.
async fn refused_for_ever(
    world: &World,
    event: &Value,
    code: &str,
    cure: impl FnOnce(&World),
) -> Value {
    let events = world.cloud.events().len();
    let first = Http::of(world.invoke(event).await);
    let problem = first.problem(422, code);
    assert_eq!(
        problem.get("violations"),
        None,
        "the request itself is fine"
    );
    cure(world);
    tokio::time::sleep(Duration::from_secs(30 * 24 * 3600)).await;
    let again = Http::of(world.invoke(event).await);
    assert_eq!(again, first, "the same for ever after");
    let told = &world.cloud.events()[events..];
    let ids: std::collections::BTreeSet<_> = told
        .iter()
        .map(|event| event.detail["eventId"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "one fact: {told:#?}");
    let origin = json!({"door": "http", "requestId": HTTP_REQUEST});
    let key = event["headers"]["idempotency-key"].clone();
    let rejection = rejection(world, &told[0], &key, &origin);
    assert_eq!(rejection["code"], code);
    let body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    assert_eq!(told[0].detail["request"], body);
    problem
}

#[tokio::test(start_paused = true)]
async fn a_key_with_another_request_is_422_and_the_first_order_stays_as_it_is() {
    let world = World::new();
    let first = Http::of(world.invoke(&http(KEY, &order())).await);
    let mut other = request(Some(101));
    other["bandwidth"] = "1Gbps".into();
    refused_for_ever(
        &world,
        &http(KEY, &other.to_string()),
        "IdempotencyKeyReused",
        |_| {},
    )
    .await;
    let problem = direct_problem(
        world.invoke(&with_key(KEY, other)).await,
        422,
        "IdempotencyKeyReused",
    );
    assert_eq!(problem.get("violations"), None);
    assert_eq!(
        Http::of(world.invoke(&http(KEY, &order())).await).body,
        first.body
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_taken_vlan_is_422_even_after_it_has_become_free() {
    let world = World::new();
    let foreign = world
        .cloud
        .insert_connection(PARENT, 101, "999988887777", "50Mbps", "theirs")
        .unwrap();
    refused_for_ever(&world, &http(KEY, &order()), "VlanInUse", |world| {
        world.cloud.delete(&foreign.id).unwrap()
    })
    .await;
    // Another key may have it now.
    Http::of(world.invoke(&http("order-2", &order())).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn what_direct_connect_refuses_is_422_even_after_it_would_not_any_more() {
    let world = World::with(
        |builder| builder.parents([Parent::interconnect(PARENT, "10Gbps").closed()]),
        &[],
    );
    let open = |world: &World| {
        world
            .cloud
            .add_parent(Parent::interconnect(PARENT, "10Gbps"))
            .unwrap();
    };
    refused_for_ever(&world, &http(KEY, &order()), "RefusedByDirectConnect", open).await;
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    assert!(world.cloud.connections().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_parent_without_a_free_vlan_is_422() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "101-101")]);
    Http::of(world.invoke(&http(KEY, &order())).await).receipt();
    let any = http("order-2", &request(None).to_string());
    refused_for_ever(&world, &any, "NoVlanAvailable", |_| {}).await;
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

//! Automatic VLANs by what tracking remembers of a parent (`VLAN_MEMORY_SECONDS`).

use std::collections::BTreeSet;

use local_cloud::{Builder, Fault, FaultKind, Parent};
use proof::{PARENT, World, record, returned, sqs, with_key};
use serde_json::{Value, json};

use crate::partner::{FOREIGN, body, order_http, pass, place, small, status_and_code};

pub(crate) const MEMORY: (&str, &str) = ("VLAN_MEMORY_SECONDS", "600");
/// What an order does from its claim on.
pub(crate) const FROM_THE_CLAIM_ON: [&str; 5] = [
    "TransactWriteItems",
    "AllocateHostedConnection",
    "UpdateItem",
    "PutEvents",
    "UpdateItem",
];

/// A world in which somebody else has the VLANs up to `used` of the parent, and tracking has seen it. Direct Connect refuses a
/// second use of a VLAN.
async fn remembering(used: u16, env: &[(&str, &str)]) -> World {
    let env = [&[MEMORY], env].concat();
    let roomy = || [Parent::interconnect(PARENT, "100Gbps").unlimited()];
    let world = World::with(
        |builder| builder.parents(roomy()).vlan_uniqueness(true),
        &env,
    );
    let cloud = &world.cloud;
    let made = cloud.insert_connections(PARENT, 1..=used, FOREIGN, "50Mbps", "by hand");
    made.unwrap();
    track(&world).await;
    world
}

fn with_unique_vlans(env: &[(&str, &str)]) -> World {
    let env = [&[MEMORY], env].concat();
    World::with(|builder: Builder| builder.vlan_uniqueness(true), &env)
}

fn make(world: &World, vlan: u16, owner: &str) {
    let made = world
        .cloud
        .insert_connection(PARENT, vlan, owner, "50Mbps", "by hand");
    made.unwrap();
}

async fn track(world: &World) {
    // What the last run saw is older than this one.
    pass(1).await;
    let report = world.track().await.answer();
    assert_eq!(report["parentsLeftOut"], 0, "{report}");
    world.cloud.forget_requests();
}

fn note_of(world: &World, parent: &str) -> Option<Value> {
    let notes = world.items(&format!("parent#{parent}")).into_iter();
    notes.into_iter().find(|item| item["sk"]["S"] == "seen")
}

fn operations(world: &World) -> Vec<String> {
    let requests = world.cloud.requests().into_iter();
    requests.map(|request| request.operation).collect()
}

/// An automatic order, and the VLAN that it gets.
async fn automatic(world: &World, key: &str) -> u16 {
    let answer = world.invoke(&order_http(key, None)).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let vlan = body(&answer)["connection"]["vlan"].as_u64();
    u16::try_from(vlan.unwrap()).unwrap()
}

/// Ten automatic orders in one batch; the VLANs of all that are ours.
async fn ten(world: &World, name: &str) -> BTreeSet<u16> {
    let records: Vec<_> = (0..10)
        .map(|i| {
            let key = format!("{name}-{i}");
            record(
                &format!("m-{key}"),
                &with_key(&key, small(None)).to_string(),
            )
        })
        .collect();
    let answer = world.invoke(&sqs(records)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    ours(world)
}

fn ours(world: &World) -> BTreeSet<u16> {
    let all = world.cloud.connections().into_iter();
    let ours = all.filter(|one| one.name != "by hand");
    ours.map(|one| one.vlan).collect()
}

#[tokio::test(start_paused = true)]
async fn an_automatic_order_takes_six_calls_however_many_vlans_are_in_use() {
    for used in [0, 1, 100, 4_000] {
        let world = remembering(used, &[]).await;
        let vlan = automatic(&world, "k").await;
        assert!(vlan > used, "{vlan} of {used}");
        let expected = [&["BatchGetItem"], FROM_THE_CLAIM_ON.as_slice()].concat();
        assert_eq!(operations(&world), expected, "{used} in use");
        world.cloud.forget_requests();
        assert_eq!(automatic(&world, "k").await, vlan);
        assert_eq!(operations(&world), ["BatchGetItem"], "a replay");
    }
}

#[tokio::test(start_paused = true)]
async fn with_policies_enforced_it_takes_no_call_more_and_keeps_to_them() {
    let env = [("PARENT_POLICIES", "enforced"), ("VLAN_RANGE", "100-109")];
    let world = with_unique_vlans(&env);
    let policy = r#"{"vlanRange": "102-4094", "reservedVlans": [103, 104, 105, 106, 107, 108]}"#;
    let policy = hosted_connection::ParentPolicy::from_stored_json(policy).unwrap();
    let parent = hosted_connection::ParentConnection::parse(PARENT).unwrap();
    let ledger = world.aws("partner").ledger;
    ledger.set_policy(&parent, &policy).await.unwrap();
    track(&world).await;
    automatic(&world, "first").await;
    assert_eq!(operations(&world).len(), 6);
    assert_eq!(operations(&world)[0], "BatchGetItem");
    automatic(&world, "second").await;
    assert_eq!(ours(&world), BTreeSet::from([102, 109]));
    let none = world.invoke(&order_http("third", None)).await.answer();
    assert_eq!(status_and_code(&none), (422, "NoVlanAvailable".into()));
}

#[tokio::test(start_paused = true)]
async fn ten_at_once_choose_different_vlans_up_to_the_last_one_and_without_a_look() {
    let world = remembering(4_064, &[]).await;
    for (round, batch) in ["a", "b", "c"].into_iter().enumerate() {
        world.cloud.forget_requests();
        let vlans = ten(&world, batch).await;
        assert_eq!(vlans.len(), (round + 1) * 10);
        // One request more marks all ten: nobody chose the same, and nobody looked.
        assert_eq!(world.cloud.count("TransactWriteItems"), 10);
        assert_eq!(world.cloud.count("BatchExecuteStatement"), 1);
        assert_eq!(operations(&world).len(), 10 * 4 + 2);
        track(&world).await;
    }
    assert_eq!(ours(&world), (4_065..=4_094).collect());
    let none = world.invoke(&order_http("one-more", None)).await.answer();
    assert_eq!(status_and_code(&none), (422, "NoVlanAvailable".into()));
}

#[tokio::test(start_paused = true)]
async fn the_last_free_vlan_is_given_by_memory_and_that_none_is_free_is_looked_for() {
    let world = remembering(4_093, &[]).await;
    assert_eq!(automatic(&world, "last").await, 4_094);
    assert_eq!(operations(&world).len(), 6);
    world.cloud.forget_requests();
    // Tracking has not seen it: the note says that 4094 is free. Its lease says that it is not, and a look decides.
    let none = world.invoke(&order_http("none", None)).await.answer();
    assert_eq!(status_and_code(&none), (422, "NoVlanAvailable".into()));
    assert_eq!(world.cloud.count("DescribeHostedConnections"), 41);
    // Somebody's connection is deleted: memory says that none is free, and a look finds it.
    let gone = world.cloud.connections().into_iter();
    let gone = gone.into_iter().find(|one| one.vlan == 7).unwrap();
    track(&world).await;
    world.cloud.delete(&gone.id).unwrap();
    world.cloud.set_state(&gone.id, "deleted").unwrap();
    assert_eq!(automatic(&world, "free-again").await, 7);
}

#[tokio::test(start_paused = true)]
async fn one_process_that_stays_gives_every_vlan_that_is_left_without_a_lost_race() {
    let world = remembering(4_064, &[]).await;
    let function = world.function("stays");
    for n in 0..30 {
        world.cloud.forget_requests();
        let event = serde_json::value::to_raw_value(&order_http(&format!("k-{n}"), None)).unwrap();
        let mut context = lambda_runtime::Context::default();
        context.deadline = u64::MAX / 2;
        let answer = function.handle(lambda_runtime::LambdaEvent::new(event, context));
        let answer: Value = serde_json::from_str(answer.await.unwrap().get()).unwrap();
        assert_eq!(answer["statusCode"], 201, "{answer}");
        assert_eq!(operations(&world).len(), 6, "order {n}");
    }
    assert_eq!(ours(&world), (4_065..=4_094).collect());
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_it_may_be_is_not_gone_by() {
    let world = remembering(5, &[]).await;
    pass(601).await;
    automatic(&world, "old").await;
    assert_eq!(world.cloud.count("DescribeHostedConnections"), 1);
    assert_eq!(world.cloud.count("Query"), 1);
    track(&world).await;
    pass(600).await;
    automatic(&world, "just-young").await;
    assert_eq!(world.cloud.count("DescribeHostedConnections"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_understood_or_is_from_the_future_is_not_gone_by() {
    let world = remembering(5, &[]).await;
    let note = note_of(&world, PARENT).unwrap();
    for (key, attribute, value) in [
        ("short", "vlansInUse", json!({"B": "AAAA"})),
        ("other", "vlansInUse", json!({"S": "all"})),
        ("never", "lookedAtMs", json!({"S": "yesterday"})),
        ("future", "lookedAtMs", json!({"N": "99999999999999"})),
    ] {
        let mut bad = note.clone();
        bad[attribute] = value;
        world.cloud.import_items(vec![bad]).unwrap();
        world.cloud.forget_requests();
        automatic(&world, key).await;
        assert_eq!(world.cloud.count("DescribeHostedConnections"), 1, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn tracking_notes_vlans_only_where_orders_go_by_them_and_writes_only_what_is_new_or_half_as_old_as_it_may_be()
 {
    let silent = World::new();
    silent.track().await.answer();
    assert!(silent.items("parent#").is_empty());

    let world = remembering(3, &[]).await;
    let writes = |world: &World| {
        let count = world.cloud.count("UpdateItem");
        world.cloud.forget_requests();
        count
    };
    let note = note_of(&world, PARENT).unwrap();
    // Nothing has changed.
    pass(299).await;
    world.track().await.answer();
    assert_eq!(writes(&world), 0);
    assert_eq!(note_of(&world, PARENT).unwrap(), note);
    pass(1).await;
    world.track().await.answer();
    assert_eq!(writes(&world), 1, "half of 600 s");
    make(&world, 9, FOREIGN);
    pass(60).await;
    world.track().await.answer();
    assert_ne!(
        note_of(&world, PARENT).unwrap()["vlansInUse"],
        note["vlansInUse"]
    );
    assert_eq!(writes(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_took_long_does_not_overwrite_what_a_later_one_saw() {
    let world = remembering(1, &[]).await;
    pass(300).await;
    let aws = world.aws("slow");
    let parent = hosted_connection::ParentConnection::parse(PARENT).unwrap();
    let slow = aws.ledger.parent(&parent).await.unwrap();
    let began_at_ms = aws.clock.now_ms();
    pass(60).await;
    make(&world, 2, FOREIGN);
    track(&world).await;
    let later = note_of(&world, PARENT);
    let nothing = std::iter::empty();
    let written = aws
        .ledger
        .remember(&parent, &slow, nothing, Some(0), began_at_ms);
    written.await.unwrap();
    assert_eq!(note_of(&world, PARENT), later);
}

#[tokio::test(start_paused = true)]
async fn a_remembered_vlan_that_somebody_used_by_hand_since_is_refused_and_another_one_chosen_by_a_look()
 {
    // Also where what was made by hand looks as asked for, to the last member that counts.
    for owner in [FOREIGN, proof::OWNER] {
        let world = remembering(0, &[("VLAN_RANGE", "100-103")]).await;
        // All that memory has to offer, but for the one that is free.
        for vlan in 100..=102 {
            make(&world, vlan, owner);
        }
        for one in world.cloud.connections() {
            world.cloud.set_state(&one.id, "available").unwrap();
        }
        world.cloud.forget_requests();
        assert_eq!(automatic(&world, "k").await, 103, "{owner}");
        let refused = world.cloud.count("AllocateHostedConnection") - 1;
        assert!(
            refused <= 1,
            "one refusal, then a look: {:?}",
            operations(&world)
        );
        let leases = world.items("parent#").into_iter();
        let leases: Vec<_> = leases.filter(|item| item.get("holder").is_some()).collect();
        assert_eq!(leases.len(), 1, "{leases:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_on_a_member_of_a_lag_avoids_what_is_used_under_either_id() {
    let env = [("PARENT_POLICIES", "enforced"), ("VLAN_RANGE", "100-103")];
    let world = with_unique_vlans(&env);
    let lag = "dxlag-ffabc789";
    world.cloud.join_lag(PARENT, lag).unwrap();
    let under_the_lag = world
        .cloud
        .insert_connection(lag, 100, FOREIGN, "50Mbps", "by hand");
    under_the_lag.unwrap();
    pass(60).await;
    track(&world).await;
    assert!(note_of(&world, PARENT).is_some() && note_of(&world, lag).is_some());
    let event = order_http("k", None);
    world.invoke(&event).await;
    assert_eq!(
        operations(&world)[..3],
        ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    );
    let leases = world.items("parent#").into_iter();
    let held: Vec<_> = leases.filter(|item| item.get("holder").is_some()).collect();
    for lease in held {
        assert_ne!(lease["sk"]["S"], "vlan#0100");
        assert_eq!(lease["pk"]["S"], format!("parent#{lag}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_does_not_show_its_connections_is_not_remembered() {
    let world = with_unique_vlans(&[]);
    let fault = Fault::on(
        FaultKind::ClientExceptionBefore,
        "DescribeHostedConnections",
    );
    world.cloud.inject(fault.always());
    world.track().await.answer();
    assert!(world.items("parent#").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_vlan_leased_since_is_not_given_twice() {
    let world = remembering(0, &[("VLAN_RANGE", "100-102")]).await;
    for (key, vlan) in [("a", 100), ("b", 101)] {
        place(&world, key, vlan).await;
    }
    assert_eq!(automatic(&world, "k").await, 102);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 3);
}

//! Orders by place that go by what tracking noted of their candidates (`VLAN_MEMORY_SECONDS`).

use std::collections::BTreeSet;
use std::time::Duration;

use proof::{record, returned, sqs, with_key};

use super::*;
use crate::memory::{FROM_THE_CLAIM_ON, MEMORY};
use crate::partner::{FOREIGN, pass, run};

const LOOK: &str = "DescribeHostedConnections";

/// A world in which orders go by memory, and Direct Connect refuses a second use of a VLAN.
fn remembering(parents: Vec<Parent>, env: &[(&str, &str)]) -> World {
    let env = [&[MEMORY], env].concat();
    World::with(
        |builder| builder.parents(parents).vlan_uniqueness(true),
        &env,
    )
}

/// So many equal parents in one place.
fn many(count: usize) -> Vec<Parent> {
    let ids = (0..count).map(|n| format!("dxcon-{n:08}"));
    ids.map(|id| Parent::interconnect(id, "10Gbps").at("EqDC2").unlimited())
        .collect()
}

/// Has tracking note what is in use now.
async fn note(world: &World) {
    // What the last run saw is older than this one.
    pass(1).await;
    let report = run(world).await;
    assert_eq!(report["parentsLeftOut"], 0, "{report}");
    world.cloud.forget_requests();
}

/// Notes as tracking does that so many VLANs are in use, without the connections on them.
async fn note_in_use(world: &World, parent: &str, used: u16) {
    let aws = world.aws("tracking");
    let parent = ParentConnection::parse(parent).unwrap();
    let vlans = (1..=used).filter_map(hosted_connection::Vlan::new);
    let (view, now_ms) = (Default::default(), aws.clock.now_ms());
    let mbps = Some(i64::from(used) * 50);
    let noted = aws.ledger.remember(&parent, &view, vlans, mbps, now_ms);
    noted.await.unwrap();
}

fn by_hand(world: &World, parent: &str, vlans: std::ops::RangeInclusive<u16>) {
    let cloud = &world.cloud;
    let made = cloud.insert_connections(parent, vlans, FOREIGN, "50Mbps", "by hand");
    made.unwrap();
}

fn operations(world: &World) -> Vec<String> {
    let requests = world.cloud.requests().into_iter();
    requests.map(|request| request.operation).collect()
}

/// Parent and VLAN of every connection that an order made.
fn ours(world: &World) -> Vec<(String, u16)> {
    let all = world.cloud.connections().into_iter();
    let ours = all.filter(|one| one.owner_account != FOREIGN);
    ours.map(|one| (one.parent, one.vlan)).collect()
}

/// What is noted of a parent.
fn noted(world: &World, parent: &str) -> Value {
    let notes = world.items(&format!("parent#{parent}")).into_iter();
    let mut notes = notes.filter(|item| item["sk"]["S"] == "seen");
    notes.next().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn an_order_by_place_takes_the_same_calls_however_many_parents_there_are_and_vlans_in_use() {
    for enforced in [false, true] {
        let env: &[_] = if enforced { &[ENFORCED] } else { &[] };
        let mut expected = vec!["GetItem", "DescribeInterconnects", "DescribeLags"];
        expected.extend(enforced.then_some("BatchGetItem"));
        expected.push("BatchGetItem");
        expected.extend(FROM_THE_CLAIM_ON);
        expected.sort_unstable();
        for (parents, used) in [(1, 0), (1, 1), (10, 1), (100, 1), (1, 4_000), (10, 4_000)] {
            let world = remembering(many(parents), env);
            // All are in use, so that the first one that is read is not the best for certain.
            for parent in many(parents) {
                note_in_use(&world, &parent.id, used).await;
            }
            for (key, vlan) in [("first", None), ("second", None), ("third", Some(4_094))] {
                world.cloud.forget_requests();
                placed(&world, key, &order(&here(), vlan)).await;
                let mut told = operations(&world);
                told.sort_unstable();
                assert_eq!(told, expected, "{key} of {parents} parents, {used} VLANs");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_used_by_memory_says_which_parent_is_the_best() {
    for vlan in [None, Some(100)] {
        let world = remembering(parents(), &[]);
        // 15 % of B are in use by hand: of the three, C is the emptiest, and then B again.
        by_hand(&world, B, 1..=30);
        note(&world).await;
        let next = |n: u16| order(&here(), vlan.map(|first| first + n));
        assert_eq!(placed(&world, "k-0", &next(0)).await, C);
        by_hand(&world, C, 201..=300);
        // Tracking has not seen that.
        assert_eq!(placed(&world, "k-1", &next(1)).await, C);
        note(&world).await;
        // 5 % of A, 15 % of B and 25 % of C.
        assert_eq!(placed(&world, "k-2", &next(2)).await, A);
        assert_eq!(world.cloud.count(LOOK), 0);
        assert_eq!(noted(&world, C)["usedMbps"]["N"], "5100");
    }
}

/// What a process knew of the candidates is old news once tracking has noted more of all of them.
#[tokio::test(start_paused = true)]
async fn a_process_that_stays_does_not_ask_for_one_note_after_the_other() {
    let world = remembering(many(20), &[]);
    note(&world).await;
    let process = world.function("stays");
    ask_of(&process, "k-0", &order(&here(), None)).await;
    for (n, parent) in many(20).iter().enumerate() {
        // The emptier ones come later.
        let last = 25 - u16::try_from(n).unwrap();
        by_hand(&world, &parent.id, 1..=last);
    }
    note(&world).await;
    let answer = ask_of(&process, "k-1", &order(&here(), None)).await;
    assert_eq!(
        body(&answer)["parentConnectionId"],
        many(20)[19].id.as_str()
    );
    assert_eq!(world.cloud.count("BatchGetItem"), 2);
}

/// A process that stays knows what it has sold, however long tracking has not been there.
#[tokio::test(start_paused = true)]
async fn what_a_process_has_sold_counts_until_tracking_has_seen_it() {
    let world = remembering(many(2), &[]);
    note(&world).await;
    let process = world.function("stays");
    for n in 0..10 {
        let answer = ask_of(&process, &format!("k-{n}"), &order(&here(), None)).await;
        assert_eq!(answer["statusCode"], 201, "{answer}");
        pass(31).await;
    }
    assert_eq!(world.cloud.count(LOOK), 0);
    let on_first = ours(&world);
    let on_first = on_first
        .iter()
        .filter(|(parent, _)| *parent == many(1)[0].id);
    assert_eq!(on_first.count(), 5);
    // It has seen them now: none counts twice, so the eleventh and the twelfth go to one each.
    note(&world).await;
    for key in ["k-10", "k-11"] {
        ask_of(&process, key, &order(&here(), None)).await;
    }
    let parents: Vec<_> = ours(&world).into_iter().map(|(parent, _)| parent).collect();
    let first = parents.iter().filter(|parent| **parent == many(1)[0].id);
    assert_eq!((first.count(), parents.len()), (6, 12));
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_or_missing_or_not_of_the_same_look_is_not_gone_by() {
    type Spoil = fn(&mut Value);
    let spoils: [(&str, Spoil); 5] = [
        ("not of that look", |item| {
            item["usedAtMs"] = json!({"N": "1"})
        }),
        ("older versions", |item| {
            let item = item.as_object_mut().unwrap();
            item.remove("usedMbps");
            item.remove("usedAtMs");
        }),
        ("no number", |item| item["usedMbps"] = json!({"S": "much"})),
        ("no bitmap", |item| {
            item["vlansInUse"] = json!({"B": "AAAA"})
        }),
        ("future", |item| {
            item["lookedAtMs"] = json!({"N": "99999999999999"});
            item["usedAtMs"] = json!({"N": "99999999999999"});
        }),
    ];
    for (why, spoil) in spoils {
        let world = remembering(many(1), &[]);
        note(&world).await;
        let mut item = noted(&world, &many(1)[0].id);
        spoil(&mut item);
        world.cloud.import_items(vec![item]).unwrap();
        placed(&world, "k", &order(&here(), None)).await;
        assert_eq!(world.cloud.count(LOOK), 1, "{why}");
    }
    let world = remembering(many(1), &[]);
    placed(&world, "missing", &order(&here(), None)).await;
    assert_eq!(world.cloud.count(LOOK), 1);
    note(&world).await;
    pass(600).await;
    placed(&world, "just-young", &order(&here(), None)).await;
    assert_eq!(world.cloud.count(LOOK), 0);
    pass(1).await;
    placed(&world, "too-old", &order(&here(), None)).await;
    assert_eq!(world.cloud.count(LOOK), 1);
}

/// Of a parent that tracking has not seen yet it is read what is used, so a new one is not left out.
#[tokio::test(start_paused = true)]
async fn a_parent_that_came_since_tracking_looked_is_a_candidate_like_the_others() {
    let world = remembering(many(2), &[]);
    for parent in many(2) {
        by_hand(&world, &parent.id, 1..=10);
    }
    note(&world).await;
    let new = Parent::interconnect("dxcon-new00000", "10Gbps").at("EqDC2");
    world.cloud.add_parent(new).unwrap();
    let parent = placed(&world, "k", &order(&here(), None)).await;
    assert_eq!(parent, "dxcon-new00000");
    assert_eq!(world.cloud.count(LOOK), 1);
}

/// A member of a LAG has no bandwidth of its own, and who was one a moment ago is looked at.
#[tokio::test(start_paused = true)]
async fn nothing_is_noted_of_what_is_used_of_a_member_of_a_lag() {
    let world = remembering(parents(), &[]);
    note(&world).await;
    assert_eq!(noted(&world, B)["usedMbps"]["N"], "0");
    world.cloud.join_lag(B, C).unwrap();
    pass(60).await;
    note(&world).await;
    assert!(noted(&world, B).get("vlansInUse").is_some());
    assert!(noted(&world, B).get("usedMbps").is_none());
    assert_eq!(placed(&world, "k", &order(&here(), None)).await, C);
}

#[tokio::test(start_paused = true)]
async fn a_remembered_vlan_that_was_used_by_hand_since_is_refused_and_another_one_chosen_by_a_look()
{
    for owner in [FOREIGN, proof::OWNER] {
        let world = remembering(many(1), &[("VLAN_RANGE", "100-103")]);
        note(&world).await;
        for vlan in 100..=102 {
            let parent = &many(1)[0].id;
            let cloud = &world.cloud;
            let made = cloud.insert_connection(parent, vlan, owner, "50Mbps", "by hand");
            cloud.set_state(&made.unwrap().id, "available").unwrap();
        }
        placed(&world, "k", &order(&here(), None)).await;
        let named = |one: &local_cloud::HostedConnection| one.name == "customer";
        let made = world.cloud.connections();
        let made: Vec<_> = made.iter().filter(|one| named(one)).collect();
        assert_eq!((made.len(), made[0].vlan), (1, 103), "{owner}");
        assert!(world.cloud.count("AllocateHostedConnection") <= 2);
    }
}

/// Every VLAN that is free by memory has been used by hand since: the order finds out by a look, and goes elsewhere.
#[tokio::test(start_paused = true)]
async fn a_candidate_whose_vlans_were_all_used_by_hand_since_passes_the_order_on() {
    let world = remembering(many(2), &[("VLAN_RANGE", "100-101")]);
    note(&world).await;
    let [first, second] = [&many(2)[0].id, &many(2)[1].id].map(Clone::clone);
    by_hand(&world, &first, 100..=101);
    assert_eq!(placed(&world, "k", &order(&here(), None)).await, second);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 2);
    by_hand(&world, &second, 102..=102);
    placed(&world, "last", &order(&here(), None)).await;
    let answer = ask(&world, "none", &order(&here(), None)).await;
    let expected = [
        (first.as_str(), "NoVlanAvailable"),
        (second.as_str(), "NoVlanAvailable"),
    ];
    let expected = (422, "NoParentAvailable".into(), codes(&expected));
    assert_eq!(refused(&answer), expected);
}

#[tokio::test(start_paused = true)]
async fn the_last_free_vlan_is_given_by_memory_and_that_none_is_free_is_looked_for() {
    let world = remembering(many(1), &[("VLAN_RANGE", "1-20")]);
    by_hand(&world, &many(1)[0].id, 1..=19);
    note(&world).await;
    placed(&world, "last", &order(&here(), None)).await;
    assert_eq!(world.cloud.count(LOOK), 0);
    // By memory 20 is free. Its lease says that it is not, and a look decides.
    let answer = ask(&world, "none", &order(&here(), None)).await;
    assert_eq!(refused(&answer).1, "NoParentAvailable");
    assert!(world.cloud.count(LOOK) >= 1);
    // By memory none is free, and a look finds what somebody has deleted.
    note(&world).await;
    let gone = world.cloud.connections().into_iter();
    let gone = gone.into_iter().find(|one| one.vlan == 7).unwrap();
    world.cloud.delete(&gone.id).unwrap();
    placed(&world, "free-again", &order(&here(), None)).await;
    assert_eq!(ours(&world).last().map(|(_, vlan)| *vlan), Some(7));
}

#[tokio::test(start_paused = true)]
async fn ten_of_a_batch_choose_different_vlans_on_every_parent_without_a_look() {
    let world = remembering(many(2), &[("VLAN_RANGE", "100-104")]);
    note(&world).await;
    world.cloud.set_latency(Duration::from_millis(20));
    let records = (0..10).map(|n| {
        let order = with_key(&format!("k-{n}"), order(&here(), None));
        record(&format!("m-{n}"), &order.to_string())
    });
    let answer = world.invoke(&sqs(records)).await.answer();
    assert_eq!(returned(&answer), [""; 0]);
    let ours = ours(&world);
    let places: BTreeSet<_> = ours.iter().collect();
    assert_eq!((ours.len(), places.len()), (10, 10), "all there are");
    // Nobody chose the same, nobody looked, and what tracking noted was read once.
    assert_eq!(world.cloud.count("TransactWriteItems"), 10);
    assert_eq!(world.cloud.count(LOOK), 0);
    assert_eq!(world.cloud.count("BatchGetItem"), 1);
}

/// Two processes do not know what the other has chosen; the claim keeps them apart.
#[tokio::test(start_paused = true)]
async fn processes_that_choose_the_same_vlan_are_kept_apart_by_the_claim() {
    let world = remembering(many(1), &[("VLAN_RANGE", "100-103")]);
    note(&world).await;
    world.cloud.set_latency(Duration::from_millis(20));
    let one = async |n: u16| placed(&world, &format!("k-{n}"), &order(&here(), None)).await;
    tokio::join!(one(0), one(1), one(2), one(3));
    let vlans: BTreeSet<_> = ours(&world).into_iter().map(|(_, vlan)| vlan).collect();
    assert_eq!(vlans, (100..=103).collect());
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 4);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_changed_since_or_has_no_room_decides() {
    let world = remembering(many(2), &[ENFORCED, ("VLAN_RANGE", "100-103")]);
    let [first, second] = [&many(2)[0].id, &many(2)[1].id].map(Clone::clone);
    set(&world, &first, &json!({"reservedVlans": [100, 101, 102]})).await;
    set(&world, &second, &json!({"bandwidthLimitMbps": 50})).await;
    note(&world).await;
    // 99.5 % and nothing are free afterwards.
    for key in ["k-0", "k-1"] {
        let parent = placed(&world, key, &order(&here(), None)).await;
        let expected = if key == "k-0" { &first } else { &second };
        assert_eq!(parent, *expected);
    }
    assert_eq!(
        world.cloud.count(LOOK),
        1,
        "the one VLAN of the first is taken"
    );
    assert!(ours(&world).contains(&(first, 103)));
}

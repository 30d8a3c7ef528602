//! A parent that Direct Connect refuses an order on, for want of room or because it is gone: the next candidate gets it, if
//! what is shown rules out that the order landed on the first.

use std::time::Duration;

use local_cloud::{Cloud, Fault, FaultKind, LagMembers};
use proof::Invocation;

use super::*;
use crate::partner::{FOREIGN, pass, run, status_and_code, story};

const ALLOCATE: &str = "AllocateHostedConnection";
const WRITE: &str = "TransactWriteItems";

/// What somebody does to the parents.
type Change = fn(&Cloud);

/// Fills the LAG by hand, which no order and no policy knows of.
fn fill(cloud: &Cloud) {
    for vlan in [1, 2] {
        cloud
            .insert_connection(C, vlan, FOREIGN, "10Gbps", "x")
            .unwrap();
    }
}

/// The LAG is full, and counts as empty by its policy.
async fn full() -> World {
    let world = world();
    fill(&world.cloud);
    set(&world, C, &json!({})).await;
    world
}

/// A process that knows the list of parents; they change afterwards.
async fn knowing() -> (World, allocate::Function) {
    let world = world();
    let process = world.function("process");
    let there = order(&json!({"location": "EqSe2"}), Some(7));
    let answer = ask_of(&process, "first", &there).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    world.cloud.forget_requests();
    (world, process)
}

/// The parents that an order's VLAN is leased on.
fn leased(world: &World) -> Vec<String> {
    let items = world.items("parent#");
    let held = items.iter().filter(|item| item.get("holder").is_some());
    let parents = held.map(|item| item["pk"]["S"].as_str().unwrap());
    let own = parents.filter_map(|parent| parent.strip_prefix("parent#"));
    own.filter(|parent| *parent != THERE)
        .map(str::to_owned)
        .collect()
}

/// The parents of the connections that orders made.
fn made(world: &World) -> Vec<String> {
    let connections = world.cloud.connections().into_iter();
    let own = connections.filter(|one| one.owner_account != FOREIGN && one.parent != THERE);
    own.map(|one| one.parent).collect()
}

fn final_no(answer: &Value) {
    let expected = (422, "RefusedByDirectConnect".to_owned());
    assert_eq!(status_and_code(answer), expected, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_direct_connect_has_no_room_for_goes_to_the_next_candidate() {
    for vlan in [None, Some(101)] {
        let world = full().await;
        assert_eq!(placed(&world, "k", &order(&here(), vlan)).await, B);
        assert_eq!(world.cloud.count(ALLOCATE), 2);
        assert_eq!(
            (leased(&world), made(&world)),
            (vec![B.into()], vec![B.into()])
        );
        assert_eq!(story(&world, "k"), ["allocated"]);
        let items = world.items("parent#");
        let policy = items.iter().find(|item| item["sk"]["S"] == "policy");
        assert_eq!(policy.unwrap()["soldMbps"]["N"], "0");
        // The next order of the process finds out as well, as the policy says that there is room.
        world.cloud.forget_requests();
        let only = order(&among(&[C]), vlan.map(|_| 102));
        let answer = ask(&world, "k-2", &only).await;
        let expected = codes(&[(C, "CapacityExceeded")]);
        assert_eq!(
            refused(&answer),
            (422, "NoParentAvailable".into(), expected)
        );
        assert_eq!(story(&world, "k-2"), ["rejected, NoParentAvailable"]);
        assert_eq!(world.cloud.count(ALLOCATE), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn once_a_parent_without_a_policy_is_seen_to_be_full_the_next_order_goes_elsewhere_at_once() {
    let (world, process) = knowing().await;
    fill(&world.cloud);
    for (vlan, calls) in [(101, 2), (102, 3)] {
        let asked = order(&here(), Some(vlan));
        let answer = ask_of(&process, &format!("k-{vlan}"), &asked).await;
        assert_eq!(body(&answer)["parentConnectionId"], B, "{answer}");
        assert_eq!(world.cloud.count(ALLOCATE), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_is_gone_by_the_time_of_the_call_leads_to_the_next_candidate() {
    let remove: Change = |cloud| cloud.remove_parent(C).unwrap();
    let delete: Change = |cloud| cloud.set_parent_state(C, "deleted").unwrap();
    let close: Change = |cloud| {
        let closed = Parent::lag(C, "10Gbps", 2).at("EqDC2").on_device("d1");
        cloud.add_parent(closed.closed()).unwrap();
    };
    let cases: [(Change, Option<u16>, &str); 5] = [
        (remove, Some(101), "NotFound"),
        (delete, None, "NotAvailable"),
        (delete, Some(101), "NotAvailable"),
        (close, None, "NotAvailable"),
        (close, Some(101), "NotAvailable"),
    ];
    for (change, vlan, code) in cases {
        let (world, process) = knowing().await;
        change(&world.cloud);
        let answer = ask_of(&process, "k", &order(&here(), vlan)).await;
        assert_eq!(body(&answer)["parentConnectionId"], B, "{answer}");
        assert_eq!(world.cloud.count(ALLOCATE), 2, "{code} {vlan:?}");
        assert_eq!(
            (leased(&world), made(&world)),
            (vec![B.into()], vec![B.into()])
        );
        assert_eq!(story(&world, "k"), ["allocated"]);
        let (other, process) = knowing().await;
        change(&other.cloud);
        let answer = ask_of(&process, "k", &order(&among(&[C]), vlan)).await;
        let expected = (422, "NoParentAvailable".into(), codes(&[(C, code)]));
        assert_eq!(refused(&answer), expected, "told once");
        assert_eq!(leased(&other), [""; 0]);
    }
}

/// Whoever dies before the refusal is in the record leaves an unanswered call, which keeps its parent.
#[tokio::test(start_paused = true)]
async fn killed_anywhere_on_its_way_to_the_next_candidate_an_order_comes_to_one_end() {
    let (kinds, mut ends) = (
        [FaultKind::KillBefore, FaultKind::ApplyThenKill],
        Vec::new(),
    );
    for kind in kinds {
        for k in 1.. {
            let world = full().await;
            world.cloud.reset_counters();
            world.cloud.inject(Fault::on_request(kind.clone(), k));
            let event = http("k", &order(&here(), Some(101)).to_string());
            if world.invoke(&event).await != Invocation::Killed {
                break;
            }
            for _ in 0..2 {
                pass(120).await;
                run(&world).await;
            }
            // Nobody has to ask again, but for an order that has left no trace.
            let answer = world.deliver_until_final(&event).await;
            let end = answer["statusCode"].as_u64().unwrap();
            match end {
                201 => assert_eq!(story(&world, "k"), ["allocated"], "{kind} {k}"),
                _ => final_no(&answer),
            }
            let expected: &[&str] = if end == 201 { &[B] } else { &[] };
            assert_eq!(made(&world), expected, "{kind} {k}");
            assert_eq!(leased(&world), expected, "{kind} {k}");
            ends.push(end);
        }
    }
    assert!(ends.contains(&201) && ends.contains(&422), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn killed_between_leaving_one_parent_and_claiming_the_next_an_order_is_finished_by_tracking()
{
    let kills = [(FaultKind::ApplyThenKill, 2), (FaultKind::KillBefore, 3)];
    for (kind, nth) in kills {
        let world = full().await;
        world.cloud.reset_counters();
        world.cloud.inject(Fault::on_nth(kind, WRITE, nth));
        let event = http("k", &order(&here(), Some(101)).to_string());
        assert_eq!(world.invoke(&event).await, Invocation::Killed);
        assert_eq!((leased(&world), made(&world)), (vec![], vec![]));
        for _ in 0..2 {
            pass(60).await;
            run(&world).await;
        }
        assert_eq!(
            (leased(&world), made(&world)),
            (vec![B.into()], vec![B.into()])
        );
        assert_eq!(story(&world, "k"), ["allocated"]);
    }
}

/// As when AWS refuses its own repetition of a call that has landed and is not shown yet.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_nothing_explains_stays_final() {
    let late = |cloud: &local_cloud::Builder| cloud.clone().visible_after(Duration::from_secs(60));
    for vlan in [None, Some(101)] {
        for kind in [
            FaultKind::ClientExceptionBefore,
            FaultKind::ApplyThenClientException,
        ] {
            let world = World::with(|builder| late(&builder.parents(parents())), &[ENFORCED]);
            let landed = kind == FaultKind::ApplyThenClientException;
            world.cloud.inject(Fault::on(kind, ALLOCATE));
            final_no(&ask(&world, "k", &order(&here(), vlan)).await);
            assert_eq!(world.cloud.count(ALLOCATE), 1, "{vlan:?}");
            assert_eq!(made(&world).len(), usize::from(landed));
            assert_eq!(story(&world, "k"), ["rejected, RefusedByDirectConnect"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn connections_that_are_shown_twice_or_beyond_what_the_port_has_are_no_want_of_room() {
    let half: Change = |cloud| {
        cloud
            .insert_connection(C, 1, FOREIGN, "10Gbps", "x")
            .unwrap();
        cloud.join_lag(A, C).unwrap();
    };
    let oversold: Change = |cloud| {
        fill(cloud);
        cloud
            .insert_connection(C, 3, FOREIGN, "10Gbps", "x")
            .unwrap();
    };
    let cases: [(Change, &str); 2] = [(half, "10Gbps"), (oversold, "50Mbps")];
    for (sell, bandwidth) in cases {
        let world = World::with(
            |builder| {
                let builder = builder.parents(parents()).oversubscription(2.0);
                builder.lag_members(LagMembers::ShowTheLags)
            },
            &[ENFORCED],
        );
        sell(&world.cloud);
        set(&world, C, &json!({})).await;
        let refusal = Fault::on(FaultKind::ClientExceptionBefore, ALLOCATE);
        world.cloud.inject(refusal);
        let mut asked = order(&here(), Some(101));
        asked["bandwidth"] = bandwidth.into();
        final_no(&ask(&world, "k", &asked).await);
        assert_eq!(world.cloud.count(ALLOCATE), 1, "{bandwidth}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_call_was_not_answered_keeps_its_parent_though_that_is_full() {
    let world = world();
    let reset = Fault::on(FaultKind::ResetBefore, ALLOCATE);
    world.cloud.inject(reset);
    let event = http("k", &order(&here(), Some(101)).to_string());
    assert_eq!(world.invoke(&event).await.answer()["statusCode"], 503);
    fill(&world.cloud);
    pass(120).await;
    final_no(&world.deliver_until_final(&event).await);
    assert_eq!((leased(&world), made(&world)), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_waited_for_its_parent_goes_on_to_the_next_or_is_refused_without_one() {
    for (placement, end) in [(here(), B), (among(&[C]), "")] {
        let (world, process) = knowing().await;
        world.cloud.set_parent_state(C, "pending").unwrap();
        let event = http("k", &order(&placement, Some(101)).to_string());
        let waits = ask_of(&process, "k", &order(&placement, Some(101))).await;
        assert_eq!(waits["statusCode"], 503, "{waits}");
        assert_eq!(leased(&world), [C]);
        world.cloud.set_parent_state(C, "available").unwrap();
        fill(&world.cloud);
        pass(60).await;
        let answer = world.deliver_until_final(&event).await;
        if end.is_empty() {
            let expected = codes(&[(C, "CapacityExceeded")]);
            assert_eq!(
                refused(&answer),
                (422, "NoParentAvailable".into(), expected)
            );
            let events = world.cloud.events();
            let told = &events.last().unwrap().detail;
            assert_eq!(told.get("parentConnectionId"), None, "{told}");
        } else {
            assert_eq!(body(&answer)["parentConnectionId"], end, "{answer}");
            assert_eq!(
                (leased(&world), made(&world)),
                (vec![end.into()], vec![end.into()])
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_names_its_parent_is_refused_as_before() {
    let world = full().await;
    let mut named = order(&here(), Some(101));
    named.as_object_mut().unwrap().remove("placement");
    named["connectionId"] = C.into();
    final_no(&ask(&world, "k", &named).await);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
}

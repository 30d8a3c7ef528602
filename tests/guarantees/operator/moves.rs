//! `operator move`.

use std::time::Duration;

use hosted_connection::{ParentConnection, ParentPolicy};
use lifecycle::MoveAnswer;
use local_cloud::{Fault, FaultKind, LagMembers};
use proof::{PARENT, World};

use crate::partner::{body, order_http, pass, place, run, status_and_code};
use crate::unkind::{LAG, OTHER, lease_on, leases, web_on, world_with};

const ASSOCIATE: &str = "AssociateHostedConnection";

fn moves(world: &World) -> usize {
    let events = world.cloud.events().into_iter();
    events
        .filter(|event| event.detail_type.ends_with("Moved"))
        .count()
}

async fn refused(world: &World, to: &str) -> String {
    match world.move_to("k", to).await.unwrap() {
        MoveAnswer::Refused(why) => why,
        other => panic!("{to}: {other:?}"),
    }
}

async fn moved(world: &World, to: &str) -> Option<String> {
    match world.move_to("k", to).await.unwrap() {
        MoveAnswer::Moved { from } => from.map(|from| from.to_string()),
        other => panic!("{to}: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_moved_once_and_everything_follows() {
    for (to, again_is_taken) in [(OTHER, true), (LAG, true), (OTHER, false)] {
        let world = world_with(|builder| builder.associate_idempotent(again_is_taken));
        place(&world, "k", 101).await;
        assert_eq!(moved(&world, to).await.as_deref(), Some(PARENT));
        assert_eq!(moved(&world, to).await, None);
        assert_eq!((world.cloud.count(ASSOCIATE), moves(&world)), (1, 1));
        assert_eq!(leases(&world), [lease_on(to)]);
        let told = world.cloud.events().pop().unwrap();
        assert_eq!(told.detail["previousParentConnectionId"], PARENT);
        assert_eq!(told.detail["parentConnectionId"], to);
        let again = world.invoke(&order_http("k", Some(101))).await.answer();
        assert_eq!(body(&again)["parentConnectionId"], to);
        let numbers = run(&world).await;
        assert_eq!(
            (&numbers["orphans"], &numbers["ghosts"]),
            (&0.into(), &0.into())
        );
        assert_eq!(moved(&world, PARENT).await.as_deref(), Some(to));
        assert_eq!((moves(&world), leases(&world)), (2, vec![lease_on(PARENT)]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_move_is_refused_with_its_reason_and_nothing_has_changed() {
    let world = world_with(|builder| builder.lag_members(LagMembers::ShowNothing));
    assert!(refused(&world, OTHER).await.contains("no such order"));
    let id = place(&world, "k", 101).await;
    assert!(
        refused(&world, "dxcon-ffnowhere")
            .await
            .contains("no interconnect or LAG")
    );
    // Leased there to an order whose call has no answer.
    world
        .cloud
        .inject(Fault::on(FaultKind::KillBefore, "AllocateHostedConnection"));
    world.invoke(&web_on(OTHER, "other", Some(101))).await;
    assert!(
        refused(&world, OTHER)
            .await
            .contains("is leased to order other")
    );
    // In use there by hand.
    let made = world
        .cloud
        .insert_connection(LAG, 101, "999988887777", "50Mbps", "theirs");
    assert!(refused(&world, LAG).await.contains("is in use by"));
    world.cloud.delete(&made.unwrap().id).unwrap();
    world.cloud.join_lag(OTHER, LAG).unwrap();
    assert!(refused(&world, OTHER).await.contains("give --to dxlag-"));
    assert_eq!(world.cloud.count(ASSOCIATE), 0);
    // By Direct Connect itself.
    let no = Fault::on(FaultKind::ClientExceptionBefore, ASSOCIATE);
    world.cloud.inject(no);
    assert!(
        refused(&world, LAG)
            .await
            .contains("Direct Connect refused")
    );
    assert_eq!(leases(&world).len(), 2, "{:?}", leases(&world));
    world.cloud.clear_faults();
    world.cloud.delete(&id).unwrap();
    run(&world).await;
    assert!(refused(&world, LAG).await.contains("is gone"));
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_the_target_is_kept_to_and_what_is_counted_moves_along() {
    let world = World::with(|builder| builder, &[("PARENT_POLICIES", "enforced")]);
    let ledger = world.aws("operator").ledger;
    let set = async |parent: &str, policy: &str| {
        let policy = ParentPolicy::parse(policy.as_bytes()).unwrap();
        let parent = ParentConnection::parse(parent).unwrap();
        ledger.set_policy(&parent, &policy).await.unwrap().sold_mbps
    };
    let roomy = r#"{"bandwidthLimitMbps": 50}"#;
    set(PARENT, roomy).await;
    set(OTHER, r#"{"bandwidthLimitMbps": 49}"#).await;
    place(&world, "k", 101).await;
    assert!(refused(&world, OTHER).await.contains("do not fit"));
    set(OTHER, r#"{"reservedVlans": [101]}"#).await;
    assert!(refused(&world, OTHER).await.contains("is reserved"));
    assert_eq!(set(OTHER, roomy).await, 0);
    moved(&world, OTHER).await;
    assert_eq!((set(PARENT, roomy).await, set(OTHER, roomy).await), (0, 50));
}

#[tokio::test(start_paused = true)]
async fn a_release_waits_until_it_is_known_where_the_connection_is() {
    for kind in [FaultKind::KillBefore, FaultKind::ApplyThenKill] {
        let world = World::new();
        place(&world, "k", 101).await;
        world.cloud.inject(Fault::on(kind.clone(), ASSOCIATE));
        assert!(world.move_to("k", OTHER).await.is_none());
        assert_eq!(leases(&world).len(), 2);
        let early = world.release("k").await.answer();
        assert_eq!(status_and_code(&early), (409, "InProgress".into()));
        pass(60).await;
        let numbers = run(&world).await;
        assert_eq!(
            (&numbers["orphans"], &numbers["ghosts"]),
            (&0.into(), &0.into())
        );
        let was_moved = kind == FaultKind::ApplyThenKill;
        let there = if was_moved { OTHER } else { PARENT };
        assert_eq!(
            (leases(&world), moves(&world)),
            (vec![lease_on(there)], usize::from(was_moved))
        );
        assert_eq!(world.release("k").await.answer()["statusCode"], 200);
        assert!(leases(&world).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_free_stays_so_after_a_write_that_took_longer_than_the_settle_time() {
    let world = World::with(|builder| builder, &[("SETTLE_SECONDS", "2")]);
    place(&world, "k", 101).await;
    let slow = FaultKind::Delay(Duration::from_secs(3));
    world.cloud.inject(Fault::on(slow, "TransactWriteItems"));
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, ASSOCIATE));
    // The call was sent a moment ago, and may still land.
    let answer = world.move_to("k", OTHER).await.unwrap();
    assert!(matches!(answer, MoveAnswer::Failed(_)), "{answer:?}");
    assert_eq!(leases(&world).len(), 2);
    pass(60).await;
    run(&world).await;
    assert_eq!((leases(&world), moves(&world)), (vec![lease_on(PARENT)], 0));
}

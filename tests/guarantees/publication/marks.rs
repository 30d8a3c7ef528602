//! Marking what is out: together where that works, and alone where it does not.

use local_cloud::{Fault, FaultKind};
use proof::{World, returned};

use super::{batch, event_ids};
use crate::partner::{pass, run};

/// What DynamoDB answers to records that are larger together than a transaction may be.
fn too_large() -> FaultKind {
    FaultKind::Error {
        status: 400,
        code: "ValidationException".into(),
    }
}

fn on_the_marks(kind: FaultKind) -> Fault {
    Fault::on(kind, "BatchExecuteStatement").always()
}

fn unmarked(world: &World) -> usize {
    let items = world.items("allocation#");
    let unmarked = items
        .iter()
        .filter(|item| item.get("unfinishedShard").is_some());
    unmarked.count()
}

#[tokio::test(start_paused = true)]
async fn marks_that_fail_together_are_made_one_by_one() {
    for kind in [
        too_large(),
        FaultKind::Throttle,
        FaultKind::ServerErrorBefore,
        FaultKind::ResetBefore,
        FaultKind::HangBefore,
    ] {
        let name = format!("{kind}");
        let world = World::new();
        world.cloud.inject(on_the_marks(kind));
        let answer = world.invoke(&batch(10)).await.answer();
        assert!(returned(&answer).is_empty(), "{name}: {answer}");
        assert_eq!(unmarked(&world), 0, "{name}");
        world.cloud.clear_faults();
        world.cloud.forget_requests();
        world.deliver_until_final(&batch(10)).await;
        assert_eq!(world.cloud.count("PutEvents"), 0, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_mark_that_fails_keeps_no_other_from_being_made() {
    let world = World::new();
    world.cloud.inject(on_the_marks(too_large()));
    // Ten records, and then the third mark.
    let third = Fault::on_nth(too_large(), "UpdateItem", 13);
    world.cloud.inject(third);
    let answer = world.invoke(&batch(10)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(unmarked(&world), 1);
    world.cloud.clear_faults();
    pass(60).await;
    assert_eq!(run(&world).await["finished"], 1);
    assert_eq!(unmarked(&world), 0);
    assert_eq!((event_ids(&world).len(), world.details().len()), (10, 11));
}

#[tokio::test(start_paused = true)]
async fn marks_that_take_too_long_do_not_unsay_that_the_events_are_out() {
    let world = World::new();
    world.cloud.inject(on_the_marks(FaultKind::HangBefore));
    let hang = Fault::on_nth(FaultKind::HangBefore, "UpdateItem", 4);
    world.cloud.inject(hang.always());
    let answer = world
        .invoke_as("hurried", &batch(3), std::time::Duration::from_secs(5))
        .await
        .answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(unmarked(&world), 3);
}

/// After an outage of the bus records carry all that they owe: thirty of 160 KB are more than one transaction takes.
#[tokio::test(start_paused = true)]
async fn records_that_are_too_large_to_be_marked_together_are_marked_all_the_same() {
    let world = World::new();
    let no_bus = Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always();
    world.cloud.inject(no_bus);
    for vlan in 101..131 {
        let event = crate::partner::order_http(&format!("k-{vlan}"), Some(vlan));
        world.invoke(&event).await;
    }
    world.cloud.clear_faults();
    let mut items = world.items("allocation#");
    assert_eq!(items.len(), 30);
    for item in &mut items {
        item["ballast"] = serde_json::json!({"S": "x".repeat(160 * 1024)});
    }
    world.cloud.import_items(items).unwrap();
    for _ in 0..2 {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        world.track().await.answer();
    }
    for item in world.items("allocation#") {
        assert_eq!(item["eventPublished"]["BOOL"], true, "{}", item["pk"]);
        assert!(item.get("unfinishedShard").is_none(), "{}", item["pk"]);
    }
    assert_eq!(world.details().len(), 30, "told once each");
}

//! A key that got another record after its first was forgotten: what was begun for the first does nothing to the second.

use std::collections::BTreeSet;
use std::time::Duration;

use adoption::{Adopter, Forgetting, Plan, Wanted};
use hosted_connection::IdempotencyKey;
use ledger::{LeaseChange, Record, Saved, Services};
use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World};
use transitions::{Attribute, Check, Name, Table};

use super::{adopt, line, made, parent, track};

const KEY: &str = "order-1";
/// A request that lands after this long was sent before all that a story does.
const LATE: Duration = Duration::from_secs(45);

fn these(lines: &[(&str, &str)]) -> Wanted {
    Wanted::These(lines.iter().map(|(id, key)| line(id, key)).collect())
}

async fn record(aws: &Services, key: &str) -> Record {
    let key = IdempotencyKey::from_stored(key);
    aws.ledger.record(&key).await.unwrap().unwrap()
}

async fn forget(aws: &Services, key: &str) {
    let record = record(aws, key).await;
    let gone = adoption::forget(aws, &record).await.unwrap();
    assert!(matches!(gone, Forgetting::Forgotten), "{gone:?}");
}

/// Adopts and leaves publishing to tracking, as a command does that is killed right after its writes.
async fn adopt_untold(aws: &Services, world: &World, wanted: &Wanted) {
    let mut plan = Plan::of(aws, &parent(PARENT), wanted).await.unwrap();
    let name = format!("operator-{}", aws.clock.now_ms());
    let adopter = Adopter::new(aws.clone(), world.config().rules.clone(), name);
    let report = adopter.without_bus().carry_out(&mut plan, &|_| {}).await;
    assert!(report.failed.is_none(), "{report:?}");
}

/// The connections whose adoption was published under that key.
fn told(world: &World, key: &str) -> Vec<String> {
    let events = world.cloud.events().into_iter();
    let adopted = events.filter(|event| {
        event.detail_type == "Hosted Connection Adopted" && event.detail["idempotencyKey"] == key
    });
    adopted
        .map(|event| {
            event.detail["connection"]["connectionId"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// The connections that are told of as adopted in the end, where the mark of the first lands late. Of one record the mark is a
/// request of its own, of two it is a statement of a batch.
async fn story(others: usize, marking: &str, table: &Table) -> (Vec<String>, [String; 2]) {
    let world = World::new();
    let (wrong, right) = (made(&world, PARENT, 101), made(&world, PARENT, 102));
    let other = made(&world, PARENT, 103);
    let mut aws = world.aws("operator");
    aws.ledger = aws.ledger.going_by(table.clone());
    let all = [(wrong.as_str(), KEY), (other.as_str(), "order-2")];
    let late = Fault::on_nth(FaultKind::LandLate(LATE), marking, 1);
    world.cloud.inject(late);
    adopt(&aws, &world, PARENT, these(&all[..=others])).await;
    forget(&aws, KEY).await;
    adopt_untold(&aws, &world, &these(&[(&right, KEY)])).await;
    assert_eq!(told(&world, KEY), [wrong.as_str()], "{marking}");
    tokio::time::sleep(LATE).await;
    track(&world).await;
    (told(&world, KEY), [wrong, right])
}

#[tokio::test(start_paused = true)]
async fn a_late_mark_does_not_hide_the_event_of_the_next_adoption() {
    let mut without_token = Table::default();
    if let Some(mark) = &mut without_token[Name::MarkAllocated].record {
        mark.condition = &[Check::HasNot(Attribute::LifecycleRevision)];
    }
    for (others, marking) in [(0, "UpdateItem"), (1, "BatchExecuteStatement")] {
        let (told, both) = story(others, marking, &Table::default()).await;
        assert_eq!(told, both, "{marking}");
        let (told, [wrong, _]) = story(others, marking, &without_token).await;
        assert_eq!(told, [wrong], "{marking}: it is the token that keeps it");
    }
}

#[tokio::test(start_paused = true)]
async fn what_tracking_saw_of_the_forgotten_connection_is_not_written_on_the_next_one() {
    let world = World::new();
    let (wrong, right) = (made(&world, PARENT, 101), made(&world, PARENT, 102));
    let aws = world.aws("operator");
    adopt(&aws, &world, PARENT, these(&[(&wrong, KEY)])).await;
    let seen = record(&aws, KEY).await;
    world.cloud.confirm(&wrong).unwrap();
    let late = Fault::on_nth(FaultKind::LandLate(3 * LATE), "UpdateItem", 1);
    world.cloud.inject(late);
    track(&world).await;
    forget(&aws, KEY).await;
    adopt(&aws, &world, PARENT, these(&[(&right, KEY)])).await;
    tokio::time::sleep(3 * LATE).await;
    let now = record(&aws, KEY).await;
    assert_eq!(now.connection().unwrap().connection_id, Some(right.clone()));
    // Nor by a run of tracking that had read the first record, and is told that it is gone.
    let stale = seen.lifecycle.clone();
    let saved = aws.ledger.save_lifecycle(&seen, stale, LeaseChange::Keep);
    assert!(matches!(saved.await.unwrap(), Saved::Forgotten));
    assert_eq!(record(&aws, KEY).await.revision(), now.revision());
}

#[tokio::test(start_paused = true)]
async fn what_happens_after_the_next_adoption_is_news_to_whoever_knows_all_ids_before() {
    let world = World::new();
    let id = made(&world, PARENT, 101);
    let aws = world.aws("operator");
    for (run, state) in ["available", "down"].into_iter().enumerate() {
        adopt_untold(&aws, &world, &these(&[(&id, KEY)])).await;
        track(&world).await;
        world.cloud.set_state(&id, state).unwrap();
        track(&world).await;
        track(&world).await;
        if run == 0 {
            forget(&aws, KEY).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    let events = world.cloud.events();
    let ids: BTreeSet<_> = events
        .iter()
        .map(|event| event.detail["eventId"].to_string())
        .collect();
    assert_eq!((events.len(), ids.len()), (4, 4), "{events:?}");
}

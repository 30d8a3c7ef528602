//! Nothing final stays unpublished, and repeats of a fact are recognisable.

mod marks;
mod refused;

use std::collections::BTreeSet;
use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, fifo_record, http, record, request, returned, sqs, with_key};
use serde_json::Value;

pub(crate) fn batch(count: u16) -> Value {
    sqs((0..count).map(|i| {
        let mut small = request(Some(100 + i));
        small["bandwidth"] = "50Mbps".into();
        record(
            &format!("m-{i}"),
            &with_key(&format!("k-{i}"), small).to_string(),
        )
    }))
}

pub(crate) fn event_ids(world: &World) -> BTreeSet<String> {
    world
        .details()
        .iter()
        .map(|detail| detail["eventId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn ten_results_are_published_and_marked_with_one_call_each() {
    let world = World::new();
    let answer = world.invoke(&batch(10)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(world.cloud.count("PutEvents"), 1);
    assert_eq!(
        world.cloud.requests().len(),
        32,
        "claim, allocate and record for each; publish and mark for all"
    );
    assert_eq!(event_ids(&world).len(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_event_cannot_be_published_is_delivered_again_and_published_then() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    let event = http("k", &request(Some(101)).to_string());
    let answer = world.invoke(&event).await.answer();
    assert_eq!(
        answer["statusCode"], 503,
        "nobody else would publish it: {answer}"
    );
    assert_eq!(
        world.items("allocation#")[0]["allocationState"]["S"],
        "allocated",
        "recorded before published"
    );
    assert!(world.details().is_empty());
    world.cloud.clear_faults();
    let answer = world.invoke(&event).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(world.details().len(), 1);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_only_the_message_whose_event_failed_comes_again() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::PartialPutEvents(vec![0]), "PutEvents").always());
    // Whatever is first in the call fails, so on each try of the rest its first one fails again.
    let answer = world.invoke(&batch(3)).await.answer();
    let back = returned(&answer);
    assert_eq!(back.len(), 1, "{answer}");
    assert_eq!(world.details().len(), 2);
    world.cloud.clear_faults();
    world.deliver_until_final(&batch(3)).await;
    assert_eq!(event_ids(&world).len(), 3);
    assert_eq!(
        world.details().len(),
        3,
        "what was out is not published again"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_published_comes_again_with_an_unpublished_one_of_its_fifo_group_before_it() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::PartialPutEvents(vec![1]), "PutEvents"));
    world
        .cloud
        .inject(Fault::on(FaultKind::PartialPutEvents(vec![0]), "PutEvents").always());
    let order = |key: &str, vlan| with_key(key, request(Some(vlan))).to_string();
    let event = sqs([
        fifo_record("m-1", "g", &order("k-1", 101)),
        fifo_record("m-2", "g", &order("k-2", 102)),
        fifo_record("m-3", "g", &order("k-3", 103)),
        fifo_record("m-4", "another", &order("k-4", 104)),
    ]);
    let answer = world.invoke(&event).await.answer();
    assert_eq!(world.details().len(), 3, "all events but one are out");
    assert_eq!(returned(&answer), ["m-2", "m-3"]);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_fails_once_is_tried_again_at_once() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::PartialPutEvents(vec![1]), "PutEvents"));
    let answer = world.invoke(&batch(3)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(world.cloud.count("PutEvents"), 2);
    assert_eq!(world.details().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_reused_key_is_published_once_per_offending_request_and_leaves_the_first_order_alone() {
    let world = World::new();
    let first = world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    for vlan in [102, 103, 102] {
        let answer = world
            .invoke(&http("k", &request(Some(vlan)).to_string()))
            .await
            .answer();
        assert_eq!(answer["statusCode"], 422);
        assert!(
            answer["body"]
                .as_str()
                .unwrap()
                .contains("IdempotencyKeyReused")
        );
    }
    let ids = event_ids(&world);
    assert_eq!(
        ids.len(),
        3,
        "one allocation and two offending requests: {ids:?}"
    );
    let replay = world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    assert_eq!(replay["body"], first["body"]);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_is_kept_far_longer_than_a_queue_can_hold_a_message_and_then_the_key_is_free() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, "999988887777", "50Mbps", "by hand")
        .unwrap();
    let event = http("k", &request(Some(101)).to_string());
    assert_eq!(world.invoke(&event).await.answer()["statusCode"], 422);
    world
        .cloud
        .delete(&world.cloud.connections()[0].id.clone())
        .unwrap();
    world
        .cloud
        .set_state(&world.cloud.connections()[0].id.clone(), "deleted")
        .unwrap();
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    tokio::time::sleep(days(60)).await;
    assert_eq!(
        world.invoke(&event).await.answer()["statusCode"],
        422,
        "replayed the same"
    );
    tokio::time::sleep(days(31)).await;
    // DynamoDB may delete an expired item days later: it is still there, and counts as gone.
    assert_eq!(world.items("allocation#").len(), 1);
    assert_eq!(world.invoke(&event).await.answer()["statusCode"], 201);
}

/// The id of the latest rejection, however often it was told.
fn latest_rejection(world: &World) -> String {
    let details = world.details();
    let rejected = details
        .iter()
        .rfind(|detail| detail["rejection"].is_object());
    rejected.unwrap()["eventId"].as_str().unwrap().to_owned()
}

/// An order is refused, and told so more than once, because the answer of the bus is lost. The id of that fact.
async fn refused_and_told_again(world: &World, event: &Value) -> String {
    let told = world.details().len();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThen500, "PutEvents").always());
    assert_eq!(world.invoke(event).await.answer()["statusCode"], 503);
    world.cloud.clear_faults();
    let id = latest_rejection(world);
    assert_eq!(world.invoke(event).await.answer()["statusCode"], 422);
    assert!(world.details().len() > told + 1, "told again");
    assert_eq!(latest_rejection(world), id, "the same fact");
    id
}

#[tokio::test(start_paused = true)]
async fn a_no_after_the_first_one_is_forgotten_is_news_and_its_repeats_are_not() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, "999988887777", "50Mbps", "by hand")
        .unwrap();
    let event = http("k", &request(Some(101)).to_string());
    let reusing = http("k", &request(Some(102)).to_string());
    let mut told = BTreeSet::new();
    for claim in 1..=3 {
        let id = refused_and_told_again(&world, &event).await;
        assert!(told.insert(id), "claim {claim} has an id of an earlier one");
        for _ in 0..2 {
            assert_eq!(world.invoke(&reusing).await.answer()["statusCode"], 422);
        }
        assert!(told.insert(latest_rejection(&world)), "claim {claim}");
        assert_eq!(event_ids(&world), told, "one per claim and request");
        tokio::time::sleep(Duration::from_secs(91 * 24 * 60 * 60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_record_of_a_living_connection_never_expires() {
    let world = World::new();
    let event = http("k", &request(Some(101)).to_string());
    let first = world.invoke(&event).await.answer();
    tokio::time::sleep(Duration::from_secs(1000 * 24 * 60 * 60)).await;
    let replay = world.invoke(&event).await.answer();
    assert_eq!(replay["body"], first["body"]);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_leaves_an_event_out_does_not_say_that_it_is_out() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenEmptyBody, "PutEvents").always());
    let event = http("k", &request(Some(101)).to_string());
    assert_eq!(world.invoke(&event).await.answer()["statusCode"], 503);
    world.cloud.clear_faults();
    assert_eq!(world.invoke(&event).await.answer()["statusCode"], 201);
    assert_eq!(event_ids(&world).len(), 1, "however often it went out");
}

#[tokio::test(start_paused = true)]
async fn an_event_names_the_connection_by_an_arn_of_its_regions_partition() {
    for (region, partition) in [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ] {
        let world = World::with(|builder| builder.region(region), &[]);
        world.deliver_until_final(&batch(1)).await;
        let resources = world.cloud.events().remove(0).resources;
        let arn = format!("arn:{partition}:directconnect:{region}:");
        assert!(resources[0].starts_with(&arn), "{resources:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_goes_out_late_tells_when_it_happened() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    assert_eq!(returned(&world.invoke(&batch(1)).await.answer()), ["m-0"]);
    world.cloud.clear_faults();
    tokio::time::sleep(Duration::from_secs(60 * 60)).await;
    world.deliver_until_final(&batch(1)).await;
    let occurred = world.details()[0]["occurredAt"].clone();
    assert!(
        occurred.as_str().unwrap().starts_with("2026-01-02T03:04:"),
        "{occurred}, an hour later"
    );
}

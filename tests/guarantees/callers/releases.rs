//! Whose orders a caller may release.

use proof::{Program, QUEUE_ARN, returned, sqs};

use super::*;
use crate::answers::{Http, rejection, sqs_origin};

fn wish(key: &str) -> Value {
    json!({"action": "release", "idempotencyKey": key})
}

async fn delete(world: &World, principal: &str, key: &str) -> Http {
    let event = by(principal, proof::delete(key));
    Http::of(world.invoke_program(Program::Release, &event).await)
}

#[tokio::test(start_paused = true)]
async fn a_caller_releases_its_own_orders_and_who_may_see_all_releases_all() {
    let world = apart().await;
    for (key, vlan) in [("acme-1", 101), ("acme-2", 102)] {
        Http::of(world.invoke(&order_by(ACME, key, vlan)).await).receipt();
    }
    assert_eq!(delete(&world, UMBRELLA, "acme-1").await.status, 404);
    assert_eq!(delete(&world, ACME, "acme-1").await.status, 200);
    assert_eq!(delete(&world, DESK, "acme-2").await.status, 200);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn over_the_queue_a_release_of_anothers_order_is_refused_without_naming_it() {
    let world = apart().await;
    for (key, vlan) in [("acme-1", 101), ("acme-2", 102)] {
        Http::of(world.invoke(&order_by(ACME, key, vlan)).await).receipt();
    }
    let told = world.cloud.events().len();
    let messages = sqs([
        sent_by(UMBRELLA, "m-1", &wish("acme-1")),
        sent_by(STRANGER, "m-2", &wish("acme-1")),
        sent_by(&format!("{ACME}:s"), "m-3", &wish("acme-2")),
    ]);
    let answer = world.invoke_program(Program::Release, &messages).await;
    assert_eq!(returned(&answer.answer()), [""; 0]);
    let living = world.cloud.living_connections(PARENT);
    assert_eq!(living.iter().map(|one| one.vlan).collect::<Vec<_>>(), [101]);
    for (message, code) in [("m-1", "InvalidIdempotencyKey"), ("m-2", "NotFound")] {
        let events = world.cloud.events().split_off(told);
        let mut of = events
            .iter()
            .filter(|one| one.detail["origin"]["messageId"] == message);
        let origin = sqs_origin(message, QUEUE_ARN);
        let refused = rejection(&world, of.next().unwrap(), &Value::Null, &origin);
        assert_eq!(refused["code"], code);
    }
}

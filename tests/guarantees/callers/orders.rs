//! What a caller may order, and what it is told of what it may not.

use proof::{OWNER, QUEUE_ARN, World, request, returned, sqs, with_key};
use serde_json::{Value, json};

use super::*;
use crate::answers::{Http, operations, rejection, sqs_origin, violations, wrong};

#[tokio::test(start_paused = true)]
async fn a_caller_orders_under_its_own_keys_at_the_price_of_one_look() {
    let world = apart().await;
    let answer = world.invoke(&order_by(ACME, "acme-1", 101)).await;
    Http::of(answer).receipt();
    assert_eq!(operations(&world), after_a_look(&FRESH_ORDER));
    // Its session is the same role, over the queue as well.
    let again = sent_by(&format!("{ACME}:session"), "m-1", &keyed("acme-1", 101));
    let answer = world.invoke(&sqs([again])).await.answer();
    assert_eq!(returned(&answer), [""; 0]);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_callers_are_not_kept_apart_nothing_is_added_to_an_order() {
    for env in [&[][..], &[("CALLERS", "ignored")]] {
        let world = World::with(|builder| builder, env);
        let limited = caller(ACME, "acme-", &json!({"bandwidths": ["50Mbps"]}));
        register(&world, "acme", &limited).await;
        world.cloud.forget_requests();
        for (principal, key, vlan) in [(ACME, "any-1", 101), (STRANGER, "any-2", 102)] {
            Http::of(world.invoke(&order_by(principal, key, vlan)).await).receipt();
            assert_eq!(operations(&world), FRESH_ORDER);
            world.cloud.forget_requests();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_beyond_what_its_caller_may_is_refused_with_all_of_it_and_without_a_call() {
    let world = apart().await;
    let limits = json!({"ownerAccounts": ["999988887777"], "parents": ["dxlag-ffabc789"], "bandwidths": ["50Mbps"]});
    register(&world, "acme", &caller(ACME, "acme-", &limits)).await;
    world.cloud.forget_requests();
    let expected = wrong(&[
        ("/bandwidth", "OutOfRange"),
        ("/connectionId", "OutOfRange"),
        ("/ownerAccount", "OutOfRange"),
    ]);
    let mut dry = order_by(ACME, "acme-1", 101);
    dry["rawQueryString"] = "dryRun=true".into();
    for event in [order_by(ACME, "acme-1", 101), dry] {
        let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
        assert_eq!(violations(&problem), expected);
        assert!(!problem.to_string().contains(OWNER), "{problem}");
    }
    assert_eq!(operations(&world), ["Query", "Query"]);
    let message = keyed("acme-1", 101);
    let answer = world.invoke(&sqs([sent_by(ACME, "m-1", &message)])).await;
    assert_eq!(returned(&answer.answer()), [""; 0]);
    let events = world.cloud.events();
    let origin = sqs_origin("m-1", QUEUE_ARN);
    let told = rejection(&world, &events[0], &json!("acme-1"), &origin);
    assert_eq!(violations(&told), expected);
    assert_eq!(events[0].detail["received"], message.to_string());
    assert_eq!((events.len(), world.items("allocation#").len()), (1, 0));
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 0);
}

#[tokio::test(start_paused = true)]
async fn another_callers_keys_cannot_be_taken_met_or_named() {
    let world = apart().await;
    Http::of(world.invoke(&order_by(ACME, "acme-1", 101)).await).receipt();
    let (events, items) = (world.cloud.events(), world.items("allocation#"));
    // A replay of the very order, another order under its key, and a key that nobody has yet.
    for (key, vlan) in [("acme-1", 101), ("acme-1", 102), ("acme-2", 103)] {
        world.cloud.forget_requests();
        let http = Http::of(world.invoke(&order_by(UMBRELLA, key, vlan)).await);
        let problem = http.problem(400, "InvalidIdempotencyKey");
        let expected = wrong(&[("/idempotencyKey", "Malformed")]);
        assert_eq!(violations(&problem), expected);
        assert!(!problem.to_string().contains("acme"), "{problem}");
        assert_eq!(operations(&world), ["Query"]);
        let message = sqs([sent_by(UMBRELLA, "m-1", &keyed(key, vlan))]);
        assert_eq!(returned(&world.invoke(&message).await.answer()), [""; 0]);
        let told = world.cloud.events().pop().unwrap();
        let origin = sqs_origin("m-1", QUEUE_ARN);
        // Nobody who follows that order is told of a rejection.
        let told = rejection(&world, &told, &Value::Null, &origin);
        assert_eq!(told["code"], "InvalidIdempotencyKey");
    }
    assert_eq!(world.items("allocation#"), items);
    assert_eq!(world.cloud.events()[..events.len()], events);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bad_order_of_one_caller_harms_no_neighbour_of_another() {
    let world = apart().await;
    let messages = sqs([
        sent_by(ACME, "m-1", &keyed("acme-1", 101)),
        sent_by(UMBRELLA, "m-2", &keyed("acme-2", 102)),
        sent_by(STRANGER, "m-3", &keyed("acme-3", 103)),
        sent_by(UMBRELLA, "m-4", &keyed("umbrella-1", 104)),
        sent_by(UMBRELLA, "m-5", &with_key("umbrella-2", request(Some(0)))),
    ]);
    assert_eq!(returned(&world.invoke(&messages).await.answer()), [""; 0]);
    assert_eq!(world.cloud.count("Query"), 1, "one look for the batch");
    let mut vlans: Vec<_> = world
        .cloud
        .connections()
        .iter()
        .map(|one| one.vlan)
        .collect();
    vlans.sort_unstable();
    assert_eq!(vlans, [101, 104]);
    let rejected = |message: &str| {
        let events = world.cloud.events();
        let of = |event: &&_| -> bool {
            let event: &local_cloud::BusEvent = event;
            event.detail["origin"]["messageId"] == message
        };
        events.iter().find(of).unwrap().detail.clone()
    };
    for (message, code, key) in [
        ("m-2", "InvalidIdempotencyKey", json!(null)),
        ("m-3", "NotFound", json!(null)),
        ("m-5", "InvalidRequest", json!("umbrella-2")),
    ] {
        let detail = rejected(message);
        assert_eq!(detail["rejection"]["code"], code, "{detail}");
        assert_eq!(detail["idempotencyKey"], key, "{detail}");
        assert!(detail["received"].is_string(), "{detail}");
    }
}

//! Two orders that must not fail together.

use super::*;
use local_cloud::{Fault, FaultKind};
use proof::{record, returned, sqs, with_key};

fn apart(key: &str, by: &str, mut placement: Value) -> Value {
    placement["diverseFrom"] = json!({"idempotencyKey": key, "by": by});
    order(&placement, None)
}

#[tokio::test(start_paused = true)]
async fn the_second_of_two_is_on_another_device_or_at_another_location() {
    let world = world();
    assert_eq!(placed(&world, "one", &order(&here(), None)).await, C);
    assert_eq!(
        placed(&world, "two", &apart("one", "device", here())).await,
        B
    );
    let all = || among(&[A, B, C, THERE]);
    assert_eq!(
        placed(&world, "far", &apart("one", "location", all())).await,
        THERE
    );
    let none = ask(
        &world,
        "none",
        &apart("far", "location", json!({"location": "EqSe2"})),
    )
    .await;
    assert_eq!(
        refused(&none),
        (
            422,
            "NoParentAvailable".into(),
            codes(&[(THERE, "NotDiverse")])
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_with_a_named_parent_is_one_to_be_kept_apart_from_as_well() {
    let world = world();
    let mut named = order(&here(), None);
    named.as_object_mut().unwrap().remove("placement");
    named["connectionId"] = B.into();
    placed(&world, "one", &named).await;
    assert_eq!(
        placed(&world, "two", &apart("one", "device", here())).await,
        C
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_never_or_is_no_more_is_unknown_for_good() {
    let world = world();
    let code = |answer: &Value| refused(answer).1;
    let never = ask(&world, "k-1", &apart("never", "device", here())).await;
    assert_eq!(refused(&never), (422, "DiverseFromUnknown".into(), vec![]));
    let rejected = ask(&world, "k-2", &apart("k-1", "device", here())).await;
    assert_eq!(code(&rejected), "DiverseFromUnknown");
    placed(&world, "one", &order(&here(), None)).await;
    world.release("one").await;
    let gone = ask(&world, "k-3", &apart("one", "device", here())).await;
    assert_eq!(code(&gone), "DiverseFromUnknown");
    placed(&world, "never", &order(&here(), None)).await;
    world.cloud.forget_requests();
    let again = ask(&world, "k-1", &apart("never", "device", here())).await;
    assert_eq!(
        (code(&again), again["body"] == never["body"]),
        ("DiverseFromUnknown".into(), true)
    );
}

#[tokio::test(start_paused = true)]
async fn while_the_other_order_is_open_the_second_has_to_come_again() {
    let world = world();
    world.cloud.inject(Fault::on(
        FaultKind::ApplyThenReset,
        "AllocateHostedConnection",
    ));
    let first = ask(&world, "one", &order(&here(), None)).await;
    let open = first["statusCode"] != 201;
    let second = ask(&world, "two", &apart("one", "device", here())).await;
    if open {
        assert_eq!(
            (second["statusCode"].clone(), refused(&second).1),
            (409.into(), "InProgress".into())
        );
        assert!(second["headers"]["Retry-After"].is_string());
        assert_eq!(
            world.items("allocation#two").len(),
            0,
            "nothing is kept of it"
        );
    }
    assert_eq!(placed(&world, "one", &order(&here(), None)).await, C);
    assert_eq!(
        placed(&world, "two", &apart("one", "device", here())).await,
        B
    );
}

#[tokio::test(start_paused = true)]
async fn two_that_each_wait_for_the_other_do_not_wait_for_ever() {
    let world = world();
    let (one, two) = (
        apart("two", "device", here()),
        apart("one", "device", here()),
    );
    let (first, second) = tokio::join!(ask(&world, "one", &one), ask(&world, "two", &two));
    let codes = [refused(&first).1, refused(&second).1];
    assert_eq!(codes, ["DiverseFromUnknown", "DiverseFromUnknown"]);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 0);
}

/// One message of a batch: an order with its key.
fn message(key: &str, order: Value) -> Value {
    record(key, &with_key(key, order).to_string())
}

#[tokio::test(start_paused = true)]
async fn both_orders_of_a_pair_may_be_in_one_batch_in_any_order() {
    let one = || message("one", order(&here(), None));
    let two = || message("two", apart("one", "device", here()));
    let far = || message("far", apart("two", "location", among(&[A, B, C, THERE])));
    for pair in [
        vec![one(), two(), far()],
        vec![far(), two(), one()],
        vec![two(), one(), far(), one()],
    ] {
        let world = world();
        let answer = world.invoke(&sqs(pair)).await.answer();
        assert_eq!(returned(&answer), [""; 0]);
        for (key, parent) in [("one", C), ("two", B), ("far", THERE)] {
            let told = world.cloud.events();
            let told: Vec<_> = told
                .iter()
                .filter(|event| event.detail["idempotencyKey"] == key)
                .map(|event| event.detail["parentConnectionId"].clone())
                .collect();
            assert_eq!(told, [parent], "{key}");
        }
        assert_eq!(world.cloud.count("AllocateHostedConnection"), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_pair_in_one_batch_the_second_comes_again_with_the_first() {
    for fault in [
        // The first leaves no record, or its call has no answer.
        "error(400,AccessDeniedException)@TransactWriteItems",
        "reset-before@AllocateHostedConnection+always",
    ] {
        let world = world();
        let pair = || {
            sqs([
                message("two", apart("one", "device", here())),
                message("one", order(&here(), None)),
            ])
        };
        world.cloud.inject(fault.parse().unwrap());
        let answer = world.invoke(&pair()).await.answer();
        assert_eq!(returned(&answer), ["two", "one"], "{fault}");
        assert_eq!(world.items("allocation#two").len(), 0, "{fault}");
        world.cloud.clear_faults();
        world.deliver_until_final(&pair()).await;
        let parents: Vec<_> = ["one", "two"]
            .iter()
            .flat_map(|key| world.items(&format!("allocation#{key}")))
            .collect();
        assert_eq!(parents.len(), 2, "{fault}: {parents:#?}");
        assert_eq!(world.cloud.connections().len(), 2, "{fault}");
    }
}

/// More of them than run at the same time, the last one first.
#[tokio::test(start_paused = true)]
async fn a_long_chain_in_one_batch_comes_to_its_end_and_a_circle_does_not_hang() {
    let key = |n: usize| format!("k-{n}");
    let world = world();
    let chain = (0..20).rev().map(|n| match n {
        0 => message(&key(0), order(&here(), None)),
        n => message(&key(n), apart(&key(n - 1), "device", here())),
    });
    let answer = world.invoke(&sqs(chain)).await.answer();
    assert_eq!(returned(&answer), [""; 0]);
    assert_eq!(world.cloud.connections().len(), 20);
    let circle = [("a", "b"), ("b", "c"), ("c", "a")]
        .map(|(key, other)| message(key, apart(other, "device", here())));
    let answer = world.invoke(&sqs(circle)).await.answer();
    assert_eq!(returned(&answer), [""; 0]);
    assert_eq!(world.cloud.connections().len(), 20);
}

//! Two orders that must not fail together.

use super::*;
use local_cloud::{Fault, FaultKind};

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

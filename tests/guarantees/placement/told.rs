//! Receipt, record, events, questions and dry run name the parent; the request stays as it was asked.

use proof::get;

use super::*;
use crate::partner::story;

async fn shown(world: &World, key: &str) -> Value {
    let question = get(&format!("/allocations/{key}"));
    let answer = world.invoke_program(proof::Program::Inspect, &question);
    body(&answer.await.answer())
}

#[tokio::test(start_paused = true)]
async fn everything_names_the_parent_that_was_chosen_and_the_request_as_asked() {
    let world = world();
    let asked = order(&here(), None);
    placed(&world, "k-1", &asked).await;
    let event = world.cloud.events().remove(0).detail;
    assert_eq!(event["parentConnectionId"], C);
    assert_eq!(event["request"]["placement"], here());
    assert_eq!(event["request"].get("connectionId"), None);
    let shown = shown(&world, "k-1").await;
    assert_eq!(shown["parentConnectionId"], C);
    assert_eq!(shown["request"]["placement"], here());
    let why = shown["history"][0]["detail"].as_str().unwrap();
    assert!(
        why.starts_with("chosen dxlag-cccccccc: 99.75 % (19950 of 20000 Mbps) are free"),
        "{why}"
    );
    let again = ask(&world, "k-1", &asked).await;
    assert_eq!(
        (
            again["statusCode"].clone(),
            body(&again)["parentConnectionId"].clone()
        ),
        (201.into(), C.into())
    );
    let other = ask(&world, "k-1", &order(&among(&[C]), None)).await;
    assert_eq!(refused(&other).1, "IdempotencyKeyReused");
    world.release("k-1").await;
    assert!(
        world
            .cloud
            .events()
            .iter()
            .filter(|event| event.detail["rejection"].is_null())
            .all(|event| event.detail["parentConnectionId"] == C)
    );
}

#[tokio::test(start_paused = true)]
async fn a_rejected_order_by_place_is_shown_without_a_parent() {
    let world = world();
    let answer = ask(&world, "k-1", &order(&json!({"location": "Nowhere"}), None)).await;
    assert_eq!(answer["statusCode"], 422);
    let shown = shown(&world, "k-1").await;
    assert_eq!(
        (shown["status"].clone(), shown.get("parentConnectionId")),
        ("rejected".into(), None)
    );
    assert_eq!(story(&world, "k-1"), ["rejected, NoParentAvailable"]);
}

async fn dry_run(world: &World, key: &str, order: &Value) -> Value {
    let mut event = http(key, &order.to_string());
    event["rawQueryString"] = "dryRun=true".into();
    world.cloud.forget_requests();
    let answer = world.invoke(&event).await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let writes = [
        "TransactWriteItems",
        "UpdateItem",
        "PutItem",
        "PutEvents",
        "AllocateHostedConnection",
    ];
    assert!(writes.iter().all(|write| world.cloud.count(write) == 0));
    body(&answer)
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_lists_every_candidate_with_its_share_or_why_not() {
    let world = world();
    set(&world, B, &json!({"bandwidthLimitMbps": 40})).await;
    let forecast = dry_run(&world, "k-1", &order(&here(), Some(7))).await;
    assert_eq!(forecast["wouldBe"], "allocated");
    assert_eq!(forecast["parentConnectionId"], C);
    let candidates = forecast["candidates"].as_array().unwrap();
    assert_eq!(
        candidates[0],
        json!({"connectionId": C, "freeMbps": 19950, "ofMbps": 20000, "share": 0.9975})
    );
    assert_eq!(
        candidates[1],
        json!({"connectionId": A, "freeMbps": 950, "ofMbps": 1000, "share": 0.95})
    );
    assert_eq!(
        (&candidates[2]["connectionId"], &candidates[2]["code"]),
        (&B.into(), &"CapacityExceeded".into())
    );
    let nowhere = dry_run(&world, "k-1", &order(&json!({"location": "Nowhere"}), None)).await;
    assert_eq!(
        (&nowhere["wouldBe"], nowhere.get("parentConnectionId")),
        (&"rejected".into(), None)
    );
    placed(&world, "k-1", &order(&here(), Some(7))).await;
    let replayed = dry_run(&world, "k-1", &order(&here(), Some(7))).await;
    assert_eq!(
        (&replayed["wouldBe"], &replayed["parentConnectionId"]),
        (&"replayed".into(), &C.into())
    );
}

//! Callers kept apart: a caller's orders by place go only where it may order, and tell nothing of another's.

use hosted_connection::Caller;

use super::*;

const ACME: &str = "AROAAAAAAAAAAAAAAAAAA";
const UMBRELLA: &str = "AIDABBBBBBBBBBBBBBBBB";

/// One caller that may order on A and B, and one that may order everywhere.
async fn apart() -> World {
    let world = World::with(
        |builder| builder.parents(parents()),
        &[ENFORCED, ("CALLERS", "enforced")],
    );
    let ledger = world.aws("operator").ledger;
    for (name, principal, parents) in [
        ("acme", ACME, json!([A, B])),
        ("umbrella", UMBRELLA, json!("any")),
    ] {
        let caller = json!({"principals": [principal], "keyPrefix": format!("{name}-"), "ownerAccounts": "any",
            "parents": parents, "bandwidths": "any", "readsAndReleases": "own"});
        let caller = Caller::parse(caller.to_string().as_bytes()).unwrap();
        ledger.set_caller(name, &caller).await.unwrap();
    }
    world
}

async fn ask_as(world: &World, principal: &str, key: &str, order: &Value) -> Value {
    let mut event = http(key, &order.to_string());
    event["requestContext"]["authorizer"] = json!({"iam": {"accountId": "123456789012", "callerId": principal,
        "userArn": format!("arn:aws:iam::123456789012:user/{principal}"), "userId": principal}});
    world.invoke(&event).await.answer()
}

#[tokio::test(start_paused = true)]
async fn a_caller_gets_the_best_of_the_parents_that_it_may_order_on() {
    let world = apart().await;
    let answer = ask_as(&world, ACME, "acme-1", &order(&here(), None)).await;
    assert_eq!(body(&answer)["parentConnectionId"], B, "{answer}");
    let answer = ask_as(&world, UMBRELLA, "umbrella-1", &order(&here(), None)).await;
    assert_eq!(body(&answer)["parentConnectionId"], C, "{answer}");
    let refusal = ask_as(&world, ACME, "acme-2", &order(&among(&[C, THERE]), None)).await;
    assert_eq!(
        refused(&refusal),
        (
            422,
            "NoParentAvailable".into(),
            codes(&[(THERE, "NotPermitted"), (C, "NotPermitted")])
        )
    );
    let nowhere = json!({"location": "EqSe2"});
    let refusal = ask_as(&world, ACME, "acme-3", &order(&nowhere, None)).await;
    let detail = body(&refusal)["detail"].clone();
    assert!(
        detail
            .as_str()
            .unwrap()
            .ends_with("The locations are: EqDC2."),
        "{detail}"
    );
}

#[tokio::test(start_paused = true)]
async fn another_callers_order_is_as_unknown_as_one_that_was_never_there() {
    let world = apart().await;
    ask_as(&world, UMBRELLA, "umbrella-1", &order(&here(), None)).await;
    let mut told = Vec::new();
    for (number, other) in ["umbrella-1", "umbrella-2"].into_iter().enumerate() {
        let mut placement = here();
        placement["diverseFrom"] = json!({"idempotencyKey": other, "by": "device"});
        world.cloud.forget_requests();
        let key = format!("acme-{number}");
        let refusal = ask_as(&world, ACME, &key, &order(&placement, None)).await;
        let operations: Vec<_> = world
            .cloud
            .requests()
            .into_iter()
            .map(|one| one.operation)
            .collect();
        told.push((
            refused(&refusal),
            body(&refusal)["detail"].clone(),
            operations,
        ));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].0.1, "DiverseFromUnknown");
}

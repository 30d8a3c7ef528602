//! Orders by place are within the roles: of everything that they, and what comes after them, ask of AWS nothing is missing
//! in the template, and a dry run only looks.

use std::collections::BTreeSet;
use std::time::Duration;

use local_cloud::{Fault, FaultKind, Parent};
use proof::{Program, World, get, http, record, schedule, sqs, with_key};
use serde_json::{Value, json};

use super::seen::{ALLOCATE, invoke, used};

const A: &str = "dxcon-aaaaaaaa";
const B: &str = "dxcon-bbbbbbbb";
const LAG: &str = "dxlag-cccccccc";

/// Two interconnects and a LAG in one place, on two devices.
fn world() -> World {
    let here = |parent: Parent, device| parent.at("EqDC2").on_device(device);
    let parents = vec![
        here(Parent::interconnect(A, "1Gbps"), "d1"),
        here(Parent::interconnect(B, "10Gbps"), "d2"),
        here(Parent::lag(LAG, "10Gbps", 2), "d1"),
    ];
    let enforced = [("PARENT_POLICIES", "enforced")];
    World::with(|cloud| cloud.parents(parents), &enforced)
}

fn order(placement: &Value) -> Value {
    json!({"placement": placement, "ownerAccount": "111122223333", "bandwidth": "50Mbps",
        "connectionName": "customer", "tags": [{"key": "contract", "value": "C-1"}]})
}

fn here() -> Value {
    json!({"location": "EqDC2"})
}

fn apart(from: &str, by: &str) -> Value {
    json!({"location": "EqDC2", "diverseFrom": {"idempotencyKey": from, "by": by}})
}

/// Status and, if there is one, code.
async fn ask(world: &World, key: &str, order: &Value, query: &str) -> (u64, String) {
    let mut event = http(key, &order.to_string());
    event["rawQueryString"] = query.into();
    let answer = invoke(world, Program::Allocate, &event).await.answer();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let code = body["code"].as_str().unwrap_or_default().to_owned();
    (answer["statusCode"].as_u64().unwrap(), code)
}

fn names(actions: &[&str]) -> BTreeSet<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

const LOOKS: [&str; 6] = [
    "directconnect:DescribeHostedConnections",
    "directconnect:DescribeInterconnects",
    "directconnect:DescribeLags",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
];

#[tokio::test(start_paused = true)]
async fn an_order_by_place_is_within_the_role_of_allocate() {
    let world = world();
    let done = (201, String::new());
    assert_eq!(ask(&world, "one", &order(&here()), "").await, done);
    assert_eq!(ask(&world, "one", &order(&here()), "").await, done);
    let listed = json!({"parents": [A, B]});
    assert_eq!(ask(&world, "listed", &order(&listed), "").await, done);
    let second = order(&apart("one", "device"));
    assert_eq!(ask(&world, "two", &second, "").await, done);
    for (key, placement, code) in [
        ("far", apart("one", "location"), "NoParentAvailable"),
        (
            "nowhere",
            json!({"location": "Nowhere"}),
            "NoParentAvailable",
        ),
        ("alone", apart("never", "device"), "DiverseFromUnknown"),
    ] {
        let answer = ask(&world, key, &order(&placement), "").await;
        assert_eq!(answer, (422, code.to_owned()), "{key}");
    }
    // A VLAN that was taken by hand on the parent that was chosen, and every end that the one call can have.
    let mut given = order(&here());
    given["vlan"] = 7.into();
    let by_hand = ("999988887777", "50Mbps", "theirs");
    let (owner, bandwidth, name) = by_hand;
    for parent in [LAG, B] {
        let made = world
            .cloud
            .insert_connection(parent, 7, owner, bandwidth, name);
        made.unwrap();
    }
    assert_eq!(ask(&world, "taken", &given, "").await, done);
    for kind in [
        FaultKind::Throttle,
        FaultKind::ApplyThenReset,
        FaultKind::HangBefore,
        FaultKind::ApplyThenKill,
    ] {
        let text = with_key(&kind.to_string(), order(&here())).to_string();
        world.cloud.inject(Fault::on(kind, ALLOCATE));
        for _ in 0..3 {
            let message = sqs([record("m-1", &text)]);
            invoke(&world, Program::Allocate, &message).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    }
    let mut expected = names(&LOOKS);
    expected.extend(names(&[
        "directconnect:AllocateHostedConnection",
        "directconnect:TagResource",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "events:PutEvents",
    ]));
    assert_eq!(used(&world, Program::Allocate), expected);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_by_place_needs_no_right_but_to_look() {
    let world = world();
    ask(&world, "one", &order(&here()), "").await;
    world.cloud.forget_requests();
    for (key, placement) in [
        ("two", here()),
        ("two", json!({"parents": [A, LAG]})),
        ("two", apart("one", "device")),
        ("two", apart("one", "location")),
        ("two", apart("never", "device")),
        ("two", json!({"location": "Nowhere"})),
        // A key that is known already.
        ("one", here()),
    ] {
        let (status, code) = ask(&world, key, &order(&placement), "dryRun=true").await;
        assert_eq!(status, 200, "{placement}: {code}");
    }
    let used = used(&world, Program::Allocate);
    let looks = names(&LOOKS);
    assert!(used.is_subset(&looks), "{used:?}");
    assert!(used.contains("directconnect:DescribeInterconnects"));
}

#[tokio::test(start_paused = true)]
async fn what_follows_an_order_by_place_is_within_the_roles_of_the_others() {
    let world = world();
    world
        .cloud
        .inject(Fault::on(FaultKind::KillBefore, ALLOCATE));
    for (key, placement) in [("left", here()), ("second", json!({"parents": [B]}))] {
        let event = http(key, &order(&placement).to_string());
        invoke(&world, Program::Allocate, &event).await;
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(60)).await;
        invoke(&world, Program::Track, &schedule()).await.answer();
    }
    assert_eq!(world.cloud.connections().len(), 2, "track has called");
    for path in [
        "/allocations/left".to_owned(),
        "/allocations".to_owned(),
        format!("/parents/{LAG}"),
    ] {
        let answer = invoke(&world, Program::Inspect, &get(&path)).await.answer();
        assert_eq!(answer["statusCode"], 200, "{path}");
    }
    let event = proof::delete("left");
    let answer = invoke(&world, Program::Release, &event).await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    for (program, has_to) in [
        (Program::Track, "directconnect:AllocateHostedConnection"),
        (Program::Inspect, "dynamodb:Scan"),
        (Program::Release, "directconnect:DeleteConnection"),
    ] {
        let used = used(&world, program);
        assert!(used.contains(has_to), "{used:?}");
    }
}
